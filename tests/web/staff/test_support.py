"""A person's page: the timeline of each credential, what support does there; never a profile's answers or a score."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions import claim_reviews
from ssa_engine.actions.people import FAILURES_ALLOWED
from ssa_engine.core.attempts import State
from ssa_engine.core.mail import MailState
from ssa_engine.storage import attempts, mail, people, profiles
from ssa_engine.storage.db import Database
from tests.actions.lives import AREAS, Life
from tests.claimed import DOSE, Claimed
from tests.factories import Clock, Someone, add_someone, read
from tests.web.walk import snapshot


@pytest.fixture
def life(claimed: Claimed, candidate: Someone, db: Database, clock: Clock) -> Life:
    """A candidate's credential in CT."""
    return Life(db, claimed.banks, clock, candidate)


def url(life: Life, rest: str = "") -> str:
    return f"/staff/people/{life.someone.id}{rest}"


def credential(life: Life, rest: str) -> str:
    return url(life, f"/credentials/{life.someone.credential_id}{rest}")


def test_the_timeline_tells_what_happened_the_latest_first(
    reviewer: FlaskClient, claimed: Claimed, clock: Clock, db: Database
) -> None:
    made = claimed.claim("ann", "Dose day", distribution={DOSE: 2.0})
    clock.advance(hours=1)
    claim_reviews.approve(db, claimed.banks, made, 1, who="priya@test.example", now=clock())
    page = read(reviewer.get(f"/staff/people/{claimed.people['ann'].id}"))
    lines = page.text[page.text.index("What happened") : page.text.index("Accommodations")]
    order = [
        "Told that a claim is approved, Mail waits to be sent",
        "Claim approved, Dose day",
        "Claim reported, Dose day",
        "Result computed, Attempt 1, version 1",
        "Assessment begun, Attempt 1",
    ]
    folded = lines.replace(" ,", ",")
    places = [folded.index(words) for words in order]
    assert places == sorted(places)
    assert f"/staff/claims/{made}" in [found.get("href") for _, found in page.elements]


def test_neither_answers_of_a_profile_nor_a_score_stand_on_it(
    reviewer: FlaskClient, life: Life, db: Database, clock: Clock
) -> None:
    life.finish({AREAS[0]: 3.25})
    with db.write() as connection:
        profile = profiles.insert(
            connection, credential_id=life.someone.credential_id, cycle=1, discipline="CT", at=clock()
        )
        profiles.complete(connection, profile, breadth=77, depth=66, at=clock())
    page = read(reviewer.get(url(life)))
    assert [secret for secret in ("77", "66", "3.25", "profile", "Radiation Safety") if secret in page.text] == []
    assert AREAS[0] not in page.html


