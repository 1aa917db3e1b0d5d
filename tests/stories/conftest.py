"""Fixtures of the browser stories: Chromium, demo sites, watched windows."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from ssa_engine.content.library import Library
from tests.stories.browser import Visitor, Watch, launch
from tests.stories.demo import build_demo
from tests.stories.form import first_of_each, is_complete
from tests.stories.pictures import WANTED
from tests.stories.site import Site, serving

expect.set_options(timeout=10_000)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the stories of a module run in one process, which starts one browser for them all."""
    if item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


TOLD_ONCE = {
    f"test_{name}_story"
    for name in ("beginning", "console", "format", "rescoring", "staff", "tools", "windows", "workshop")
}
"""Stories that are told without JavaScript only where pictures are wanted: the same forms are sent by tests/web."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell these stories once, unless somebody wants to look."""
    again = [one for one in items if one.path.stem in TOLD_ONCE and "[plain" in one.name and not WANTED]
    config.hook.pytest_deselected(items=again)
    items[:] = [one for one in items if one not in set(again)]


@pytest.fixture(scope="session")
def seed(library: Library) -> int:
    """The first seed of a CT form with an item of every kind, whose first five questions ask for one answer."""
    bank = library.bank("CT")
    for number in range(10_000):
        if is_complete(bank, number):
            return number
    raise AssertionError("no such form among ten thousand")


@pytest.fixture(scope="session")
def positions(library: Library, seed: int) -> dict[str, int]:
    """Where on the form each kind of item lies first."""
    return first_of_each(library.bank("CT"), seed)


@pytest.fixture(autouse=True)
def form_drawn_with_seed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every site draw the same form."""
    monkeypatch.setattr(secrets, "randbits", lambda _: seed)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser. One a module: its event loop occupies the thread, and other tests run loops of their own."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Path:
    """A demo database to copy."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    build_demo(path, library)
    return path


@pytest.fixture
def site(demo_template: Path, tmp_path: Path, library: Library) -> Iterator[Site]:
    """A site of the test's own, which it may change."""
    with serving(demo_template, tmp_path, library) as site:
        yield site


@pytest.fixture(scope="session")
def shared_site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Site]:
    """A site that tests only look at; signing in is all that happens there."""
    with serving(demo_template, tmp_path_factory.mktemp("shared"), library) as site:
        yield site


def _visitor(chromium: Browser, site: Site) -> Iterator[Visitor]:
    watch = Watch(site.url)
    visitor = Visitor(chromium, site, watch)
    yield visitor
    visitor.close()
    site.ahead, site.answers_late = dt.timedelta(), 0.0
    assert watch.problems == []


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Visitor]:
    """Windows on the test's own site. Afterwards no page may have complained in its console."""
    yield from _visitor(chromium, site)


@pytest.fixture
def onlooker(chromium: Browser, shared_site: Site) -> Iterator[Visitor]:
    """Windows on the shared site. Afterwards no page may have complained in its console."""
    yield from _visitor(chromium, shared_site)
