"""Tools beside an answer: strike out, highlighter, note, comment, calculator. Kept on the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.storage import sittings
from ssa_engine.storage.places import Place, place
from tests.stories.answering import tab_to
from tests.stories.browser import CANDIDATE, SAVED, Visitor, at_position, attempt_of, button, option, receipt
from tests.stories.form import open_item
from tests.stories.pictures import keep_pictures
from tests.stories.records import attempt_stored, stored

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])


def place_stored(visitor: Visitor, page: Page, position: int) -> Place:
    """Return what the database holds of one question of the attempt."""
    attempt = attempt_stored(visitor.site.db, attempt_of(page))
    with visitor.site.db.read() as connection:
        found = place(connection, attempt, position)
    assert found is not None
    return found


def open_tools(page: Page) -> None:
    """Open the tools, if they are not."""
    if page.locator("#aids[open]").count() == 0:
        page.locator("#aids > summary").click()


def expect_kept(visitor: Visitor, page: Page, position: int, name: str, wanted: object) -> None:
    """Wait until the database holds something of a question."""
    for _ in range(100):
        if getattr(place_stored(visitor, page, position), name) == wanted:
            return
        page.wait_for_timeout(50)
    assert getattr(place_stored(visitor, page, position), name) == wanted


@both_ways
def test_an_option_struck_out_stays_so_and_can_still_be_chosen(visitor: Visitor, javascript: bool) -> None:
    page, shown = open_item(visitor, CANDIDATE, 2, javascript=javascript)
    row = page.locator(".option-row").nth(1)
    strike = row.get_by_role("button", name="Strike out B")
    expect(strike).to_have_attribute("aria-pressed", "false")
    strike.click()
    expect(strike).to_have_attribute("aria-pressed", "true")
    expect(row.locator(".option-text")).to_have_css("text-decoration-line", "line-through")
    expect(row.locator(".option")).to_have_css("border-top-style", "dashed")
    expect_kept(visitor, page, 2, "struck", (shown.options[1],))
    assert stored(visitor.site, page) == {}

    option(page, shown.options[1]).click()
    button(page, "Save and go on").click()
    at_position(page, 3)
    button(page, "Previous").click()
    assert at_position(page, 2).chosen == shown.options[1]
    expect(strike).to_have_attribute("aria-pressed", "true")
    strike.click()
    expect(strike).to_have_attribute("aria-pressed", "false")
    expect_kept(visitor, page, 2, "struck", ())
    assert stored(visitor.site, page) == {2: shown.options[1]}


def highlighted(page: Page) -> list[str]:
    """Return the words that are marked, block by block."""
    found: list[str] = page.locator("#item [data-block]").evaluate_all(
        "(blocks) => blocks.map((one) => [...one.querySelectorAll('mark')].map((mark) => mark.textContent).join(''))"
        ".filter(Boolean)"
    )
    return found


def words_of(page: Page, first: int, last: int) -> str:
    """Return some words of the question as it is written."""
    text = page.locator("#stem").evaluate("(stem) => stem.textContent")
    return " ".join(text.split()[first : last + 1])


def test_words_are_highlighted_by_mouse_and_are_there_on_another_device(visitor: Visitor) -> None:
    page, _ = open_item(visitor, CANDIDATE, 1)
    open_tools(page)
    button(page, "Highlighter").click()
    expect(button(page, "Remove all highlights")).to_be_hidden()
    stem = page.locator("#stem p").first
    box = stem.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 12, steps=6)
    page.mouse.up()
    (marked,) = highlighted(page)
    assert len(marked) > 5
    assert stem.inner_text().startswith(marked)
    expect_kept(visitor, page, 1, "highlights", f'{{"stem":[[0,{len(marked)}]]}}')
    keep_pictures(page, "tools-highlighter")

    elsewhere = visitor.open(CANDIDATE)
    elsewhere.goto(page.url)
    assert highlighted(elsewhere) == [marked]
    page.reload()
    assert highlighted(page) == [marked]
    page.locator("#stem mark").click()
    assert highlighted(page) == [marked], "the highlighter is off"
    open_tools(page)
    button(page, "Highlighter").click()
    page.locator("#stem mark").click()
    assert highlighted(page) == []
    expect_kept(visitor, page, 1, "highlights", "")


def test_words_are_highlighted_by_keyboard(visitor: Visitor) -> None:
    page, _ = open_item(visitor, CANDIDATE, 1)
    text = page.locator("#stem").evaluate("(stem) => stem.textContent")
    tab_to(page, page.locator("#aids > summary"))
    page.keyboard.press("Enter")
    tab_to(page, button(page, "Highlighter"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("#stem"))
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert highlighted(page) == [words_of(page, 1, 3)]
    for key in ("ArrowLeft", "Enter"):
        page.keyboard.press(key)
    (marked,) = highlighted(page)
    assert marked.split() == [words_of(page, 1, 1), words_of(page, 3, 3)]
    assert page.locator("#stem").evaluate("(stem) => stem.textContent") == text
    button(page, "Remove all highlights").focus()
    page.keyboard.press("Enter")
    assert highlighted(page) == []
    expect(button(page, "Highlighter")).to_be_focused()


SELECT = """([from, to]) => {
  const text = document.querySelector('#stem p').firstChild;
  const range = document.createRange();
  range.setStart(text, from);
  range.setEnd(text, to);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def test_words_selected_with_a_finger_are_highlighted_once_the_finger_rests(visitor: Visitor) -> None:
    page, _ = open_item(visitor, CANDIDATE, 1, viewport={"width": 390, "height": 844}, has_touch=True)
    open_tools(page)
    button(page, "Highlighter").tap()
    page.locator("#item-heading").tap()
    text = page.locator("#stem p").first.evaluate("(one) => one.firstChild.data")
    page.evaluate(SELECT, [0, 5])
    page.wait_for_timeout(300)
    page.evaluate(SELECT, [0, 9])
    assert highlighted(page) == []
    expect(page.locator("#stem mark")).to_have_count(1)
    marked = highlighted(page)[0]
    assert marked.split() == text.split()[: len(text[:9].split())], "whole words"


def test_an_option_is_highlighted_without_being_chosen_and_pressed_words_still_choose_it(visitor: Visitor) -> None:
    page, shown = open_item(visitor, CANDIDATE, 1)
    open_tools(page)
    button(page, "Highlighter").click()
    words = option(page, shown.options[0]).locator(".option-text")
    box = words.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 12, steps=5)
    page.mouse.up()
    assert len(highlighted(page)) == 1
    assert page.locator("#answer-form input:checked").count() == 0
    option(page, shown.options[1]).click()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {1: shown.options[1]}


