"""Calibration: a 2PL of simulated persons × items, beside a plain numpy EM of about 50 lines on the same matrix."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, log_expit, logit

from ssa_engine.core.psychometrics.irt.calibration import Calibration, calibrate
from ssa_engine.core.psychometrics.matrix import ResponseMatrix

Floats = npt.NDArray[np.float64]

SEED = 20260302
FLOOR_NODES = 41
TOLERANCE = 1e-6
NEAR = 1e-3
HIGHEST = 1.5
LARGEST_ERROR = 1.05
"""Times the floor's error of recovery."""


@dataclass(frozen=True)
class Line:
    """Medians, and how well the generating slopes were recovered."""

    way: str
    seconds: float
    iterations: int
    nodes: int
    rmse_a: float
    rmse_b: float


@dataclass(frozen=True)
class Result:
    """What was measured: the floor comes first."""

    attempts: int
    items: int
    runs: int
    lines: tuple[Line, ...]

    def ratio(self, line: Line) -> float:
        """How many times the floor's time it takes."""
        return line.seconds / self.lines[0].seconds


def measure(*, attempts: int, items: int, runs: int) -> Result:
    """Time floor and engine in turn on one simulated matrix: the engine whole, with its standard errors and notes."""
    matrix, true = simulated(attempts, items)
    ways: dict[str, Callable[[], Calibration | tuple[Floats, Floats, int]]] = {
        "plain numpy EM": lambda: floor(matrix),
        "engine, as many nodes": lambda: calibrate(matrix, nodes=FLOOR_NODES, tolerance=TOLERANCE),
        "engine, nodes of its own choice": lambda: calibrate(matrix, tolerance=TOLERANCE),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    found = {}
    for _ in range(runs):
        for way, work in ways.items():
            begin = time.perf_counter()
            found[way] = work()
            seconds[way].append(time.perf_counter() - begin)
    _require_same(found["plain numpy EM"], found["engine, as many nodes"])
    lines = []
    for way, result in found.items():
        if isinstance(result, Calibration):
            a, b = result.items["a"].to_numpy(), result.items["b"].to_numpy()
            iterations, nodes = result.iterations, len(result.quadrature.points)
        else:
            (a, b, iterations), nodes = result, FLOOR_NODES
        errors = [float(np.sqrt(np.mean((mine - true[name]) ** 2))) for name, mine in (("a", a), ("b", b))]
        lines.append(Line(way, statistics.median(seconds[way]), iterations, nodes, *errors))
    return Result(attempts, items, runs, tuple(lines))


def _require_same(
    theirs: Calibration | tuple[Floats, Floats, int], ours: Calibration | tuple[Floats, Floats, int]
) -> None:
    """Raise unless floor and engine found the same: a fast answer to another question is no floor."""
    assert isinstance(theirs, tuple)
    assert isinstance(ours, Calibration)
    for name, column in zip("ab", theirs[:2], strict=True):
        if not np.allclose(ours.items[name], column, rtol=0, atol=1e-3):
            raise RuntimeError(f"Engine and floor differ in {name}.")


def simulated(attempts: int, items: int) -> tuple[ResponseMatrix, pd.DataFrame]:
    """Return responses under the 2PL with log a ~ N(0, .3), b ~ N(0, 1), theta ~ N(0, 1), and the parameters."""
    random = np.random.default_rng(SEED)
    a, b = np.exp(random.normal(0, 0.3, items)), random.normal(0, 1, items)
    theta = random.normal(size=(attempts, 1))
    values = (random.random((attempts, items)) < expit(a * (theta - b))).astype(np.int8)
    names = pd.Index([f"i{index:03d}" for index in range(items)])
    return ResponseMatrix(pd.RangeIndex(attempts).astype(str), names, values), pd.DataFrame(
        {"a": a, "b": b}, index=names
    )


def floor(matrix: ResponseMatrix) -> tuple[Floats, Floats, int]:
    """Fit a 2PL to complete data and check nothing: no blanks, degenerate items, bounds, standard errors or notes.

    Matrix products in single precision until a step is below NEAR, then in double; log weights clamped; Newton steps
    for all items at once; SQUAREM, with the same tolerance and the same start as the engine.
    """
    right = (matrix.values == 1).astype(np.float32)
    theta = np.linspace(-6, 6, FLOOR_NODES)
    prior = -(theta**2) / 2 - np.log(np.exp(-(theta**2) / 2).sum())
    design = np.stack([theta, np.ones_like(theta)])

    def cycle(values: Floats) -> tuple[Floats, float]:
        z = values @ design
        weights = right @ z.astype(right.dtype)
        weights += (log_expit(-z).sum(axis=0) + prior).astype(right.dtype)
        top = weights.max(axis=1, keepdims=True)
        weights -= top
        np.exp(np.maximum(weights, -80, out=weights), out=weights)
        sums = weights.sum(axis=1, keepdims=True)
        weights /= sums
        shown, counts = weights.sum(axis=0, dtype=float), (right.T @ weights).astype(float)
        for _ in range(3):
            p = expit(values @ design)
            gradient, w = (counts - shown * p) @ design.T, shown * p * (1 - p)
            aa, ad, dd = w @ theta**2, w @ theta, w.sum(axis=1)
            step = [dd * gradient[:, 0] - ad * gradient[:, 1], aa * gradient[:, 1] - ad * gradient[:, 0]]
            values = values + (np.stack(step) / (aa * dd - ad**2)).T
        return values, float(np.sum(top, dtype=float) + np.sum(np.log(sums), dtype=float))

    values = _start(right)
    safe, reached, iterations = values, -np.inf, 0
    while True:
        once, found = cycle(values)
        if found < reached - 1e-7 * abs(found):
            values, reached = safe, -np.inf
            continue
        twice, reached = cycle(once)
        iterations += 2
        first, second = once - values, twice - once
        if np.abs(second).max() < TOLERANCE or iterations > 1000:
            return twice[:, 0], -twice[:, 1] / twice[:, 0], iterations
        if np.abs(second).max() < NEAR and right.dtype == np.float32:
            right = right.astype(np.float64)
        length = max(float(np.linalg.norm(first) / np.linalg.norm(second - first)), 1.0)
        safe, values = twice, values + 2 * length * first + length**2 * (second - first)


def _start(right: npt.NDArray[np.floating]) -> Floats:
    share = np.clip(right.mean(axis=0, dtype=float), 0.02, 0.98)
    return np.column_stack([np.ones_like(share), logit(share) * np.sqrt(1 + 1 / 1.702**2)])


def table(result: Result) -> str:
    """Return the table of calibration."""
    rows = [
        ("", "seconds", "ratio", "E-steps", "nodes", "RMSE of a", "RMSE of b"),
        ("---",) * 7,
        *(
            (
                line.way, f"{line.seconds:.2f}", f"{result.ratio(line):.2f}", f"{line.iterations}", f"{line.nodes}",
                f"{line.rmse_a:.4f}", f"{line.rmse_b:.4f}",
            )
            for line in result.lines
        ),
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def problems(result: Result) -> list[str]:
    """Say which limits are not kept, by the engine with nodes of its own choice."""
    floor_line, own = result.lines[0], result.lines[-1]
    found = []
    if result.ratio(own) > HIGHEST:
        found.append(f"Calibration takes {result.ratio(own):.2f} times its floor; at most {HIGHEST:g} are allowed.")
    if own.rmse_a > LARGEST_ERROR * floor_line.rmse_a:
        found.append(f"Calibration recovers slopes to {own.rmse_a:.4f}, its floor to {floor_line.rmse_a:.4f}.")
    return found
