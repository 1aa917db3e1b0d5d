"""ssa policies: versions, drafts, what sets them apart, publishing now and later, two persons."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from ssa_engine.actions.banks import Banks
from ssa_engine.cli.shared import who
from ssa_engine.storage.db import Database
from tests.cli.shell import Run, ssa
from tests.demos import build
from tests.factories import START


class Shell:
    """A shell whose commands use one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def __call__(self, *arguments: object, **settings: str) -> Run:
        """Run `ssa policies` on the database."""
        return ssa("policies", *arguments, database_url=self.url, **settings)

    def done(self, *arguments: object) -> str:
        """Run a command that must succeed; return what it printed."""
        run = self(*arguments)
        assert run.code == 0, run
        return run.out

    def publish(self, *arguments: object, expected: int = 0) -> str:
        """Publish for CT."""
        return self.done("publish", "CT", *arguments, "--expected-version", expected, "--reason", "because")

    def file(self, **changes: Any) -> Path:
        """Write version 1 of CT, changed, as a file."""
        policy = json.loads(self.done("show", "CT", "--version", 1)) | changes
        path = self.folder / "policy.json"
        path.write_text(json.dumps(policy), encoding="utf-8")
        return path


@pytest.fixture
def shell(database_url: str, tmp_path: Path) -> Shell:
    """A shell on an upgraded, empty database."""
    return Shell(database_url, tmp_path)


def test_versions_are_listed_with_what_holds_and_what_waits(shell: Shell) -> None:
    assert shell("list").err.startswith("No policy is published yet")
    assert shell.publish() == "Version 1 of the CT policy is in force.\n"
    told = shell.publish(shell.file(release_after_days=14), "--effective", "2099-06-01", expected=1)
    assert told == "Version 2 of the CT policy comes into force on 2099-06-01 00:00 UTC.\n"
    rows = shell("list", "--json").json
    assert [(row["version"], row["state"], row["published_by"], row["reason"]) for row in rows] == [
        (2, "scheduled", who(), "because"),
        (1, "in force", who(), "because"),
    ]
    assert rows[0]["effective_at"] == "2099-06-01 00:00:00+00:00"
    first, second = shell.done("list").splitlines()
    assert first.startswith("CT   2  scheduled")
    assert (second.startswith("CT   1  in force "), "from 2099-06-01 00:00" in first) == (True, True)
    assert json.loads(shell.done("show", "CT"))["release_after_days"] == 0
    assert json.loads(shell.done("show", "CT", "--version", 2))["release_after_days"] == 14
    assert shell("show", "CT", "--version", 3).sentence().startswith("There is no such published policy for CT.")


def test_a_draft_goes_from_a_file_to_a_version(shell: Shell) -> None:
    shell.publish()
    draft = shell("draft", "CT", "--from", shell.file(release_after_days=7), "--title", "A week", "--json").json
    assert (draft["title"], draft["state"], draft["revision"], draft["from_version"]) == ("A week", "open", 1, 1)
    number = draft["id"]
    saved = shell("save", "CT", number, shell.file(release_after_days=9), "--revision", 1, "--json").json
    assert (saved["revision"], saved["changed_by"]) == (2, who())
    assert shell.done("propose", "CT", number, "--revision", 2, "--reason", "sooner").startswith(
        f"CT draft {number}  proposed   revision 3, {who()} "
    )
    assert shell("withdraw", "CT", number, "--revision", 3, "--json").json["state"] == "open"
    assert json.loads(shell.done("show", "CT", "--draft", number))["release_after_days"] == 9
    assert shell.publish("--draft", number, "--revision", 4, expected=1) == "Version 2 of the CT policy is in force.\n"
    assert [(row["state"], row["published_version"]) for row in shell("drafts", "CT", "--json").json] == [
        ("published", 2)
    ]
    assert (
        f"Draft {number} was published as version 2 by {who()}"
        in shell("discard", "CT", number, "--revision", 5).sentence()
    )


def test_drafts_are_listed_or_missed(shell: Shell) -> None:
    assert shell("drafts").err.startswith("There are no drafts")
    shell.publish()
    shell.done("draft", "CT", "--title", "One")
    number = shell("draft", "CT", "--version", 1, "--title", "Two", "--json").json["id"]
    shell.done("discard", "CT", number, "--revision", 1)
    lines = shell.done("drafts").splitlines()
    assert [(line.split()[3], line.rsplit("  ", 1)[1]) for line in lines] == [("discarded", "Two"), ("open", "One")]
    assert shell("draft", "CT", "--title", "x", "--version", 1, "--draft", 1).code == 2