def test_a_note_is_kept_as_it_is_typed_and_a_comment_reaches_its_readers(visitor: Visitor) -> None:
    page, shown = open_item(visitor, CANDIDATE, 3)
    open_tools(page)
    page.get_by_label("Note to yourself").press_sequentially("look at the dose")
    expect(page.locator("#note-state")).to_have_text("Note kept")
    assert place_stored(visitor, page, 3).note == "look at the dose"
    page.get_by_label("Comment for the authors").fill("B is not clear")
    button(page, "Send comment").click()
    expect(page.locator("#comment-state")).to_have_text("Comment sent. Thank you.")
    expect(page.get_by_label("Comment for the authors")).to_have_value("")
    with visitor.site.db.read() as connection:
        assert [text for _, text in sittings.comments_on(connection, shown.item)] == ["B is not clear"]
    expect(receipt(page)).to_have_text("")
    page.reload()
    expect(page.locator("#aid-mark")).to_have_text("note kept")
    open_tools(page)
    expect(page.get_by_label("Note to yourself")).to_have_value("look at the dose")


def test_a_note_that_cannot_be_kept_says_so_and_is_kept_later(visitor: Visitor) -> None:
    visitor.watch.expected.append("net::ERR_CONNECTION_REFUSED")
    page, _ = open_item(visitor, CANDIDATE, 3)
    open_tools(page)
    page.route("**/tools", lambda route: route.abort("connectionrefused"))
    page.get_by_label("Note to yourself").fill("kept in the end")
    expect(page.locator("#note-state")).to_have_text("Note not kept yet; trying again")
    assert place_stored(visitor, page, 3).note == ""
    page.unroute_all()
    expect(page.locator("#note-state")).to_have_text("Note kept")
    assert place_stored(visitor, page, 3).note == "kept in the end"


