"""How an answer is read from what a form sent, and the one text form in which it is stored.

An option's id; ids joined by commas (select all that apply in the order of the ids, sorted list in the order given);
`x,y` in whole image pixels; a number in plain decimal digits. The empty text is an answer taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say


class Unreadable(Invalid):
    """What was typed or sent cannot be an answer to this question."""


MINUS = str.maketrans({"−": "-", "–": "-"})
GROUPED = re.compile(r"[-+]?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")
MOST_DIGITS = 24
LONGEST_TEXT = 60
"""Characters of a number as it is typed, spaces included."""


def read_one(posted: Sequence[str], known: Iterable[str]) -> str:
    """Return the one option chosen."""
    if len(set(posted)) > 1:
        raise Unreadable(say("This question takes one answer, and more than one was sent. Choose one and save again."))
    return _known(posted[0], known)


def read_several(posted: Sequence[str], known: Iterable[str]) -> str:
    """Return the options chosen, in the order of their ids."""
    ids = set(known)
    return ",".join(sorted({_known(one, ids) for one in posted}))


def read_order(posted: Sequence[str], known: Iterable[str]) -> str:
    """Return the entries in the order given; each must stand in it once."""
    ids = sorted(known)
    for one in posted:
        _known(one, ids)
    if sorted(posted) != ids:
        raise Unreadable(say("Each entry of the list stands in the order once. Reload the page and sort it again."))
    return ",".join(posted)


def _known(value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise Unreadable(say("That answer is not one of this question’s options. Reload the page and choose again."))
    return value


def read_point(text: str, size: tuple[int, int] | None) -> str:
    """Return a place on an image as 'x,y' in whole pixels; `size` is its width and height, if known."""
    match = re.fullmatch(r"\s*([0-9]{1,5})(?:\.[0-9]+)?\s*[,; ]\s*([0-9]{1,5})(?:\.[0-9]+)?\s*", text)
    if match is None:
        raise Unreadable(
            say("Give the place as two whole numbers: across from the left, then down from the top, such as 120,80.")
        )
    x, y = int(match[1]), int(match[2])
    if size is not None and (x >= size[0] or y >= size[1]):
        raise Unreadable(
            say(
                "That place lies outside the image, which is {width} wide and {height} high. Choose one on it.",
                width=size[0],
                height=size[1],
            )
        )
    return f"{x},{y}"


def read_number(text: str) -> str:
    """Return a number in plain decimal digits: '1,33' and '1.33' are both '1.33', and never 133.

    A comma or a point is the decimal sign. Where both stand, the last one is, and the others must group thousands.
    What could be read in two ways (1,333) is not read at all.

    Raises
    ------
    Unreadable
        With a sentence that says what to write instead.
    """
    given = " ".join(text.translate(MINUS).split())
    too_long = say("That number is too long. Give it with at most {digits} digits.", digits=MOST_DIGITS)
    if len(given) > LONGEST_TEXT:
        raise Unreadable(too_long)
    plain = _without_groups(given)
    if plain is None or not re.fullmatch(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", plain):
        raise Unreadable(
            say("“{text}” is not a number here. Use digits and one decimal sign, such as 12.5.", text=given)
        )
    tidy = _tidy(plain)
    if sum(map(str.isdigit, tidy)) > MOST_DIGITS:
        raise Unreadable(too_long)
    return tidy


def _without_groups(given: str) -> str | None:
    """Return the number with a point as its decimal sign and no signs between thousands, or None."""
    if " " in given:
        if not GROUPED.fullmatch(given):
            return None
        given = given.replace(" ", "")
    commas, points = given.count(","), given.count(".")
    if commas and points:
        decimal = "," if given.rfind(",") > given.rfind(".") else "."
        other = "." if decimal == "," else ","
        whole, _, fraction = given.rpartition(decimal)
        grouped = re.fullmatch(rf"[-+]?[0-9]{{1,3}}(?:\{other}[0-9]{{3}})+", whole)
        return f"{whole.replace(other, '')}.{fraction}" if grouped and fraction.isdigit() else None
    if commas > 1 or points > 1:
        sign = "," if commas else "."
        return given.replace(sign, "") if re.fullmatch(rf"[-+]?[0-9]{{1,3}}(?:\{sign}[0-9]{{3}})+", given) else None
    if commas and re.fullmatch(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}", given):
        raise Unreadable(
            say(
                "“{text}” could be read in two ways. Write {decimal} for the decimal number, or {whole} for thousands.",
                text=given,
                decimal=given.replace(",", "."),
                whole=given.replace(",", ""),
            )
        )
    return given.replace(",", ".")


def _tidy(plain: str) -> str:
    """Write it without a plus sign, without leading zeros and with a digit on each side of the point."""
    number = Decimal(plain)
    text = format(abs(number), "f")
    return f"-{text}" if number < 0 else text
