"""Languages: which one a page speaks, and that in Spanish it says nothing in English but what is content."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from gettext import NullTranslations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.display import Display
from ssa_engine.core.text import count_credits, say
from ssa_engine.storage import people
from ssa_engine.storage.db import Database
from ssa_engine.web import filters, language
from tests import house
from tests.factories import Clock, Someone, item_url, read, start_attempt
from tests.test_translations import JUDGEMENT
from tests.web.speech import Heard, content_of, without
from tests.web.tour import Tour, seed_of_every_format

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What pages say does not depend on the kind of database."""

PSEUDO = re.compile(r"⟦[^⟦⟧]*⟧")
ENGLISH = re.compile(r"(?i)\b(?:the|and|of|your|you|is|are|was|this|that|with|for|not|from|to|by|an|on|at)\b")
SAME_IN_EVERY_LANGUAGE = {
    "UTC",
    "CT",
    "RAD",
    "MRI",
    "English",
    "Español",
    "test",
    "example",
    "sample",
    "Werkzeug",
    "min",
}
SAME_IN_EVERY_LANGUAGE |= {"circle", "rectangle", "polygon"}  # as the YAML of an item has them


@pytest.fixture(scope="session")
def content(library: Library) -> list[str]:
    """Everything that stays as it was written."""
    return content_of(library)


