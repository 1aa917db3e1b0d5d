"""One area's standard from a panel's sheet by one or more methods, and the tables that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ssa_engine.core.errors import Invalid
from ssa_engine.core.psychometrics.panels.agreement import agreement
from ssa_engine.core.psychometrics.panels.compromise import beuk, de_gruijter, hofstee
from ssa_engine.core.psychometrics.panels.judges import judge_statistics
from ssa_engine.core.psychometrics.panels.rounds import Cut, PanelCut
from ssa_engine.core.psychometrics.panels.score_curves import ScoreCurve, score_curve
from ssa_engine.core.psychometrics.panels.standard_setting import Centre, Placement, angoff, bookmark, rating_matrix
from ssa_engine.core.scoring import items_needed

Method = Literal["angoff", "bookmark", "hofstee", "beuk", "de-gruijter"]
METHODS: tuple[Method, ...] = ("angoff", "bookmark", "hofstee", "beuk", "de-gruijter")
COMPROMISES = {"hofstee": hofstee, "beuk": beuk, "de-gruijter": de_gruijter}
ONE_EACH = "Each judge made one judgement, not one for each item, so there is no agreement over items."
CUT_COLUMNS = (
    "area",
    "method",
    "convention",
    "cut",
    "cut_proportion",
    "se",
    "low",
    "high",
    "judges",
    "items",
    "rounds",
    "note",
)


@dataclass(frozen=True, kw_only=True)
class PanelSettings:
    """What a panel's organiser chooses."""

    round_number: int | None = None
    response_probability: float = 0.67
    placement: Placement = "at"
    centre: Centre = "mean"
    items: int | None = None
    """Items on a form, where it is not the number of items judged."""
    confidence: float = 0.95


@dataclass(frozen=True, eq=False)
class AreaStandard:
    """One area's cuts and the tables behind them."""

    area: str
    cuts: tuple[Cut, ...]
    """The first is the standard; others come from the same sheet by other methods."""
    items: int | None
    """Of which the cut is a number."""
    curve: ScoreCurve | None
    rounds: pd.DataFrame | None
    judges: pd.DataFrame
    agreement: pd.DataFrame
    used: int | None
    """The round that counts."""


def set_standard(
    area: str,
    sheet: pd.DataFrame,
    methods: Sequence[Method],
    settings: PanelSettings,
    *,
    scores: pd.DataFrame | None = None,
    parameters: pd.DataFrame | None = None,
    p_values: pd.Series | None = None,
) -> AreaStandard:
    """Return one area's standard.

    Parameters
    ----------
    area : str
    sheet : DataFrame
        Of this area, as `angoff`, `bookmark` or the compromises take it.
    methods : sequence
        Either angoff, or bookmark, or one or more of the compromises, which share a sheet.
    settings : PanelSettings
    scores : DataFrame, optional
        `score` (0 to 1), `items` (may be missing); the compromises need it.
    parameters : DataFrame, optional
        Index `item_id`; `a`, `b`; a bookmark needs it.
    p_values : Series, optional
        Proportion right by item, to hold ratings against.

    Raises
    ------
    Invalid
        If what a method needs is not there, or as the methods say.
    """
    curve, on_form = _curve(scores, settings.items)
    if methods[0] in COMPROMISES:
        if curve is None:
            raise Invalid(
                f"The method {methods[0]} needs scores of candidates, because it looks for a point on their curve. "
                "Give a file of them."
            )
        cuts = tuple(COMPROMISES[name](curve, sheet, confidence=settings.confidence).cut for name in methods)
        return AreaStandard(area, cuts, on_form, curve, None, _judges_of(sheet), _agreed(_cut_of_judges(sheet)), None)
    if methods[0] == "bookmark":
        if parameters is None:
            raise Invalid("The bookmark method needs item parameters: it looks for the ability that goes with a page.")
        panel = bookmark(
            sheet,
            parameters,
            response_probability=settings.response_probability,
            placement=settings.placement,
            centre=settings.centre,
            round_number=settings.round_number,
            confidence=settings.confidence,
        )
    else:
        panel = angoff(sheet, round_number=settings.round_number, confidence=settings.confidence)
    judges, agreed = _by_round(panel, sheet, p_values)
    items = settings.items or panel.cut.items
    used = settings.round_number or int(panel.rounds.index[-1])
    return AreaStandard(area, (panel.cut,), items, curve, panel.rounds, judges, agreed, used)


