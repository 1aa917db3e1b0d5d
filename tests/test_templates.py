"""Templates, styles and vendored files read as text: nothing inline, raw values in one place, hashes that match."""

from __future__ import annotations

import hashlib
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import house

PAGES = sorted(house.TEMPLATES.rglob("*.html"))
CANDIDATES_MEET = [
    path
    for path in PAGES
    if path.relative_to(house.TEMPLATES).parts[0] in ("candidate", "errors", "signin", "_macros", "base.html")
]
JUDGEMENT = re.compile(r"(?i)\b(pass(?:e[sd]|ing)?|fail(?:s|ed|ing|ures?)?|exam(?:s|inations?)?|wrong(?:ly)?)\b")
SECRETS = re.compile(r"\.(key|rationale|status|statistics|scored|content_area|enemies|references)\b")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:oklch|oklab|lch|lab|rgba?|hsla?|hwb|color)\(")
LENGTH = re.compile(r"(?<![\w-])-?[\d.]+(?:px|r?em|ch|ex|d?v[hwib]|vmin|vmax|pt|pc|mm|cm|in|m?s)\b")

each_template = pytest.mark.parametrize("path", PAGES, ids=house.name)


class Inline(HTMLParser):
    """Collects what a strict content security policy refuses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script_without_source = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in given.items():
            text = (value or "").strip().lower()
            refused = name == "style" or name.startswith(("on", "hx-on", "data-hx-on"))
            if refused or text.startswith(("javascript:", "js:")) or (name == "hx-trigger" and "[" in text):
                self.found.append(f'<{tag} {name}="{value}">')


def without_jinja(text: str) -> str:
    """The HTML of a template: comments and statements gone, expressions replaced by a letter."""
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "x", text, flags=re.DOTALL)
    return re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)


def raw_values(css: str) -> list[str]:
    """Colours and lengths written out, but for the whole window, which is no choice, like 100 %.

    The condition of a media query cannot use a custom property, so it is left out.
    """
    css = re.sub(r"/\*.*?\*/|@media[^{]*|url\([^)]*\)|\b100d?v[bhiw]\b", "", css, flags=re.DOTALL)
    return COLOUR.findall(css) + LENGTH.findall(css)


@each_template
def test_a_template_begins_with_a_line_that_says_what_it_is(path: Path) -> None:
    assert re.match(r"\{# [A-Z].+\. #\}\n", path.read_text(encoding="utf-8"))


@each_template
def test_a_template_has_no_inline_script_style_or_handler(path: Path) -> None:
    assert Inline(without_jinja(path.read_text(encoding="utf-8"))).found == []


@each_template
def test_a_template_names_no_colour(path: Path) -> None:
    values = re.findall(r'(?:fill|stroke|color|stop-color)="([^"]*)"', path.read_text(encoding="utf-8"))
    assert set(values) <= {"none", "currentColor"}


def test_inline_code_would_be_found() -> None:
    html = '<p style="x" onclick="y">{% if a %}<script>z</script>{% endif %}<a href="javascript:b">c</a><style></style>'
    assert Inline(without_jinja(html)).found == [
        '<p style="x">',
        '<p onclick="y">',
        "<script>",
        '<a href="javascript:b">',
        "<style>",
    ]


def test_raw_values_of_the_look_stand_in_tokens_css_alone() -> None:
    sheets = sorted((house.STATIC / "css").glob("*.css"))
    found = {path.name: raw_values(path.read_text(encoding="utf-8")) for path in sheets if path.name != "tokens.css"}
    assert {name: values for name, values in found.items() if values} == {}
    assert raw_values((house.STATIC / "css/tokens.css").read_text(encoding="utf-8")) != []


def test_raw_values_would_be_found() -> None:
    css = "a { color: #fff; margin: -2px 1.5rem var(--space-8); /* 3px */ width: calc(100% - 1lh); flex: 1fr 120ms }"
    assert raw_values(css) == ["#fff", "-2px", "1.5rem", "120ms"]
    assert raw_values("a { height: 100vb; max-height: 72vb }") == ["72vb"]
    assert raw_values("@media (max-width: 40em) { a { color: oklch(1 0 0) } }") == ["oklch("]


def test_every_custom_property_that_is_used_is_a_token() -> None:
    css = "".join(path.read_text(encoding="utf-8") for path in (house.STATIC / "css").glob("*.css"))
    used, made = set(re.findall(r"var\((--[\w-]+)", css)), set(re.findall(r"(?<![\w(-])(--[\w-]+):", css))
    assert used - made == set()


@pytest.mark.parametrize("path", CANDIDATES_MEET, ids=house.name)
def test_a_candidate_meets_no_word_of_judgement(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert JUDGEMENT.findall(text) == []


def test_words_of_judgement_would_be_found() -> None:
    text = "You passed the exam; nobody fails, and no password, example or failsafe is wrong."
    assert JUDGEMENT.findall(text) == ["passed", "exam", "fails", "wrong"]


@pytest.mark.parametrize(
    "path", sorted((house.TEMPLATES / "candidate/assessment").glob("*item*.html")), ids=lambda path: path.name
)
def test_the_item_template_asks_for_nothing_that_must_not_travel(path: Path) -> None:
    assert SECRETS.findall(path.read_text(encoding="utf-8")) == []


def test_vendored_files_are_the_ones_that_were_vendored() -> None:
    listed = tomllib.loads((house.STATIC / "vendored.toml").read_text(encoding="utf-8"))["file"]
    hashes = {one["path"]: hashlib.sha384((house.STATIC / one["path"]).read_bytes()).hexdigest() for one in listed}
    assert hashes == {one["path"]: one["sha384"] for one in listed}
    assert [one["path"] for one in listed if not all(one[part] for part in ("name", "version", "licence"))] == []


def test_every_file_made_by_others_is_listed() -> None:
    listed = tomllib.loads((house.STATIC / "vendored.toml").read_text(encoding="utf-8"))["file"]
    there = {
        path.relative_to(house.STATIC).as_posix()
        for folder in ("vendor", "fonts")
        for path in (house.STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert there == {one["path"] for one in listed}
