"""Filters of the templates: how numbers and times are written. Dates are in `language`."""

from __future__ import annotations

import datetime as dt
import math

from flask import Flask

from ssa_engine.web.language import decimal_sign


def plain(value: float | None, digits: int = 4) -> str:
    """Write a number for a program: with at most `digits` decimals after a point, the same in every language."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return "0" if text == "-0" else text


def num(value: float | None, digits: int = 2) -> str:
    """Write a number with at most `digits` decimals and a real minus sign; nothing for an unknown one."""
    return decimal(plain(value, digits))


def fixed(value: float | None, digits: int = 2) -> str:
    """Write a number with exactly `digits` decimals, so that a column lines up; a dash for an unknown one."""
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return decimal(text.removeprefix("-") if float(text) == 0 else text)


def decimal(text: str) -> str:
    """Write a number that is text already, with a real minus sign and the decimal sign of the language."""
    text = text.replace("-", "−")
    return text.replace(".", decimal_sign()) if "." in text else text


def percent(value: float | None) -> str:
    """Write a proportion as a whole percentage: 0.7 is '70 %' with a space that does not break."""
    return "" if value is None else f"{value * 100:.0f}\u00a0%"


def clock(moment: dt.datetime) -> str:
    """Write the time of day in UTC: '14:02:11'."""
    return moment.time().isoformat(timespec="seconds")


def instant(moment: dt.datetime) -> str:
    """Write a time for a browser, which shows it in the person's own zone: '2027-03-14T14:02:11Z'."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def init_app(app: Flask) -> None:
    """Give the filters to the templates."""
    app.add_template_filter(plain, "plain")
    app.add_template_filter(num, "num")
    app.add_template_filter(fixed, "fixed")
    app.add_template_filter(decimal, "decimal")
    app.add_template_filter(percent, "percent")
    app.add_template_filter(clock, "clock")
    app.add_template_filter(instant, "instant")