def _curve(scores: pd.DataFrame | None, items: int | None) -> tuple[ScoreCurve | None, int | None]:
    """Return the curve, and how many items the scores are of if that is known and the same for all."""
    if scores is None:
        return None, items
    known = scores["items"].dropna().unique()
    count = items or (int(known[0]) if len(known) == 1 and scores["items"].notna().all() else None)
    return score_curve(scores["score"].to_numpy(dtype=float), count), count


def _by_round(panel: PanelCut, sheet: pd.DataFrame, p_values: pd.Series | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return judges and agreement of every round."""
    judges, agreed = [], []
    for number in panel.rounds.index:
        own = panel.judges[panel.judges["round"] == number].set_index("judge")
        ratings = rating_matrix(sheet, int(number)) if "rating" in sheet else own[["cut"]]
        more = [name for name in ("theta", "cut", "change") if name in own]
        judges.append(own[["round", *more]].join(_beside(ratings, p_values)))
        agreed.append(_agreed(ratings).assign(round=number))
    return pd.concat(judges).reset_index(), pd.concat(agreed, ignore_index=True)


def _cut_of_judges(sheet: pd.DataFrame) -> pd.DataFrame:
    """Return each judge's cut, of a range its middle, as judges × one column."""
    cut = sheet["cut"] if "cut" in sheet else sheet[["min_cut", "max_cut"]].mean(axis=1)
    return pd.DataFrame({"cut": cut.to_numpy()}, index=pd.Index(sheet["judge"], name="judge"))


def _beside(ratings: pd.DataFrame, p_values: pd.Series | None = None) -> pd.DataFrame:
    """Return the statistics of judges; of one judgement each only those that mean anything."""
    found = judge_statistics(ratings, p_values)
    return found if list(ratings) != ["cut"] else found.drop(columns=["items", "mean_rating", "correlation"])


def _agreed(ratings: pd.DataFrame) -> pd.DataFrame:
    found = agreement(ratings)
    return found if list(ratings) != ["cut"] else found.assign(items=0, note=ONE_EACH)


def _judges_of(sheet: pd.DataFrame) -> pd.DataFrame:
    cuts = _cut_of_judges(sheet)
    return cuts.assign(round=1).join(_beside(cuts)).reset_index()


def cut_table(standards: Sequence[AreaStandard]) -> pd.DataFrame:
    """Return all cuts, in the columns CUT_COLUMNS: `cut` is the least number right of `items` that meets it."""
    rows = []
    for standard in standards:
        for cut in standard.cuts:
            row = asdict(cut) | {"area": standard.area, "items": standard.items, "cut_proportion": cut.proportion}
            known = standard.items is not None and cut.proportion is not None
            row["cut"] = int(items_needed(np.array([cut.proportion]), np.array([standard.items]))[0]) if known else None
            if standard.items is None:
                row["note"] = f"{cut.note} How many items there are is not known, so there is no cut in items.".strip()
            rows.append(row)
    table = pd.DataFrame(rows)[list(CUT_COLUMNS)]
    numbers = dict.fromkeys(("cut", "judges", "items", "rounds"), "Int64")
    return table.astype({**numbers, **dict.fromkeys(("cut_proportion", "se", "low", "high"), float)})


def curve_table(standards: Sequence[AreaStandard], cuts: pd.DataFrame) -> pd.DataFrame:
    """Return the curves and where the cuts lie on them.

    Columns `area`; `kind`: curve, or cut, low, high; `method` of a cut; `score`; `share_below`; `share_at_or_below`,
    of the corners of the curve.
    """
    parts = []
    for standard in standards:
        curve = standard.curve
        if curve is None:
            continue
        corners = {"score": curve.score, "share_below": curve.share_below, "share_at_or_below": curve.share_at_or_below}
        parts.append(pd.DataFrame(corners).assign(area=standard.area, kind="curve", method=""))
        own = cuts[cuts["area"] == standard.area]
        for kind, column in (("cut", "cut_proportion"), ("low", "low"), ("high", "high")):
            at = own[own[column].notna()]
            if len(at):
                score = at[column].to_numpy(dtype=float)
                place = pd.DataFrame({"score": score, "share_below": curve.below(score), "method": at["method"]})
                parts.append(place.assign(area=standard.area, kind=kind, share_at_or_below=np.nan))
    columns = ["area", "kind", "method", "score", "share_below", "share_at_or_below"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
