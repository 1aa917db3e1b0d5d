"""The documentation agrees with the code: generated pages are fresh, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from docs import build
from docs.pages import tables
from docs.pages.commands import contexts
from ssa_engine.config import NOT_SETTINGS, SETTINGS
from ssa_engine.core.attempts import TRANSITIONS
from ssa_engine.core.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from ssa_engine.storage.schema import metadata

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
LARGEST_IMAGE = 200_000

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def code_of(page: Path) -> list[str]:
    """Every line of the fenced blocks of a page, continued lines joined, and every piece of code in its prose."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for _, block in FENCE.findall(text) for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def ssa_calls(page: Path) -> Iterator[list[str]]:
    """Every call of `ssa` on a page, as words."""
    for piece in code_of(page):
        found = re.match(r"(?:Usage: |\$ |\S+/)?(?:[A-Z_]+=\S+ )*(?:\S*/)?ssa (.+)", piece)
        if found:
            yield shlex.split(found[1].split(" | ")[0].split(" > ")[0], comments=True)


@pytest.mark.parametrize("name", sorted(build.PAGES))
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    path = build.REFERENCE / name
    assert path.is_file(), f"{name} is missing: python -m docs.build"
    assert path.read_text(encoding="utf-8") == build.render()[name], f"{name} is out of date: python -m docs.build"


def test_the_check_names_each_page_that_is_missing_or_changed(tmp_path: Path) -> None:
    build.write(tmp_path)
    assert build.stale(tmp_path) == []
    (tmp_path / "tables.md").unlink()
    (tmp_path / "routes.md").write_text("By hand.\n", encoding="utf-8")
    assert build.stale(tmp_path) == [tmp_path / "tables.md", tmp_path / "routes.md"]


def test_the_check_exits_1_and_names_a_page_that_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "docs/reference"
    monkeypatch.setattr(build, "REFERENCE", folder)
    build.write(folder)
    fresh = CliRunner().invoke(build.main, ["--check"])
    (folder / "settings.md").write_text("By hand.\n", encoding="utf-8")
    old = CliRunner().invoke(build.main, ["--check"])
    assert (fresh.exit_code, fresh.output) == (0, "")
    assert (old.exit_code, old.output) == (
        1,
        "docs/reference/settings.md is out of date: run python -m docs.build\n",
    )
    assert (folder / "settings.md").read_text(encoding="utf-8") == "By hand.\n"


def test_the_drawn_states_have_an_arrow_for_each_transition_and_no_other() -> None:
    drawing = next(block for kind, block in FENCE.findall(build.render()["attempt-states.md"]) if kind == "mermaid")
    drawn = set(re.findall(r"^ *(\S+) --> (\S+): (\w+)$", drawing, re.MULTILINE))
    assert drawn == {(str(before or "[*]"), str(after), event) for event, before, after, _ in TRANSITIONS}


def test_every_table_is_described_and_no_table_that_is_gone() -> None:
    assert set(tables.ROWS) == set(metadata.tables)


@each_page
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_of_the_documentation_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or not page.is_file():
            continue
        seen.add(page)
        targets = [target.partition("#")[0] for target in LINK.findall(prose(page)) if "://" not in target]
        for target in filter(None, targets):
            file = (page.parent / target).resolve()
            waiting += file.glob("*.md") if file.is_dir() else [file] if file.suffix == ".md" else []
    assert sorted(str(page.relative_to(ROOT)) for page in set(PAGES) - seen) == []


@each_page
def test_every_ssa_command_and_option_that_is_named_exists(page: Path) -> None:
    known = {context.command_path: context for context in contexts()}
    unknown = []
    for words in ssa_calls(page):
        path, rest = "ssa", list(words)
        while rest and f"{path} {rest[0]}" in known:
            path = f"{path} {rest.pop(0)}"
        context = known[path]
        options = {name for option in context.command.get_params(context) for name in option.opts}
        given = {word.split("=")[0] for word in rest if word.startswith("-")}
        is_group = isinstance(context.command, click.Group)
        if not given <= options or (is_group and any(not word.startswith("-") for word in rest)):
            unknown.append(" ".join(["ssa", *words]))
    assert unknown == []


@each_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for piece in code_of(page) if (call := re.match(r"make ([a-z]+)", piece)) for word in call.groups()}
    assert named - targets == set()


@each_page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"\bSSA_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named - {setting.variable for setting in SETTINGS} - NOT_SETTINGS == set()


@each_page
def test_a_page_names_no_folder_of_one_machine_and_is_calm(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|Users|work)/\S*", text) == []
    assert re.findall(r"\w!(?:\s|$)", prose(page)) == []
    assert [word for word in ("TODO", "FIXME", "XXX") if word in text] == []


def test_the_readme_lists_the_demo_people() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\S+@example\.org)` \|", text, re.MULTILINE) == [one.email for one in DEMO_PEOPLE]
    assert f"password `{DEMO_PASSWORD}`" in text


def test_pictures_are_small_and_shown_somewhere() -> None:
    shown = {(page.parent / target).resolve() for page in PAGES for target in LINK.findall(prose(page))}
    pictures = sorted((ROOT / "docs/images").iterdir())
    assert pictures
    assert [path.name for path in pictures if path.resolve() not in shown] == []
    assert [path.name for path in pictures if path.stat().st_size >= LARGEST_IMAGE] == []
