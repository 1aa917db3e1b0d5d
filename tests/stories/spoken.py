"""What a page says to a screen reader through its polite live region, written down as it is said."""

from __future__ import annotations

from playwright.sync_api import Page

RECORD = """document.addEventListener('DOMContentLoaded', () => {
  window.spoken = [];
  const region = document.getElementById('announcer');
  new MutationObserver(() => {
    const words = region.textContent.trim();
    if (words) window.spoken.push(words);
  }).observe(region, {childList: true, characterData: true, subtree: true});
});"""
"""For every page of a window: a sentence may be followed by the next before anybody could look."""
QUIET = 600
"""Milliseconds in which whatever is announced has been."""


def forget(page: Page) -> None:
    """Begin anew: what was said so far is not asked for."""
    page.evaluate("window.spoken.length = 0")


def spoken(page: Page) -> list[str]:
    """Return what the page has said since it was loaded, or since `forget`, once it has said all."""
    page.wait_for_timeout(QUIET)
    said: list[str] = page.evaluate("window.spoken")
    return said


def expect_spoken(page: Page, words: str) -> None:
    """Wait until the page says these words."""
    page.wait_for_function("(words) => window.spoken.some((said) => said.includes(words))", arg=words)
