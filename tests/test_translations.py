"""The catalogues of strings: complete, sound and up to date; and no template says anything that is in none."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from jinja2 import nodes

from ssa_engine.core.display import LANGUAGES
from tests import house

FOLDER = house.PACKAGE / "web/translations"
TRANSLATED = LANGUAGES[1:]
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
JUDGEMENT = re.compile(
    r"(?i)\b(?:(?:des|re)?aprob\w+|reprob\w+|suspen[sd]\w+|fall(?:o|os|a|as|ar|ó|ado|ada|aron|id[oa]s?)|ex[aá]men\w*|"
    r"incorrect\w+|equivoc\w+|err[oó]ne\w+|calificacion(?!es Continuas)\w*|tramposo|mal)\b"
)
"""Words of grading in Spanish. They stand nowhere, so on no page that a candidate sees."""

SHOWN = {"title", "alt", "aria-label", "placeholder", "data-title", "label", "summary"}
LEFT_AS_THEY_ARE = {"UTC", "demo", "English", "csv"}
"""Names that stand in templates and are the same in every language."""

EXAMPLES = re.compile(r'(<section class="specimen"[^>]*>\s*<h2.*?</h2>).*?</section>', re.DOTALL)
"""What the page of all components shows under its headings; examples stay as they were written."""

WORDS = re.compile(r"[A-Za-zÀ-ÿ]{2,}")


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """The text of a message, or its texts for one and for many."""
    return [text or ""] if isinstance(text, str) or text is None else list(text)


def placeholders(text: str) -> set[str]:
    return {one or other for one, other in PLACEHOLDER.findall(text)}


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def catalogue_of(code: str) -> Catalog:
    with (FOLDER / code / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=code)


@pytest.fixture(scope="module")
def strings(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The strings of the code as they are now, found as `make translations` finds them."""
    flags = re.search(r"^STRINGS := (.*)$", (house.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert flags
    path = tmp_path_factory.mktemp("strings") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-F", "pyproject.toml"]
    subprocess.run([*command, *shlex.split(flags[1]), "-o", str(path), "."], cwd=house.ROOT, check=True)
    with path.open("rb") as file:
        return read_po(file)


each_language = pytest.mark.parametrize("code", TRANSLATED)


@each_language
def test_a_catalogue_holds_the_strings_of_the_code_and_no_others(code: str, strings: Catalog) -> None:
    wanted = {message.id for message in messages(strings)}
    there = {message.id for message in messages(catalogue_of(code))}
    assert (wanted - there, there - wanted) == (set(), set()), "run `make translations`, then translate what is new"


@each_language
def test_every_string_is_translated_and_none_is_in_doubt(code: str) -> None:
    catalogue = catalogue_of(code)
    assert [message.id for message in messages(catalogue) if not all(forms(message.string))] == []
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []
    assert len(messages(catalogue)) > 500


@each_language
def test_a_translation_has_the_placeholders_of_its_string(code: str) -> None:
    broken = [
        (message.id, text)
        for message in messages(catalogue_of(code))
        for number, text in enumerate(forms(message.string))
        if placeholders(text) not in [placeholders(forms(message.id)[own]) for own in (-1, number and -1)]
    ]  # where one is meant, the number may be left out as in the string
    assert broken == []


@each_language
def test_every_string_can_be_filled_in_where_it_is_used(code: str) -> None:
    for message in messages(catalogue_of(code)):
        in_templates = {path.startswith("templates/") for path, _ in message.locations}
        for text in (*forms(message.id), *forms(message.string)):
            values = dict.fromkeys(placeholders(text), "x")
            assert True not in in_templates or "%(" not in text % values, text
            assert False not in in_templates or "{" not in text.format(**values), text


@each_language
def test_a_translation_begins_and_ends_as_its_string_does(code: str) -> None:
    def edges(text: str) -> tuple[str, ...]:
        return tuple(re.sub(r"[^\s.?:;…]", "", text[:1] + text[-1:]))

    unlike = [
        (message.id, text)
        for message in messages(catalogue_of(code))
        for own, text in zip(forms(message.id), forms(message.string), strict=True)
        if edges(own) != edges(text)
    ]
    assert unlike == []


@each_language
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    with (FOLDER / code / "LC_MESSAGES/messages.mo").open("rb") as file:
        compiled = {tuple(forms(message.id)): forms(message.string) for message in messages(read_mo(file))}
    written = {tuple(forms(message.id)): forms(message.string) for message in messages(catalogue_of(code))}
    assert compiled == written, "run `make translations`"


def test_nothing_in_spanish_speaks_of_grading() -> None:
    said = [text for message in messages(catalogue_of("es")) for text in forms(message.string)]
    assert [text for text in said if JUDGEMENT.search(text)] == []


def test_words_of_grading_in_spanish_would_be_found() -> None:
    text = "Usted aprobó el examen; quien falla o se equivoca lo reprueba, y no es incorrecto probar ni hallar."
    assert JUDGEMENT.findall(text) == ["aprobó", "examen", "falla", "equivoca", "incorrecto"]
    assert JUDGEMENT.findall("reprobado suspenso fallo fallar exámenes desaprobada calificación") != []


ATTRIBUTE = re.compile(r'([A-Za-z-]+)="([^"]*)"')
"""In text where a macro writes attributes of a tag that is begun elsewhere."""


class Bare(HTMLParser):
    """The words of a template outside its expressions: text, and attributes that are shown or spoken."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in ("code", "script", "kbd")
        for name, value in attrs:
            if name in SHOWN:
                self.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("code", "script", "kbd")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.add(ATTRIBUTE.sub(lambda one: one[2] if one[1] in SHOWN else " ", data))

    def add(self, text: str) -> None:
        if set(WORDS.findall(text)) - LEFT_AS_THEY_ARE:
            self.found.append(" ".join(text.split()))


def bare_text(source: str) -> list[str]:
    """Return what a template says by itself."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block audience %\}.*?\{% endblock %\}|\{%.*?%\}", " ", source, flags=re.DOTALL)
    return Bare(re.sub(r"\{\{.*?\}\}", "", source, flags=re.DOTALL)).found


def texts_in(node: nodes.Node) -> Iterator[str]:
    """Yield the texts in an expression that are not handed to gettext, are no address and no working of a filter."""
    inner = list(node.iter_child_nodes())
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        known = {"_": [*node.args[1:], *node.kwargs], "ngettext": [*node.args[2:], *node.kwargs], "url_for": []}
        inner = known.get(node.node.name, inner)
    if isinstance(node, nodes.Filter) and node.name in ("replace", "join"):
        inner = [node.node] if node.node else []
    if isinstance(node, nodes.Pair):
        inner = [node.value]  # keys and what is compared are names in the data
    if isinstance(node, nodes.Compare):
        inner = []
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in inner:
        yield from texts_in(child)


def spoken_constants(source: str) -> list[str]:
    """Return the texts in a template's expressions that read like words."""
    environment = jinja2.Environment(autoescape=True)
    texts = texts_in(environment.parse(source))
    words = re.compile(r"^[A-ZÀ-Þ][a-zß-ÿ]+|[a-z]{2,} [a-z]{2,}")
    return [text for text in texts if words.search(text) and not text.endswith(".html")]


PAGES = sorted(house.TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", PAGES, ids=house.name)
def test_a_template_says_nothing_that_is_not_in_the_catalogue(path: Path) -> None:
    source = EXAMPLES.sub(r"\1", path.read_text(encoding="utf-8"))
    assert bare_text(source) == []
    assert spoken_constants(source) == []


def test_words_outside_the_catalogue_would_be_found() -> None:
    source = '<p title="Look">{{ _("Fine") }} bare <b>{% if a %}Words{% endif %}</b> {{ "Go on" if a else _("x") }}</p>'
    assert bare_text(source) == ["Look", "bare", "Words"]
    assert spoken_constants(source) == ["Go on"]
