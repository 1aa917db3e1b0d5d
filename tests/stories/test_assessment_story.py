"""The whole CT assessment in a browser, with htmx and without JavaScript, marked by the test from the YAML alone."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from ssa_engine.config import bundled
from tests.stories.browser import (
    CANDIDATE,
    PSYCHOMETRICIAN,
    SAVED,
    Shown,
    Visitor,
    at_position,
    attempt_of,
    begin,
    button,
    option,
    receipt,
)

ITEMS, HALF = 80, 40
UNANSWERED, FLAGGED, CHANGED = 33, 7, (3, 52)
AIMS = (10, 7, 6, 4, 2, 0, 8)
"""How many of the ten scored items of each area, in outline order, the candidate knows."""


@dataclass(frozen=True)
class Entry:
    """What the YAML says of one item."""

    area: str
    key: str
    others: tuple[str, ...]
    scored: bool


def read_bank() -> dict[str, Entry]:
    """Read the CT item bank as plain YAML."""
    bank = {}
    for path in sorted((bundled("item_bank") / "ct").glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in document["items"]:
            others = tuple(one["id"] for one in item["options"] if one["id"] != item["key"])
            bank[item["id"]] = Entry(document["area"], item["key"], others, item["status"] == "active")
    return bank


@dataclass
class Paper:
    """What the candidate means to answer and has answered, and what that is worth."""

    bank: dict[str, Entry] = field(default_factory=read_bank)
    spec: dict[str, Any] = field(
        default_factory=lambda: yaml.safe_load((bundled("content_specs") / "ct.yaml").read_text(encoding="utf-8"))
    )
    shown: dict[int, Shown] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)

    @property
    def areas(self) -> list[str]:
        """The content areas, in outline order."""
        return [area["id"] for category in self.spec["categories"] for area in category["areas"]]

    def choose(self, shown: Shown) -> str:
        """Choose an answer: the key as long as the aim of the area is not reached; pilots half and half."""
        entry = self.bank[shown.item]
        if entry.scored:
            self.known[entry.area] += 1
            knows = self.known[entry.area] <= dict(zip(self.areas, AIMS, strict=True))[entry.area]
        else:
            knows = shown.position % 2 == 0
        return entry.key if knows else entry.others[shown.position % len(entry.others)]

    def correct(self, area: str) -> int:
        """Count the scored items of an area that were answered with the key."""
        return sum(
            self.answers.get(shown.item) == entry.key
            for shown in self.shown.values()
            if (entry := self.bank[shown.item]).area == area and entry.scored
        )

    def items(self, area: str) -> int:
        """Count the scored items of an area on this form."""
        return sum(self.bank[one.item].scored and self.bank[one.item].area == area for one in self.shown.values())

    def standard(self, area: str) -> Fraction:
        """Return the standard of an area, exactly as written."""
        return Fraction(str(self.spec["sample_policy"]["standards"][area]))

    def credits(self, area: str) -> Fraction:
        """Work the sample rule by hand: the last band reached, up to a step, between minimum and maximum."""
        rule = self.spec["sample_policy"]["credits"]
        short = math.ceil(self.standard(area) * self.items(area)) - self.correct(area)
        reached = [Fraction(str(band["credits"])) for band in rule["bands"] if band["short"] <= short]
        if not reached:
            return Fraction(0)
        step = Fraction(str(rule["step"]))
        stepped = math.ceil(reached[-1] / step) * step
        return min(max(stepped, Fraction(rule["area_minimum"])), Fraction(rule["area_maximum"]))


def answer_up_to(page: Page, paper: Paper, first: int, last: int, *, javascript: bool) -> None:
    """Answer the items from `first` to `last` and go on from each."""
    for position in range(first, last + 1):
        shown = at_position(page, position)
        assert shown.chosen is None
        paper.shown[position] = shown
        if position != UNANSWERED:
            paper.answers[shown.item] = paper.choose(shown)
            option(page, paper.answers[shown.item]).click()
        if javascript and position % 10 == 1:
            expect(receipt(page)).to_have_text(SAVED)
        if position == FLAGGED:
            button(page, "Flag for review").click()
            expect(page.locator(".flagged-mark")).to_be_visible()
        button(page, "Save and go on" if position < ITEMS else "Save and review").click()


def resume(page: Page, paper: Paper) -> None:
    """Come back in another browser: the same item, the same order, the earlier answers."""
    page.get_by_role("link", name="Go on with my assessment").click()
    button(page, f"Go on with question {HALF + 1} of {ITEMS}").click()
    assert at_position(page, HALF + 1) == paper.shown[HALF + 1]
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/12")
    was = paper.shown[12]
    assert at_position(page, 12) == Shown(12, was.item, was.options, paper.answers[was.item])
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{HALF + 1}")


def change_two_answers(page: Page, paper: Paper) -> None:
    """Go back from the review to two items and choose another option."""
    for position in CHANGED:
        page.locator("a.position").nth(position - 1).click()
        shown = at_position(page, position)
        entry = paper.bank[shown.item]
        assert shown.chosen == paper.answers[shown.item]
        other = entry.others[0] if shown.chosen == entry.key else entry.key
        option(page, other).click()
        paper.answers[shown.item] = other
        button(page, "Review all").click()
        expect(page.get_by_role("heading", name="Review your answers")).to_be_visible()


def submit(page: Page) -> None:
    """Submit; the confirmation names what is open and what is flagged."""
    expect(page.locator("a.position[data-answered=false]")).to_have_count(1)
    expect(page.locator("a.position[data-answered=false]")).to_contain_text(str(UNANSWERED))
    expect(page.locator("a.position[data-flagged=true]")).to_have_count(1)
    expect(page.locator("a.position[data-flagged=true]")).to_contain_text(str(FLAGGED))
    button(page, "Submit my assessment").click()
    expect(page.get_by_role("heading", name="Submit your assessment?")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(f"1 question is not answered: {UNANSWERED}.")
    expect(page.get_by_role("alert")).to_contain_text(f"1 is flagged: {FLAGGED}.")
    button(page, "Submit now").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()


def check_result_page(page: Page, paper: Paper) -> None:
    """Compare every row, and the total, with the paper."""
    rows = page.locator("table#areas tbody tr")
    found = [
        tuple(row.get_attribute(f"data-{name}") or "" for name in ("area", "correct", "items", "standard", "credits"))
        for row in rows.all()
    ]
    assert [
        (area, int(correct), int(items), Fraction(standard), Fraction(credits))
        for area, correct, items, standard, credits in found
    ] == [(area, paper.correct(area), 10, paper.standard(area), paper.credits(area)) for area in paper.areas]
    total = sum(paper.credits(area) for area in paper.areas)
    assert 0 < total < paper.spec["sample_policy"]["credits"]["total_cap"]
    expect(page.locator("p.lead")).to_contain_text(f"{float(total):g} credits")
    for area, row in zip(paper.areas, rows.all(), strict=True):
        short = float(paper.credits(area))
        words = f"{short:g} credit{'' if short == 1 else 's'}" if short else "no credits"
        expect(row).to_contain_text(f"{paper.correct(area)} of 10, standard 7, so {words}")


def download(page: Page, dataset: str) -> list[dict[str, str]]:
    """Press the link of a dataset and read the file that comes."""
    with page.expect_download() as started:
        page.get_by_role("link", name=f"{dataset}.csv", exact=True).click()
    return list(csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8"))))


def check_console(page: Page, paper: Paper, attempt: int) -> None:
    """The cohort's table and the exported files hold exactly these answers."""
    row = page.locator(f"table#attempts tr[data-attempt='{attempt}']")
    expect(row).to_have_count(1)
    values = [Fraction(cell.get_attribute("data-value") or "-1") for cell in row.locator("td.figure").all()]
    assert values[1:-1] == [paper.correct(area) for area in paper.areas]
    assert values[-1] == sum(paper.credits(area) for area in paper.areas)

    page.goto("/psychometrician/exports")
    own = [row for row in download(page, "responses") if row["attempt_id"] == str(attempt)]
    assert [
        (int(row["position"]), row["item_id"], row["answer"], row["correct"], row["scored"], row["content_area"])
        for row in own
    ] == [_response_row(paper, position) for position in range(1, ITEMS + 1)]
    scores = [row for row in download(page, "area_scores") if row["attempt_id"] == str(attempt)]
    assert {row["content_area"]: (row["items"], row["correct"], float(row["score"])) for row in scores} == {
        area: ("10", str(paper.correct(area)), paper.correct(area) / 10) for area in paper.areas
    }
    assert len(scores) == len(paper.areas)


