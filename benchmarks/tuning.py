"""The tuning view for 100,000 sittings × 12 areas, beside plain numpy that computes the same figures."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from benchmarks import tuning_page
from ssa_engine.core.policies import Band, CreditRule, Policy
from ssa_engine.core.psychometrics.decisions.classification import beta_binomial, classify, sweep
from ssa_engine.core.psychometrics.fairness.groups import newcombe_interval
from ssa_engine.core.tuning.changes import changed_sittings
from ssa_engine.core.tuning.cohort import Cohort
from ssa_engine.core.tuning.consequences import consequences
from ssa_engine.core.tuning.credits import Prescribed, apply
from ssa_engine.core.tuning.group_rates import group_rates

AREAS, ITEMS, LISTED = 12, 10, 30
HIGHEST = 3.0
SEED = 20260501
BANDS = ((1, 3.0), (3, 4.5), (5, 6.0))
CAP = 36.0

Array = npt.NDArray[np.float64]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Medians of the runs, in milliseconds."""

    sittings: int
    engine_ms: float
    floor_ms: float
    first_ms: float
    """The first view of a cohort: distinct scores found, true scores fitted."""

    @property
    def ratio(self) -> float:
        """How many times the floor's time the engine takes."""
        return self.engine_ms / self.floor_ms


def measure(*, sittings: int, runs: int) -> Result:
    """Time engine and floor in turn, every standard moved each time; both must find the same."""
    cohort, in_force = simulated(sittings), policy(0.7)
    begin = time.perf_counter()
    _engine(cohort, policy(0.71), before := apply(cohort, in_force))
    first = time.perf_counter() - begin
    fits = _fits(cohort)
    _require_same(_engine(cohort, policy(0.66), before), _floor(cohort, policy(0.66), before.totals, fits))
    ours, theirs = [], []
    for run in range(runs):
        moved = policy(0.61 + 0.013 * run)
        ours.append(_seconds(partial(_engine, cohort, moved, before)))
        theirs.append(_seconds(partial(_floor, cohort, moved, before.totals, fits)))
    return Result(sittings, 1000 * statistics.median(ours), 1000 * statistics.median(theirs), 1000 * first)


def simulated(sittings: int) -> Cohort:
    """Draw a cohort of two groups."""
    random = np.random.default_rng(SEED)
    true = random.beta(random.uniform(4, 8, AREAS), random.uniform(1, 3, AREAS), (sittings, AREAS))
    correct = random.binomial(ITEMS, true)
    group = np.where(random.random(sittings) < 0.3, "first", "second").astype(object)
    ids = np.arange(sittings)
    areas = tuple(f"area-{number:02d}" for number in range(AREAS))
    return Cohort(
        ids, ids, areas, np.full_like(correct, ITEMS), correct.astype(float), correct, groups={"group": group}
    )


def policy(standard: float) -> Policy:
    """Return a policy with standards around this one."""
    standards = {f"area-{number:02d}": round(standard + 0.01 * (number % 5), 4) for number in range(AREAS)}
    bands = [Band(short=short, credits=credits) for short, credits in BANDS]
    return Policy(standards=standards, credits=CreditRule(rule="bands", bands=bands, total_cap=CAP))


def _engine(cohort: Cohort, moved: Policy, before: Prescribed) -> Figures:
    """Compute every table of the page."""
    found = consequences(cohort, moved, before=before)
    assert found.change is not None
    listed = changed_sittings(cohort, found.change, most=LISTED)
    groups = group_rates(cohort, found.given, "group")
    summary = found.summary.set_index("measure")["value"]
    errors, curves = found.errors, found.curves
    return {
        "prescribed": found.areas["prescribed"].to_numpy(),
        "credits": found.areas["credits"].to_numpy(),
        "bands": found.bands.iloc[:, 1:].to_numpy(),
        "totals": found.totals["sittings"].to_numpy()[found.totals["sittings"].to_numpy() > 0],
        "summary": summary[["mean_credits", "median_credits", "none", "at_cap", "more", "fewer"]].to_numpy(),
        "lists": np.abs(listed["change"].to_numpy()),
        "within": found.borderline["within_one_item"].to_numpy(),
        "unsure": found.borderline["unsure"].to_numpy(),
        "accuracy": errors["accuracy"].to_numpy(),
        "kappa": errors["kappa"].to_numpy(),
        "needless": errors["needless_share"].to_numpy(),
        "curves": curves["share_prescribed"].to_numpy().reshape(AREAS, -1),
        "curve accuracy": curves["accuracy"].to_numpy().reshape(AREAS, -1),
        "rates": groups["rate"].to_numpy(),
        "lower": groups["lower"].dropna().to_numpy(),
    }


def _fits(cohort: Cohort) -> Any:
    """Return the frequencies of all areas, and their fitted true scores: once for a cohort, as the engine does."""
    frequencies = np.array([np.bincount(column, minlength=ITEMS + 1) for column in cohort.correct.T], dtype=float)
    return frequencies, beta_binomial(frequencies, cut=0, true_cut=0.0).true_scores


