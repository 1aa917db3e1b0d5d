"""Report, mend and withdraw a claim: rules with their sentences, certificates with it or not at all, history, trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ssa_engine.content.library import Library
from ssa_engine.core.certificates import MOST_FILES, SentFile
from ssa_engine.core.claim_rules import NotAccepted
from ssa_engine.core.claims import Claim, ClaimState
from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.core.ledger import AreaFill
from ssa_engine.storage import certificates, cycles
from ssa_engine.storage import claims as rows
from ssa_engine.storage.db import Database
from tests import papers
from tests.actions.claiming import DOSE, IMAGES, Desk, desk_of, library_with_claims, prescribe, stored_activity
from tests.actions.sittings import audit_of
from tests.factories import Clock, add_someone

Make = Callable[..., Desk]
PHOTO = SentFile("photo.jpg", papers.jpeg())


@pytest.fixture
def make(db: Database, library: Library, clock: Clock, tmp_path: Path, published: None) -> Make:
    """Make a desk under these rules."""

    def desk(credits: dict[str, float] | None = None, **rules: Any) -> Desk:
        asked = {DOSE: 2.0, IMAGES: 3.0} if credits is None else credits
        return desk_of(db, library_with_claims(library, **rules), clock, tmp_path / "certificates", asked)

    return desk


def refusal(refused: pytest.ExceptionInfo[NotAccepted]) -> list[tuple[str, str]]:
    return [(one.field, str(one.sentence)) for one in refused.value.problems]


def test_a_reported_claim_waits_with_its_certificate_and_its_promise(make: Make) -> None:
    desk = make()
    dose = stored_activity(desk.db, "DOSE", 2.5, {DOSE: 0.5})
    claim = desk.report(dose, PHOTO)
    assert claim == Claim(
        id=claim.id,
        attempt_id=desk.attempt_id,
        activity_id=dose.id,
        title="Title of DOSE",
        sponsor="Sample Sponsor",
        credits=2.5,
        finished_on=dt.date(2027, 3, 14),
        distribution={DOSE: 0.5},
        state=ClaimState.REPORTED,
        revision=1,
        reported_at=desk.clock(),
        submitted_at=desk.clock(),
        promised_by=dt.date(2027, 3, 28),
    )
    with desk.db.read() as connection:
        [paper] = certificates.of_claim(connection, claim.id)
        assert rows.get(connection, claim.id) == claim
    assert (paper.media_type, paper.sent_name, paper.added_at) == ("image/jpeg", "photo.jpg", desk.clock())
    assert desk.files == [paper.file]
    assert len(desk.store.read(paper.file)) == paper.size
    assert desk.ledger.areas == {
        IMAGES: AreaFill(prescribed=3.0, filled=0.0, waiting=0.0, surplus=0.0),
        DOSE: AreaFill(prescribed=2.0, filled=0.0, waiting=0.5, surplus=0.0),
    }
    assert audit_of(desk.db, "claim") == [(desk.someone.email, "report", str(claim.id))]


def test_one_that_is_not_in_the_catalogue_carries_nothing_until_a_reviewer_says_what(make: Make) -> None:
    desk = make()
    claim = desk.report(
        None, title="  Dose\n in children ", sponsor="Local Society", credits=1.5, description="Two lectures."
    )
    assert (claim.title, claim.activity_id, claim.credits, claim.distribution) == (
        "Dose in children", None, 1.5, {},
    )  # fmt: skip
    assert desk.events(claim)[0].detail["description"] == "Two lectures."


def test_everything_there_is_to_mend_is_said_at_once_and_nothing_is_kept(make: Make) -> None:
    desk = make()
    with pytest.raises(NotAccepted) as refused:
        desk.report(
            None,
            SentFile("a.exe", b"MZ"),
            SentFile("b.png", b""),
            finished_on=dt.date(2027, 3, 3),
            attended_whole=False,
            credits=0.0,
        )
    assert [field for field, _ in refusal(refused)] == [
        "title", "sponsor", "credits", "description", "finished_on", "attended_whole", "files", "files",
    ]  # fmt: skip
    assert (desk.claims, desk.files, audit_of(desk.db, "claim")) == ([], [], [])


def test_the_day_is_that_of_the_programme(make: Make) -> None:
    """At 03:00 UTC on 15 March it is still the 14th in Chicago; the prescription was issued there on the 4th."""
    desk = make()
    dose = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0})
    desk.clock.at = dt.datetime(2027, 3, 15, 3, 0, tzinfo=dt.UTC)
    for day, sentence in (
        (dt.date(2027, 3, 15), "You cannot have finished it on 15 March 2027: that day is still to come."),
        (
            dt.date(2027, 3, 3),
            "Your prescription was issued on 4 March 2027. An activity finished before that day does not count.",
        ),
    ):
        with pytest.raises(NotAccepted) as refused:
            desk.report(dose, finished_on=day)
        assert refusal(refused) == [("finished_on", sentence)]
    assert desk.report(dose, finished_on=dt.date(2027, 3, 4)).finished_on == dt.date(2027, 3, 4)


def test_where_the_programme_counts_earlier_activities_they_count(make: Make) -> None:
    desk = make(only_after_prescription=False)
    assert desk.report(stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0}), finished_on=dt.date(2020, 1, 1)).id


def test_the_submit_by_day_is_the_last_and_after_the_end_there_is_none(make: Make) -> None:
    """Earned on 1 June 2018: due on 1 June 2028, to be submitted by 18 May; discontinued from 2 June on."""
    desk = make()
    first, second, third = (stored_activity(desk.db, f"A{n}", 1.0, {DOSE: 1.0}) for n in range(3))
    desk.clock.at = dt.datetime(2028, 5, 19, 4, 59, tzinfo=dt.UTC)  # 23:59 on the 18th in Chicago
    desk.report(first)
    desk.clock.advance(minutes=1)
    with pytest.raises(Conflict, match="had to be submitted by 18 May 2028"):
        desk.report(second)
    desk.clock.at = dt.datetime(2028, 6, 2, 12, 0, tzinfo=dt.UTC)
    assert desk.report(third).finished_on == dt.date(2028, 6, 2)


def test_mending_moves_no_finish_day_past_the_submit_by_day(make: Make) -> None:
    """Reported on the last day, 18 May 2028; what was asked for is sent on 30 May, and again after the window."""
    desk = make()
    dose = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0})
    desk.clock.at = dt.datetime(2028, 5, 18, 15, 0, tzinfo=dt.UTC)
    claim = desk.ask(desk.report(dose))
    for today in (dt.datetime(2028, 5, 30, 15, 0, tzinfo=dt.UTC), dt.datetime(2028, 6, 3, 15, 0, tzinfo=dt.UTC)):
        desk.clock.at = today
        with pytest.raises(NotAccepted) as refused:
            desk.mend(claim, text="It was later.", finished_on=dt.date(2028, 5, 30))
        told = (
            "Claims had to be submitted by 18 May 2028. An activity finished after that day cannot have been reported "
            "in time, so it does not count."
        )
        assert refusal(refused) == [("finished_on", told)]
    assert desk.claims == [claim]
    mended = desk.mend(claim, text="It was earlier.", finished_on=dt.date(2028, 5, 17))
    assert (mended.state, mended.finished_on) == (ClaimState.REPORTED, dt.date(2028, 5, 17))


def test_nothing_is_claimed_once_the_cycle_is_complete(make: Make) -> None:
    desk = make()
    claim = desk.report(stored_activity(desk.db, "ALL", 5.0, {DOSE: 2.0, IMAGES: 3.0}))
    desk.approve(claim)
    with desk.db.read() as connection:
        assert [one.kind for one in cycles.happenings(connection, desk.someone.credential_id)] == ["completed"]
    with pytest.raises(Conflict, match=r"^CQR is complete for Computed Tomography. Nothing has to be reported.$"):
        desk.report(stored_activity(desk.db, "MORE", 1.0, {DOSE: 1.0}))


def test_an_activity_is_used_once_while_its_claim_stands(make: Make) -> None:
    desk = make()
    dose = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0})
    claim = desk.report(dose)
    with pytest.raises(NotAccepted) as refused:
        desk.report(dose)
    told = "You have claimed this activity before, on 14 March 2027. It counts once for one prescription."
    assert refusal(refused) == [("activity", told)]
    with pytest.raises(NotAccepted) as refused:  # the same, said to be another
        desk.report(None, title="title of  dose", sponsor="SAMPLE sponsor", credits=1.0, description="x")
    assert refusal(refused) == [("title", told)]
    desk.withdraw(claim)
    again = desk.report(dose)
    desk.reject(again)
    assert desk.report(dose).state is ClaimState.REPORTED


def test_a_certificate_serves_one_activity_and_it_is_said_which(make: Make) -> None:
    desk = make()
    first, second = (stored_activity(desk.db, name, 1.0, {DOSE: 1.0}) for name in ("ONE", "TWO"))
    claim = desk.report(first, PHOTO)
    with pytest.raises(NotAccepted) as refused:
        desk.report(second, SentFile("renamed.jpg", PHOTO.content))
    told = (
        "renamed.jpg is the certificate of a claim you made before: “Title of ONE”, reported on 14 March 2027. Each "
        "activity has a certificate of its own."
    )
    assert refusal(refused) == [("files", told)]
    assert len(desk.files) == 1
    desk.withdraw(claim)
    assert desk.report(second, PHOTO).state is ClaimState.REPORTED


def test_another_attempt_of_the_cycle_takes_an_activity_no_second_time(make: Make) -> None:
    desk = make()
    once = stored_activity(desk.db, "ONCE", 1.0, {DOSE: 1.0})
    desk.report(once, PHOTO)
    prescribe(desk.db, desk.banks, desk.someone, {DOSE: 1.0}, desk.clock())
    with pytest.raises(NotAccepted, match="It counts once for one prescription"):
        desk.report(once, desk.fresh())
    with pytest.raises(NotAccepted):
        desk.report(stored_activity(desk.db, "ELSE", 1.0, {DOSE: 1.0}), PHOTO)


def test_files_are_asked_for_not_too_many_and_each_once(make: Make) -> None:
    desk = make()
    dose = stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0})
    with pytest.raises(NotAccepted) as refused:
        desk.report(dose, SentFile("a.jpg", PHOTO.content), SentFile("b.jpg", PHOTO.content))
    assert refusal(refused) == [("files", "b.jpg was chosen twice. Choose each certificate once.")]
    with pytest.raises(NotAccepted) as refused:
        desk.report(dose, *(desk.fresh() for _ in range(MOST_FILES + 1)))
    assert refusal(refused) == [("files", "Send at most 5 files for one activity.")]
    desk.report(dose, *(desk.fresh() for _ in range(MOST_FILES)))
    assert len(desk.files) == 5


def test_an_activity_that_is_not_coded_is_refused_and_one_coded_elsewhere_is_taken(make: Make) -> None:
    desk = make()
    with pytest.raises(NotAccepted) as refused:
        desk.report(stored_activity(desk.db, "RAD", 1.0, {"extremity": 1.0}, discipline="RAD"))
    assert refusal(refused) == [
        (
            "activity",
            "This activity is not coded to the content outline of Computed Tomography, so it cannot fill anything "
            "there. Choose one that is.",
        )
    ]
    claim = desk.report(stored_activity(desk.db, "NECK", 2.0, {"neck-and-chest": 2.0}))
    desk.approve(claim)
    assert desk.ledger.elsewhere == {"neck-and-chest": 2.0}
    assert desk.ledger.open == {IMAGES: 3.0, DOSE: 2.0}


def test_what_is_another_s_is_not_there(make: Make) -> None:
    desk = make()
    claim = desk.report(stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0}))
    stranger = add_someone(desk.db, "stranger@test.example", clock=desk.clock)
    mine, desk.someone = desk.someone, stranger
    with pytest.raises(NotFound, match="of yours"):
        desk.withdraw(claim)
    with pytest.raises(NotFound, match="of yours"):
        desk.mend(claim, text="x")
    desk.someone = replace(stranger, credential_id=mine.credential_id)
    with pytest.raises(NotFound, match="of yours"):
        desk.report(None, title="a", sponsor="b", credits=1.0, description="c")
    assert [one.state for one in desk.claims] == [ClaimState.REPORTED]


def test_before_a_result_is_released_there_is_nothing_to_report(make: Make) -> None:
    desk = make()
    desk.someone = add_someone(desk.db, "early@test.example", clock=desk.clock)
    with pytest.raises(Conflict, match="Nothing is prescribed for this credential now"):
        desk.report(None, title="a", sponsor="b", credits=1.0, description="c")


def test_what_was_asked_for_is_sent_and_the_promise_counts_anew(make: Make) -> None:
    desk = make()
    claim = desk.ask(desk.report(stored_activity(desk.db, "DOSE", 1.0, {DOSE: 1.0}), PHOTO))
    assert (claim.state, claim.reason, claim.decided_at) == (ClaimState.MORE_ASKED, "Send the second page.", None)
    desk.clock.advance(days=3)
    with pytest.raises(NotAccepted) as refused:
        desk.mend(claim)
    assert refusal(refused) == [("text", "Write what you were asked for, or choose a new certificate.")]
    with pytest.raises(NotAccepted) as refused:
        desk.mend(claim, PHOTO)
    assert refusal(refused) == [
        ("files", "photo.jpg is with this claim already. Choose another file, or write what was asked.")
    ]
    with pytest.raises(NotAccepted) as refused:
        desk.mend(claim, text="x", finished_on=dt.date(2027, 1, 1))
    assert [field for field, _ in refusal(refused)] == ["finished_on"]
    mended = desk.mend(claim, desk.fresh(), text=" Here it is. ", finished_on=dt.date(2027, 3, 13))
    assert (mended.state, mended.reason, mended.promised_by) == (ClaimState.REPORTED, "", dt.date(2027, 3, 31))
    assert (mended.finished_on, mended.reported_at < mended.submitted_at) == (dt.date(2027, 3, 13), True)
    assert desk.events(mended)[-1].detail["text"] == "Here it is."
    assert len(desk.files) == 2
    with pytest.raises(Conflict):
        desk.mend(mended, text="again")
