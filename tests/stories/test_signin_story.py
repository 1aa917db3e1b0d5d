"""Signing in and out in a browser, with and without JavaScript, and what a visitor in the wrong place reads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stories.browser import (
    CANDIDATE,
    PSYCHOMETRICIAN,
    SAVED,
    SPECIALIST,
    STAFF,
    Visitor,
    at_position,
    begin,
    button,
    fill_sign_in,
    option,
    receipt,
)
from tests.stories.records import stored

STAY = "You can go on as soon as this answer is saved."
NOISE = ("status of 401", "status of 422", "htmx:responseError", "Response Status Error Code 401")
both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "plain"])


@both_ways
def test_a_visitor_is_led_to_sign_in_and_then_to_the_page_they_wanted(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(javascript=javascript)
    page.goto("/psychometrician/exports")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fill_sign_in(page, PSYCHOMETRICIAN)
    expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()
    assert page.url == f"{visitor.site.url}/psychometrician/exports"


@both_ways
def test_a_mistyped_password_is_told_in_words_and_keeps_the_address(visitor: Visitor, javascript: bool) -> None:
    visitor.watch.expected.append("status of 422")
    page = visitor.open(javascript=javascript)
    page.goto("/signin")
    fill_sign_in(page, CANDIDATE, "demo?")
    problem = page.locator("#signin-problem")
    expect(problem).to_have_attribute("role", "alert")
    assert len(problem.inner_text().split()) > 4
    expect(page.get_by_label("Email address")).to_have_value(CANDIDATE)
    expect(page.get_by_label("Password")).to_have_value("")
    expect(page).to_have_title(re.compile("^Problem: Sign in"))
    fill_sign_in(page, CANDIDATE)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Begin with your professional profile"))


@pytest.mark.parametrize(
    ("person", "path", "heading"),
    [
        (CANDIDATE, "/candidate/", "Begin with your professional profile for Computed Tomography."),
        (PSYCHOMETRICIAN, "/psychometrician/", "CT cohort"),
        (SPECIALIST, "/specialist/CT/items", "Computed Tomography item bank"),
        (STAFF, "/staff/", "Claims to review"),
    ],
    ids=["candidate", "psychometrician", "specialist", "staff"],
)
def test_everybody_gets_to_their_own_start_page(visitor: Visitor, person: str, path: str, heading: str) -> None:
    page = visitor.open(person)
    assert page.url == visitor.site.url + path
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


@both_ways
def test_after_signing_out_the_pages_are_closed_even_with_the_back_button(visitor: Visitor, javascript: bool) -> None:
    page = visitor.open(CANDIDATE, javascript=javascript)
    button(page, "Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "Computed Tomography self-assessment" not in page.inner_text("main")


def test_a_page_for_others_says_so_and_shows_the_way_home(visitor: Visitor) -> None:
    visitor.watch.expected.append("status of 403")
    page = visitor.open(CANDIDATE)
    answer = page.goto("/psychometrician/")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("Not for you")
    page.get_by_role("link", name="Go to your start page").click()
    expect(page).to_have_url(f"{visitor.site.url}/candidate/")


def test_a_session_that_ends_while_answering_may_be_opened_again_in_another_tab(visitor: Visitor) -> None:
    visitor.watch.expected += ("status of 401", "htmx:responseError", "Response Status Error Code 401")
    page = visitor.open(CANDIDATE)
    first = begin(page)
    elsewhere = page.context.new_page()
    elsewhere.goto("/")
    button(elsewhere, "Sign out").click()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()

    option(page, first.options[1]).click()
    expect(receipt(page)).to_contain_text("You were signed out, so this is not saved yet.")
    expect(page.get_by_role("dialog", name="You are signed out")).to_be_visible()
    fill_sign_in(elsewhere, CANDIDATE)
    expect(button(elsewhere, "Sign out")).to_be_visible()
    button(page, "Not now").click()
    expect(receipt(page)).to_contain_text("You were signed out, so this is not saved yet.")
    button(page, "Save and go on").click()
    at_position(page, 2)
    button(page, "Previous").click()
    assert at_position(page, 1).chosen == first.options[1]


def test_signed_out_in_the_middle_one_signs_in_in_place_and_the_answer_is_sent(visitor: Visitor) -> None:
    visitor.watch.expected += NOISE
    page = visitor.open(CANDIDATE)
    first = begin(page)
    page.context.clear_cookies()
    chosen = page.locator(f"input[value='{first.options[1]}']")
    chosen.focus()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog", name="You are signed out")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Email address")).to_have_value(CANDIDATE)
    expect(dialog.get_by_label("Password")).to_be_focused()
    assert stored(visitor.site, page) == {}
    fill_sign_in_here(page, "demo?")
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("Email address")).to_have_value(CANDIDATE)
    fill_sign_in_here(page, "demo")
    expect(dialog).to_be_hidden()
    expect(receipt(page)).to_have_text(SAVED)
    expect(chosen).to_be_focused()
    assert stored(visitor.site, page) == {1: first.options[1]}

    page.context.clear_cookies()
    button(page, "Save and go on").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#stay")).to_have_text(STAY)
    button(page, "Save and go on").click()
    fill_sign_in_here(page, "demo")
    expect(receipt(page)).to_have_text(SAVED)
    button(page, "Save and go on").click()
    at_position(page, 2)


def fill_sign_in_here(page: Page, password: str) -> None:
    """Fill in the form in the dialog."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()


def test_signed_out_without_javascript_one_signs_in_and_the_answer_is_saved(visitor: Visitor) -> None:
    visitor.watch.expected += NOISE
    page = visitor.open(CANDIDATE, javascript=False)
    first = begin(page)
    page.context.clear_cookies()
    option(page, first.options[2]).click()
    button(page, "Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to save")
    fill_sign_in(page, CANDIDATE)
    at_position(page, 2)
    assert stored(visitor.site, page) == {1: first.options[2]}
