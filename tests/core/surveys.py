"""A tiny profile that is counted by hand: five clinical activities of two areas on two screens, three steps."""

from __future__ import annotations

from ssa_engine.core.profiles import ClinicalActivity, Frequency, ProfileScreen, ProfileSurvey, Refresher

NEVER, SOMETIMES, OFTEN = 0, 1, 2
BOOK = Refresher(title="A book", url="https://example.org/book")
FILM = Refresher(title="A film", url="https://example.org/film")
SCALE = (
    Frequency(value=NEVER, label="Never", performed=False, seldom=True),
    Frequency(value=SOMETIMES, label="Sometimes"),
    Frequency(value=OFTEN, label="Often", often=True),
)


def activity(name: str, area: str, refresher: Refresher | None = None) -> ClinicalActivity:
    """Return one clinical activity."""
    return ClinicalActivity(id=name, text=f"Do {name}", area=area, refresher=refresher)


SMALL = ProfileSurvey(
    scale=SCALE,
    screens=(
        ProfileScreen(
            id="first", title="First", activities=(activity("a1", "x", BOOK), activity("a2", "x"), activity("b1", "y"))
        ),
        ProfileScreen(id="second", title="Second", activities=(activity("b2", "y", BOOK), activity("a3", "x", FILM))),
    ),
)
