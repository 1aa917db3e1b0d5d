"""What leaves the engine as files: the datasets of the data package, from the database or from a batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.keys import keys_of_results
from ssa_engine.actions.process_exports import biennium_frame, cycle_frame, profile_frame
from ssa_engine.core.cohorts import ALWAYS, Period
from ssa_engine.core.errors import Invalid
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.marking import mark, read_answers
from ssa_engine.core.policies import Policy
from ssa_engine.core.prescriptions import score_responses
from ssa_engine.core.psychometrics.classical.item_statistics import item_statistics
from ssa_engine.exchange.columns import BY_NAME
from ssa_engine.storage import frames, process_frames
from ssa_engine.storage.cohort import attempts_between
from ssa_engine.storage.db import Connection, Database


def names_of(wanted: Sequence[str]) -> list[str]:
    """Return the datasets asked for; `all` means every one. Raise `Invalid` for an unknown name."""
    unknown = [name for name in wanted if name != "all" and name not in BY_NAME]
    if unknown or not wanted:
        known = ", ".join(BY_NAME)
        raise Invalid(f"{', '.join(unknown) or 'nothing'} is no dataset. Choose from: all, {known}.")
    return list(BY_NAME) if "all" in wanted else [name for name in BY_NAME if name in wanted]


def read_datasets(
    db: Database,
    banks: Banks,
    wanted: Sequence[str],
    discipline: str | None = None,
    period: Period = ALWAYS,
    *,
    now: dt.datetime,
) -> dict[str, pd.DataFrame]:
    """Return dataset name -> frame, all read from one state of the database.

    Of a period come the sittings submitted in it, or under way and started in it, with all that belongs to them, the
    statistics of items in these sittings, and the entries of the audit trail. Cycles, the biennium and profiles
    tell how things stand `now`, whatever the period.
    """
    with db.read() as connection:
        if period == ALWAYS:
            return {name: READERS[name](connection, banks, discipline, now) for name in names_of(wanted)}
        kept = attempts_between(connection, period)
        found = {}
        for name in names_of(wanted):
            if name in AS_OF_NOW:
                found[name] = READERS[name](connection, banks, discipline, now)
                continue
            if name == "items":
                found[name] = item_frame(connection, banks, discipline, kept)
                continue
            frame = READERS[name](connection, banks, discipline, now)
            inside = frame["attempt_id"].isin(kept) if "attempt_id" in frame else frame["at"].map(period.holds)
            found[name] = frame[inside.astype(bool)]
        return found


def marked_responses(connection: Connection, banks: Banks, discipline: str | None) -> pd.DataFrame:
    """Return the counted responses, marked once submitted by the keys their result was computed under.

    Those are the keys of the bank version as rescoring sessions have left them; while a session is under way, those
    of the results it has not reached yet are the keys before it. `scored` is false for an item that was dropped.
    """
    responses = frames.response_frame(connection, discipline)
    responses["correct"] = pd.Series(pd.NA, index=responses.index, dtype="boolean")
    responses["credit"] = np.nan
    responses["scored"] = responses["scored"].astype(bool)
    known = responses["attempt_id"].map(frames.key_versions(connection, discipline))
    responses["key_version"] = known.astype(object).where(known.notna(), responses["key_version"])
    closed = responses[responses["state"] != "in_progress"].drop(columns=["correct", "credit"])
    for marked in by_their_keys(connection, banks, closed):
        responses.loc[marked.index, "correct"] = marked["correct"].astype("boolean")
        responses.loc[marked.index, "credit"] = marked["credit"]
        responses.loc[marked.index, "scored"] = marked["scored"]
    return responses


def by_their_keys(connection: Connection, banks: Banks, closed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the responses of submitted attempts in parts, each marked by the keys that count for it.

    `closed` has `bank_version` and `key_version`, and what `marking.mark` takes.
    """
    for version, own in closed.groupby("bank_version", sort=False, observed=True):
        now, before = keys_of_results(connection, banks, str(version))
        up_to_date = (own["key_version"] == now.version) | (now is before)
        for keys, part in ((now, own[up_to_date]), (before, own[~up_to_date])):
            if len(part):
                yield mark(part, keys.table)