def test_what_sets_two_policies_apart_is_listed(shell: Shell) -> None:
    shell.publish()
    shell.publish(shell.file(release_after_days=14), expected=1)
    shell.done("draft", "CT", "--rule", "expected_loss", "--loss-ratio", 2, "--title", "Careful")
    assert shell.done("compare", "CT", 1, 2) == "release_after_days: 0 → 14\n"
    (draft,) = shell("drafts", "--json").json
    assert shell("compare", "CT", "now", f"draft:{draft['id']}", "--json").json == [
        {"part": "decision", "name": "rule", "before": "raw", "after": "expected_loss"},
        {"part": "decision", "name": "loss_ratio", "before": 1.0, "after": 2.0},
    ]
    assert shell.done("compare", "CT", shell.file(), 2) == "release_after_days: 0 → 14\n"
    same = shell("compare", "CT", 2, "now")
    assert (same.code, same.out, same.err) == (0, "", "They say the same.\n")
    assert shell("compare", "CT", 1, "elsewhere").sentence() == (
        "'elsewhere' is no version, no draft:NUMBER, not 'now', and no file."
    )


def test_publishing_says_who_published_what_meanwhile(shell: Shell) -> None:
    shell.publish()
    run = shell("publish", "CT", "--reason", "again")
    today = dt.datetime.now(dt.UTC).date()
    assert run.sentence().startswith(
        f"Version 1 of the CT policy is the latest, not 0 as you saw it: {who()} published it on {today.day} "
    )
    assert shell("publish", "CT", "--draft", 1, "--reason", "x").code == 2


def test_where_two_persons_publish_the_shell_does_not_publish_alone(shell: Shell) -> None:
    shell.publish()
    number = shell("draft", "CT", "--title", "One", "--json").json["id"]
    shell.done("propose", "CT", number, "--revision", 1, "--reason", "because")
    arguments: tuple[object, ...] = ("publish", "CT", "--expected-version", 1, "--reason", "x")
    alone = shell(*arguments, policy_second_person="true")
    assert alone.sentence().startswith("Two persons publish a policy here. Make a draft and propose it")
    own = shell(*arguments, "--draft", number, "--revision", 2, policy_second_person="true")
    assert own.sentence().startswith(
        f"Two persons publish a policy here, and you have proposed or last changed draft {number}."
    )
    assert len(shell("list", "--json").json) == 1


def test_augmented_scores_borrow_from_the_cohort(shell: Shell, db: Database, banks: Banks) -> None:
    assert shell("augmentation", "CT").sentence().startswith("Fewer than two attempts have items in every content area")
    build(db, banks, cohort=40, seed=3, now=START)
    found = json.loads(shell.done("augmentation", "CT"))["augmentation"]
    assert found["source"].startswith("42 submitted CT attempts as of ")  # and two of the demo's own people
    draft = shell("draft", "CT", "--rule", "augmented", "--title", "Borrow", "--json").json["id"]
    policy = json.loads(shell.done("show", "CT", "--draft", draft))
    assert (policy["decision"]["rule"], policy["augmentation"]) == ("augmented", found)
    told = shell.publish("--draft", draft, "--revision", 1, expected=1)
    assert told == "Version 2 of the CT policy is in force.\n"
    bad = shell(
        "draft", "CT", "--rule", "expected_loss", "--loss-ratio", 2, "--probability", "irt", "--title", "By items"
    )
    assert bad.code == 0, "a draft may wait for its item parameters"
    number = int(bad.out.split()[2])
    refused = shell("publish", "CT", "--draft", number, "--revision", 1, "--expected-version", 2, "--reason", "x")
    assert "have no a and b in the bank" in refused.sentence()


def test_a_version_that_was_replaced_before_its_day_is_listed_as_never_in_force(shell: Shell) -> None:
    shell.publish()
    shell.publish(shell.file(release_after_days=14), "--effective", "9999-12-31", expected=1)
    shell.publish(shell.file(release_after_days=7), "--replace-scheduled", expected=2)
    rows = shell("list", "--json").json
    assert [(row["version"], row["state"], row["replaced_by"]) for row in rows] == [
        (3, "in force", None),
        (2, "replaced", 3),
        (1, "past", None),
    ]
    second = shell.done("list").splitlines()[1]
    assert second.startswith("CT   2  replaced ")
    assert ("replaced by version 3, never in force" in second, "9999" in second) == (True, False)