def _response_row(paper: Paper, position: int) -> tuple[int, str, str, str, str, str]:
    item = paper.shown[position].item
    entry, answer = paper.bank[item], paper.answers.get(item, "")
    return position, item, answer, str(answer == entry.key).lower(), str(entry.scored).lower(), entry.area


@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])
def test_a_candidate_takes_the_whole_assessment_and_every_number_is_right(visitor: Visitor, javascript: bool) -> None:
    paper = Paper()
    page = visitor.open(CANDIDATE, javascript=javascript)
    begin(page)
    answer_up_to(page, paper, 1, HALF, javascript=javascript)
    paper.shown[HALF + 1] = at_position(page, HALF + 1)
    attempt = attempt_of(page)
    page.context.close()

    page = visitor.open(CANDIDATE, javascript=javascript)
    resume(page, paper)
    answer_up_to(page, paper, HALF + 1, ITEMS, javascript=javascript)
    expect(page.get_by_role("heading", name="Review your answers")).to_be_visible()
    change_two_answers(page, paper)
    submit(page)
    assert (len(paper.shown), len(paper.answers)) == (ITEMS, ITEMS - 1)
    assert len({shown.item for shown in paper.shown.values()}) == ITEMS
    check_result_page(page, paper)

    check_console(visitor.open(PSYCHOMETRICIAN, javascript=javascript), paper, attempt)
