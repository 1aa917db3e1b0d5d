"""Scoring: responses of 100,000 simulated attempts to credits, beside a plain numpy floor on the same frame."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.answering import single_items
from ssa_engine.config import bundled
from ssa_engine.content.library import load_library
from ssa_engine.core.form_assembly import draw_form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.simulate import simulate_responses

FORMS = 20
SEED = 20260301
TEXT, CATEGORIES = "text, as the simulator gives it", "categories"


@dataclass(frozen=True)
class Line:
    """Medians of one form of the same frame."""

    columns: str
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
    rows: int
    areas: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Scores:
    """What the floor computes: attempts × areas, flat, attempts in the order they come."""

    items: npt.NDArray[np.int64]
    correct: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]
    score_se: npt.NDArray[np.float64]
    gap: npt.NDArray[np.float64]
    credits: npt.NDArray[np.float64]


def measure(*, attempts: int, runs: int) -> Result:
    """Time engine and floor in turn, on text columns and on categories; both must find the same."""
    bank = single_items(load_library(bundled("content_specs"), bundled("item_bank"))).bank("CT")
    policy = bank.spec.sample_policy
    text = frame(bank, attempts)
    lines = []
    for name, responses in ((TEXT, text), (CATEGORIES, text.astype({"item_id": "category", "answer": "category"}))):
        _require_same(score_responses(responses, bank, policy), floor(responses, bank, policy))
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(_seconds(partial(score_responses, responses, bank, policy)))
            theirs.append(_seconds(partial(floor, responses, bank, policy)))
        lines.append(Line(name, statistics.median(ours), statistics.median(theirs)))
    return Result(attempts, len(text), len(policy.standards), tuple(lines))


def frame(bank: ItemBank, attempts: int) -> pd.DataFrame:
    """Simulate the scored items of so many attempts: `attempt_id`, `item_id`, `answer`, nothing else."""
    forms = [draw_form(bank, SEED + index) for index in range(FORMS)]
    simulated = simulate_responses(bank, forms, attempts, SEED)
    return simulated.loc[simulated["scored"], ["attempt_id", "item_id", "answer"]].reset_index(drop=True)


def floor(responses: pd.DataFrame, bank: ItemBank, policy: Policy) -> Scores:
    """Count and compute, and check nothing: no empty ids, unknown items, repeated rows, caps or posterior.

    Ids and text are numbered by pandas' hash table, which beats anything numpy has for them.
    """
    attempts, attempt_ids = pd.factorize(responses["attempt_id"])
    items, item_ids = _numbered(responses["item_id"])
    answers, chosen = _numbered(responses["answer"])
    area_ids = list(policy.standards)
    known = [bank.item(str(item_id)) for item_id in item_ids]
    area_of = np.array([area_ids.index(bank.area_of(item)) for item in known])
    key_of = np.array([list(chosen).index(item.key_answer) for item in known])
    cells = attempts * len(area_ids) + area_of[items]
    size = len(attempt_ids) * len(area_ids)
    n = np.bincount(cells, minlength=size)
    x = np.bincount(cells[answers == key_of[items]], minlength=size)
    standard = np.tile([policy.standards[area] for area in area_ids], len(attempt_ids))
    score = x / n
    score_se = np.sqrt(x * (n - x) / (n - 1)) / n
    short = np.maximum(np.ceil(standard * n - 1e-9).astype(np.int64) - x, 0)
    worth = np.array([0.0, *(band.credits for band in policy.credits.bands)])
    credits = worth[np.searchsorted([band.short for band in policy.credits.bands], short, side="right")]
    return Scores(n, x, score, score_se, np.where(short > 0, standard - score, 0.0), credits)


def _numbered(column: pd.Series) -> tuple[npt.NDArray[np.integer], pd.Index]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    codes, values = pd.factorize(column)
    return codes, pd.Index(values)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _require_same(ours: pd.DataFrame, theirs: Scores) -> None:
    """Raise unless engine and floor found the same: a fast answer to another question is no floor."""
    for name, column in (
        ("items", theirs.items),
        ("correct", theirs.correct),
        ("score", theirs.score),
        ("score_se", theirs.score_se),
        ("gap", theirs.gap),
        ("credits_by_rule", theirs.credits),
    ):
        if len(ours) != len(column) or not np.allclose(ours[name].to_numpy(), column, rtol=0, atol=1e-9):
            raise RuntimeError(f"Engine and floor differ in {name}.")
