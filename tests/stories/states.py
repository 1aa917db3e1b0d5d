"""Every page in every state: in which affairs, for whom, at which address, and what to press there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.stories.browser import (
    CANDIDATE,
    COMPLETE,
    PRESCRIBED,
    PSYCHOMETRICIAN,
    SAVED,
    SPECIALIST,
    STAFF,
    button,
    fill_sign_in,
    receipt,
)
from tests.stories.form import KINDS


def stale(page: Page) -> None:
    """Answer on a page that is older than the attempt."""
    page.locator("#token").evaluate("(input) => { input.value = 'of-another-window'; }")
    page.locator("label.option:not(:has(:checked))").first.click()
    expect(page.get_by_role("alert")).to_be_visible()


def not_saved(page: Page) -> None:
    """Choose an option while no server answers."""
    page.route("**/items/*", lambda route: route.abort("connectionrefused"))
    page.locator("label.option").first.click()
    expect(receipt(page)).to_contain_text("Not saved yet.")


def mistyped(page: Page) -> None:
    """Give a password that is not right."""
    fill_sign_in(page, COMPLETE, "demo?")
    expect(page.locator("#signin-problem")).to_be_visible()


def confirm(page: Page) -> None:
    """Ask to submit while something is open."""
    button(page, "Submit my assessment").click()
    expect(page.get_by_role("heading", name="Submit your assessment?")).to_be_visible()


def result(page: Page) -> None:
    """Open the result from the dashboard."""
    page.get_by_role("link", name="See my result").click()
    expect(page.get_by_role("heading", name="Your result in Computed Tomography")).to_be_visible()


def identity(page: Page) -> None:
    """Open the first step from the dashboard."""
    page.locator("section[data-credential] a[href$='/assessment']").first.click()
    expect(page.get_by_role("heading", name="Confirm who you are")).to_be_visible()


def agreement(page: Page) -> None:
    """Confirm who one is, unless that is done."""
    page.locator("section[data-credential] a[href$='/assessment']").first.click()
    who, agreed_to = button(page, "I am this person"), page.get_by_role("heading", name="Non-disclosure agreement")
    expect(who.or_(agreed_to)).to_be_visible()
    if who.count():
        who.click()
    expect(agreed_to).to_be_visible()


def start(page: Page) -> None:
    """Open the page before the first question from the dashboard."""
    page.locator("section[data-credential] a[href$='/assessment']").first.click()
    expect(page.get_by_role("heading", name="Your self-assessment in Computed Tomography")).to_be_visible()


def unread(page: Page) -> None:
    """Type a number that could be read in two ways."""
    page.locator("#number").fill("1,333")
    page.locator(".stem").click()
    expect(page.locator("#answer-problem")).to_be_visible()


def tools(page: Page) -> None:
    """Open every tool; highlight the first words and strike out an option."""
    page.locator("#aids > summary").click()
    button(page, "Highlighter").click()
    page.locator("#stem").focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("mark").first).to_be_visible()
    if page.locator(".strike").count():
        page.locator(".strike").nth(1).click()
    if button(page, "Calculator").count():
        button(page, "Calculator").click()
        page.keyboard.type("8.5*24=")
        expect(page.locator("#calc-now")).to_have_text("204")


def marked(page: Page) -> None:
    """Mark a place with the keyboard, and leave the cross-hair elsewhere."""
    page.locator("#hotspot").focus()
    for key in ("ArrowRight", "Enter", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(receipt(page)).to_have_text(SAVED)


def larger(page: Page) -> None:
    """Make an image larger and brighter."""
    button(page, "Larger").click()
    page.get_by_label("Contrast", exact=True).focus()
    page.keyboard.press("ArrowRight")


def not_loaded(page: Page) -> None:
    """Let the image not arrive."""
    page.route("**/media/*.png", lambda route: route.abort("connectionreset"))
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The picture did not load.")


def signed_out(page: Page) -> None:
    """Answer after the session ended: the page asks to sign in."""
    page.context.clear_cookies()
    page.locator("label.option:not(:has(:checked))").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def not_yet(page: Page) -> None:
    """Open the start page of an assessment whose window is not open yet."""
    credential = page.locator("section[data-state=not_yet]").get_attribute("data-credential")
    page.goto(f"/candidate/credentials/{credential}/assessment")
    expect(page.get_by_role("heading", name="Your self-assessment in Radiography")).to_be_visible()


def letter(page: Page) -> None:
    """Open the letter about a rescoring from the dashboard."""
    page.locator("a[href*='/candidate/letters/']").first.click()
    expect(button(page, "I have read this")).to_be_visible()


def keys(page: Page) -> None:
    """Open the list of keys."""
    button(page, "Keys").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def lost(page: Page) -> None:
    """Lose the connection before anything is to be saved."""
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_be_visible()


def send_nothing(page: Page) -> None:
    """Send a claim that says nothing."""
    button(page, "Send it for review").click()
    expect(page.locator("#to-mend")).to_be_visible()


def over(page: Page) -> None:
    """Let the clock run out, as far as the page can tell."""
    page.route("**/pulse", lambda route: route.fulfill(body="<span id='time-left' data-seconds='0'></span>"))
    page.route("**/review", lambda route: route.fulfill(status=204, headers={"HX-Redirect": "/candidate/"}))
    page.locator("#time-left").evaluate("(clock) => { clock.dataset.seconds = '0'; }")
    expect(page.locator(".over a.button")).to_be_visible()


@dataclass(frozen=True)
class State:
    """One page in one state."""

    name: str
    place: str
    person: str | None
    path: str = "/"
    act: Callable[[Page], None] | None = None
    expected: tuple[str, ...] = ()
    picture: bool = True

    @property
    def for_candidates(self) -> bool:
        """Whether a candidate may see it."""
        return self.person in (None, CANDIDATE, PRESCRIBED, COMPLETE)


ITEM = "/candidate/attempts/{attempt}/items"
DRAFT = "/psychometrician/CT/policy/drafts/1"
REVIEW = "/candidate/attempts/{attempt}/review"
NO_IMAGE = ("net::ERR_CONNECTION_RESET",)
SIGNED_OUT = ("status of 401", "htmx:responseError", "Response Status Error Code 401")
CE = "/candidate/credentials/4/ce"
PROFILE = "/candidate/credentials/{}/profile"
READER = ("chrome-extension://", "chrome://", "script error")
"""The browser's own reader of PDFs is an extension, and the script that records what is said does not suit it."""
NO_SERVER = ("net::ERR_CONNECTION_REFUSED", "htmx:sendError", "htmx:afterRequest")