def _floor(cohort: Cohort, moved: Policy, before: Array, fits: Any) -> Figures:
    """Compute the same from the points themselves, in plain numpy, and check nothing."""
    frequencies, true_scores = fits
    standard = np.array([moved.standards[area] for area in cohort.areas])
    needed = np.ceil(standard * ITEMS - 1e-9).astype(np.int64)
    points, n = cohort.correct, len(cohort)
    credits, totals, levels = _floor_credits(points, standard, needed)
    places = np.searchsorted(levels, credits)
    bands = np.array([np.bincount(column, minlength=len(levels)) for column in places.T])
    change = totals - before
    top = np.partition(np.abs(change), n - LISTED)[n - LISTED :]
    chance = betainc(np.arange(ITEMS + 1) + 1.0, ITEMS - np.arange(ITEMS + 1) + 1.0, standard[:, None])
    unsure = np.take_along_axis((chance > 0.2) & (chance < 0.8), points.T, axis=1).sum(axis=1)
    exact = [_exact(frequencies[[row]], int(needed[row]), float(standard[row])) for row in range(AREAS)]
    rates, lower = _group_rates(cohort, credits, totals)
    counts = [(totals == 0).sum(), (totals >= CAP - 1e-9).sum(), (change > 1e-9).sum(), (change < -1e-9).sum()]
    return {
        "prescribed": (credits > 0).sum(axis=0),
        "credits": credits.sum(axis=0),
        "bands": bands[:, bands.any(axis=0)],
        "totals": np.unique(np.round(totals, 6), return_counts=True)[1],
        "summary": np.array([totals.mean(), np.median(totals), *counts]),
        "lists": np.sort(top)[::-1],
        "within": ((points == needed) | (points == needed - 1)).sum(axis=0),
        "unsure": unsure,
        "accuracy": np.array([one.accuracy.item() for one in exact]),
        "kappa": np.array([one.kappa.item() for one in exact]),
        "needless": np.array([one.needless.item() for one in exact]),
        "curves": np.concatenate([np.zeros((AREAS, 1)), np.cumsum(frequencies, axis=1)[:, :-1]], axis=1) / n,
        "curve accuracy": sweep(true_scores, ITEMS).accuracy,
        "rates": rates,
        "lower": lower,
    }


def _floor_credits(
    points: npt.NDArray[np.int64], standard: Array, needed: npt.NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """Return credits under the cap, their totals, and every number of credits that occurs."""
    short = np.maximum(needed - points, 0)
    worth = np.array([0.0, *(credits for _, credits in BANDS)])
    credits = worth[np.searchsorted([first for first, _ in BANDS], short, side="right")]
    totals = credits.sum(axis=1)
    over = np.flatnonzero(totals > CAP + 1e-9)
    gap = np.where(short[over] > 0, standard - points[over] / ITEMS, 0.0)
    order = np.argsort(-np.round(gap, 10), axis=1, kind="stable")
    own = np.take_along_axis(credits[over], order, axis=1)
    capped = credits[over]
    np.put_along_axis(capped, order, np.clip(CAP - (np.cumsum(own, axis=1) - own), 0, own), axis=1)
    credits[over], totals[over] = capped, CAP
    return credits, totals, np.union1d(worth, capped)


def _exact(frequencies: Array, cut: int, standard: float) -> Any:
    return classify(beta_binomial(frequencies, cut=cut, true_cut=standard).probabilities)


def _group_rates(cohort: Cohort, credits: Array, totals: Array) -> tuple[Array, Array]:
    first = cohort.groups["group"] == "first"
    events = np.array([[(values[side] > 0).sum() for side in (first, ~first)] for values in (totals, *credits.T)])
    sizes = np.array([first.sum(), (~first).sum()])
    lower, _ = newcombe_interval(events[:, 0], sizes[0], events[:, 1], sizes[1])
    return (events / sizes).ravel(), lower


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _require_same(ours: Figures, theirs: Figures) -> None:
    """Raise unless engine and floor found the same: a fast answer to another question is no floor."""
    for name, values in theirs.items():
        if not np.allclose(ours[name], values, rtol=1e-9, atol=1e-9, equal_nan=True):
            raise RuntimeError(f"Engine and floor differ in {name}.")


def table(result: Result) -> str:
    """Return what was measured as a table."""
    return "\n".join(
        (
            f"| {result.sittings:,} sittings × {AREAS} areas | ms |",
            "| --- | --- |",
            f"| every figure of the page, all standards moved | {result.engine_ms:.0f} |",
            f"| the same in plain numpy | {result.floor_ms:.0f} |",
            f"| ratio | {result.ratio:.2f} |",
            f"| the first view of a cohort | {result.first_ms:.0f} |",
        )
    )


TEMPLATE = """## Tuning a policy

{table}

What moving a control costs before the page is rendered: credits of every sitting under the caps, who is prescribed
what, the distribution of totals, the change against the policy in force with the {listed} largest, the borderline,
accuracy, consistency, kappa, needless CE and missed need, the curve of every area over all its cuts, and two groups
with intervals. All {areas} standards move, each time to values not seen before. The floor starts from the same matrix
of points, computes the same figures in plain numpy (with the same functions for the beta-binomial and the intervals)
and checks nothing; both are first compared. It touches every cell where the engine asks the few distinct scores of each
area, so the engine may be the faster one.

{page}

In Chromium on the same machine, with `ssa` on SQLite behind it: from the key that moves a standard to the page painted
anew; the page waits {waits} ms for a further key before it asks. Medians of {presses} presses. The first page of a
cohort reads all its scores; they are kept until a result comes.
"""


def section(result: Result, lines: Sequence[tuning_page.Line]) -> str:
    """Return the part of the page."""
    return TEMPLATE.format(
        table=table(result),
        page=tuning_page.table(lines),
        listed=LISTED,
        areas=AREAS,
        waits=tuning_page.WAITS_MS,
        presses=tuning_page.PRESSES,
    )


def problems(result: Result) -> list[str]:
    """Say which limits are not kept."""
    if result.ratio <= HIGHEST:
        return []
    return [f"Recomputing the tuning view takes {result.ratio:.1f} times its floor; at most {HIGHEST:g} are allowed."]


if __name__ == "__main__":
    print(table(measure(sittings=100_000, runs=7)))
