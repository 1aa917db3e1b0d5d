"""A calendar file read back by a small reader of its own, written from RFC 5545: lines, values, events, alarms."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssa_engine.exchange.calendar import CalendarDay, escaped, folded, to_ics

AT = dt.datetime(2027, 3, 14, 9, 2, 11, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
DUE = CalendarDay("cqr-7-1-due@board.example", dt.date(2028, 2, 29), "CT: The window ends", "Take it.", (30, 7))


def read_calendar(content: bytes) -> dict[str, Any]:
    """Read a calendar into its properties, its events and their alarms; refuse what the RFC does not allow."""
    assert content.endswith(b"\r\n")
    octets = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\r" not in line and b"\n" not in line for line in octets)
    for part in octets:
        part.decode()  # no letter is parted
    lines = b"\r\n".join(octets).replace(b"\r\n ", b"").decode().split("\r\n")
    root: dict[str, Any] = {"parts": []}
    stack = [root]
    for line in lines:
        found = re.fullmatch(r"([A-Z-]+)((?:;[A-Z]+=[^;:]+)*):(.*)", line, re.DOTALL)
        assert found is not None
        name, parameters, value = found.groups()
        if name == "BEGIN":
            stack[-1]["parts"].append({"kind": value, "parts": []})
            stack.append(stack[-1]["parts"][-1])
        elif name == "END":
            assert stack.pop()["kind"] == value
        else:
            assert name not in stack[-1]
            stack[-1][name] = plain(value)
            stack[-1][f"{name} with"] = dict(one.split("=") for one in parameters.split(";")[1:])
    assert stack == [root]
    calendar: dict[str, Any]
    [calendar] = root["parts"]
    return calendar


def plain(value: str) -> str:
    """Take the escapes of a text back."""
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)


def calendar_of(*days: CalendarDay) -> dict[str, Any]:
    return read_calendar(to_ics(days, name="CQR: CT", language="en", at=AT))


def test_a_day_is_an_event_of_that_whole_day_with_its_reminders() -> None:
    calendar = calendar_of(DUE)
    assert (calendar["kind"], calendar["VERSION"], calendar["X-WR-CALNAME"]) == ("VCALENDAR", "2.0", "CQR: CT")
    assert calendar["PRODID"]
    [event] = calendar["parts"]
    assert event["kind"] == "VEVENT"
    assert (event["DTSTART"], event["DTSTART with"]) == ("20280229", {"VALUE": "DATE"})
    assert (event["DTEND"], event["DTEND with"]) == ("20280301", {"VALUE": "DATE"})
    assert event["DTSTAMP"] == "20270314T140211Z"
    assert (event["UID"], event["SUMMARY"], event["DESCRIPTION"]) == (DUE.uid, DUE.title, DUE.text)
    assert event["SUMMARY with"] == {"LANGUAGE": "en"}
    assert [(one["kind"], one["ACTION"], one["TRIGGER"], one["DESCRIPTION"]) for one in event["parts"]] == [
        ("VALARM", "DISPLAY", "-P30D", DUE.title),
        ("VALARM", "DISPLAY", "-P7D", DUE.title),
    ]


def test_several_days_stand_in_their_order() -> None:
    other = CalendarDay("another@board.example", dt.date(2027, 5, 1), "Opens")
    events = calendar_of(other, DUE)["parts"]
    assert [one["UID"] for one in events] == [other.uid, DUE.uid]
    assert events[0]["parts"] == []
    assert "DESCRIPTION" not in events[0]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a; b, c", r"a\; b\, c"),
        ("C:\\new", r"C:\\new"),
        ("one\ntwo\r\nthree\rfour", r"one\ntwo\nthree\nfour"),
        ("nul \x00 bell \x07.", "nul  bell ."),
        ("“é”: 5–7", "“é”: 5–7"),
    ],
)
def test_what_would_end_or_part_a_value_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    [event] = calendar_of(CalendarDay("u@b", dt.date(2027, 1, 1), "x" + text, text + "\n" + text or "x"))["parts"]
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("x" + text, text + "\n" + text)


def test_a_line_of_75_octets_is_not_folded_and_one_of_76_is() -> None:
    assert folded("x" * 75) == [b"x" * 75]
    assert folded("x" * 76) == [b"x" * 75, b" x"]
    assert folded("é" * 38) == ["é".encode() * 37, b" " + "é".encode()]
