"""ssa people and ssa credentials: from a shell or from CSV, all rows or none, and nothing twice."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from ssa_engine.core.people import Role
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from ssa_engine.storage.frames import audit_frame
from tests.cli.shell import Run, ssa

PASSWORD = "correct horse battery"
PEOPLE = """email,name,roles
asa@example.org,Åsa Ek,candidate
Bo@Example.org,Bo Lind,candidate staff
"""
CREDENTIALS = """email,discipline,earned_on
asa@example.org,CT,2018-02-28
BO@example.org,CT,2019-04-30
bo@example.org,RAD,2016-02-29
"""


class Shell:
    """A shell whose commands use one database."""

    def __init__(self, url: str, db: Database, folder: Path) -> None:
        self.url = url
        self.db = db
        self.folder = folder

    def run(self, *arguments: object) -> Run:
        """Run a command on the database."""
        return ssa(*arguments, database_url=self.url)

    def file(self, text: str) -> Path:
        """Write a CSV file."""
        path = self.folder / "rows.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def person(self, email: str) -> tuple[str, set[str]] | None:
        """Name and roles of a person."""
        with self.db.read() as connection:
            known = people.by_email(connection, email)
        return known and (known[0].name, {str(role) for role in known[0].roles})

    def credentials(self, email: str) -> list[tuple[str, dt.date]]:
        """Disciplines and dates of a person's credentials."""
        with self.db.read() as connection:
            known = people.by_email(connection, email)
            assert known is not None
            return sorted((one.discipline, one.earned_on) for one in people.credentials_of(connection, known[0].id))

    def audit(self) -> list[tuple[str, str]]:
        """Verb and noun of all that was noted."""
        with self.db.read() as connection:
            frame = audit_frame(connection)
        return list(zip(frame["verb"], frame["noun"], strict=True))


@pytest.fixture
def shell(database_url: str, db: Database, tmp_path: Path) -> Shell:
    """A shell on an upgraded, empty database."""
    return Shell(database_url, db, tmp_path)


def add(shell: Shell, email: str, *roles: str, password: str = PASSWORD, name: str = "Åsa Ek") -> Run:
    """Add a person."""
    given: list[Any] = [part for role in roles for part in ("--role", role)]
    return shell.run("people", "add", email, "--name", name, *given, "--password", password)


def test_a_person_is_added_with_roles_and_noted(shell: Shell) -> None:
    run = add(shell, "Asa@Example.org", "staff", "specialist")
    assert (run.code, run.err) == (0, "")
    assert shell.person("asa@example.org") == ("Åsa Ek", {"staff", "specialist"})
    assert shell.audit() == [("add", "person")]


def test_a_person_is_added_once(shell: Shell) -> None:
    assert add(shell, "asa@example.org", "staff").code == 0
    assert add(shell, "ASA@example.org", "candidate").sentence() == (
        "Somebody with the address asa@example.org is there already."
    )
    assert (shell.person("asa@example.org"), len(shell.audit())) == (("Åsa Ek", {"staff"}), 1)


@pytest.mark.parametrize(
    ("email", "password", "name", "told"),
    [
        ("nobody", PASSWORD, "A", "'nobody' is not an e-mail address."),
        ("a b@example.org", PASSWORD, "A", "'a b@example.org' is not an e-mail address."),
        ("a@example.org", "short", "A", "The password is too short; use at least"),
        ("a@example.org", PASSWORD, "  ", "A person needs a name"),
        ("a@example.org", PASSWORD, "A" * 1000, "The name is too long"),
    ],
    ids=["address", "blank", "password", "name", "long name"],
)
def test_what_cannot_be_a_person_is_told(email: str, password: str, name: str, told: str, shell: Shell) -> None:
    assert add(shell, email, "staff", password=password, name=name).sentence().startswith(told)
    assert (shell.person(email), shell.audit()) == (None, [])


def test_an_unknown_role_is_a_wrong_call(shell: Shell) -> None:
    assert "'king' is not one of" in add(shell, "a@example.org", "king").sentence(code=2)


def test_a_role_is_given_and_taken(shell: Shell) -> None:
    add(shell, "asa@example.org", "staff")
    assert shell.run("people", "role", "asa@example.org", "specialist").code == 0
    assert shell.run("people", "role", "asa@example.org", "staff", "--remove").code == 0
    assert shell.person("asa@example.org") == ("Åsa Ek", {str(Role.SPECIALIST)})
    assert shell.audit() == [("add", "person"), ("give role", "person"), ("take role", "person")]


def test_giving_a_role_twice_changes_nothing(shell: Shell) -> None:
    add(shell, "asa@example.org", "staff")
    runs = [shell.run("people", "role", "asa@example.org", "staff").code for _ in range(2)]
    assert (runs, shell.audit()) == ([0, 0], [("add", "person")])


