"""What a browser calls itself, made short: 'Firefox on Windows'."""

from __future__ import annotations

from ssa_engine.core.text import Sentence, say

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""(what stands in its name, what people call it); the first that is found."""


def browser_name(agent: str) -> str | Sentence:
    """Return browser and system by the names people know, or what the browser calls itself."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    return say("{browser} on {system}", browser=browser, system=system) if browser and system else agent