def test_as_many_questions_for_many_claims_and_notices_as_for_few(
    reviewer: FlaskClient, claimed: Claimed, questions: Callable[[], Any]
) -> None:
    counts = []
    for many in (3, 27):
        for number in range(many):
            claimed.claim("ann", f"Course {many} {number}", distribution={DOSE: 1.0})
        reviewer.get(f"/staff/people/{claimed.people['ann'].id}")
        with questions() as asked:
            reviewer.get(f"/staff/people/{claimed.people['ann'].id}")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_another_attempt_is_allowed_with_a_reason(
    reviewer: FlaskClient, life: Life, db: Database, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    assert "Allow another attempt" not in read(reviewer.get(url(life))).text
    life.finish({AREAS[0]: 3.0})
    before = snapshot(db)
    response = reviewer.post(credential(life, "/attempt"), data={"reason": " "})
    page = read(response)
    assert (response.status_code, "Say why; the reason stays with the attempt." in page.text) == (422, True)
    assert [one["name"] for one in page.inputs if one.get("aria-invalid")] == ["reason"]
    assert snapshot(db) == before
    response = reviewer.post(credential(life, "/attempt"), data={"reason": "Fire alarm"})
    assert response.headers["Location"] == url(life, "?done=allowed")
    page = read(reviewer.get(response.headers["Location"]))
    assert "Another attempt is allowed. The candidate can begin it from their start page." in page.text
    assert "Another attempt allowed, Fire alarm" in page.text
    assert "The candidate may take the assessment of this period once more." not in page.text
    assert reviewer.post(credential(life, "/attempt"), data={"reason": "x"}).status_code == 409
    begin = f"/candidate/credentials/{life.someone.credential_id}/assessment"
    browser = sign_in(life.someone)
    assert begin in [found.get("href") for _, found in read(browser.get("/candidate/")).elements]
    assert browser.post(begin, data={"step": "identity"}).status_code == 303


def test_a_result_is_released_and_the_candidate_told(reviewer: FlaskClient, life: Life, db: Database) -> None:
    attempt_id = life.finish({AREAS[0]: 3.0}, state=State.SUBMITTED)
    assert "Release the result" in read(reviewer.get(url(life))).text
    response = reviewer.post(f"/staff/attempts/{attempt_id}/release")
    assert response.headers["Location"] == url(life, "?done=released")
    with db.read() as connection:
        found = attempts.get(connection, attempt_id)
    assert found is not None
    assert found.state is State.RELEASED
    page = read(reviewer.get(response.headers["Location"]))
    assert "The result is released, and the candidate is told." in page.text
    assert "Told that the result is there" in page.text
    response = reviewer.post(f"/staff/attempts/{attempt_id}/release")
    assert (response.status_code, "has no result that waits" in read(response).text) == (409, True)
    assert reviewer.post("/staff/attempts/987654/release").status_code == 404


def test_a_discontinued_credential_is_reinstated_from_a_day(
    reviewer: FlaskClient, db: Database, claimed: Claimed, clock: Clock
) -> None:
    someone = add_someone(db, "old@test.example", clock=clock, earned_on=dt.date(2017, 3, 1))
    life = Life(db, claimed.banks, clock, someone)
    assert "Discontinued on 2 March 2027." in read(reviewer.get(url(life))).text
    life.finish()
    life.profile()
    assert life.settle() is not None
    page = read(reviewer.get(url(life)))
    assert ("on", "2027-03-14") in page.fields_of(credential(life, "/reinstate"))
    response = reviewer.post(credential(life, "/reinstate"), data={"on": "2027-03-32"})
    assert (response.status_code, "Give the day of the reinstatement" in read(response).text) == (422, True)
    response = reviewer.post(credential(life, "/reinstate"), data={"on": "2027-03-13"})
    assert response.status_code == 422
    assert "Give a day between them." in read(response).text
    response = reviewer.post(credential(life, "/reinstate"), data={"on": "2027-03-14"})
    page = read(reviewer.get(response.headers["Location"]))
    assert "The credential is reinstated, and the candidate is told." in page.text
    assert "Window opens on 14 March 2034" in page.text
    assert reviewer.post(credential(life, "/reinstate"), data={"on": "2027-03-14"}).status_code == 409


def test_who_tried_too_often_is_let_in(reviewer: FlaskClient, life: Life, db: Database, clock: Clock) -> None:
    assert "Nothing keeps this person from signing in." in read(reviewer.get(url(life))).text
    with db.write() as connection:
        for _ in range(FAILURES_ALLOWED):
            people.add_failure(connection, life.someone.email, clock())
    page = read(reviewer.get(url(life)))
    assert "10 tries to sign in did not succeed in the last 15 minutes. Signing in is stopped" in page.text
    response = reviewer.post(url(life, "/sign-in"))
    assert "The person can sign in again at once" in read(reviewer.get(response.headers["Location"])).text
    with db.read() as connection:
        assert people.count_failures(connection, life.someone.email, clock() - dt.timedelta(days=1)) == 0


def refuse_mail(db: Database, clock: Clock) -> int:
    """Let the mail that waits be taken and refused; return its id."""
    with db.write() as connection:
        taken = mail.take(connection, clock())
        assert taken is not None
        mail.finish(connection, taken, state=MailState.REFUSED, at=clock(), trouble="550 no such mailbox")
    return taken.id


def test_mail_that_was_refused_is_shown_and_sent_again(
    reviewer: FlaskClient, life: Life, db: Database, clock: Clock
) -> None:
    reviewer.post(f"/staff/attempts/{life.finish({AREAS[0]: 3.0}, state=State.SUBMITTED)}/release")
    mail_id = refuse_mail(db, clock)
    page = read(reviewer.get("/staff/mail"))
    assert [row["data-mail"] for row in page.rows("data-mail")] == [str(mail_id)]
    assert "550 no such mailbox" in page.text
    assert "Told that the result is there, Mail refused" in read(reviewer.get(url(life))).text.replace(" ,", ",")
    response = reviewer.post(f"/staff/mail/{mail_id}/again", data={"person": str(life.someone.id)})
    assert response.headers["Location"] == url(life, "?done=mail")
    assert "Mail waits to be sent" in read(reviewer.get(response.headers["Location"])).text
    assert reviewer.post(f"/staff/mail/{mail_id}/again").status_code == 409
    assert reviewer.post("/staff/mail/987654/again").status_code == 404
    assert "No mail is in trouble." in read(reviewer.get("/staff/mail")).text


def test_nothing_is_done_for_what_is_not_that_person_s(
    reviewer: FlaskClient, life: Life, db: Database, clock: Clock
) -> None:
    other = add_someone(db, "other@test.example", clock=clock)
    life.finish()
    before = snapshot(db)
    for verb, data in (("attempt", {"reason": "x"}), ("reinstate", {"on": "2027-03-14"})):
        for owner, held in ((other.id, life.someone.credential_id), (life.someone.id, 987654)):
            response = reviewer.post(f"/staff/people/{owner}/credentials/{held}/{verb}", data=data)
            assert response.status_code == 404
    assert reviewer.post("/staff/people/987654/sign-in").status_code == 404
    assert snapshot(db) == before
