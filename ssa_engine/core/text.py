"""Sentences for people: how dates, credits and lists are written, and how a sentence keeps what it was made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Self


class Sentence(str):
    """A sentence in English that remembers its template and values, so that it can be said in another language.

    It is text like any other. Where people read another language, the web looks up `template` (or `plural` where
    `number` is not one) and fills in the values anew.
    """

    __slots__ = ("number", "plural", "template", "values")

    template: str
    plural: str | None
    number: float | None
    values: dict[str, Any]

    def __new__(
        cls, template: str, plural: str | None = None, count: float | None = None, values: dict[str, Any] | None = None
    ) -> Self:
        """Write it in English."""
        chosen = template if plural is None or count == 1 else plural
        written = {name: _in_english(value) for name, value in (values or {}).items()}
        self = super().__new__(cls, chosen.format(**written))
        self.template, self.plural, self.number, self.values = template, plural, count, values or {}
        return self

    def __getnewargs__(self) -> tuple[str, str | None, float | None, dict[str, Any]]:  # type: ignore[override]
        """Say what a copy is made of: the template, not the text, in which a value may have brackets."""
        return self.template, self.plural, self.number, self.values


def say(template: str, **values: Any) -> Sentence:
    """Fill a template: dates, numbers, text, other sentences or lists of them. The template is what translators see."""
    return Sentence(template, values=values)


def say_count(one: str, many: str, count: float, **values: Any) -> Sentence:
    """Fill the template for one or for many; `{count}` is the number."""
    return Sentence(one, many, count, {"count": count, **values})


def _in_english(value: Any) -> Any:
    if isinstance(value, dt.date):
        return long_date(value)
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return value


def long_date(day: dt.date) -> str:
    """Write a date as '14 March 2027'."""
    return f"{day.day} {day:%B %Y}"


def listed(parts: Sequence[object]) -> str:
    """Write 'a', 'a and b', 'a, b and c'."""
    words = [str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def count_credits(credits: float) -> Sentence:
    """Write a number of credits: '1 credit', '4.5 credits', '0 credits'."""
    return say_count("{count} credit", "{count} credits", credits)
