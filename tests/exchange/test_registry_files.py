"""Files of a registry: every bad row is told by its line, and a good file becomes rows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ssa_engine.core.errors import Invalid
from ssa_engine.core.people import Role
from ssa_engine.exchange.registry_files import (
    CredentialRow,
    FileRows,
    PersonRow,
    read_credentials,
    read_people,
)


def written(folder: Path, text: str) -> Path:
    """Write a CSV file."""
    path = folder / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> list[str]:
    """Read people; return the refusals, each without the name of the file; or why it is no such file."""
    try:
        found = [str(one) for one in read_people(path).refusals]
    except Invalid as error:
        found = str(error).splitlines()
    return [line.replace(f"{path}:", "") for line in found]


def test_people_are_read_with_their_roles_and_addresses_in_small_letters(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffname,email,roles,more\nÅsa Ek, Asa@Example.ORG ,candidate staff,x\n")
    found = read_people(path)
    assert found == FileRows([PersonRow("asa@example.org", "Åsa Ek", (Role.CANDIDATE, Role.STAFF))], [])
    assert found.rows[0].place == f"{path}:2"


def test_a_biennium_is_read_where_the_file_has_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "biennium_from,email,name,roles\n2026-02-01,a@example.org,A,candidate\n,b@example.org,B,candidate\n"
        "soon,c@example.org,C,candidate\n",
    )
    found = read_people(path)
    assert [(row.email, row.biennium_from) for row in found.rows] == [
        ("a@example.org", dt.date(2026, 2, 1)),
        ("b@example.org", None),
    ]
    assert [str(one) for one in found.refusals] == [f"{path}:4: biennium_from is 'soon'; write it as 2019-04-30"]


def test_a_biennium_of_a_year_that_cannot_be_meant_is_told_by_its_line(tmp_path: Path) -> None:
    days = ("1900-01-01", "2100-12-31", "1899-12-31", "2101-01-01", "9999-12-31", "0026-02-01")
    rows = "".join(f"{day},p{number}@example.org,P,candidate\n" for number, day in enumerate(days))
    path = written(tmp_path, f"biennium_from,email,name,roles\n{rows}")
    found = read_people(path)
    assert [str(row.biennium_from) for row in found.rows] == ["1900-01-01", "2100-12-31"]
    assert [str(one) for one in found.refusals] == [
        f"{path}:{line}: biennium_from is '{day}'; write a day of the years 1900 to 2100"
        for line, day in ((4, "1899-12-31"), (5, "2101-01-01"), (6, "9999-12-31"), (7, "0026-02-01"))
    ]


def test_the_good_rows_of_a_file_are_read_beside_the_bad_ones(tmp_path: Path) -> None:
    path = written(tmp_path, "email,name,roles\nnobody,A,staff\na@example.org,A,staff\nb@example.org,,staff\n")
    found = read_people(path)
    assert ([row.email for row in found.rows], [one.line for one in found.refusals]) == (["a@example.org"], [2, 4])


def test_a_row_with_too_many_cells_is_told(tmp_path: Path) -> None:
    (sentence,) = refusal(written(tmp_path, "email,name,roles\na@example.org,Ek, Asa,candidate\n"))
    assert sentence == "2: the row has more cells than the header; put quotes around a cell with commas"


def test_every_bad_row_of_people_is_told_by_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "email,name,roles\n"
        "good@example.org,Good,candidate\n"
        "nobody,No Address,candidate\n"
        "unnamed@example.org,,candidate\n"
        "idle@example.org,Idle,\n"
        "king@example.org,King,king\n",
    )
    found = refusal(path)
    assert [line.split(":")[0] for line in found] == ["3", "4", "5", "6"]
    named = ("'nobody'", "name is empty", "roles are ''", "'king'")
    assert [name for name, line in zip(named, found, strict=True) if name not in line] == []


@pytest.mark.parametrize("address", ["@", "a b@example.org", "@example.org", "asa@", "x" * 300 + "@example.org"])
def test_an_address_that_cannot_be_used_for_one_person_cannot_be_imported_either(address: str, tmp_path: Path) -> None:
    (sentence,) = refusal(written(tmp_path, f"email,name,roles\n{address},Asa,candidate\n"))
    assert sentence.rstrip(".") == f"2: '{address}' is not an e-mail address"


def test_a_row_with_too_few_cells_is_told(tmp_path: Path) -> None:
    assert [line[:2] for line in refusal(written(tmp_path, "email,name,roles\nasa@example.org\n"))] == ["2:"]


def test_a_row_that_spans_lines_is_told_by_a_line_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, 'email,name,roles,note\na@example.org,A,candidate,"Two\nlines"\nnobody,B,staff,\n')
    assert [line.split(":")[0] for line in refusal(path)] == ["4"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [("email,roles\n", "name"), ("", "email, name, roles"), ("E-mail;Name;Roles\n", "email, name, roles")],
    ids=["one column", "empty file", "semicolons"],
)
def test_missing_columns_are_named(text: str, missing: str, tmp_path: Path) -> None:
    (sentence,) = refusal(written(tmp_path, text))
    assert sentence == f"1: the column {missing} is missing; needed are email, name, roles"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"email,name,roles\n\xe5sa@example.org,A,staff\n", "cannot be read as UTF-8 CSV"),
        (b"email,name,roles\na\0@b,A,staff\n", "is not an e-mail address"),
    ],
    ids=["another encoding", "a byte of nothing"],
)
def test_bytes_that_are_no_text_are_told(raw: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(raw)
    (sentence,) = refusal(path)
    assert told in sentence


def test_credentials_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "email,discipline,earned_on\nAsa@example.org,CT,2018-02-28\n")
    found = read_credentials(path, {"CT"})
    assert found == FileRows([CredentialRow("asa@example.org", "CT", dt.date(2018, 2, 28))], [])


def test_every_bad_credential_is_told_by_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "email,discipline,earned_on\na@example.org,XX,2018-02-28\na@example.org,CT,2018-02-30\n"
        "a@example.org,CT,28.02.2018\na@example.org,CT,\na@example.org,CT,0018-02-28\n",
    )
    assert [str(one) for one in read_credentials(path, {"CT", "RAD"}).refusals] == [
        f"{path}:2: the discipline is 'XX'; known are CT, RAD",
        f"{path}:3: earned_on is '2018-02-30'; write it as 2019-04-30",
        f"{path}:4: earned_on is '28.02.2018'; write it as 2019-04-30",
        f"{path}:5: earned_on is ''; write it as 2019-04-30",
        f"{path}:6: earned_on is '0018-02-28'; write a day of the years 1900 to 2100",
    ]