STATES = (
    State("signin", "demo", None, "/signin"),
    State("signin-problem", "demo", None, "/signin", mistyped, expected=("status of 422",)),
    State("dashboard-open", "demo", CANDIDATE),
    State("dashboard-in-progress", "halfway", CANDIDATE),
    State("dashboard-time-up", "late", CANDIDATE),
    State("dashboard-waiting", "waiting", CANDIDATE, picture=False),
    State("dashboard-prescribed", "demo", PRESCRIBED),
    State("dashboard-complete", "demo", COMPLETE),
    State("identity", "demo", CANDIDATE, act=identity),
    State("agreement", "preparing", CANDIDATE, act=agreement),
    State("start", "agreed", CANDIDATE, act=start),
    *(State(f"tutorial-{n}", "demo", CANDIDATE, f"/candidate/credentials/1/tutorial/{n}") for n in range(1, 6)),
    State("start-resume", "halfway", CANDIDATE, act=start),
    State("start-not-yet", "demo", CANDIDATE, act=not_yet),
    State("item-unanswered", "halfway", CANDIDATE, f"{ITEM}/4"),
    State("item-answered", "halfway", CANDIDATE, f"{ITEM}/1"),
    State("item-flagged", "halfway", CANDIDATE, f"{ITEM}/3"),
    State("item-last", "halfway", CANDIDATE, f"{ITEM}/80", picture=False),
    State("item-stale", "halfway", CANDIDATE, f"{ITEM}/2", stale, expected=("status of 409",)),
    State("item-not-saved", "halfway", CANDIDATE, f"{ITEM}/1", not_saved, expected=NO_SERVER),
    State("item-signed-out", "halfway", CANDIDATE, f"{ITEM}/2", signed_out, expected=SIGNED_OUT),
    State("item-lost", "halfway", CANDIDATE, f"{ITEM}/2", lost, expected=("ERR_INTERNET_DISCONNECTED",)),
    State("item-over", "halfway", CANDIDATE, f"{ITEM}/2", over),
    State("item-tools", "halfway", CANDIDATE, f"{ITEM}/4", tools),
    State("item-calculator", "halfway", CANDIDATE, f"{ITEM}/{{number}}", tools),
    State("item-unread", "halfway", CANDIDATE, f"{ITEM}/{{number}}", unread, expected=("status of 422",)),
    *(State(f"item-{kind}", "halfway", CANDIDATE, f"{ITEM}/{{{kind}}}") for kind in KINDS),
    State("item-marked", "halfway", CANDIDATE, f"{ITEM}/{{hotspot}}", marked),
    State("item-larger", "halfway", CANDIDATE, f"{ITEM}/{{window}}", larger),
    State("item-not-loaded", "halfway", CANDIDATE, f"{ITEM}/{{window}}", not_loaded, expected=NO_IMAGE),
    State("item-nearly-over", "nearly over", CANDIDATE, f"{ITEM}/4"),
    State("break", "at break", CANDIDATE, "/candidate/attempts/{attempt}/break"),
    State("break-taken", "on break", CANDIDATE, "/candidate/attempts/{attempt}/break"),
    State("survey", "waiting", CANDIDATE, "/candidate/attempts/{attempt}/survey"),
    State("display", "demo", CANDIDATE, "/display"),
    State("review", "halfway", CANDIDATE, REVIEW),
    State("review-confirm", "halfway", CANDIDATE, REVIEW, confirm),
    State("review-time-up", "late", CANDIDATE, REVIEW),
    State("result-waiting", "waiting", CANDIDATE, act=result),
    State("result-prescribed", "demo", PRESCRIBED, act=result),
    State("result-complete", "demo", COMPLETE, act=result),
    State("profile-start", "demo", CANDIDATE, PROFILE.format(1)),
    State("profile-screen", "demo", CANDIDATE, f"{PROFILE.format(1)}/screens/1"),
    State("profile-missing", "demo", CANDIDATE, f"{PROFILE.format(1)}/finish"),
    State("profile-summary", "demo", COMPLETE, PROFILE.format(5)),
    State("outline", "demo", CANDIDATE, "/candidate/credentials/1/outline?q=dose"),
    State("help", "demo", CANDIDATE, "/candidate/help"),
    State("letters", "demo", PRESCRIBED, "/candidate/letters"),
    State("ce", "demo", PRESCRIBED, CE),
    State("ce-nothing", "demo", COMPLETE, "/candidate/credentials/5/ce"),
    State("activities", "demo", PRESCRIBED, f"{CE}/activities"),
    State("activities-none", "demo", PRESCRIBED, f"{CE}/activities?text=unicorn", picture=False),
    State("plan", "demo", PRESCRIBED, f"{CE}/plan"),
    State("claim-new", "demo", PRESCRIBED, f"{CE}/claims/new"),
    State("claim-to-mend", "demo", PRESCRIBED, f"{CE}/claims/new", send_nothing, expected=("status of 422",)),
    State("claim", "demo", PRESCRIBED, f"{CE}/claims/2"),
    State("biennium", "demo", PRESCRIBED, "/candidate/biennium"),
    State("records", "demo", None, "/records"),
    State("record-unknown", "demo", None, "/records/CQRT-CQRT-CQRT", expected=("status of 404",)),
    State("not-found", "demo", CANDIDATE, "/candidate/nowhere", expected=("status of 404",)),
    State("not-for-you", "demo", CANDIDATE, "/psychometrician/", expected=("status of 403",), picture=False),
    State("cohort", "demo", PSYCHOMETRICIAN, "/psychometrician/"),
    State("cohort-keys", "demo", PSYCHOMETRICIAN, "/psychometrician/", keys),
    State("policy", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/policy"),
    State("items", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/items"),
    State("item", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/items/ct-form-001"),
    State("areas", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/areas"),
    State("area", "demo", PSYCHOMETRICIAN, "/psychometrician/CT/areas/image-formation"),
    State("audit", "console", PSYCHOMETRICIAN, "/psychometrician/audit"),
    State("tuning", "console", PSYCHOMETRICIAN, f"{DRAFT}?standard.image-formation=9"),
    State("publish", "console", PSYCHOMETRICIAN, f"{DRAFT}/publish"),
    State("compare", "console", PSYCHOMETRICIAN, "/psychometrician/CT/policy/compare?left=version-1&right=draft-1"),
    State("rescorings", "console", PSYCHOMETRICIAN, "/psychometrician/CT/rescorings"),
    State("rescoring", "console", PSYCHOMETRICIAN, "/psychometrician/CT/rescorings/1"),
    State("panel", "console", PSYCHOMETRICIAN, "/psychometrician/CT/standard-setting/1"),
    State("letter", "console", PRESCRIBED, act=letter),
    State("exports", "demo", PSYCHOMETRICIAN, "/psychometrician/exports"),
    State("specialist-index", "demo", SPECIALIST, "/specialist/CT/items"),
    State("specialist-preview", "demo", SPECIALIST, "/specialist/CT/items/ct-form-001"),
    State("claim-to-decide", "demo", STAFF, "/staff/claims/2", expected=READER),
    State("workload", "demo", STAFF, "/staff/workload"),
    State("attendance", "demo", STAFF, "/staff/attendance"),
    State("mail", "demo", STAFF, "/staff/mail"),
    State("staff-empty", "demo", STAFF, "/staff/"),
    State("staff-found", "demo", STAFF, "/staff/?q=example.org"),
    State("staff-nobody", "demo", STAFF, "/staff/?q=nobody+of+that+name", picture=False),
    State("style", "demo", SPECIALIST, "/style"),
)
