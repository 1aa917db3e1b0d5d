"""A cohort in figures: completion, time used, scores by content area, and the same side by side by a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ssa_engine.core.attempts import State
from ssa_engine.core.psychometrics.classical.distributions import Distribution, bins, describe, score_bins

MINUTES = 60
TIME_BINS = (1, 2, 5, 10, 15, 30, 60)
"""Widths that bins of the time used may have, in minutes."""
MOST_BINS = 24
ROUNDING = 1e-9
"""Scores are proportions in binary floats."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many sittings of one key stand alike and took as long. `seconds` is None while under way."""

    key: str | None
    state: str
    timed_out: bool
    seconds: int | None
    n: int


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many sittings of one key have the same score in an area, under the same standard; their credits."""

    key: str | None
    content_area: str
    score: float
    standard: float
    below: bool
    n: int
    credits: float


@dataclass(frozen=True, slots=True)
class Completion:
    """How many sittings were started and how they stand. `timed_out` are among the submitted and released."""

    started: int
    in_progress: int
    submitted: int
    released: int
    timed_out: int

    @property
    def closed_share(self) -> float | None:
        """The share of those started that is no longer under way."""
        return (self.submitted + self.released) / self.started if self.started else None

    @property
    def timed_out_share(self) -> float | None:
        """The share of those no longer under way whose clock ended."""
        closed = self.submitted + self.released
        return self.timed_out / closed if closed else None


@dataclass(frozen=True, slots=True)
class AreaSummary:
    """One content area over a cohort. Scores are proportions; `bins` are (low, high, sittings).

    `split` is the standard, where there is one and no bin holds sittings on both sides of it, so that a bin lies
    below where its middle does; as of ten items, whose scores are the middles. Else None.
    """

    area: str
    name: str
    code: str
    bins: tuple[tuple[float, float, int], ...]
    distribution: Distribution
    standards: tuple[float, ...]
    split: float | None
    below_n: int
    mean_credits: float
    trend: tuple[float | None, ...]

    @property
    def below_share(self) -> float:
        """The share of sittings below the standard they were scored under."""
        return self.below_n / self.distribution.n


@dataclass(frozen=True, slots=True)
class Side:
    """The sittings of one key beside those of others. `means` and `below` are by area; None where unknown."""

    key: str
    completion: Completion
    time: Distribution | None
    means: Mapping[str, float | None]
    below: Mapping[str, float | None]
    mean_credits: float | None


def completion_of(counted: Iterable[Count]) -> Completion:
    """Count the sittings by how they stand."""
    found = dict.fromkeys(State, 0)
    timed_out = 0
    for one in counted:
        found[State(one.state)] += one.n
        timed_out += one.n * one.timed_out
    return Completion(
        sum(found.values()), found[State.IN_PROGRESS], found[State.SUBMITTED], found[State.RELEASED], timed_out
    )


def minutes_used(counted: Iterable[Count]) -> tuple[Distribution | None, list[tuple[float, float, int]]]:
    """Describe the minutes from start to submission, and bin them, at most 25 bins or an hour wide.

    Sittings under way are left out.
    """
    known = [(one.seconds / MINUTES, one.n) for one in counted if one.seconds is not None]
    values, counts = [value for value, _ in known], [n for _, n in known]
    found = describe(values, counts)
    spread = found.greatest - found.least if found else 0
    width = next((width for width in TIME_BINS if spread / width < MOST_BINS), TIME_BINS[-1])
    return found, bins(values, counts, width)


def area_summaries(
    counted: Iterable[ScoreCount], names: Mapping[str, tuple[str, str]], keys: Iterable[str]
) -> tuple[AreaSummary, ...]:
    """Summarise each area that has scores, in the order of the outline.

    `names` is area -> (name, code). `keys`, in order, are what `trend` follows with the mean score of each.
    """
    rows, order = list(counted), list(keys)
    summaries = []
    for area, (name, code) in names.items():
        own = [one for one in rows if one.content_area == area]
        found = describe([one.score for one in own], [one.n for one in own])
        if found is None:
            continue
        summaries.append(
            AreaSummary(
                area,
                name,
                code,
                tuple(score_bins([one.score for one in own], [one.n for one in own])),
                found,
                tuple(sorted({one.standard for one in own})),
                _split(own),
                sum(one.n for one in own if one.below),
                sum(one.credits for one in own) / found.n,
                tuple(_mean([one for one in own if one.key == key]) for key in order),
            )
        )
    return tuple(summaries)


def side_by_side(sittings: Iterable[Count], scores: Iterable[ScoreCount], areas: Iterable[str]) -> tuple[Side, ...]:
    """Set the keys side by side, in their order; sittings without one come last, under an empty key."""
    outline, sides = list(areas), []
    of_sittings: dict[str | None, list[Count]] = {}
    of_scores: dict[str | None, list[ScoreCount]] = {}
    for sitting in sittings:
        of_sittings.setdefault(sitting.key, []).append(sitting)
    for score in scores:
        of_scores.setdefault(score.key, []).append(score)
    for key in sorted(of_sittings, key=lambda key: (key is None, key or "")):
        own, scored = of_sittings[key], of_scores.get(key, [])
        by_area = {area: [one for one in scored if one.content_area == area] for area in outline}
        most = max((sum(one.n for one in rows) for rows in by_area.values()), default=0)
        sides.append(
            Side(
                key or "",
                completion_of(own),
                minutes_used(own)[0],
                {area: _mean(rows) for area, rows in by_area.items()},
                {area: _share_below(rows) for area, rows in by_area.items()},
                sum(one.credits for one in scored) / most if most else None,
            )
        )
    return tuple(sides)


def _split(rows: list[ScoreCount]) -> float | None:
    standards = {one.standard for one in rows}
    if len(standards) != 1:
        return None
    standard = standards.pop()
    agree = all(one.below == (_middle(one.score) < standard - ROUNDING) for one in rows)
    return standard if agree else None


def _middle(score: float) -> float:
    """Return the middle of the bin that a score is in."""
    return next((low + high) / 2 for low, high, n in score_bins([score], [1]) if n)


def _mean(rows: list[ScoreCount]) -> float | None:
    found = describe([one.score for one in rows], [one.n for one in rows])
    return None if found is None else found.mean


def _share_below(rows: list[ScoreCount]) -> float | None:
    n = sum(one.n for one in rows)
    return sum(one.n for one in rows if one.below) / n if n else None
