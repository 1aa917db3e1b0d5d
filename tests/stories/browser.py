"""A real browser and a real server for the stories: Chromium, a demo site on a loopback port, and what people press."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Playwright, expect

from ssa_engine.core.demo_people import DEMO_PASSWORD
from tests.stories.site import Site
from tests.stories.spoken import RECORD

COHORT = 12
FURNITURE = (
    "AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,"
    "HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OmniboxPopupWebUI,OptimizationHints,PaintHolding,"
    "PreconnectToSearch,PreloadTopChromeWebUI,SidePanelPinning,TabSearchToolbarButton,ThirdPartyStoragePartitioning,"
    "WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,WebUIOmniboxPopup,WebUITabStrip,WebUIToolbar"
)
"""Parts of a browser that nobody sees without a head; each window would start a process for some of them."""
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    f"--disable-features={FURNITURE}",
)  # fmt: skip

CANDIDATE = "candidate@example.org"
PRESCRIBED = "prescribed@example.org"
COMPLETE = "complete@example.org"
PSYCHOMETRICIAN = "psychometrician@example.org"
SPECIALIST = "specialist@example.org"
STAFF = "staff@example.org"


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: the one named in SSA_CHROMIUM, else one on the PATH, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("SSA_CHROMIUM") or next((path for path in map(shutil.which, names) if path), None)
    try:
        return playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
    except Error as problem:
        if found or os.environ.get("CI") == "true":
            raise
        pytest.skip(f"No browser here; with CI=true this is an error ({problem.message.splitlines()[0]})")


@dataclass
class Watch:
    """Everything that pages complain about: console, script errors, requests that leave the site."""

    origin: str
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def attach(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", lambda message: self._said(message.type, message.text, message.location["url"]))
        context.on("weberror", lambda error: self._note(f"script error: {error.error.message}"))
        context.on("request", lambda request: self._asked(request.url))

    def _said(self, kind: str, text: str, url: str) -> None:
        if kind in ("error", "warning", "assert"):
            self._note(f"{kind}: {text} ({url})")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin + "/", "data:", "blob:")):
            self._note(f"request outside the site: {url}")

    def _note(self, problem: str) -> None:
        if not any(words in problem for words in self.expected):
            self.problems.append(problem)


@dataclass
class Visitor:
    """Opens browser windows on a site, each with its own cookies, and watches them."""

    browser: Browser
    site: Site
    watch: Watch
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, person: str | None = None, *, javascript: bool = True, **options: Any) -> Page:
        """Open a window; on the start page and signed in, if a person is named."""
        context = self.browser.new_context(base_url=self.site.url, java_script_enabled=javascript, **options)
        context.set_default_timeout(10_000)
        context.add_init_script(RECORD)
        self.watch.attach(context)
        self.contexts.append(context)
        if person:
            context.add_cookies([{"name": "ssa_session", "value": self.site.session(person), "url": self.site.url}])
        page = context.new_page()
        if person:
            page.goto("/")
            expect(button(page, "Sign out")).to_be_visible()
        return page

    def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            context.close()


def sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    """Sign in as a person does: through the form, from the start page."""
    page.goto("/")
    fill_sign_in(page, email, password)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def fill_sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    """Fill in the sign-in form that is shown, and send it."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@dataclass(frozen=True)
class Shown:
    """What an item page shows: the item, its options in order, and the answer on it as it would be stored."""

    position: int
    item: str
    format: str
    options: tuple[str, ...]
    chosen: str | None


READ_ITEM = """() => {
  const item = document.getElementById('item');
  const form = document.getElementById('answer-form');
  const options = [...form.querySelectorAll('input[name=answer][type=radio], input[name=answer][type=checkbox]')];
  const entries = [...form.querySelectorAll('[data-entry]')];
  return [Number(item.dataset.position), item.dataset.item, item.dataset.format,
          options.length ? options.map((one) => one.value) : entries.map((one) => one.dataset.entry),
          new FormData(form).getAll('answer').filter(Boolean)];
}"""


