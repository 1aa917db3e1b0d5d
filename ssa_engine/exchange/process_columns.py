"""The columns of exported files about the CQR process: cycles, claims, credits, the biennium, profiles."""

from __future__ import annotations

from ssa_engine.core.text import say
from ssa_engine.exchange.dataset import Column, Dataset

_CREDENTIAL = Column("credential_id", "string", "The credential: one discipline held by one candidate.")
_CANDIDATE = Column("candidate_id", "string", "The candidate.")
_DISCIPLINE = Column("discipline", "string", "Code of the discipline.")
_CLAIM = Column("claim_id", "string", "The claim.")
_ATTEMPT = Column("attempt_id", "string", "The sitting whose prescription it is claimed for.")
_ACTIVITY = Column("activity_code", "string", "Code of the activity in the catalogue; empty if it is not there.")
_OWN = Column("credits", "number", "The activity’s own credits.", "CE credit")
_FINISHED = Column("finished_on", "date", "The day on which the candidate finished the activity.")

PROCESS_DATASETS = (
    Dataset(
        "cycles",
        say("one cycle of one time-limited credential: the one it is in, and those in which something happened"),
        ("credential_id", "cycle"),
        (
            _CREDENTIAL,
            _CANDIDATE,
            _DISCIPLINE,
            Column("cycle", "integer", "Number of the cycle, from 1."),
            Column("starts_on", "date", "First day of the period."),
            Column("opens_on", "date", "First day of the compliance window."),
            Column("submit_by", "date", "Last day on which a claim may be submitted."),
            Column("due_on", "date", "Last day of the period and of the window."),
            Column("state", "string", "not_yet, open, complete or discontinued, at the time of the export."),
            Column("completed_on", "date", "The day on which CQR was complete; empty if it is not."),
            Column("discontinued_on", "date", "First day on which the credential was no longer held; else empty."),
            Column("reinstated_on", "date", "The day from which it is held again; else empty."),
        ),
    ),
    Dataset(
        "claims",
        say("one CE claim: a candidate’s report of a finished activity"),
        ("claim_id",),
        (
            _CLAIM,
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            _ACTIVITY,
            Column("title", "string", "Title of the activity."),
            Column("sponsor", "string", "Who offered it."),
            _OWN,
            _FINISHED,
            Column("state", "string", "reported, in_review, more_asked, approved, rejected or withdrawn."),
            Column("reported_at", "datetime", "When it was reported first."),
            Column("submitted_at", "datetime", "When it was submitted last, after more had been asked for."),
            Column("promised_by", "date", "The day by which a decision is promised."),
            Column("decided_at", "datetime", "When it was approved or rejected; empty while open."),
            Column("reason", "string", "Why it was rejected, or what was asked for."),
            Column("credits_awarded", "number", "Credits awarded in all content areas together.", "CE credit"),
            Column("certificates", "integer", "Files of the certificate of completion."),
        ),
    ),
    Dataset(
        "claim_credits",
        say("the credits that one approved claim was awarded in one content area"),
        ("claim_id", "content_area"),
        (
            _CLAIM,
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            Column("content_area", "string", "Id of the content area in the content specification."),
            Column("credits", "number", "Credits awarded in this area, whatever of them it needed.", "CE credit"),
            Column("completed_on", "date", "The day on which the activity was finished."),
            Column("recorded_at", "datetime", "When the credits were awarded."),
        ),
    ),
    Dataset(
        "biennium",
        say("one approved activity and what of it counts in the candidate’s running biennium, for renewal"),
        ("claim_id",),
        (
            _CLAIM,
            _ATTEMPT,
            _CANDIDATE,
            _DISCIPLINE,
            Column("biennium_from", "date", "First day of the running biennium; empty if not known."),
            Column("biennium_to", "date", "Last day of it."),
            _ACTIVITY,
            _FINISHED,
            _OWN,
            Column("credits_counted", "number", "What of them counts; empty if it is not known.", "CE credit"),
            Column("reason", "string", "Why it counts, or why not."),
        ),
    ),
    Dataset(
        "profiles",
        say("how many people chose one frequency for one clinical activity; nobody can be told from it"),
        ("discipline", "activity", "frequency"),
        (
            _DISCIPLINE,
            Column("activity", "string", "Id of the clinical activity in the content specification."),
            Column("content_area", "string", "Id of the content area it belongs to."),
            Column("frequency", "integer", "Step of the frequency scale, as the content specification has it."),
            Column("people", "integer", "Latest finished profiles with it; empty where hidden, being too few."),
        ),
    ),
)