def test_the_only_role_stays_and_nobody_has_none(shell: Shell) -> None:
    add(shell, "asa@example.org", "staff")
    taken = shell.run("people", "role", "asa@example.org", "staff", "--remove")
    assert taken.sentence() == "staff is the only role of asa@example.org; give another one first."
    unknown = shell.run("people", "role", "nobody@example.org", "staff")
    assert unknown.sentence() == "Nobody has the address nobody@example.org. Add the person first."


def test_people_are_imported_once_however_often_the_file_comes(shell: Shell) -> None:
    file = shell.file(PEOPLE)
    assert shell.run("people", "import", file).out == "2 people added, 0 changed, 0 unchanged, 0 refused.\n"
    before = shell.audit()
    assert shell.run("people", "import", file).out == "0 people added, 0 changed, 2 unchanged, 0 refused.\n"
    assert shell.person("asa@example.org") == ("Åsa Ek", {"candidate"})
    assert shell.person("bo@example.org") == ("Bo Lind", {"candidate", "staff"})
    assert shell.audit() == before == [("import", "person")] * 2


def test_a_person_who_is_there_already_is_left_as_they_are(shell: Shell) -> None:
    add(shell, "asa@example.org", "psychometrician", name="Other Name")
    told = shell.run("people", "import", shell.file(PEOPLE)).out
    assert told == "1 people added, 0 changed, 1 unchanged, 0 refused.\n"
    assert shell.person("asa@example.org") == ("Other Name", {"psychometrician"})


def test_a_person_who_stands_twice_in_a_file_is_added_once(shell: Shell) -> None:
    file = shell.file(PEOPLE + "ASA@example.org,Åsa Again,candidate\n")
    assert shell.run("people", "import", file).out == "2 people added, 0 changed, 1 unchanged, 0 refused.\n"
    assert shell.person("asa@example.org") == ("Åsa Ek", {"candidate"})


def test_one_bad_row_of_people_and_none_is_added(shell: Shell) -> None:
    file = shell.file(PEOPLE + "nobody,No Address,candidate\nking@example.org,King,king\n")
    sentence = shell.run("people", "import", file).sentence()
    *told, last = sentence.splitlines()
    assert [line.removeprefix(str(file))[:3] for line in told] == [":4:", ":5:"]
    assert last == "Nothing was imported. Mend these rows, or leave them out with --skip-bad-rows."
    assert (shell.person("asa@example.org"), shell.audit()) == (None, [])


@pytest.mark.parametrize(
    "row",
    ["x\0y@example.org,A,staff", f"{'x' * 400}@example.org,A,staff", f"a@example.org,{'A' * 1000},staff"],
    ids=["nul", "long address", "long name"],
)
def test_a_row_that_one_of_the_databases_cannot_hold_is_told_on_both(row: str, shell: Shell) -> None:
    file = shell.file(f"email,name,roles\n{row}\n")
    assert shell.run("people", "import", file).sentence().startswith(f"{file}:2:")
    assert shell.audit() == []


def test_credentials_are_imported_once_however_often_the_file_comes(shell: Shell) -> None:
    shell.run("people", "import", shell.file(PEOPLE))
    file = shell.file(CREDENTIALS)
    assert shell.run("credentials", "import", file).out == "3 credentials added, 0 changed, 0 unchanged, 0 refused.\n"
    before = shell.audit()
    assert shell.run("credentials", "import", file).out == "0 credentials added, 0 changed, 3 unchanged, 0 refused.\n"
    assert shell.credentials("asa@example.org") == [("CT", dt.date(2018, 2, 28))]
    assert shell.credentials("bo@example.org") == [("CT", dt.date(2019, 4, 30)), ("RAD", dt.date(2016, 2, 29))]
    assert shell.audit() == before
    assert before.count(("import", "credential")) == 3


def test_one_bad_credential_and_none_is_added(shell: Shell) -> None:
    shell.run("people", "import", shell.file(PEOPLE))
    file = shell.file(CREDENTIALS + "asa@example.org,XX,2018-01-01\nasa@example.org,MRI,2018-02-30\n")
    sentence = shell.run("credentials", "import", file).sentence()
    assert [line.removeprefix(str(file))[:3] for line in sentence.splitlines()[:-1]] == [":5:", ":6:"]
    assert shell.credentials("asa@example.org") == []


def test_a_credential_of_nobody_is_told_with_its_line_and_none_is_added(shell: Shell) -> None:
    shell.run("people", "import", shell.file(PEOPLE))
    file = shell.file(CREDENTIALS + "nobody@example.org,CT,2018-01-01\n")
    sentence = shell.run("credentials", "import", file).sentence()
    assert "nobody@example.org" in sentence
    assert shell.credentials("asa@example.org") == []
    assert sentence.startswith(f"{file}:5:")