def item_frame(
    connection: Connection, banks: Banks, discipline: str | None, kept: frozenset[str] | None = None
) -> pd.DataFrame:
    """Return one row per item of each bank version ever served, with what the sittings showed, or those kept."""
    responses = marked_responses(connection, banks, discipline)
    if kept is not None:
        responses = responses[responses["attempt_id"].isin(kept)]
    closed = responses[responses["correct"].notna()]
    versions = frames.bank_version_frame(connection)
    parts = []
    for version, code in zip(versions["version"], versions["discipline"], strict=True):
        if discipline in (None, code):
            own = closed[closed["bank_version"] == version]
            parts.append(items_of_bank(banks.at(version), own).assign(bank_version=version))
    columns = [column.name for column in BY_NAME["items"].columns]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def items_of_bank(bank: ItemBank, marked: pd.DataFrame) -> pd.DataFrame:
    """Return the items of one bank with their statistics in these marked responses."""
    items = pd.DataFrame(
        {
            "item_id": [item.id for item in bank.items],
            "discipline": bank.discipline,
            "content_area": [bank.area_of(item) for item in bank.items],
            "topic": [item.topic for item in bank.items],
            "format": [item.format for item in bank.items],
            "scored": [item.status == "active" for item in bank.items],
            "status": [item.status for item in bank.items],
            "a": [item.statistics.a for item in bank.items],
            "b": [item.statistics.b for item in bank.items],
            "bank_version": bank.version,
        }
    )
    if not len(marked):
        return items.assign(n=0, p_value=np.nan, point_biserial=np.nan, exposure=np.nan)
    found = items.merge(item_statistics(marked), left_on="item_id", right_index=True, how="left")
    found["n"] = found["n"].fillna(0).astype(int)  # an item on no form was seen by nobody
    found["exposure"] = found["n"] / marked["attempt_id"].nunique()
    return found


Reader = Callable[[Connection, Banks, str | None, dt.datetime], pd.DataFrame]


def _stored(read: Callable[[Connection, str | None], pd.DataFrame]) -> Reader:
    """A reader of what is stored."""
    return lambda connection, _, discipline, __: read(connection, discipline)


READERS: dict[str, Reader] = {
    "attempts": _stored(frames.attempt_frame),
    "responses": lambda connection, banks, discipline, _: marked_responses(connection, banks, discipline),
    "area_scores": _stored(frames.area_score_frame),
    "prescriptions": _stored(frames.prescription_frame),
    "items": lambda connection, banks, discipline, _: item_frame(connection, banks, discipline),
    "events": _stored(frames.event_frame),
    "comments": _stored(frames.comment_frame),
    "survey": _stored(frames.survey_frame),
    "cycles": cycle_frame,
    "claims": _stored(process_frames.claim_frame),
    "claim_credits": _stored(process_frames.claim_credit_frame),
    "biennium": biennium_frame,
    "profiles": lambda connection, banks, discipline, _: profile_frame(connection, banks, discipline),
    "audit": lambda connection, _, __, ___: frames.audit_frame(connection),
}
AS_OF_NOW = frozenset({"cycles", "biennium", "profiles"})
"""What tells how things stand now, and not what happened in a period."""


def score_batch(
    responses: pd.DataFrame, bank: ItemBank, policy: Policy, policy_version: int | None, now: dt.datetime
) -> dict[str, pd.DataFrame]:
    """Score a file of responses; return the frames of `area_scores` and `prescriptions`.

    Of an exported file only this discipline's submitted attempts are scored: rows of others, and attempts under
    way, whose `correct` is empty, are left out.

    Raises
    ------
    Invalid
        As `scoring.mark` does, and if nothing is left to score.
    """
    if "discipline" in responses:
        responses = responses[responses["discipline"] == bank.discipline]
    if "correct" in responses:
        responses = responses[responses["correct"].notna().groupby(responses["attempt_id"]).transform("any")]
    if responses.empty:
        raise Invalid(f"There is no submitted {bank.discipline} attempt among the responses.")
    if {"item_id", "answer"} <= set(responses):
        responses = read_answers(responses, bank)
    scores = score_responses(responses, bank, bank.spec.in_outline_order(policy))
    scores["discipline"] = bank.discipline
    scores["candidate_id"] = _candidates(responses, scores["attempt_id"])
    scores["policy_version"] = policy_version
    scores["bank_version"], scores["key_version"], scores["scored_at"] = bank.version, bank.key_version, now
    prescribed = scores[scores["credits"] > 0].assign(
        prescription_id=lambda frame: frame["attempt_id"], credits_filled=0.0, issued_at=now, due_on=None
    )
    return {"area_scores": scores, "prescriptions": prescribed}


def _candidates(responses: pd.DataFrame, attempts: pd.Series) -> pd.Series:
    """Return the candidate of each attempt, missing where the responses do not say."""
    if "candidate_id" not in responses:
        return pd.Series(pd.NA, index=attempts.index, dtype="str")
    known = responses.drop_duplicates("attempt_id").set_index("attempt_id")["candidate_id"]
    return attempts.map(known)
