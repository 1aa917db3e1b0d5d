"""The credit ledger of one prescription: what is prescribed, filled, waiting and open, and what is left over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

DECIMALS = 10


@dataclass(frozen=True, slots=True)
class AreaFill:
    """How far one content area is filled, in credits."""

    prescribed: float
    filled: float
    waiting: float
    """What claims that are not decided yet would fill of what is open."""
    surplus: float
    """Awarded in this area beyond what is prescribed."""

    @property
    def open(self) -> float:
        """What still has to be earned, whatever waits."""
        return round(self.prescribed - self.filled, DECIMALS)


@dataclass(frozen=True)
class Ledger:
    """The areas of a prescription in its order, and credits awarded in areas that it does not name."""

    areas: dict[str, AreaFill]
    elsewhere: dict[str, float]

    @cached_property
    def open(self) -> dict[str, float]:
        """Content area -> credits open, those alone where something is."""
        return {area: fill.open for area, fill in self.areas.items() if fill.open > 0}

    @property
    def is_filled(self) -> bool:
        """Whether every area is filled; so is a prescription of nothing."""
        return not self.open


def ledger(
    prescribed: Mapping[str, float],
    awarded: Iterable[Mapping[str, float]],
    waiting: Iterable[Mapping[str, float]] = (),
) -> Ledger:
    """Fill a prescription with credits.

    Parameters
    ----------
    prescribed : mapping of content area to credits
        What is prescribed, above 0, in outline order.
    awarded : iterable of mappings of content area to credits
        What each approved claim was awarded.
    waiting : iterable of mappings of content area to credits
        What each claim that is not decided yet would be awarded.

    Returns
    -------
    Ledger
        The sum filled never exceeds what is prescribed, nor what was awarded; what is beyond shows as surplus or
        elsewhere.
    """
    earned, pending = _sums(awarded), _sums(waiting)
    areas = {}
    for area, credits in prescribed.items():
        filled = min(credits, earned.get(area, 0.0))
        areas[area] = AreaFill(
            prescribed=credits,
            filled=round(filled, DECIMALS),
            waiting=round(min(credits - filled, pending.get(area, 0.0)), DECIMALS),
            surplus=round(earned.get(area, 0.0) - filled, DECIMALS),
        )
    return Ledger(areas, {area: credits for area, credits in earned.items() if area not in prescribed})


def _sums(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for area, credits in part.items():
            total[area] = round(total.get(area, 0.0) + credits, DECIMALS)
    return total