def test_bad_rows_are_told_and_the_others_imported_if_asked(shell: Shell) -> None:
    people = shell.file(PEOPLE + "nobody,No Address,candidate\n")
    run = shell.run("people", "import", people, "--skip-bad-rows")
    assert (run.code, run.out) == (1, "2 people added, 0 changed, 0 unchanged, 1 refused.\n")
    assert run.err == f"{people}:4: 'nobody' is not an e-mail address.\n"
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date()
    file = shell.file(
        f"{CREDENTIALS}asa@example.org,XX,2018-01-01\nasa@example.org,CT,2018-03-01\nno@example.org,CT,2018-03-01\n"
        f"asa@example.org,RAD,{later}\n"
    )
    run = shell.run("credentials", "import", file, "--skip-bad-rows")
    assert (run.code, run.out) == (1, "3 credentials added, 0 changed, 0 unchanged, 4 refused.\n")
    assert run.err.splitlines() == [
        f"{file}:5: the discipline is 'XX'; known are CT, MRI, RAD",
        f"{file}:6: asa@example.org earned CT on 1 March 2018 here and on 28 February 2018 in the database; nothing "
        "was changed, so find out which is right",
        f"{file}:7: nobody has the address no@example.org; import the people first",
        f"{file}:8: earned_on is {later}, a day that is still to come",
    ]
    assert shell.credentials("asa@example.org") == [("CT", dt.date(2018, 2, 28))]
    again = shell.run("credentials", "import", file, "--skip-bad-rows").out
    assert again == "0 credentials added, 0 changed, 3 unchanged, 4 refused.\n"


def test_a_password_is_never_printed_or_noted(shell: Shell) -> None:
    run = add(shell, "asa@example.org", "staff")
    second = shell.run("people", "password", "asa@example.org", "--password", f"{PASSWORD} new")
    with shell.db.read() as connection:
        noted = json.dumps(audit_frame(connection).astype(str).to_dict("records"))
    assert (second.code, PASSWORD in run.out + run.err + second.out + second.err + noted) == (0, False)


PLAIN = "time multiplier 1, extra minutes 0, timed, extra breaks 0, normal text"


def test_accommodations_are_set_one_by_one_kept_and_shown(shell: Shell) -> None:
    shell.run("people", "import", shell.file(PEOPLE))
    shell.run("credentials", "import", shell.file(CREDENTIALS))
    show = ("people", "accommodate", "Bo@example.org")
    assert shell.run(*show).out.splitlines()[0] == f"bo@example.org: {PLAIN}"
    set_all = ("--multiplier", 1.5, "--extra-minutes", 10, "--extra-breaks", 2, "--large-text")
    told = shell.run(*show, *set_all).out
    assert told.splitlines() == [
        "bo@example.org: time multiplier 1.5, extra minutes 10, timed, extra breaks 2, large text",
        "  CT: 100 minutes become 160.",
        "  RAD: 110 minutes become 175.",
    ]
    assert shell.run(*show).out == told
    assert "1.5, extra minutes 10, untimed" in shell.run(*show, "--untimed").out
    back = ("--timed", "--normal-text", "--multiplier", 1, "--extra-minutes", 0, "--extra-breaks", 0)
    assert shell.run(*show, *back).out.splitlines()[0] == f"bo@example.org: {PLAIN}"
    assert shell.audit().count(("set accommodations", "person")) == 3


def test_accommodations_that_are_the_same_are_noted_once(shell: Shell) -> None:
    add(shell, "asa@example.org", "candidate")
    for _ in range(2):
        assert shell.run("people", "accommodate", "asa@example.org", "--multiplier", 2).code == 0
    assert shell.audit() == [("add", "person"), ("set accommodations", "person")]


def test_nobody_is_accommodated_who_is_not_there(shell: Shell) -> None:
    run = shell.run("people", "accommodate", "nobody@example.org", "--untimed")
    assert run.sentence() == "Nobody has the address nobody@example.org. Add the person first."


@pytest.mark.parametrize(
    "option", [("--multiplier", 0.5), ("--multiplier", 6), ("--extra-minutes", 601), ("--extra-breaks", -1)], ids=str
)
def test_what_is_never_granted_is_a_wrong_call(shell: Shell, option: tuple[str, float]) -> None:
    add(shell, "asa@example.org", "candidate")
    assert option[0] in shell.run("people", "accommodate", "asa@example.org", *option).sentence(code=2)
    assert shell.audit() == [("add", "person")]


def test_groups_are_imported_and_a_second_time_change_nothing(shell: Shell) -> None:
    shell.run("people", "import", shell.file(PEOPLE))
    file = shell.file("email,grouping,value\nasa@example.org,setting,hospital\n")
    assert shell.run("people", "groups", file).out == "1 group values added, 0 changed, 0 were there already.\n"
    assert shell.run("people", "groups", file).out == "0 group values added, 0 changed, 1 were there already.\n"
    assert (
        "nobody has the address"
        in shell.run("people", "groups", shell.file("email,grouping,value\nno@example.org,setting,x\n")).sentence()
    )
