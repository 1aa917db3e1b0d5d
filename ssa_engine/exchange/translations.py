"""Sentences of the core in the languages of people: for pages, and for mail, which no request is there for."""

from __future__ import annotations

import datetime as dt
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.support import Translations

from ssa_engine.core.display import LANGUAGES
from ssa_engine.core.text import Sentence, long_date

FOLDER = Path(__file__).parents[1] / "web/translations"
ENGLISH = LANGUAGES[0]


@cache
def catalogue(code: str) -> NullTranslations:
    """Return the translations into a language; those into English are the strings themselves."""
    return NullTranslations() if code == ENGLISH else Translations.load(FOLDER, [code])


def whole_number(number: float) -> int:
    """Return the number that chooses between one and many; a part of one counts as many."""
    return int(number) if number == int(number) else 2


def said_in(value: Any, code: str, words: NullTranslations | None = None) -> Any:
    """Say a sentence of the core in a language, from its catalogue or `words`; other text stays as it is."""
    if not isinstance(value, Sentence) or code == ENGLISH:
        return value
    words = words or catalogue(code)
    if value.plural is not None and value.number is not None:
        template = words.ngettext(value.template, value.plural, whole_number(value.number))
    else:
        template = words.gettext(value.template)
    return template.format(**{name: _value(one, code, words) for name, one in value.values.items()})


def _value(value: Any, code: str, words: NullTranslations) -> Any:
    if isinstance(value, list):
        return "; ".join(str(_value(one, code, words)) for one in value)
    if isinstance(value, dt.date):
        return day_in(value, code)
    if isinstance(value, float):
        return format_decimal(value, "#,##0.##", locale=code)
    return said_in(value, code, words)


def day_in(value: dt.date, code: str) -> str:
    """Write a date in full: '14 March 2027', '14 de marzo de 2027'."""
    return long_date(value) if code == ENGLISH else format_date(value, "long", locale=code)
