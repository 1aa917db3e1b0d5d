"""The prescription letter as PDF: it says what the letter says, and can be read without seeing it."""

from __future__ import annotations

from ssa_engine.core.prescription_letters import Letter
from ssa_engine.exchange.letter import letter_pages, letter_pdf
from tests.core.letters import AREAS, NO_GAP, letter
from tests.exchange.pdf_reading import accessible, squeezed, text_of


def pdf(found: Letter, language: str = "en") -> bytes:
    return letter_pdf(found, language=language, day="13 March 2027")


def test_it_says_all_that_the_letter_says_in_its_order() -> None:
    found = letter()
    said = ["13 March 2027", found.title, found.greeting, found.opening, found.caption, *found.heads]
    said += [cell for row in found.rows for cell in row]
    said += found.total
    for one in found.sections:
        said += [one.heading, *one.paragraphs]
    text, at = text_of(pdf(found)), 0
    for part in map(squeezed, said):
        place = text.find(part, at)
        assert place >= at, part
        at = place + len(part)
    assert text.endswith("1/1")


def test_it_is_tagged_and_has_a_title_a_language_and_a_table_with_heads() -> None:
    found = accessible(pdf(letter()))
    assert (found.title, found.language, found.part) == ("Your prescription in Computed Tomography", "en", "1")
    assert (found.is_tagged, found.shows_title) == (True, True)
    assert (found.kinds["Table"], found.kinds["TR"], found.kinds["TH"], found.kinds["TD"]) == (1, 4, 3, 9)
    assert found.kinds["H1"] == len(letter().sections)


def test_without_a_gap_there_is_no_table() -> None:
    content = pdf(letter(areas=NO_GAP), "es")
    found = accessible(content)
    assert (found.kinds["Table"], found.language) == (0, "es")
    assert squeezed("we are glad to tell you so") in text_of(content)


def test_many_areas_and_long_names_fit_and_the_same_letter_gives_the_same_bytes() -> None:
    many = letter(areas=AREAS[:2] * 20, name="W" * 200)
    assert text_of(pdf(many)).count("RadiationSafetyandDose") == 20
    assert len(letter_pages(many, language="en", day="13 March 2027", ppi=20)) >= 2
    assert pdf(letter()) == pdf(letter())


def test_words_that_would_be_markup_stay_words() -> None:
    hostile = '#panic <b>*x*</b> $1$ [a] @b \\ "q" {{ }} & “é”'
    assert squeezed(hostile) in text_of(pdf(letter(name=hostile)))
