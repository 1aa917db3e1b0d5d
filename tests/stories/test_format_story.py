"""Each item format from question to stored answer and receipt: by mouse, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from ssa_engine.core.receipts import in_letters
from tests.stories.answering import WAYS, Way, place_of
from tests.stories.browser import CANDIDATE, SAVED, Visitor, at_position, attempt_of, button, receipt
from tests.stories.form import open_item
from tests.stories.pictures import keep_pictures
from tests.stories.records import stored
from tests.stories.spoken import expect_spoken


def received(page: Page) -> dict[int, str]:
    """Return the last answer of each question in the receipt that the candidate can download."""
    answer = page.request.get(f"/candidate/attempts/{attempt_of(page)}/receipt.csv")
    return {int(row["question"]): row["answer"] for row in csv.DictReader(io.StringIO(answer.text()))}


@pytest.mark.parametrize("way", WAYS, ids=[f"{way.format} {way.name}" for way in WAYS])
def test_an_answer_is_stored_and_the_receipt_says_so(visitor: Visitor, positions: dict[str, int], way: Way) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions[way.format], javascript=way.javascript)
    assert (shown.format, shown.chosen) == (way.format, None)
    answer = way.answer(page, shown)
    expect(receipt(page)).to_have_text(SAVED)
    expect(page.locator("#item:not([aria-busy])")).to_be_visible()
    assert stored(visitor.site, page) == {shown.position: answer}
    assert received(page) == {shown.position: in_letters(answer, shown.options)}
    if way.javascript:
        page.reload()
    assert at_position(page, shown.position).chosen == answer
    if way.name == "mouse":
        keep_pictures(page, f"format-{way.format}")


def test_an_order_is_announced_and_the_one_shown_can_be_kept(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["sorted"])
    expect(page.locator("#sort-state")).to_contain_text("not answered")
    button(page, "Keep this order").click()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {shown.position: ",".join(shown.options)}
    expect(page.locator("#sort-state")).to_be_focused()
    moved = page.locator(f"[data-entry='{shown.options[0]}']")
    moved.get_by_role("button", name="Move down").click()
    words = f"{moved.locator('.sort-text').inner_text()} is now 2 of {len(shown.options)}"
    expect_spoken(page, words)


def drag(page: Page, entry: str, onto: str) -> None:
    """Take an entry by its dots and hold it over another one."""
    for value in (entry, onto):
        box = page.locator(f"[data-entry='{value}'] .sort-handle").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 4, steps=8)
        if value == entry:
            page.mouse.down()


def order_of(page: Page) -> list[str]:
    """Return the entries in the order shown."""
    found: list[str] = page.locator("[data-entry]").evaluate_all("(rows) => rows.map((row) => row.dataset.entry)")
    return found


def test_an_entry_can_be_dragged_and_escape_puts_it_back(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["sorted"], reduced_motion="reduce")
    first, second, third, *others = shown.options
    drag(page, first, third)
    assert order_of(page) == [second, third, first, *others]
    page.keyboard.press("Escape")
    page.mouse.up()
    assert order_of(page) == list(shown.options)
    assert stored(visitor.site, page) == {}
    drag(page, first, third)
    page.mouse.up()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {shown.position: ",".join([second, third, first, *others])}


def test_an_entry_can_be_dragged_with_a_finger(visitor: Visitor, positions: dict[str, int]) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page, shown = open_item(visitor, CANDIDATE, positions["sorted"], reduced_motion="reduce", **phone)
    first, second, *others = shown.options
    page.locator("[data-entry]").last.scroll_into_view_if_needed()
    boxes = [page.locator(f"[data-entry='{one}'] .sort-handle").bounding_box() for one in (first, second)]
    points = [{"x": box["x"] + 10, "y": box["y"] + box["height"] / 2 + 2} for box in boxes if box]
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for step in range(1, 9):
        y = points[0]["y"] + (points[1]["y"] - points[0]["y"]) * step / 8
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": points[0]["x"], "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {shown.position: ",".join([second, first, *others])}


def mark_shown(page: Page) -> str | None:
    """Return where the mark stands, in pixels of the image; None if there is none."""
    mark = page.locator("#hotspot-mark")
    if mark.get_attribute("visibility") == "hidden":
        return None
    return (mark.get_attribute("transform") or "").removeprefix("translate(").removesuffix(")").replace(" ", ",")


def test_a_place_typed_moves_the_mark_and_one_outside_is_told(visitor: Visitor, positions: dict[str, int]) -> None:
    visitor.watch.expected.append("status of 422")
    page, shown = open_item(visitor, CANDIDATE, positions["hotspot"])
    assert mark_shown(page) is None
    page.get_by_label("Place: across, down").fill("33, 44")
    assert mark_shown(page) == "33,44"
    page.locator(".stem").click()
    expect(receipt(page)).to_have_text(SAVED)
    assert stored(visitor.site, page) == {shown.position: "33,44"}
    page.get_by_label("Place: across, down").fill("9999,1")
    page.locator(".stem").click()
    expect(page.locator("#answer-problem")).to_contain_text("outside the image")
    expect(page.get_by_label("Place: across, down")).to_have_value("9999,1")
    assert stored(visitor.site, page) == {shown.position: "33,44"}


def test_a_place_is_the_same_on_a_phone_and_on_an_image_made_larger(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["hotspot"], viewport={"width": 320, "height": 700})
    spot = page.locator(".hotspot")
    middle = place_of(page)

    def mark_at(x: float, y: float) -> tuple[int, int]:
        page.locator("#place").fill("")
        box = spot.bounding_box()
        assert box is not None
        spot.click(position={"x": box["width"] * x, "y": box["height"] * y})
        across, down = page.locator("#place").input_value().split(",")
        return int(across), int(down)

    assert mark_at(0.5, 0.5) == pytest.approx(middle, abs=2)
    wide = page.locator("#hotspot-mark circle").last.bounding_box()
    for _ in range(2):
        button(page, "Larger").click()
    expect(page.locator(".zoom-now")).to_have_text("200\u00a0%")
    assert mark_at(0.25, 0.25) == pytest.approx((middle[0] / 2, middle[1] / 2), abs=2)
    wider = page.locator("#hotspot-mark circle").last.bounding_box()
    assert wide is not None
    assert wider is not None
    assert wider["width"] == pytest.approx(wide["width"], abs=1)
    expect(receipt(page)).to_have_text(SAVED)


def test_what_could_be_read_in_two_ways_is_asked_again_and_kept_as_typed(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    visitor.watch.expected.append("status of 422")
    page, _ = open_item(visitor, CANDIDATE, positions["number"])
    page.locator("#number").fill("1,333")
    page.locator(".stem").click()
    expect(page.locator("#answer-problem")).to_be_visible()
    expect(page.locator("#number")).to_have_value("1,333")
    assert stored(visitor.site, page) == {}
    keep_pictures(page, "format-number-unread")
    page.locator("#number").fill("1.33")
    page.locator(".stem").click()
    expect(page.locator("#understood")).to_contain_text("Understood as 1.33")


def test_enter_in_the_field_of_a_number_goes_on_without_javascript(visitor: Visitor, positions: dict[str, int]) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["number"], javascript=False)
    page.locator("#number").fill("7,5")
    page.keyboard.press("Enter")
    at_position(page, shown.position + 1)
    assert stored(visitor.site, page) == {shown.position: "7.5"}
