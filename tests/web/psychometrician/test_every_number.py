"""Every number of every console page: the file beside it says it, and a function with a reference test makes it."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ssa_engine.app import create_app
from ssa_engine.config import read_settings
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from tests.compiled_templates import CompiledTemplates
from tests.factories import Clock, add_someone, session_of
from tests.web.psychometrician import figures
from tests.web.psychometrician.cohort_to_walk import LOOKS, calibrated, prepare
from tests.web.psychometrician.figures import NUMBER, Figure, Files
from tests.web.psychometrician.page_tree import Node, tree
from tests.web.psychometrician.source import Source
from tests.web.psychometrician.sources import IDENTIFIERS, SOURCES
from tests.web.walk import fill, methods_of, rules_of

ROOT = Path(__file__).parents[3]

NO_RESULTS = {
    "audit/audit": "a record of who did what, which has its file; it holds no result",
    "exports/datasets": "a list of files",
    "exports/page-tables": "a list of files",
    "policy/standards": "what the policy in force says; what follows from it stands under tuning",
    "policy/drafts": "a list of drafts that leads to them",
    "policy/history": "a list of versions with their dates",
    "report/periods": "a list of periods that leads to their reports",
    "rescorings/sessions": "a list that leads to sessions, whose pages have these counts with a file",
    "rescorings/changes": "what a session changes about items",
    "standard-setting/panels": "a list that leads to panels",
    "policy/compare/differences": "what two policies say",
}
"""Table -> why it needs no file beside it."""

SETTINGS = {
    "Topic": "the number of a heading of the outline",
    **dict.fromkeys(("Enemies", "Same case"), "the names of items"),
    **dict.fromkeys(("Step", "Area minimum", "Area maximum", "Total cap", "Bands"), "what the policy says"),
    **dict.fromkeys(("Begun", "Applied", "Reverted"), "a day"),
}
"""Fact -> why it needs no file beside it."""

SAID = (
    (r"\d{1,2} [A-Z][a-z]+ \d{4}", "a day"),
    (r"95 %", "the confidence of an interval"),
    (r"\d+ entr(y|ies)|\d+ sessions?|(of )?\d+ items?", "how long a list is"),
    (r"(Report of|Draft|draft|[Vv]ersion|Session|Judges, round|round) \d+", "the name of a thing"),
    (
        r"at least 0\.02 for each|\d+ comments or more|need \d+ attempts|outside [\d.]+ to [\d.]+",
        "a threshold of a flag",
    ),
    (r"Credits follow how many questions .*", "what the policy says"),
    (r"\([A-Z][^()]* \d{4}\)", "a citation"),
    (r"between \.2 and \.8|beyond 3\.5", "a convention"),
    (r"\d\.[A-E]", "the code of an area"),
    (r"ct-[a-z]+-\d{3}", "the name of an item"),
    (r"(AAPM|ACR|ICRP|NCRP|IAEA)\b.*", "a reference of an item"),
)
"""Words with a number that needs no file beside it, and what it is."""


@dataclass(frozen=True)
class Walked:
    """Every page of the console by its address, and the files that it links to."""

    pages: dict[str, Node]
    files: Files

    def shown(self) -> Iterator[tuple[str, Figure]]:
        """Every figure of a table or by itself that has a file, with the address of its page."""
        for address, page in self.pages.items():
            for table in figures.tables_of(page):
                yield from ((address, one) for row in table.rows for one in row if one.file and one.column)
            yield from ((address, one) for one in figures.single_figures(page))


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    library: Library,
    compiled_templates: CompiledTemplates,
) -> Iterator[Walked]:
    """Look at every page of a prepared state; on SQLite alone, for what a page says does not rest on the database."""
    path, clock, own = tmp_path_factory.mktemp("numbers") / "ssa.db", Clock(), calibrated(library)
    shutil.copy(sqlite_template, path)
    settings = read_settings({}, database_url=f"sqlite:///{path}", secure_cookies="false")
    app = create_app(settings, clock=clock, library=own)
    app.jinja_env.bytecode_cache = compiled_templates
    db = app.extensions["ssa_engine"].db
    values = prepare(db, own, clock)
    browser = app.test_client()
    reader = add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN)
    browser.set_cookie("ssa_session", session_of(db, reader, clock()))

    def get(address: str) -> str:
        response = browser.get(address, follow_redirects=True)
        assert response.status_code == 200, address
        return response.get_data(as_text=True)

    pages = {}
    for rule in rules_of(app):
        is_page = "." not in rule.rule.rpartition("/")[2] and "GET" in methods_of(rule)
        if rule.endpoint.startswith("psychometrician.") and is_page:
            for one in values.get(rule.endpoint, values[""]):
                for query in LOOKS.get(rule.endpoint, ("",)):
                    address = f"{fill(rule, one)}?{query}".rstrip("?")
                    pages[address] = tree(get(address))
    yield Walked(pages, Files(get))
    db.dispose()


def test_every_table_of_results_has_its_file_beside_it(walked: Walked) -> None:
    without, exempt, linked = [], set(), set()
    for address, page in walked.pages.items():
        links = {one.attributes.get("href", "") for one in page.all("a")}
        for table in figures.tables_of(page):
            if table.file:
                linked.add(figures.dataset_of(table.file))
                without += [(address, table.id, "not linked")] if table.file not in links else []
            elif (place := f"{figures.page_of(address)}/{table.id}") in NO_RESULTS:
                exempt.add(place)
            else:
                without.append((address, table.id, "no file"))
    assert without == []
    assert exempt == set(NO_RESULTS)
    assert len(linked) >= 42


def test_what_a_table_shows_its_file_says_to_the_last_digit(walked: Walked) -> None:
    found = {
        (address, table.id): figures.differences(table, walked.files)
        for address, page in walked.pages.items()
        for table in figures.tables_of(page)
        if table.file
    }
    assert {place: told[:5] for place, told in found.items() if told} == {}
    assert sum(one.is_number for _, one in walked.shown()) >= 10_000


def test_a_figure_by_itself_stands_in_a_file_to_the_last_digit(walked: Walked) -> None:
    told, nameless, single = [], set(), 0
    for address, page in walked.pages.items():
        for one in figures.single_figures(page):
            single += 1
            told += [(address, words) for words in [figures.difference(one, walked.files.row(one))] if words]
        nameless |= set(figures.unnamed_facts(page))
    assert told == [], "\n".join(map(str, told[:40]))
    assert single >= 100
    assert nameless <= set(SETTINGS)


def test_a_number_in_words_stands_in_a_file_of_its_page(walked: Walked) -> None:
    told = []
    for address, page in walked.pages.items():
        known = numbers_in(walked, figures.files_of(page))
        for words in figures.sentences(page):
            left = words
            for pattern, _ in SAID:
                left = re.sub(pattern, "", left)
            told += [
                (address, words) for one in NUMBER.finditer(left) if not any(figures.says(one[0], n) for n in known)
            ]
    assert told == [], "\n".join(map(str, told[:40]))


def test_every_point_of_a_chart_stands_in_a_file_beside_it(walked: Walked) -> None:
    told, points = [], 0
    for address, page in walked.pages.items():
        for chart, words in figures.points(page):
            known = numbers_in(walked, figures.files_beside(chart))
            for one in figures.numbers_of(words):
                points += 1
                told += [(address, words, one)] if not any(figures.says(one, n) for n in known) else []
    assert told == [], "\n".join(map(str, told[:40]))
    assert points >= 1000


def numbers_in(walked: Walked, files: list[str]) -> set[float]:
    """Every number of these files, and how many rows each has."""
    rows = [walked.files.rows(one) for one in files]
    cells = {float(cell) for table in rows for row in table for cell in row.values() if figures.is_number(cell)}
    return cells | {float(len(table)) for table in rows}


def source_of(dataset: str, column: str) -> Source | None:
    """Where a figure comes from: the first that has it."""
    return next((one for one in SOURCES if one.has(dataset, column)), None)


def test_every_figure_has_one_function_it_comes_from(walked: Walked) -> None:
    shown = {(figures.dataset_of(one.file), one.column) for _, one in walked.shown() if one.is_number}
    results = {(dataset, column) for dataset, column in shown if column not in IDENTIFIERS}
    assert {one for one in results if source_of(*one) is None} == set()
    assert {dataset for one in SOURCES for dataset in one.figures} == {dataset for dataset, _ in results}
    assert [one for one in SOURCES if not any(one.has(*place) for place in results)] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.function.rpartition(".")[2])
def test_a_function_of_figures_is_held_to_values_that_are_not_its_own(source: Source) -> None:
    module, _, name = source.function.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert source.held_to
    for test in source.tests:
        file, _, function = test.partition("::")
        defined = {one.name for one in ast.parse((ROOT / file).read_text()).body if isinstance(one, ast.FunctionDef)}
        assert function in defined, test
    reached = {one for test in source.tests for one in imported(test.partition("::")[0])}
    assert module in reached, "no test of it imports it, or what it is made of"
    assert any(module in imported(page) for page in PAGES), "no page rests on it"


PAGES = tuple(
    f"ssa_engine/web/psychometrician/{one.name}" for one in (ROOT / "ssa_engine/web/psychometrician").glob("*.py")
)


@functools.cache
def imported(file: str) -> frozenset[str]:
    """The modules of the project that a file imports, and those that they import."""
    found: set[str] = set()
    waiting = [file]
    while waiting:
        for name in _imports(waiting.pop()):
            path = f"{name.replace('.', '/')}.py"
            if name not in found and (ROOT / path).is_file():
                found.add(name)
                waiting.append(path)
    return frozenset(found)


@functools.cache
def _imports(file: str) -> frozenset[str]:
    names: set[str] = set()
    for one in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(one, ast.ImportFrom) and one.module:
            names |= {one.module, *(f"{one.module}.{alias.name}" for alias in one.names)}
        elif isinstance(one, ast.Import):
            names |= {alias.name for alias in one.names}
    return frozenset(name for name in names if name.startswith(("ssa_engine", "tests")))
