"""How a person wants pages shown: kept with the person, so the same on every device."""

from __future__ import annotations

from dataclasses import dataclass

from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

TEXT_SIZES = (100, 125, 150, 200)
"""In percent of the usual size."""
THEMES = ("system", "light", "dark", "contrast", "contrast-dark")
LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Display:
    """Text size in percent, theme, whether the clock is hidden, and the language (empty: as the browser asks)."""

    text_size: int = 100
    theme: str = "system"
    hide_clock: bool = False
    language: str = ""

    def __post_init__(self) -> None:
        """Refuse what is not offered."""
        if self.text_size not in TEXT_SIZES or self.theme not in THEMES or self.language not in ("", *LANGUAGES):
            raise Invalid(say("That choice is not offered here. Reload the page and choose again."))


USUAL = Display()
