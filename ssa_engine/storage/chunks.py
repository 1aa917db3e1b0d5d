"""Long lists in parts: a statement takes only so many values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

AT_ONCE = 500
T = TypeVar("T")


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield values in lists of `AT_ONCE` at most, in their order."""
    left = iter(values)
    while some := list(islice(left, AT_ONCE)):
        yield some
