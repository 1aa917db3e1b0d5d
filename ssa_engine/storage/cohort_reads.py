"""What a review of a cohort reads: its stamp, the responses of its attempts, comments and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ssa_engine.core.attempts import State
from ssa_engine.storage import columnar, frames
from ssa_engine.storage.columnar import Integers, Texts
from ssa_engine.storage.console_tables import candidate_groups, rescorings
from ssa_engine.storage.sitting_tables import comments
from ssa_engine.storage.tables import attempts, bank_versions, credentials, form_items, forms, responses, results


@dataclass(frozen=True, slots=True)
class CohortStamp:
    """Two cohorts with one stamp are the same: results are appended, and a rescoring changes its state and times."""

    results: int
    last_result: int
    rescorings: str


def cohort_stamp(connection: Connection, discipline: str) -> CohortStamp:
    """Return the stamp of a discipline's cohort."""
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(results.c.id), 0))
    count, last = connection.execute(counted.where(results.c.discipline == discipline)).one()
    columns = (rescorings.c.id, rescorings.c.state, rescorings.c.applied_at, rescorings.c.reverted_at)
    query = sa.select(*columns).where(rescorings.c.discipline == discipline).order_by(rescorings.c.id)
    changed = " ".join(f"{row.id}/{row.state}/{row.applied_at}/{row.reverted_at}" for row in connection.execute(query))
    return CohortStamp(int(count), int(last), changed)


def closed_responses(connection: Connection, discipline: str) -> pd.DataFrame:
    """Return the counted response to every item of every submitted attempt, by attempt and position.

    Returns
    -------
    DataFrame
        `attempt_id`, `candidate_id`, `form_id` (texts), `bank_version`, `key_version` (that of the attempt's latest
        result, else the bank's), `submitted_at` (UTC); `position`, `item_id`, `content_area`, `scored` (as the form
        says); `answer` (missing where there is none), `seconds`. What repeats is a category, but for the ids of
        attempts and candidates.
    """
    sat = _submitted(connection, discipline)
    asked = columnar.columns(connection, _of_submitted(form_items, form_items.c.form_id, discipline, by_form=True))
    given = columnar.columns(connection, _of_submitted(responses, responses.c.attempt_id, discipline))
    forms_of = np.argsort(sat["form"].to_numpy())
    attempt = forms_of[np.searchsorted(sat["form"].to_numpy()[forms_of], asked["form_id"])]
    order = np.lexsort((asked["position"], attempt))
    attempt, item = attempt[order], Texts(asked["item_id"].codes[order], asked["item_id"].texts)
    which = _last_given(given, np.searchsorted(sat["id"].to_numpy(), given["attempt_id"]), item, attempt)
    frame = sat.drop(columns=["id", "form"]).take(attempt).reset_index(drop=True)
    return frame.assign(
        position=asked["position"][order],
        item_id=item.categorical(),
        content_area=Texts(asked["content_area"].codes[order], asked["content_area"].texts).categorical(),
        scored=asked["scored"][order],
        answer=_answers(given["answer"], which),
        seconds=np.append(given["seconds"], np.nan)[which],
    )


def _submitted(connection: Connection, discipline: str) -> pd.DataFrame:
    """Return the submitted attempts by their ids: `id` and `form` as numbers, and what `closed_responses` repeats."""
    query = (
        sa.select(
            attempts.c.id,
            attempts.c.form_id,
            credentials.c.person_id,
            attempts.c.submitted_at,
            forms.c.bank_version,
            bank_versions.c.key_version,
        )
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .join(forms, forms.c.id == attempts.c.form_id)
        .join(bank_versions, bank_versions.c.version == forms.c.bank_version)
        .where(credentials.c.discipline == discipline, attempts.c.state != State.IN_PROGRESS)
        .order_by(attempts.c.id)
    )
    rows = [tuple(row) for row in connection.execute(query)]
    frame = pd.DataFrame(rows, columns=["id", "form", "candidate_id", "submitted_at", "bank_version", "key_version"])
    frame = frame.astype({"id": "int64", "form": "int64", "candidate_id": "str"})
    known = frames.key_versions(connection, discipline)
    ids = frame["id"].astype("str")
    frame["key_version"] = [known.get(one, own) for one, own in zip(ids, frame["key_version"], strict=True)]
    return frame.assign(
        attempt_id=ids,
        form_id=frame["form"].astype("str").astype("category"),
        bank_version=frame["bank_version"].astype("str").astype("category"),
        key_version=frame["key_version"].astype("str").astype("category"),
        submitted_at=pd.to_datetime(frame["submitted_at"], utc=True),
    )


