"""docs/reference/attempt-states.md: the states of an attempt, as a table and drawn."""

from __future__ import annotations

from docs.pages.markdown import code, table
from ssa_engine.core.attempts import TRANSITIONS, State


def page() -> str:
    """Write the page."""
    rows = [(code(event), code(before or "") or "–", code(after), what) for event, before, after, what in TRANSITIONS]
    arrows = "".join(f"    {before or '[*]'} --> {after}: {event}\n" for event, before, after, _ in TRANSITIONS)
    last = sorted(set(State) - {before for _, before, _, _ in TRANSITIONS if before})
    ends = "".join(f"    {state} --> [*]\n" for state in last)
    return (
        "# States of an attempt\n\n"
        "Any other event in any other state is refused with a sentence, and nothing is changed.\n\n"
        + table(("event", "from", "to", "what happens"), rows)
        + f"\n```mermaid\nstateDiagram-v2\n{arrows}{ends}```\n"
    )
