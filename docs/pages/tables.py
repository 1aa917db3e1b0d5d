"""docs/reference/tables.md: the tables of the database with their constraints."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from docs.pages.markdown import code, table
from ssa_engine.storage.schema import TABLE_MODULES, metadata

POSTGRESQL = sa.make_url("postgresql+psycopg://").get_dialect()()
SQLITE = sa.make_url("sqlite://").get_dialect()()

ROWS = {
    "people": "a person who can sign in",
    "person_roles": "a role of a person",
    "sessions": "an open session; the token itself is only in the person's cookie",
    "signin_failures": "a sign-in that did not succeed; counted to slow down guessing",
    "credentials": "a discipline held by a person",
    "bank_versions": "an item bank as it was, the whole content as JSON",
    "bank_media": "an exhibit of a bank version",
    "policies": "a published policy",
    "forms": "a form that was drawn",
    "form_items": "a place on a form: the item and the order of its options",
    "attempts": "a sitting of a form",
    "responses": "an answer as it was received; the latest of an attempt and item counts, none is ever changed",
    "flags": "an item that is flagged for review",
    "results": "a scoring of an attempt, with the versions it was computed under",
    "area_scores": "a content area of a result",
    "prescriptions": "the prescription that follows from a result",
    "prescription_areas": "the credits to earn in a content area, and the sentence that explains them",
    "preparations": "one way to the first item: identity confirmed, agreement accepted or not",
    "attempt_events": "one thing that happened in a sitting, answers aside; rows are only ever added",
    "item_tools": "what a candidate struck out, highlighted and noted on one item",
    "comments": "one comment of a candidate on an item",
    "survey_answers": "one answer to the survey after submission",
    "preferences": "how one person wants pages shown",
    "allowed_attempts": "an attempt beyond the first of a cycle that staff allowed",
    "accommodations": "what is granted to one person for every sitting",
    "audit": "a change and who made it",
    "policy_drafts": "a policy that is being tuned; once published, the version it became",
    "rescorings": "a rescoring session; never deleted",
    "rescoring_changes": "what a session changes about one item",
    "rescored_attempts": "a rescored attempt: the results before and after, and what waits for a decision",
    "completed_credits": "credits earned toward a prescription; added by an approval, removed by its undo alone",
    "cycle_events": "what happened to a credential in a cycle: completed, discontinued, reinstated",
    "completion_records": "a completed cycle and the code by which anyone can check it",
    "activities": "a CE activity of the catalogue; never deleted, as claims name it",
    "activity_credits": "the credits of an activity in one content area of one discipline",
    "plan_choices": "an activity that a candidate wants in the plan, or not",
    "claims": "a claim as it stands; what its steps make of it",
    "claim_events": "one step of a claim; rows are only ever added",
    "certificates": "a certificate of a claim: the file that was made of what was sent, and the hashes of both",
    "profiles": "the professional profile of a credential in a cycle; once finished, how broad and how deep",
    "profile_answers": "how often one clinical activity of a profile was performed",
    "notices": "what a person is told",
    "mail": "the mail of a notice: where it stands on its way out",
    "candidate_groups": "the value of one grouping for one candidate",
    "standard_settings": "a panel's sheet as it was uploaded",
}
"""Table -> what one row is."""


def page() -> str:
    """Write the page."""
    references = sorted(
        f"    {one.name} }}o--|| {key.column.table.name} : {key.parent.name}\n"
        for one in metadata.tables.values()
        for key in one.foreign_keys
    )
    return (
        "# Tables\n\n"
        "The constraints hold in the database itself, on SQLite and on PostgreSQL. Times are UTC.\n\n"
        f"```mermaid\nerDiagram\n{''.join(references)}```\n\n" + "\n".join(map(_section, _in_order()))
    )


def _in_order() -> list[sa.Table]:
    """Return the tables in the order of the code, whatever was imported first."""
    return [one for module in TABLE_MODULES for one in vars(module).values() if isinstance(one, sa.Table)]


def _section(one: sa.Table) -> str:
    rows = [
        (
            code(column.name),
            column.type.compile(dialect=POSTGRESQL),
            column.type.compile(dialect=SQLITE),
            "yes" if column.nullable else "",
            _role(column),
        )
        for column in one.columns
    ]
    heads = ("column", "PostgreSQL", "SQLite", "may be empty", "key")
    rules = "".join(f"- {rule}\n" for rule in sorted(_rules(one)))
    return f"## {one.name}\n\nOne row is {ROWS[one.name]}.\n\n{table(heads, rows)}" + (f"\n{rules}" if rules else "")


def _role(column: sa.Column[object]) -> str:
    parts = ["primary key"] if column.primary_key else []
    parts += [f"→ {code(key.target_fullname)}" for key in sorted(column.foreign_keys, key=lambda key: str(key.column))]
    return ", ".join(parts)


def _rules(one: sa.Table) -> Iterator[str]:
    """Say each constraint and index that is not in the list of columns."""
    for rule in one.constraints:
        names = ", ".join(code(column.name) for column in rule.columns) if hasattr(rule, "columns") else ""
        if isinstance(rule, sa.CheckConstraint):
            yield f"check {code(rule.name)}: {code(rule.sqltext)}"
        elif isinstance(rule, sa.UniqueConstraint):
            yield f"unique: {names}"
    for index in one.indexes:
        names = ", ".join(code(column.name) for column in index.columns)
        where = index.dialect_options["postgresql"]["where"]
        kind = "unique index" if index.unique else "index"
        yield f"{kind}: {names}" + (f" where {code(where)}" if where is not None else "")
