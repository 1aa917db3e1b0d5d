"""docs/reference/claim-states.md: the states of a CE claim, as a table and drawn."""

from __future__ import annotations

from docs.pages.markdown import code, table
from ssa_engine.core.claims import STATE_WORDS, TRANSITIONS


def page() -> str:
    """Write the page."""
    rows = [
        (code(verb), code(before or "") or "–", code(after), who, what)
        for verb, before, after, who, what in TRANSITIONS
    ]
    arrows = "".join(f"    {before or '[*]'} --> {after}: {verb}\n" for verb, before, after, _, _ in TRANSITIONS)
    candidate_may = {before for _, before, _, who, _ in TRANSITIONS if who == "candidate"}
    ends = "".join(f"    {state} --> [*]\n" for state in STATE_WORDS if state not in candidate_may and _rests(state))
    words = table(("state", "what the candidate reads"), [(code(state), words) for state, words in STATE_WORDS.items()])
    return (
        "# States of a claim\n\n"
        "Any other verb in any other state is refused with a sentence, and nothing is changed. What a reviewer does "
        "carries the revision of the claim that they saw, so that of two at once the second learns what the first "
        "did.\n\n"
        + table(("verb", "from", "to", "who", "what happens"), rows)
        + f"\n```mermaid\nstateDiagram-v2\n{arrows}{ends}```\n\n"
        + words
    )


def _rests(state: str) -> bool:
    """Whether nothing leads on from a state but an undo."""
    return all(verb == "undo" for verb, before, _, _, _ in TRANSITIONS if before == state)
