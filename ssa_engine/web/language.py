"""The language of a page: that of the person, else what the address or the browser asks for; and its strings."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from babel.numbers import get_decimal_symbol
from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from markupsafe import Markup, escape

from ssa_engine.core.display import LANGUAGES
from ssa_engine.exchange.translations import ENGLISH, day_in, said_in, whole_number
from ssa_engine.exchange.translations import catalogue as _catalogue
from ssa_engine.web import current

CONTENT = "en"
"""What items, outlines and agreements are written in."""

NOTHING, MARKED = Markup(""), Markup(f' lang="{CONTENT}"')  # noqa: S704 - ours
NAMES = {"en": "English", "es": "Español"}
babel = Babel(configure_jinja=False)


def language() -> str:
    """Return the language of this request."""
    if not has_request_context():
        return ENGLISH
    found: str | None = g.get("language")
    if found is None:
        found = g.language = _wanted()
    return found


def _wanted() -> str:
    person = g.get("person")
    wanted: str = person.display.language if person else request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or ENGLISH


def gettext(message: str) -> str:
    """Return a string in the language of this request."""
    return _catalogue(language()).gettext(message)


def ngettext(one: str, many: str, number: float) -> str:
    """Return the string for one or for many in the language of this request; a part of one counts as many."""
    return _catalogue(language()).ngettext(one, many, whole_number(number))


def _said(message: str, /, **values: Any) -> Markup:
    """Say a string of a template: what `_` is there. Jinja's own costs ten times as much, on every page."""
    template = gettext(message)
    return _filled(template, values) if values else _plain(template)


def _said_of(one: str, many: str, number: float, /, **values: Any) -> Markup:
    """Say a string of a template for one or for many; `%(num)s` is the number unless it is given."""
    return _filled(ngettext(one, many, number), {"num": number, **values})


def _filled(template: str, values: dict[str, Any]) -> Markup:
    return Markup(template % {name: escape(value) for name, value in values.items()})  # noqa: S704 - values are escaped


@cache
def _plain(template: str) -> Markup:
    return Markup(template % {})  # noqa: S704 - strings are ours


def in_words(value: Any) -> Any:
    """Say a sentence of the core in the language of this request; other text stays as it is."""
    return said_in(value, language(), _catalogue(language()))


def day(value: dt.date) -> str:
    """Write a date in full: '14 March 2027', '14 de marzo de 2027'."""
    return day_in(value, language())


def day_there(moment: dt.datetime) -> str:
    """Write the day that a moment fell on where the programmes are, in full."""
    return day(current.day_of(moment))


def content_lang() -> Markup:
    """Return what stands on content where the page speaks another language, so that it is read out in its own."""
    return NOTHING if language() == CONTENT else MARKED


def decimal_sign() -> str:
    """Return the sign before the decimals in the language of this request."""
    return "." if language() == ENGLISH else _decimal_sign(language())


@cache
def _decimal_sign(code: str) -> str:
    return str(get_decimal_symbol(code))


def init_app(app: Flask) -> None:
    """Give the strings to the templates, and the language to Flask-Babel for dates and numbers."""
    app.config["BABEL_DEFAULT_LOCALE"] = ENGLISH
    babel.init_app(app, locale_selector=language)
    app.jinja_env.globals.update(
        {"_": _said, "ngettext": _said_of, "languages": NAMES, "language": language, "content_lang": content_lang}
    )
    app.add_template_filter(in_words, "words")
    app.add_template_filter(day, "day")
    app.add_template_filter(day_there, "day_there")
