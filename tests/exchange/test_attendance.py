"""An attendance list is read as sponsors send them: lines, several kinds of CSV, heads, names, what is no address."""

from __future__ import annotations

import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.attendance import MOST, Attendance, decode, read_attendance


@pytest.mark.parametrize(
    "text",
    [
        "ann@x.example\nbo@x.example\n",
        "Name,Email\nAnn,ann@x.example\nBo,bo@x.example",
        "Name;E-Mail\r\nAnn;ann@x.example\r\nBo;bo@x.example\r\n",
        "Ann\tAnn@X.example\nBo\tbo@x.example\n\n ,, \n",
        '"Lee, Ann" <ann@x.example>\n"Roe, Bo",bo@x.example\nANN@x.example',
    ],
)
def test_each_address_is_read_once_however_the_list_is_written(text: str) -> None:
    assert read_attendance(text) == Attendance(("ann@x.example", "bo@x.example"), ())


def test_lines_without_an_address_are_told_with_their_number() -> None:
    found = read_attendance("Attendees of 3 May\nann@x.example\nBo Roe\n\nbo at x.example")
    assert found == Attendance(("ann@x.example",), ((3, "Bo Roe"), (5, "bo at x.example")))


@pytest.mark.parametrize("text", ["", "\n\n", "no address here\nnor here", "@", "\0"])
def test_a_list_without_an_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid, match="There is no e-mail address in the list"):
        read_attendance(text)


def test_a_list_that_is_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(Invalid, match=rf"The list has {MOST + 1} addresses. Give at most {MOST} at once."):
        read_attendance("\n".join(f"a{number}@x.example" for number in range(MOST + 1)))


def test_a_file_that_is_no_text_is_refused_in_words() -> None:
    assert decode("\ufeffa@x.example".encode()) == "a@x.example"
    with pytest.raises(Invalid, match="The file is no text"):
        decode(b"\xff\xfe\x00")