class Pseudo(NullTranslations):
    """A language that puts every string of the catalogue in brackets, so that any other shows."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


def outside_brackets(text: str) -> str:
    while PSEUDO.search(text):
        text = PSEUDO.sub(" ", text)
    return text


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", text)) - SAME_IN_EVERY_LANGUAGE


@pytest.fixture
def tour(app: Flask, db: Database, clock: Clock, library: Library, monkeypatch: pytest.MonkeyPatch) -> Tour:
    """A tour of people who read Spanish, each on a form with items of every format."""
    seed = seed_of_every_format(library.bank("CT"))
    monkeypatch.setattr("secrets.randbits", lambda bits: seed)
    return Tour(app, db, clock, library, "es")


def whole(response: TestResponse) -> str:
    """The page that an answer brings; nothing for one that only leads on or holds a file."""
    assert response.status_code < 500 or response.status_code == 501, response.request.path
    return response.get_data(as_text=True) if response.mimetype == "text/html" else ""


@once
def test_every_string_of_every_page_is_in_the_catalogue(
    tour: Tour, content: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_catalogue", lambda code: Pseudo())
    outside: dict[str, set[str]] = {}
    for response in tour.pages():
        for text in Heard(whole(response)).said:
            left = words_of(without(content, outside_brackets(text))) - tour.names
            if left:
                outside.setdefault(f"{response.request.method} {response.request.path}", set()).update(left)
    assert outside == {}


@once
def test_in_spanish_no_page_says_anything_in_english_or_speaks_of_grading(tour: Tour, content: list[str]) -> None:
    found: dict[str, set[str]] = {}
    count = 0
    for response in tour.pages():
        page = whole(response)
        heard = [without(content, text) for text in Heard(page).said]
        left = {word for text in heard for pattern in (ENGLISH, JUDGEMENT) for word in pattern.findall(text)}
        if left:
            found.setdefault(f"{response.request.method} {response.request.path}", set()).update(left)
        if page.startswith("<!doctype"):
            assert '<html lang="es"' in page, response.request.path
            count += 1
    assert found == {}
    assert count > 100


def test_what_is_not_in_the_catalogue_would_be_found() -> None:
    html = '<p title="Look">⟦Fine, ⟦nested⟧⟧ bare <div id="stem">content</div><span class="option-text">more</span></p>'
    html += '<details class="described"><summary>⟦What⟧ it shows</summary>A drawing</details><code>name</code>'
    html += """<meta name="ssa-words" content='{"one": "⟦a⟧", "two": ["x"], "many": {"more": "Bare"}}'>"""
    heard = [outside_brackets(text) for text in Heard(html).said]
    assert [" ".join(text.split()) for text in heard] == ["bare it shows", "Look", "", "Bare"]
    assert ENGLISH.findall("La pregunta de the heart and su relación") == ["the", "and"]


@pytest.mark.parametrize(
    ("asked", "kept", "in_address", "spoken"),
    [
        ("", None, "", "en"),
        ("es", None, "", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", None, "", "es"),
        ("fr, de;q=0.5", None, "", "en"),
        ("fr, es;q=0.5", None, "", "es"),
        ("en", None, "es", "es"),
        ("es", None, "en", "en"),
        ("es", None, "xx", "es"),
        ("en", "es", "", "es"),
        ("es", "en", "", "en"),
        ("es", "", "", "es"),
        ("en", "", "es", "en"),
    ],
)
@once
def test_a_page_speaks_the_language_of_the_person_else_of_the_address_else_of_the_browser(
    app: Flask,
    db: Database,
    sign_in: Callable[[Someone], FlaskClient],
    candidate: Someone,
    asked: str,
    kept: str | None,
    in_address: str,
    spoken: str,
) -> None:
    browser = app.test_client()
    if kept is not None:
        with db.write() as connection:
            people.set_display(connection, candidate.id, Display(language=kept))
        browser = sign_in(candidate)
    url = f"{'/signin' if kept is None else '/candidate/'}?lang={in_address}"
    page = read(browser.get(url, headers={"Accept-Language": asked} if asked else {}))
    assert f'<html lang="{spoken}"' in page.html
    assert ("Saltar al contenido principal" in page.text) == (spoken == "es")


@once
def test_who_is_signed_out_finds_the_way_to_the_other_language(app: Flask) -> None:
    browser = app.test_client()
    page = read(browser.get("/signin?next=/candidate/"))
    way = next(found for tag, found in page.elements if tag == "a" and found.get("hreflang") == "es")
    assert (way["href"], way["lang"]) == ("/signin?lang=es&next=/candidate/", "es")
    there = read(browser.get(way["href"]))
    assert "Contraseña" in there.text
    assert [found["hreflang"] for tag, found in there.elements if "hreflang" in found] == ["en"]
    assert [found["value"] for found in there.inputs if found.get("name") == "next"] == ["/candidate/"]


@pytest.fixture
def spanish(app: Flask) -> Iterator[None]:
    """A request of a browser that asks for Spanish."""
    with app.test_request_context(headers={"Accept-Language": "es"}):
        yield


@once
def test_numbers_and_dates_are_written_as_the_language_has_them(spanish: None) -> None:
    assert [filters.num(value) for value in (6.5, -0.25, 7.0, 1234.0, None)] == ["6,5", "−0,25", "7", "1234", ""]
    assert [filters.fixed(value) for value in (6.5, -0.25, None, float("nan"))] == ["6,50", "−0,25", "–", "–"]
    assert [filters.plain(value) for value in (6.5, -0.25, 7.0)] == ["6.5", "-0.25", "7"]
    assert [filters.decimal(text) for text in ("1.33", "-0.5", "133")] == ["1,33", "−0,5", "133"]
    assert language.day(dt.date(2027, 3, 14)) == "14 de marzo de 2027"


def test_numbers_and_dates_in_english() -> None:
    assert [filters.num(value) for value in (6.5, -0.25, 7.0, -0.001, None)] == ["6.5", "−0.25", "7", "0", ""]
    assert [filters.fixed(value, 1) for value in (6.5, -0.25, None, float("nan"))] == ["6.5", "−0.2", "–", "–"]
    assert language.day(dt.date(2027, 3, 14)) == "14 March 2027"


@once
def test_a_sentence_of_the_core_is_said_with_all_that_it_holds(spanish: None) -> None:
    told = say(
        "Earn {credits} of continuing education for {discipline}, and report what you finish by {day}.",
        credits=count_credits(4.5),
        discipline="Computed Tomography",
        day=dt.date(2028, 6, 1),
    )
    assert told == (
        "Earn 4.5 credits of continuing education for Computed Tomography, and report what you finish by 1 June 2028."
    )
    assert language.in_words(told) == (
        "Obtenga 4,5 créditos de educación continua para Computed Tomography e informe a más tardar el "
        "1 de junio de 2028 lo que termine."
    )
    assert [language.in_words(count_credits(credits)) for credits in (1.0, 0.5, 0.0)] == [
        "1 crédito",
        "0,5 créditos",
        "0 créditos",
    ]
    bands = [say("from {short} short, {worth}", short=short, worth=count_credits(short + 0.5)) for short in (1, 3)]
    rule = say("Credits follow how many questions an area is short of its standard: {bands}.", bands=bands)
    assert str(language.in_words(rule)).endswith(": si faltan 1 o más, 1,5 créditos; si faltan 3 o más, 3,5 créditos.")
    assert language.in_words("as it is") == "as it is"


@once
def test_content_is_marked_where_the_page_speaks_another_language(tour: Tour) -> None:
    stems = [found for page in tour.during() for _, found in read(page).elements if found.get("id") == "stem"]
    assert [found for found in stems if found.get("lang") != "en"] == []
    assert len(stems) >= 80
    tour.language = "en"
    someone, browser = tour.somebody("english")
    page = read(browser.get(item_url(start_attempt(browser, someone), 1)))
    assert [found["lang"] for _, found in page.elements if "lang" in found] == ["en"]


@once
def test_what_is_filled_into_a_string_is_escaped(app: Flask) -> None:
    source = """{{ _("Nobody found for “%(query)s”. Try part of the name, or the email address.", query=typed) }}
        {{ ngettext("%(num)s item", "%(num)s items", 2) }} {{ _("%(n)s short", n="<b>1</b>"|safe) }}"""
    with app.test_request_context(headers={"Accept-Language": "es"}):
        page = render_template_string(source, typed="<i>%(x)s</i>")
    assert "«&lt;i&gt;%(x)s&lt;/i&gt;»" in page
    assert "2 ítems faltan <b>1</b>" in page


def test_the_scripts_of_the_console_have_all_their_words() -> None:
    scripts = ("keys.js", "console.js", "staff.js")
    script = "".join((house.STATIC / "js" / name).read_text(encoding="utf-8") for name in scripts)
    used = set(re.findall(r"\bwords\.(\w+)", script)) | set(re.findall(r'data-word="(\w+)"', script))
    frame = (house.TEMPLATES / "base.html").read_text(encoding="utf-8")
    given = re.search(r"name=\"ssa-console-words\" content='\{\{ (.*?)\|tojson", frame)
    assert given
    assert used == set(re.findall(r'"(\w+)": _\(', given[1]))