def _of_submitted(
    table: sa.Table, key: sa.ColumnElement[int], discipline: str, *, by_form: bool = False
) -> sa.Select[tuple[object, ...]]:
    """Return a query of the rows that belong to submitted attempts, of the columns that `closed_responses` needs."""
    wanted = ("form_id", "position", "item_id", "content_area", "scored", "id", "attempt_id", "answer", "seconds")
    own = (
        sa.select(attempts.c.form_id if by_form else attempts.c.id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.discipline == discipline, attempts.c.state != State.IN_PROGRESS)
    )
    return sa.select(*(column for column in table.c if column.name in wanted)).where(key.in_(own))


def _last_given(given: dict[str, Any], of_given: Integers, item: Texts, attempt: Integers) -> Integers:
    """Return for each (attempt, item) the place of the last response to it among those given, else -1.

    `of_given` says of which attempt each given response is.
    """
    width = len(item.texts) + 1
    known = pd.Index(item.texts, dtype="str").get_indexer(pd.Index(given["item_id"].texts, dtype="str"))
    pairs = of_given * width + known[given["item_id"].codes] + 1
    order = np.lexsort((given["id"], pairs))
    last = order[np.append(pairs[order][1:] != pairs[order][:-1], np.ones(min(1, len(order)), dtype=bool))]
    wanted = attempt * width + item.codes + 1
    found = np.append(last, -1)[np.searchsorted(pairs[last], wanted)]
    return np.where(np.append(pairs, -1)[found] == wanted, found, -1)


def _answers(given: Texts, which: Integers) -> pd.Categorical:
    """Return the answers; an empty one was taken back, so it is missing."""
    codes = np.append(given.codes, -1)[which]
    if "" in given.texts:
        codes = np.where(codes == given.texts.index(""), -1, codes)
    return Texts(codes, given.texts).categorical().remove_unused_categories()


def comment_counts(connection: Connection, discipline: str, bank_version: str | None = None) -> dict[str, int]:
    """Return item id -> how many comments candidates wrote on it, on forms of one bank version or of all."""
    query = (
        sa.select(comments.c.item_id, sa.func.count())
        .join(attempts, attempts.c.id == comments.c.attempt_id)
        .join(credentials, credentials.c.id == attempts.c.credential_id)
        .where(credentials.c.discipline == discipline)
        .group_by(comments.c.item_id)
    )
    if bank_version is not None:
        query = query.join(forms, forms.c.id == attempts.c.form_id).where(forms.c.bank_version == bank_version)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def groupings(connection: Connection, discipline: str) -> list[str]:
    """Return the names of the groupings in which candidates of this discipline have a group."""
    query = (
        sa.select(candidate_groups.c.grouping)
        .where(candidate_groups.c.person_id.in_(_holders(discipline)))
        .distinct()
        .order_by(candidate_groups.c.grouping)
    )
    return list(connection.execute(query).scalars())


def groups_of(connection: Connection, discipline: str, grouping: str) -> pd.Series:
    """Return candidate_id (as text) -> the candidate's group in a grouping."""
    query = sa.select(candidate_groups.c.person_id, candidate_groups.c.value).where(
        candidate_groups.c.grouping == grouping, candidate_groups.c.person_id.in_(_holders(discipline))
    )
    rows = connection.execute(query.order_by(candidate_groups.c.person_id)).all()
    index = pd.Index([str(row.person_id) for row in rows], name="candidate_id", dtype="str")
    return pd.Series([row.value for row in rows], index=index, name="group", dtype=object)


def _holders(discipline: str) -> sa.Select[tuple[int]]:
    return sa.select(credentials.c.person_id).where(credentials.c.discipline == discipline)
