"""The columns of every exported file: name, type, unit and meaning. The contract with data consumers."""

from __future__ import annotations

from ssa_engine.core.text import say
from ssa_engine.exchange.dataset import Column, Dataset
from ssa_engine.exchange.process_columns import PROCESS_DATASETS

SCHEMA_VERSION = "1.1.0"

_ATTEMPT = Column("attempt_id", "string", "The sitting; joins all files.")
_CANDIDATE = Column("candidate_id", "string", "The candidate; empty where the responses did not say.")
_DISCIPLINE = Column("discipline", "string", "Code of the discipline.")
_FORM = Column("form_id", "string", "The form that was drawn for this sitting.")
_AREA = Column("content_area", "string", "Id of the content area in the content specification.")
_ITEM = Column("item_id", "string", "The item; unique in its bank, never reused.")
_BANK = Column("bank_version", "string", "Hash of the item bank the form was drawn from.")
_KEY = Column("key_version", "string", "Hash of that bank's keys.")
_POLICY = Column("policy_version", "integer", "Version of the policy in force at submission.")
ANSWER_MEANING = say(
    "The answer as stored: an option’s id; ids joined by commas (select all that apply by id, sorted list in order); "
    "x,y in image pixels; or a number. Empty if not answered."
)

DATASETS = (
    Dataset(
        "attempts",
        say("one attempt"),
        ("attempt_id",),
        (
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            _FORM,
            Column("state", "string", "in_progress, submitted or released."),
            Column("started_at", "datetime", "When the clock started."),
            Column("submitted_at", "datetime", "When it was submitted, or the end of its clock; empty while open."),
            Column("released_at", "datetime", "When the candidate could see the result."),
            Column("seconds_used", "integer", "From start to submission; empty while open.", "s"),
            Column("seconds_allowed", "integer", "Time allowed, with what was granted; empty if untimed.", "s"),
            Column("items_answered", "integer", "Items with an answer."),
            Column("items_total", "integer", "Items on the form, pilots included."),
            Column("paused_seconds", "number", "How long the clock stood in breaks and lost connections.", "s"),
        ),
    ),
    Dataset(
        "responses",
        say("the counted response to one item of one attempt; an item without an answer has a row too"),
        ("attempt_id", "item_id"),
        (
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            _FORM,
            Column("position", "integer", "Place on the form, from 1."),
            _ITEM,
            _AREA,
            Column("scored", "boolean", "Whether it counts; false for a pilot item."),
            Column("answer", "string", ANSWER_MEANING),
            Column("correct", "boolean", "Whether the answer is the key; false if not answered; empty while open."),
            Column("seconds", "number", "Time on the page before the counted answer was saved.", "s"),
            Column("answered_at", "datetime", "When the counted answer was saved."),
            _BANK,
            _KEY,
            Column("credit", "number", "What the answer earned, from 0 to the item’s maximum of 1; empty while open."),
            Column("late", "boolean", "Whether it was on its way when the clock ended, and was taken in the grace."),
        ),
    ),
    Dataset(
        "area_scores",
        say("one content area of one attempt"),
        ("attempt_id", "content_area"),
        (
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            _AREA,
            Column("items", "integer", "Scored items in the area."),
            Column("correct", "integer", "How many of them were answered with the key."),
            Column("score", "number", "points / items.", "proportion"),
            Column("score_se", "number", "Standard error of the score, binomial error (Lord 1957).", "proportion"),
            Column("standard", "number", "Score at or above which the area needs no CE.", "proportion"),
            Column("gap", "number", "How far the score lies below the standard, else 0.", "proportion"),
            Column("below_standard", "boolean", "Whether the score is below the standard."),
            Column(
                "probability_below",
                "number",
                "Posterior probability that the true score is below the standard, by the policy’s own score.",
            ),
            _POLICY,
            _BANK,
            _KEY,
            Column("scored_at", "datetime", "When the result was computed."),
            Column("points", "number", "Sum of what was earned; equals `correct` where no item gives partial credit."),
            Column(
                "decision",
                "string",
                "prescribe, prescribe_half, offer_only or none; empty in results from before decisions were kept.",
            ),
        ),
    ),
    Dataset(
        "prescriptions",
        say("one content area of one prescription"),
        ("prescription_id", "content_area"),
        (
            Column("prescription_id", "string", "The prescription; an attempt without a gap has none."),
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            _AREA,
            Column("credits", "number", "CE credits to earn in this area.", "CE credit"),
            Column("credits_filled", "number", "Credits earned so far.", "CE credit"),
            _POLICY,
            Column("issued_at", "datetime", "When the prescription was issued."),
            Column("due_on", "date", "The day by which it is to be filled."),
        ),
    ),
    Dataset(
        "items",
        say("one item of a bank version"),
        ("item_id", "bank_version"),
        (
            _ITEM,
            _DISCIPLINE,
            _AREA,
            Column("topic", "string", "Code in the content specification."),
            Column("format", "string", "Item format."),
            Column("scored", "boolean", "Whether it counts; false for a pilot item."),
            Column("status", "string", "draft, pilot, active or retired."),
            Column("n", "integer", "Submitted sittings that had the item."),
            Column("p_value", "number", "Proportion of them that answered with the key.", "proportion"),
            Column("point_biserial", "number", "Correlation with the rest score, this item left out."),
            Column("a", "number", "Discrimination in the bank, logistic metric."),
            Column("b", "number", "Difficulty in the bank, logistic metric."),
            Column("exposure", "number", "n as a share of all submitted sittings of the discipline.", "proportion"),
            _BANK,
        ),
    ),
    Dataset(
        "events",
        say("one thing that happened in a sitting, answers aside"),
        ("event_id",),
        (
            Column("event_id", "integer", "Number of the entry; later ones are larger."),
            _ATTEMPT,
            Column("at", "datetime", "When the server noted it."),
            Column("kind", "string", "What happened, such as rendered, flagged, left_window or time_granted."),
            Column("position", "integer", "Place on the form it concerns, if any."),
            Column("detail", "string", "Details in words."),
            _DISCIPLINE,
        ),
    ),
    Dataset(
        "comments",
        say("one comment of a candidate on an item"),
        ("comment_id",),
        (
            Column("comment_id", "integer", "Number of the entry."),
            _ATTEMPT,
            _ITEM,
            Column("text", "string", "The comment as written."),
            Column("at", "datetime", "When it was saved."),
            _DISCIPLINE,
        ),
    ),
    Dataset(
        "survey",
        say("one answer to the survey after submission"),
        ("attempt_id", "question_id"),
        (
            _ATTEMPT,
            Column("question_id", "string", "Id of the question in the content specification."),
            Column("answer", "string", "The choice or the text."),
            Column("at", "datetime", "When it was saved."),
            _DISCIPLINE,
        ),
    ),
    *PROCESS_DATASETS,
    Dataset(
        "audit",
        say("one change and who made it"),
        ("audit_id",),
        (
            Column("audit_id", "integer", "Number of the entry."),
            Column("at", "datetime", "When."),
            Column("who", "string", "Who."),
            Column("verb", "string", "What was done."),
            Column("noun", "string", "To what kind of thing."),
            Column("noun_id", "string", "To which one."),
            Column("detail", "string", "Details, as JSON."),
        ),
    ),
)

BY_NAME = {dataset.name: dataset for dataset in DATASETS}
