"""The statistics beside their floors: calibration, abilities, and the sweep over every cut."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks import abilities, calibration, decisions

TEMPLATE = """## Calibrating items

{calibration}

Two-parameter logistic by marginal maximum likelihood, {calibration_attempts:,} simulated attempts × {items}
items. The floor is a plain numpy EM on {floor_nodes} nodes with the same tolerance: two matrix products and a
Newton step for all items at once, no acceleration, no checks, no standard errors. RMSE is against the
parameters the data were drawn with. One processor thread.

What others took for 20,000 × 120 on two shared cores, as quoted, not measured here: R TAM 14.9 s (RMSE of a
.0253), R mirt with 61 nodes 19.3 s (.0254), girth 58.6 s (.0256), mirt for Python with its default of 21 nodes
6.5 s (.116), R ltm 464 s (.116). Nodes that stand too far apart for the length of the test are what makes the
last two miss.

## Estimating abilities

{abilities}

EAP with its standard error of {ability_attempts:,} attempts × {items} items at given parameters, complete and
with half of the items shown. The floor does the same products in blocks and checks nothing. Quoted for 100,000
× 120: mirt for Python .36 s, girth .96 s, R mirt 26 to 31 s.

## Every cut of every area

{decisions}

Accuracy, consistency and kappa of 12 standards at every cut, from the counts of scores on: fit of the beta,
exact sums, kappa.
"""


@dataclass(frozen=True)
class Result:
    """What was measured of each."""

    calibration: calibration.Result
    abilities: abilities.Result
    decisions: decisions.Result
    sizes: tuple[int, int, int]
    """Attempts calibrated, attempts estimated, items."""


def measure(*, quick: bool) -> Result:
    """Measure all three; a quick run takes smaller data and says so in its sizes."""
    sizes = (4_000, 20_000, 60) if quick else (20_000, 100_000, 120)
    runs = 2 if quick else 5
    return Result(
        calibration.measure(attempts=sizes[0], items=sizes[2], runs=runs),
        abilities.measure(attempts=sizes[1], items=sizes[2], runs=runs),
        decisions.measure(runs=runs),
        sizes,
    )


def section(result: Result) -> str:
    """Return the part of the page."""
    return TEMPLATE.format(
        calibration=calibration.table(result.calibration),
        abilities=abilities.table(result.abilities),
        decisions=decisions.table(result.decisions),
        calibration_attempts=result.sizes[0],
        ability_attempts=result.sizes[1],
        items=result.sizes[2],
        floor_nodes=calibration.FLOOR_NODES,
    )


def problems(result: Result) -> list[str]:
    """Say which limits are not kept."""
    return [
        *calibration.problems(result.calibration),
        *abilities.problems(result.abilities),
        *decisions.problems(result.decisions),
    ]
