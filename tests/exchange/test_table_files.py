"""A table of a page as CSV."""

from __future__ import annotations

import datetime as dt

from ssa_engine.exchange.table_files import Cell, to_text


def test_numbers_keep_every_digit_and_the_unknown_is_empty() -> None:
    at = dt.datetime(2027, 3, 14, 14, 2, 11, 5000, tzinfo=dt.UTC)
    rows: list[list[Cell]] = [[0.1 + 0.2, None, True, at, "x,\r\ny"], [3, False, "", -0.5, dt.date(2027, 3, 14)]]
    text = to_text(["a", "b", "c", "d", "e"], rows)
    assert text == 'a,b,c,d,e\n0.30000000000000004,,true,2027-03-14T14:02:11.005Z,"x,\ny"\n3,false,,-0.5,2027-03-14\n'


def test_what_a_spreadsheet_would_run_is_neutralised_only_for_one() -> None:
    rows: list[list[Cell]] = [["=1+1", -1.5]]
    assert to_text(["a", "b"], rows) == "a,b\n=1+1,-1.5\n"
    assert to_text(["a", "b"], rows, for_spreadsheet=True) == "a,b\n'=1+1,-1.5\n"
