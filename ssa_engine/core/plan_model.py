"""The integer programme of a plan: which activities to take, proved by prices from its relaxation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from ssa_engine.core.errors import Conflict
from ssa_engine.core.text import say

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CORE, TIE_CORE = 100, 60
"""Activities that a search begins with. With no more than these in all, ties are broken to a proof, too."""
WIDER = 4
EPSILON = 1e-6
"""The solver's own tolerance."""
OUT_OF_TIME = say("No plan was found in the time there is. Lock an activity in or out and try again.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which activities to take, and by how much another choice might be better at most."""

    taken: Flags
    slack: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """matrix @ x ≥ least, in whole numbers."""

    matrix: Ints
    least: Ints

    def with_row(self, values: Ints, least: int) -> _Rows:
        """Add a row."""
        return _Rows(np.vstack((self.matrix, values)), np.append(self.least, least))


@dataclass(slots=True)
class Model:
    """Minimise amounts @ x, x in {0, 1}, so that cover @ x ≥ need; among equals the least of ties @ x.

    Parameters
    ----------
    cover : array (areas, activities)
        What each activity has in each area, in hundredths of a credit, at most what is needed.
    need : array (areas,)
        Within reach of all activities together.
    amounts, ties : arrays (activities,)
    time_limit : float
        Seconds for one call of the solver.
    """

    cover: Ints
    need: Ints
    amounts: Ints
    ties: Ints
    time_limit: float
    _rows: _Rows = field(init=False)
    _least: int = field(init=False, default=0)
    """What was proved of the search before; what is forbidden since cannot make the next choice better."""

    def __post_init__(self) -> None:
        """Divide each area by what all of its numbers have in common: small numbers are solved sooner."""
        shared = np.maximum(np.gcd.reduce(self.cover, axis=1), 1)
        self._rows = _Rows(self.cover // shared[:, None], -(-self.need // shared))

    def forbid(self, taken: Flags) -> None:
        """Let no further choice have all of these."""
        self._rows = self._rows.with_row(-taken.astype(np.int64), 1 - int(taken.sum()))

    def search(self) -> Choice | None:
        """Return the best choice that is not forbidden, or None if there is none.

        First the amounts are minimised, then the ties among choices of that amount.

        Raises
        ------
        Conflict
            If the time was over before any choice was found.
        """
        found = self._least_amounts()
        if found is None:
            return None
        taken = self._without_needless(found.taken)
        self._least = int(self.amounts[taken].sum()) - found.slack
        return Choice(self._least_ties(taken), found.slack)

    def _least_amounts(self) -> Choice | None:
        """Search among the activities with the best prices, and widen until none of the others could do better.

        With multipliers y ≥ 0 of the rows, y @ least + Σ min(0, price) is a bound of any choice, and a choice that has
        an activity of price p > 0 is above the bound by p at least.
        """
        unit = max(int(np.gcd.reduce(self.amounts)), 1)
        amounts = self.amounts // unit
        bound, prices = _relaxed(amounts, self._rows)
        order = np.argsort(prices, kind="stable")
        size, core = CORE, np.zeros(len(amounts), dtype=bool)
        core[order[:size]] = True
        while True:
            x, in_time = self._solve(amounts, self._rows, core)
            if x is None:
                if core.all():
                    return None
                size *= WIDER
                core[order[:size]] = True
                continue
            value = int(amounts[x].sum())
            better = prices <= value - 1 - bound + EPSILON * max(1, value)
            if not in_time:
                lowest = max(self._least, unit * math.ceil(bound - EPSILON))
                return Choice(x, max(0, unit * value - lowest))
            if unit * value <= self._least or not np.any(better & ~core):
                return Choice(x, 0)
            core |= better

    def _without_needless(self, taken: Flags) -> Flags:
        """Leave out, the largest in ties first, what the rest of a choice does not need."""
        kept = taken.copy()
        for place in sorted(np.flatnonzero(taken), key=lambda one: (-self.ties[one], -one)):
            kept[place] = False
            if np.any(self._rows.matrix @ kept < self._rows.least):
                kept[place] = True
        return kept

    def _least_ties(self, taken: Flags) -> Flags:
        """Look for a choice of no larger amount and less of the ties, near the one that was found."""
        most = int(self.amounts[taken].sum())
        unit = max(int(np.gcd.reduce(self.ties)), 1)
        rows = self._rows.with_row(-self.amounts, -most)
        _, prices = _relaxed(self.ties // unit, rows)
        core = taken.copy()
        core[np.argsort(prices, kind="stable")[:TIE_CORE]] = True
        x, _ = self._solve(self.ties // unit, rows, core)
        return taken if x is None or self.ties[x].sum() > self.ties[taken].sum() else x

    def _solve(self, costs: Ints, rows: _Rows, core: Flags) -> tuple[Flags | None, bool]:
        """Call HiGHS on some of the activities; return what it takes, if anything, and whether that is proved."""
        found = milp(
            costs[core].astype(float),
            integrality=np.ones(int(core.sum()), dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(csr_array(rows.matrix[:, core]), rows.least.astype(float), np.inf),
            # What presolve finds is found above already; without it these searches took half as long.
            options={"mip_rel_gap": 0.0, "presolve": False, "time_limit": self.time_limit},
        )
        if found.x is None:
            if found.status == 1:
                raise Conflict(OUT_OF_TIME)
            return None, True
        taken = np.zeros(len(core), dtype=bool)
        taken[np.flatnonzero(core)[found.x > 0.5]] = True
        return taken, found.status == 0


def _relaxed(costs: Ints, rows: _Rows) -> tuple[float, Floats]:
    """Return a lower bound of the cost of any choice, and the price of each activity beside it.

    Any multipliers from 0 up give a valid bound, so that nothing rests on how well the relaxation was solved.
    """
    found = linprog(costs.astype(float), A_ub=-rows.matrix, b_ub=-rows.least, bounds=(0, 1))
    multipliers = np.zeros(len(rows.least)) if found.x is None else np.maximum(-found.ineqlin.marginals, 0.0)
    prices: Floats = costs.astype(float) - multipliers @ rows.matrix
    return float(multipliers @ rows.least + np.minimum(prices, 0.0).sum()), prices