def test_note_and_comment_are_kept_without_javascript(visitor: Visitor) -> None:
    page, shown = open_item(visitor, CANDIDATE, 3, javascript=False)
    open_tools(page)
    expect(button(page, "Highlighter")).to_be_hidden()
    page.get_by_label("Note to yourself").fill("look again")
    page.get_by_label("Comment for the authors").fill("B is not clear")
    button(page, "Save note and comment").click()
    at_position(page, 3)
    open_tools(page)
    expect(page.get_by_label("Note to yourself")).to_have_value("look again")
    assert place_stored(visitor, page, 3).note == "look again"
    with visitor.site.db.read() as connection:
        assert [text for _, text in sittings.comments_on(connection, shown.item)] == ["B is not clear"]
    assert stored(visitor.site, page) == {}


SUMS = [
    ("2+3=", "5"),
    ("0.1+0.2=", "0.3"),
    ("8,5*24=", "204"),
    ("7-12=", "−5"),
    ("1/3=", "0.333333333333"),
    ("2+3*4=", "20"),
    ("200+10%=", "220"),
    ("200*10%=", "20"),
    ("6/0=", "Not possible"),
    ("6/0=5+1=", "6"),
    ("12Backspace3=", "13"),
    ("9Escape4=", "4"),
    ("5+*3=", "15"),
    ("1.2.5=", "1.25"),
]


def press_all(page: Page, keys: str) -> None:
    """Press keys one after the other; names of keys stand in between."""
    for name in ("Backspace", "Escape"):
        keys = keys.replace(name, f" {name} ")
    for part in keys.split(" "):
        for key in [part] if part in ("Backspace", "Escape") else part:
            page.keyboard.press(key)


def test_the_calculator_counts_by_keyboard_and_by_mouse(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["number"])
    open_tools(page)
    opener = button(page, "Calculator")
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.click()
    expect(page.locator("#calculator")).to_be_focused()
    found = []
    for keys, _ in SUMS:
        page.keyboard.press("Escape")
        press_all(page, keys)
        found.append((keys, page.locator("#calc-now").inner_text()))
    assert found == SUMS
    calculator = page.locator("#calculator")
    for name in ("Clear", "1", "6", "Square root", "times", "2", "decimal point", "5", "Change the sign", "equals"):
        calculator.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#calc-now")).to_have_text("−10")
    keep_pictures(page, "tools-calculator")
    assert at_position(page, shown.position).chosen is None
    expect(receipt(page)).to_have_text("")
    opener.click()
    expect(calculator).to_be_hidden()


def test_the_calculator_is_only_where_the_item_allows_it(visitor: Visitor) -> None:
    page, _ = open_item(visitor, CANDIDATE, 1)
    open_tools(page)
    expect(button(page, "Highlighter")).to_be_visible()
    expect(button(page, "Calculator")).to_have_count(0)


def test_tools_that_are_open_stay_open_from_one_question_to_the_next(visitor: Visitor) -> None:
    page, _ = open_item(visitor, CANDIDATE, 1)
    open_tools(page)
    button(page, "Highlighter").click()
    button(page, "Save and go on").click()
    at_position(page, 2)
    expect(page.locator("#aids[open]")).to_have_count(1)
    expect(button(page, "Highlighter")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#item-heading")).to_be_focused()