def read_item(page: Page) -> Shown:
    """Read the item page as it stands."""
    position, item, kind, options, given = page.evaluate(READ_ITEM)
    answer = ",".join(sorted(given) if kind == "multiple" else given)
    return Shown(position, item, kind, tuple(options), answer or None)


def at_position(page: Page, position: int) -> Shown:
    """Wait for an item page, then read it."""
    expect(page.locator(f"section#item[data-position='{position}']:not([aria-busy])")).to_be_visible()
    return read_item(page)


def option(page: Page, value: str) -> Locator:
    """Return the row of an option: what a person presses."""
    return page.locator("label.option", has=page.locator(f"input[value='{value}']"))


def give(page: Page, shown: Shown, answer: str) -> None:
    """Answer the item that is shown, whatever its format; `answer` is as it would be stored."""
    if shown.format == "single":
        option(page, answer).click()
    elif shown.format == "multiple":
        before = set((shown.chosen or "").split(","))
        for value in sorted(before.symmetric_difference(answer.split(",")) - {""}):
            option(page, value).click()
    elif shown.format == "sorted":
        sort(page, shown, answer.split(","))
    else:
        field = page.locator("#number" if shown.format == "number" else "#place")
        field.fill(answer)
        field.blur()


def sort(page: Page, shown: Shown, wanted: list[str]) -> None:
    """Bring the entries into an order with the arrows."""
    order = list(shown.options)
    if order == wanted and shown.chosen is None:
        button(page, "Keep this order").click()
    for to, entry in enumerate(wanted):
        while (at := order.index(entry)) > to:
            page.locator(f"button[name=move][value='{entry}:up']").click()
            order.insert(at - 1, order.pop(at))
            expect(page.locator("[data-entry]").nth(at - 1)).to_have_attribute("data-entry", entry)
    expect(page.locator("#sort-state")).to_have_text("This order is your answer.")


def some_answers(shown: Shown) -> list[str]:
    """Return a few different answers that the item takes; the first of a sorted list is another order than shown."""
    if shown.format in ("number", "hotspot"):
        return ["12,34", "40,30", "50,60"] if shown.format == "hotspot" else ["12.5", "7", "0.25"]
    if shown.format == "sorted":
        first, second, *others = shown.options
        return [
            ",".join(order) for order in ([second, first, *others], [*others, first, second], [*others, second, first])
        ]
    if shown.format == "multiple":
        return [",".join(sorted(shown.options[at : at + 2])) for at in range(3)]
    return list(shown.options)


def give_one(page: Page, shown: Shown, number: int = 0) -> str:
    """Give one of the answers that the item takes; return it."""
    answer = [one for one in some_answers(shown) if one != shown.chosen][number]
    give(page, shown, answer)
    return answer


def button(page: Page, name: str) -> Locator:
    """Return a button by its words."""
    return page.get_by_role("button", name=name, exact=True)


def receipt(page: Page) -> Locator:
    """Return the place where the page says what is saved."""
    return page.locator("#receipt")


SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d( UTC)?$")


def get_ready(page: Page) -> None:
    """Go from the dashboard to the page before the first question: confirm who one is, accept the agreement."""
    page.get_by_role("link", name="Look at the self-assessment").click()
    button(page, "I am this person").click()
    button(page, "I accept").click()
    expect(button(page, "Start my assessment")).to_be_visible()


def begin(page: Page) -> Shown:
    """Start the CT assessment from the dashboard."""
    get_ready(page)
    button(page, "Start my assessment").click()
    return at_position(page, 1)


def attempt_of(page: Page) -> int:
    """Return the attempt that a page's address names, once it names one."""
    expect(page).to_have_url(re.compile(r"^[^?]*/attempts/\d+"))
    return int(urlsplit(page.url).path.split("/")[3])
