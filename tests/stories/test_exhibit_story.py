"""Exhibits: images made larger, moved and windowed; video, tables, words; and an image that does not load."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.stories.answering import tab_to
from tests.stories.browser import CANDIDATE, SAVED, Visitor, attempt_of, begin, button, option, read_item, receipt
from tests.stories.form import open_item
from tests.stories.pictures import keep_pictures
from tests.stories.records import events_stored, stored

NOT_LOADED = ("Failed to load resource",)
DID_NOT_LOAD = "The picture did not load. Trying again. You can answer later: flag this question."


def scrolled(frame: Locator) -> tuple[float, float]:
    """Return how far the frame of an image is moved."""
    left, top = frame.evaluate("(frame) => [frame.scrollLeft, frame.scrollTop]")
    return left, top


def width_of(image: Locator) -> float:
    """Return how wide an image is drawn."""
    box = image.bounding_box()
    assert box is not None
    return box["width"]


def test_an_image_is_made_larger_and_moved_by_mouse(visitor: Visitor, positions: dict[str, int]) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["window"])
    image, frame = page.locator(".viewer-frame img"), page.locator(".viewer-frame")
    before = width_of(image)
    expect(button(page, "Smaller")).to_be_disabled()
    button(page, "Larger").click()
    button(page, "Larger").click()
    expect(page.locator(".zoom-now")).to_have_text("200\u00a0%")
    assert abs(width_of(image) - 2 * before) < 1
    box = frame.bounding_box()
    assert box is not None
    start = scrolled(frame)
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 110, steps=5)
    page.mouse.up()
    left, top = scrolled(frame)
    assert (round(left - start[0]), round(top - start[1])) == (50, 40)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(page.locator(".zoom-now")).to_have_text("300\u00a0%")
    button(page, "Fit").click()
    expect(page.locator(".zoom-now")).to_have_text("100\u00a0%")
    assert abs(width_of(image) - before) < 1
    assert scrolled(frame) == (0, 0)


def test_an_image_is_made_larger_and_moved_by_keyboard(visitor: Visitor, positions: dict[str, int]) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["window"])
    frame = page.locator(".viewer-frame")
    tab_to(page, frame)
    for key in ("+", "+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".zoom-now")).to_have_text("200\u00a0%")
    start = scrolled(frame)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("(left) => document.querySelector('.viewer-frame').scrollLeft < left", arg=start[0])
    page.keyboard.press("-")
    expect(page.locator(".zoom-now")).to_have_text("150\u00a0%")
    page.keyboard.press("0")
    expect(page.locator(".zoom-now")).to_have_text("100\u00a0%")
    tab_to(page, button(page, "Larger"))
    page.keyboard.press("Enter")
    tab_to(page, button(page, "Smaller"))
    page.keyboard.press("Enter")
    expect(button(page, "Larger")).to_be_focused()


def test_brightness_and_contrast_change_where_the_exhibit_allows_it(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page, shown = open_item(visitor, CANDIDATE, positions["window"])
    image = page.locator(".viewer-frame img")
    keep_pictures(page, "exhibit-window")
    page.get_by_label("Contrast", exact=True).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.get_by_label("Brightness", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(image).to_have_css("filter", "brightness(0.95) contrast(2)")
    assert stored(visitor.site, page) == {}
    button(page, "As it was").focus()
    page.keyboard.press("Enter")
    expect(image).to_have_css("filter", "none")
    expect(page.get_by_label("Brightness", exact=True)).to_be_focused()
    option(page, shown.options[0]).click()
    expect(receipt(page)).to_have_text(SAVED)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{positions['images']}")
    expect(page.locator(".viewer-frame")).to_have_count(2)
    expect(page.get_by_label("Contrast", exact=True)).to_have_count(0)


def test_two_images_stand_side_by_side_and_on_a_phone_one_below_the_other(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["images"])
    keep_pictures(page, "exhibit-images")
    for width, side_by_side in ((1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        one, other = (figure.bounding_box() for figure in page.locator("figure.exhibit").all())
        assert one is not None
        assert other is not None
        assert (one["y"] == other["y"], one["x"] == other["x"]) == (side_by_side, not side_by_side)
    for figure in page.locator("figure.exhibit").all():
        assert len(figure.get_by_role("img").get_attribute("alt") or "") > 10
        figure.get_by_text("What it shows, in words").click()
        expect(figure.locator(".described > div")).to_be_visible()


def test_a_video_plays_with_controls_and_captions(visitor: Visitor, positions: dict[str, int]) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["video"])
    video = page.locator("video")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert video.evaluate("(one) => [one.controls, one.muted || one.paused, one.textTracks[0].kind]") == [
        True,
        True,
        "captions",
    ]
    page.wait_for_function("document.querySelector('video').textTracks[0].cues?.length > 0")
    assert video.get_attribute("aria-label")
    keep_pictures(page, "exhibit-video")


def test_a_table_can_be_read_and_scrolled_by_keyboard(visitor: Visitor, positions: dict[str, int]) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["table"], viewport={"width": 320, "height": 700})
    region = page.locator(".exhibit-table")
    tab_to(page, region)
    expect(region).to_have_accessible_name(re.compile(r"\w{4}"))
    keep_pictures(page, "exhibit-table")


def test_a_scenario_is_open_stays_together_with_its_questions_and_folds(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    page, _ = open_item(visitor, CANDIDATE, positions["case"])
    scenario = page.locator(".scenario")
    words = scenario.inner_text()
    keep_pictures(page, "exhibit-case")
    page.get_by_role("heading", name="Scenario").click()
    expect(scenario).to_be_hidden()
    button(page, "Save and go on").click()
    expect(page.locator(f"#item[data-position='{positions['case'] + 1}']")).to_be_visible()
    expect(scenario).to_have_text(words, use_inner_text=True)


def lose_images(page: Page, times: int) -> list[str]:
    """Let the images of the assessment not arrive for some times; return the addresses that were asked for."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= times:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile(r"/media/[^/]+\.(png|jpg|webp|svg)"), answer)
    return asked


