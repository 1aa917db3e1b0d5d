"""Abilities: EAP of 100,000 simulated attempts at 120 items, beside a plain numpy floor on the same matrix."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from ssa_engine.core.psychometrics.irt.abilities import abilities
from ssa_engine.core.psychometrics.irt.models import Quadrature, normal_quadrature
from ssa_engine.core.psychometrics.matrix import ABSENT, ResponseMatrix

HIGHEST = 1.5
NODES = 61
SEED = 20261125
SHOWN = 0.5
"""Share of the items each attempt was shown, where it was not shown all of them."""
ALL, SOME = "every item shown", "half of the items shown"
BLOCK = 2048

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Medians of one kind of matrix."""

    shown: str
    engine_seconds: float
    floor_seconds: float

    @property
    def ratio(self) -> float:
        """How many times the floor's time the engine takes."""
        return self.engine_seconds / self.floor_seconds


@dataclass(frozen=True)
class Result:
    """What was measured."""

    attempts: int
    items: int
    nodes: int
    lines: tuple[Line, ...]


def measure(*, attempts: int = 100_000, items: int = 120, runs: int = 5) -> Result:
    """Time engine and floor in turn, on a complete matrix and on one with gaps; both must find the same."""
    parameters, complete = simulated(attempts, items)
    gaps = np.random.default_rng([SEED, 2]).random(complete.shape) >= SHOWN
    quadrature = normal_quadrature(NODES)
    lines = []
    for name, values in ((ALL, complete), (SOME, np.where(gaps, np.int8(ABSENT), complete))):
        responses = ResponseMatrix(pd.Index(np.arange(attempts).astype(str)), pd.Index(parameters.index), values)
        engine = partial(abilities, responses, parameters, method="EAP", quadrature=quadrature)
        bare = partial(floor, values, parameters, quadrature, complete=name == ALL)
        _require_same(engine(), *bare())
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(_seconds(engine))
            theirs.append(_seconds(bare))
        lines.append(Line(name, statistics.median(ours), statistics.median(theirs)))
    return Result(attempts, items, NODES, tuple(lines))


def table(result: Result) -> str:
    """Return the table as Markdown."""
    head = ("attempts were", "engine s", "floor s", "ratio")
    rows = [
        (line.shown, f"{line.engine_seconds:.2f}", f"{line.floor_seconds:.2f}", f"{line.ratio:.2f}")
        for line in result.lines
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


def problems(result: Result) -> list[str]:
    """Say which limits are not kept."""
    return [
        f"EAP ({line.shown}) takes {line.ratio:.2f} times its floor; at most {HIGHEST:g} are allowed."
        for line in result.lines
        if line.ratio > HIGHEST
    ]


def simulated(attempts: int, items: int) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """Draw 2PL parameters and marks: log a ~ N(0, .3), b ~ N(0, 1), theta ~ N(0, 1)."""
    random = np.random.default_rng([SEED, 1])
    a, b = np.exp(random.normal(0, 0.3, items)), random.normal(0, 1, items)
    index = pd.Index([f"i{number:04d}" for number in range(items)], name="item_id")
    p = expit(a * (random.normal(size=attempts)[:, None] - b))
    return pd.DataFrame({"a": a, "b": b}, index=index), (random.random(p.shape) < p).astype(np.int8)


def floor(
    values: npt.NDArray[np.int8], items: pd.DataFrame, quadrature: Quadrature, *, complete: bool
) -> tuple[Floats, Floats]:
    """Return EAP and posterior SD, and check nothing: no ids, no parameters, no empty rows, no counts, no frame.

    It knows whether there are gaps. Log-likelihoods of all nodes are one product of matrices (two where there are
    gaps), in blocks that stay in the cache, which is quicker than one array for everybody.
    """
    points = quadrature.points
    p = expit(items["a"].to_numpy() * (points[:, None] - items["b"].to_numpy()))
    right, wrong = np.log(p).T, np.log(1 - p).T
    gain, constant = right - wrong, np.log(quadrature.weights) + (wrong.sum(axis=0) if complete else 0.0)
    moments = np.column_stack([np.ones(len(points)), points, points**2])
    sums = np.empty((len(values), 3))
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        if complete:
            posterior = block.astype(np.float64) @ gain
        else:
            posterior = (block == 1).astype(np.float64) @ gain + (block != ABSENT).astype(np.float64) @ wrong
        posterior += constant
        posterior -= posterior.max(axis=1, keepdims=True)
        sums[start : start + BLOCK] = np.exp(posterior, out=posterior) @ moments
    mean = sums[:, 1] / sums[:, 0]
    return mean, np.sqrt(sums[:, 2] / sums[:, 0] - mean**2)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _require_same(ours: pd.DataFrame, theta: Floats, se: Floats) -> None:
    """Raise unless engine and floor found the same: a fast answer to another question is no floor."""
    for name, column in (("theta", theta), ("se", se)):
        if not np.allclose(ours[name].to_numpy(), column, rtol=0, atol=1e-9):
            raise RuntimeError(f"Engine and floor differ in {name}.")


if __name__ == "__main__":
    measured = measure()
    print(table(measured), *problems(measured), sep="\n")
