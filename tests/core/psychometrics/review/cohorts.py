"""Small cohorts of marked responses, written down or simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd

AREAS = ("care", "dose", "image")
START = pd.Timestamp("2026-01-01", tz="UTC")


def row(attempt: str, item: str, correct: bool, **more: object) -> dict[str, object]:
    """One marked response, scored, answered in 30 seconds."""
    plain = {"attempt_id": attempt, "item_id": item, "correct": correct, "scored": True, "seconds": 30.0}
    return plain | {"answer": "a" if correct else "b", "position": int(item[-2:]), "content_area": "care"} | more


def frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The rows as marked responses."""
    return pd.DataFrame(rows)


def simulated(attempts: int, *, items: int = 10, seed: int = 1, forms: bool = False) -> pd.DataFrame:
    """Attempts with `items` items in each of three areas; with `forms` each draws its own from twice as many."""
    random = np.random.default_rng(seed)
    pool = 2 * items if forms else items
    rows = []
    for attempt in range(attempts):
        ability = random.normal()
        for area in AREAS:
            own = ability * 0.8 + random.normal() * 0.6
            chosen = sorted(random.choice(pool, items, replace=False)) if forms else range(items)
            for number in chosen:
                easy = 0.8 - 1.6 * number / pool
                correct = bool(random.random() < 1 / (1 + np.exp(-(own + easy))))
                made = row(f"{attempt:04d}", f"{area}-{number:02d}", correct, content_area=area)
                rows.append(made | {"seconds": float(random.integers(5, 90))})
    return frame(rows)


def parameters(marked: pd.DataFrame, *, a: float = 1.0) -> pd.DataFrame:
    """Parameters of all items: slope a, difficulties from -1 to 1."""
    items = pd.Index(sorted(marked["item_id"].unique()), name="item_id")
    return pd.DataFrame({"a": a, "b": np.linspace(-1, 1, len(items))}, index=items)
