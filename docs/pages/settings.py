"""docs/reference/settings.md: every setting."""

from __future__ import annotations

from docs.pages.markdown import code, table
from ssa_engine.config import NOT_SETTINGS, SETTINGS


def page() -> str:
    """Write the page."""
    rows = [(code(one.variable), code(one.default) or "empty", one.help) for one in SETTINGS]
    others = ", ".join(code(name) for name in sorted(NOT_SETTINGS))
    return (
        "# Settings\n\n"
        "Settings are read from the environment when a command begins. A variable that begins with `SSA_` and is "
        "not listed here stops the command, so a misspelt setting is noticed. `ssa settings` prints the values in "
        "force.\n\n" + table(("variable", "default", "meaning"), rows) + f"\n{others} are read by the tests alone.\n"
    )