def missing_stored(visitor: Visitor, page: Page) -> list[int | None]:
    """Return at which questions an exhibit was reported as missing."""
    found = events_stored(visitor.site.db, attempt_of(page))
    return [position for kind, position, _ in found if kind == "exhibit_missing"]


def test_an_image_that_does_not_load_is_told_reported_and_tried_again(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    visitor.watch.expected += NOT_LOADED
    page = visitor.open(CANDIDATE)
    begin(page)
    asked = lose_images(page, 2)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{positions['window']}")
    trouble = page.get_by_role("alert").filter(has_text=DID_NOT_LOAD)
    expect(trouble).to_be_visible()
    keep_pictures(page, "exhibit-missing")
    expect(trouble).to_have_count(0)
    assert page.locator(".viewer-frame img").evaluate("(image) => image.naturalWidth") > 0
    assert len(asked) == 3
    assert missing_stored(visitor, page) == [positions["window"]]
    option(page, read_item(page).options[0]).click()
    expect(receipt(page)).to_have_text(SAVED)


def test_the_image_of_a_hot_spot_that_does_not_load_can_be_asked_for_again(
    visitor: Visitor, positions: dict[str, int]
) -> None:
    visitor.watch.expected += NOT_LOADED
    page = visitor.open(CANDIDATE)
    begin(page)
    lose_images(page, 1_000)
    page.goto(f"/candidate/attempts/{attempt_of(page)}/items/{positions['hotspot']}")
    expect(page.get_by_role("alert").filter(has_text=DID_NOT_LOAD)).to_be_visible()
    page.unroute_all()
    button(page, "Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert page.locator(".hotspot img").evaluate("(image) => image.naturalWidth") > 0
    assert missing_stored(visitor, page) == [positions["hotspot"]]
