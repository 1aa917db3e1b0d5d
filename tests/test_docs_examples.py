"""The examples of the documentation do what the text around them says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from ssa_engine.actions.exports import score_batch
from ssa_engine.config import bundled
from ssa_engine.content.library import Library, check_library
from ssa_engine.content.specs import read_policy
from ssa_engine.core.assembly_forms import draw_optimal_form
from ssa_engine.core.content_specs import Blueprint
from ssa_engine.core.errors import BlueprintNotMet
from ssa_engine.core.form_assembly import Form
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.policies import Band, CreditRule, Policy, PublishedPolicy
from ssa_engine.core.prescriptions import prescribe
from ssa_engine.core.scoring import area_frame
from ssa_engine.exchange.data_package import package_files, write_files
from ssa_engine.exchange.response_files import read_responses
from ssa_engine.storage import policies
from ssa_engine.storage.db import Database
from tests.factories import START
from tests.house import ROOT

DOCS = ROOT / "docs"


def examples(page: str, kind: str) -> list[str]:
    """The fenced blocks of one kind on a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def rows_below(page: str, head: str) -> list[list[str]]:
    """The cells of the table that has this head."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    start = lines.index(head) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run examples in, with the bundled content."""
    monkeypatch.chdir(tmp_path)
    for name in ("SSA_DATABASE_URL", "SSA_CONTENT_DIR", "SSA_ITEM_BANK_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_item_in_write_items_is_sound(tmp_path: Path, library: Library) -> None:
    (tmp_path / "mine.yaml").write_text(examples("how-to/write-items.md", "yaml")[0], encoding="utf-8")
    found, problems = check_library([tmp_path], library.specs)
    assert [str(one) for one in problems if "its blueprint takes" not in one.message] == []
    assert [item.id for item in found.banks["CT"].items] == ["my-dose-001"]


def test_write_items_describes_every_key_an_item_may_have(library: Library) -> None:
    described = {
        key for row in rows_below("how-to/write-items.md", "| key | what it is |") for key in re.findall(r"\w+", row[0])
    }
    bank = library.banks["CT"]
    assert set(type(bank.items[0]).model_fields) - described == {"references"}
    assert described - set(type(bank.items[0]).model_fields) == {"text"}


def test_the_blueprint_in_assemble_forms_has_a_form_and_the_refusal_there_is_what_is_said(library: Library) -> None:
    page = "how-to/assemble-forms.md"
    written = yaml.safe_load(examples(page, "yaml")[0])["blueprint"]
    ct = library.banks["CT"]

    def form_under(blueprint: object) -> Form:
        spec = ct.spec.model_copy(update={"blueprint": Blueprint.model_validate(blueprint)})
        return draw_optimal_form(ItemBank(spec=spec, items=ct.items, cases=ct.cases, sizes=ct.sizes), 1)

    assert len(form_under(written).items) == 80  # 70 scored, 10 pilots
    with pytest.raises(BlueprintNotMet) as refusal:
        form_under(written | {"topics": {}, "formats": {"sorted": {"least": 9}}, "keys": {}})
    assert f"{refusal.value}\n" == examples(page, "text")[0]


def test_the_policy_in_change_standards_is_sound_and_names_every_area(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "ct-policy.yaml"
    path.write_text(examples("how-to/change-standards.md", "yaml")[0], encoding="utf-8")
    policy = read_policy(path)
    assert list(policy.standards) == list(library.specs["CT"].area_names)
    with (bundled("content_specs") / "ct.yaml").open(encoding="utf-8") as stream:
        sample = yaml.safe_load(stream)["sample_policy"]
    assert policy.standards == sample["standards"] | {"radiation-safety-and-dose": 0.8}
    assert policy.credits == CreditRule.model_validate(sample["credits"])


def test_the_policy_in_change_standards_is_published_by_the_command_there(
    here: Path, db: Database, database_url: str
) -> None:
    (here / "ct-policy.yaml").write_text(examples("how-to/change-standards.md", "yaml")[0], encoding="utf-8")
    lines = "\n".join(examples("how-to/change-standards.md", "sh")).splitlines()
    words = shlex.split(next(line for line in lines if "policies publish" in line))
    environment = os.environ | {"SSA_DATABASE_URL": database_url}
    words[words.index("--expected-version") + 1] = "0"
    command = [sys.executable, "-m", "ssa_engine.cli", *words[1:]]
    first, second = (
        subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    assert (first.stdout, first.returncode) == ("Version 1 of the CT policy is in force.\n", 0), first.stderr
    assert (second.stdout, second.returncode) == ("", 1)
    assert second.stderr.startswith("Version 1 of the CT policy is the latest, not 0 as you saw it: ")
    with db.read() as connection:
        published = policies.get(connection, "CT", 1)
    assert published == PublishedPolicy(discipline="CT", version=1, policy=read_policy(here / "ct-policy.yaml"))


def test_the_responses_in_score_a_file_are_scored_as_it_says(here: Path, library: Library) -> None:
    (here / "responses.csv").write_text(examples("how-to/score-a-file.md", "csv")[0], encoding="utf-8")
    bank = library.banks["CT"]
    keys = {item.id: item.key for item in bank.items}
    answers = {"ct-chest-001": "b", "ct-chest-002": "a", "ct-chest-003": None}
    right = sum(keys[name] == answer for name, answer in answers.items())
    frames = score_batch(read_responses(here / "responses.csv"), bank, bank.spec.sample_policy, None, START)
    scored = frames["area_scores"]
    assert scored[["attempt_id", "content_area", "items", "correct"]].astype(str).to_numpy().tolist() == [
        ["a1", "neck-and-chest", "3", str(right)]
    ]
    write_files(here / "scored", package_files(frames, START))
    written = {row[0].strip("`") for row in rows_below("how-to/score-a-file.md", "| file | one row is |")}
    assert {path.name for path in (here / "scored").iterdir()} == written


def test_the_python_in_score_a_file_runs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "responses.csv").write_text(examples("how-to/score-a-file.md", "csv")[0], encoding="utf-8")
    exec(compile(examples("how-to/score-a-file.md", "python")[0], "score-a-file.md", "exec"), {})
    printed = capsys.readouterr().out.split()
    assert printed[:5] == ["attempt_id", "content_area", "correct", "items", "credits"]
    assert "neck-and-chest" in printed


def test_of_an_exported_file_only_what_was_submitted_in_the_discipline_is_scored(here: Path, library: Library) -> None:
    bank = library.banks["CT"]
    item = bank.items[0]
    rows = [
        "attempt_id,discipline,item_id,answer,correct",
        f"1,CT,{item.id},{item.key},true",
        f"2,CT,{item.id},,",
        "3,RAD,some-item,b,false",
    ]
    (here / "responses.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    scored = score_batch(read_responses(here / "responses.csv"), bank, bank.spec.sample_policy, None, START)
    assert scored["area_scores"][["attempt_id", "items", "correct"]].astype(str).to_numpy().tolist() == [
        ["1", "1", "1"]
    ]


SAMPLE = Policy(
    standards={"x": 0.7, "y": 0.7, "z": 0.7},
    credits=CreditRule(
        rule="bands", bands=(Band(short=1, credits=3), Band(short=3, credits=4.5), Band(short=5, credits=6))
    ),
)
PAGE = "explanation/scoring-and-prescription.md"


def prescribed(correct: list[int], cap: float | None = None) -> pd.DataFrame:
    """Areas of ten items of one attempt, prescribed under the sample bands."""
    policy = SAMPLE.model_copy(update={"credits": SAMPLE.credits.model_copy(update={"total_cap": cap})})
    scores = pd.concat(
        area_frame(
            attempt_id=[1],
            content_area=pd.Categorical([area], categories=list(policy.standards)),
            items=pd.array([10]).to_numpy(dtype="int64"),
            correct=pd.array([number]).to_numpy(dtype="int64"),
            points=pd.array([number]).to_numpy(dtype="float64"),
            standard=pd.array([0.7]).to_numpy(dtype="float64"),
            prior=policy.true_score_prior,
        )
        for area, number in zip(policy.standards, correct, strict=False)
    )
    return prescribe(scores.reset_index(drop=True), policy)


def test_the_table_of_rough_scores_is_right() -> None:
    for row in rows_below(PAGE, "| correct of 10 | score | standard error | probability of lying below 0.7 |"):
        found = prescribed([int(row[0])]).iloc[0]
        assert [f"{found['score']:.1f}", f"{found['score_se']:.2f}", f"{found['probability_below']:.2f}"] == row[1:]


def test_the_table_of_credits_is_right() -> None:
    for correct, short, credits in rows_below(PAGE, "| correct | short | credits |"):
        found = prescribed([int(correct)]).iloc[0]
        assert [found["short"], found["credits"]] == [int(short), float(credits)]


def test_the_table_of_the_cap_is_right() -> None:
    rows = rows_below(PAGE, "| short | by the rule | under a cap of 10 |")
    found = prescribed([7 - int(row[0]) for row in rows], cap=10.0)
    assert found[["short", "credits_by_rule", "credits"]].to_numpy().tolist() == [
        [float(cell) for cell in row] for row in rows
    ]
