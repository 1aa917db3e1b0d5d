"""What an item page asks beside the answer: tools, reports, pulse, receipt, media; and the survey afterwards."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ssa_engine.actions.sittings import grant_time
from ssa_engine.core.events import REPORTED_BY_BROWSERS, EventKind
from ssa_engine.core.receipts import LETTERS
from ssa_engine.storage import sittings
from tests.actions.sittings import submit
from tests.factories import item_url, other, read, right
from tests.web.candidate.sitting import Desk
from tests.web.walk import snapshot

HTMX = {"HX-Request": "true"}


def post(desk: Desk, path: str, **data: str) -> int:
    return desk.browser.post(f"{desk.base}/{path}", data=data, headers=HTMX).status_code


def test_tools_are_kept_for_the_attempt_and_stand_on_the_page_again(desk: Desk) -> None:
    position = desk.position_of("single")
    first, second, *_ = desk.look(position).options
    assert post(desk, f"items/{position}/tools", struck=f"{second},zz,{first}", highlights="stem:3-9") == 204
    assert post(desk, f"items/{position}/tools", note="Why?", comment="Two keys?") == 204
    assert post(desk, f"items/{position}/tools", struck=second) == 204
    page = desk.look(position)
    struck = [found["value"] for _, found in page.elements if found.get("aria-pressed") == "true" and "value" in found]
    assert struck == [second]
    assert dict(page.fields)["note"] == "Why?"
    assert "stem:3-9" in [row["data-highlights"] for row in page.rows("data-highlights")]
    place = desk.sitting.places[position - 1]
    assert (place.struck, place.highlights, place.note, place.answer) == ((second,), "stem:3-9", "Why?", None)


def test_what_is_written_in_a_note_is_text_and_no_markup(desk: Desk) -> None:
    wicked = '</textarea><script>alert(1)</script>"&'
    post(desk, "items/1/tools", note=wicked, highlights=wicked, comment=wicked)
    page = desk.look(1)
    assert dict(page.fields)["note"] == wicked
    assert "<script>alert(1)" not in page.html


def test_only_what_a_browser_can_know_is_taken_from_one(desk: Desk) -> None:
    for kind in EventKind:
        before = desk.sitting.happened
        status = post(desk, "events", kind=kind, position="3", detail="for 4 s")
        may = kind in REPORTED_BY_BROWSERS
        assert status == (204 if may else 422), kind
        assert desk.sitting.happened == before + ([(kind, 3, "for 4 s")] if may else [])


@pytest.mark.parametrize("position", ["", "0", "81", "two", "9" * 40])
def test_a_report_from_nowhere_is_kept_without_a_place(desk: Desk, position: str) -> None:
    assert post(desk, "events", kind="left_window", position=position, detail="x" * 900) == 204
    assert desk.sitting.happened[-1] == ("left_window", None, "x" * 200)


def test_the_pulse_says_the_time_left_and_time_granted_with_it(desk: Desk) -> None:
    def seconds() -> list[str]:
        response = desk.browser.post(f"{desk.base}/pulse", headers=HTMX)
        assert response.status_code == 200
        return [row["data-seconds"] for row in read(response).rows("data-seconds")]

    before = snapshot(desk.sitting.db)
    desk.sitting.clock.advance(seconds=61)
    assert seconds() == [str(6000 - 61)]
    assert snapshot(desk.sitting.db) == before
    now, attempt = desk.sitting.clock(), desk.sitting.attempt_id
    grant_time(desk.sitting.db, attempt_id=attempt, minutes=10, reason="Alarm", who="staff", now=now)
    desk.sitting.clock.advance(seconds=8)
    assert seconds() == [str(6000 - 69 + 600)]
    desk.sitting.clock.advance(minutes=120)
    assert seconds() == ["0"]


def test_the_pulse_of_a_submitted_attempt_leads_to_its_result(desk: Desk) -> None:
    submit(desk.sitting)
    response = desk.browser.post(f"{desk.base}/pulse", headers=HTMX)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, f"{desk.base}/result")


def test_the_receipt_lists_everything_received_in_the_letters_that_were_shown(desk: Desk) -> None:
    single, number, spot = (desk.position_of(kind) for kind in ("single", "number", "hotspot"))
    several = desk.position_of("multiple")
    lines = []
    for position, choose in ((single, right), (single, other), (several, right), (number, right), (spot, right)):
        desk.sitting.clock.advance(seconds=1.25)
        posted = choose(desk.item(position))
        desk.send(position, answer=posted, go="save")
        options = desk.sitting.places[position - 1].options
        stored = desk.item(position).read(posted).split(",") if options else posted
        written = " ".join(LETTERS[options.index(one)] for one in stored) if options else stored[0]
        lines.append((position, f'"{written}"' if "," in written else written, "false"))
    desk.send(several, answer=None, go="save")
    lines.append((several, "", "false"))
    response = desk.browser.get(f"{desk.base}/receipt.csv")
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8")
    assert response.headers["Content-Disposition"] == f'attachment; filename="receipt-{desk.sitting.attempt_id}.csv"'
    head, *rows = response.get_data(as_text=True).splitlines()
    assert head == "received_at,question,answer,late"
    times = ["14:02:12.250", "14:02:13.500", "14:02:14.750", "14:02:16.000", "14:02:17.250", "14:02:17.250"]
    assert rows == [
        f"2027-03-14T{at}Z,{position},{answer},{late}"
        for at, (position, answer, late) in zip(times, lines, strict=True)
    ]


def test_the_receipt_of_an_untouched_attempt_is_its_head_and_a_late_answer_is_marked(desk: Desk) -> None:
    assert desk.browser.get(f"{desk.base}/receipt.csv").data == b"received_at,question,answer,late\n"
    page = desk.look(1)
    desk.sitting.clock.at = desk.sitting.attempt.ends_at
    desk.send(1, page, answer=right(desk.item(1)), go="next")
    assert desk.browser.get(f"{desk.base}/receipt.csv").get_data(as_text=True).splitlines()[1].endswith(",true")


def media_of(desk: Desk) -> str:
    """The address of the first picture of the form."""
    page = desk.look(desk.position_of("hotspot"))
    return next(found["src"] for tag, found in page.elements if found.get("type") == "image")


def test_media_are_sent_whole_and_in_parts(desk: Desk) -> None:
    url = media_of(desk)
    whole = desk.browser.get(url)
    assert (whole.status_code, whole.mimetype, whole.headers["Accept-Ranges"]) == (200, "image/png", "bytes")
    content = whole.get_data()
    for asked, answer in (("bytes=0-9", content[:10]), ("bytes=10-", content[10:]), ("bytes=-7", content[-7:])):
        part = desk.browser.get(url, headers={"Range": asked})
        assert (part.status_code, part.get_data()) == (206, answer)
        first = content.index(answer) if asked != "bytes=0-9" else 0
        assert part.headers["Content-Range"] == f"bytes {first}-{first + len(answer) - 1}/{len(content)}"
    beyond = desk.browser.get(url, headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("none.png", 404, "There is no such picture in this assessment."),
        ("..%2fct.yaml", 404, "There is no page at this address. Check it, or go to your start page."),
        ("ct.yaml", 404, "There is no such picture in this assessment."),
        ("ct", 404, "There is no such picture in this assessment."),
        ("%00.png", 422, "The text has a character that cannot be stored. Remove it and send again."),
    ],
)
def test_no_other_file_is_sent(desk: Desk, name: str, status: int, sentence: str) -> None:
    response = desk.browser.get(f"{desk.base}/media/{name}")
    assert response.status_code == status
    assert sentence in read(response).text


def test_media_of_items_that_are_not_on_the_form_are_not_sent(desk: Desk) -> None:
    bank = desk.sitting.banks.library.bank("CT")
    own = {file for position in range(1, 81) for file in bank.files_of(desk.item(position))}
    answers = {name: desk.browser.get(f"{desk.base}/media/{name}").status_code for name in bank.media}
    assert own
    assert answers == {name: 200 if name in own else 404 for name in bank.media}
    assert 404 in answers.values()


def survey(desk: Desk) -> dict[str, str]:
    with desk.sitting.db.read() as connection:
        return sittings.survey_of(connection, desk.sitting.attempt_id)


def test_the_survey_comes_after_submission_and_may_be_given_again(desk: Desk) -> None:
    early = desk.browser.post(f"{desk.base}/survey", data={"remarks": "Early"})
    assert early.status_code == 409
    assert "The survey comes after the assessment. Submit it first." in read(early).text
    assert desk.browser.get(f"{desk.base}/survey").headers["Location"] == f"{desk.base}/review"
    submit(desk.sitting)
    questions = desk.sitting.banks.library.spec("CT").delivery.survey
    page = read(desk.browser.get(f"{desk.base}/survey"))
    assert [question.text in page.text for question in questions] == [True] * len(questions)
    choice = questions[0].choices[1]
    for given in ({"clear": choice, "remarks": " Fine. "}, {"clear": choice, "time": "", "unknown": "x"}, {}):
        response = desk.browser.post(f"{desk.base}/survey", data=given)
        assert response.headers["Location"] == f"{desk.base}/result"
        kept = {"clear": choice, "remarks": "Fine."}
        assert survey(desk) == {name: kept[name] for name in given if name in kept}


def test_what_is_none_of_its_choices_is_refused(desk: Desk) -> None:
    submit(desk.sitting)
    before = snapshot(desk.sitting.db)
    response = desk.browser.post(f"{desk.base}/survey", data={"clear": "Perfectly"})
    assert response.status_code == 422
    assert "That is none of the choices of the survey." in read(response).text
    assert snapshot(desk.sitting.db) == before


def test_a_signed_out_browser_is_asked_to_sign_in_and_reports_nothing(desk: Desk, app: object) -> None:
    nobody: FlaskClient = app.test_client()  # type: ignore[attr-defined]
    before = snapshot(desk.sitting.db)
    for path in ("pulse", "events", "items/1/tools", "here"):
        response = nobody.post(f"{desk.base}/{path}", headers=HTMX)
        assert response.status_code == 401
        assert "You are signed out, so this was not saved." in read(response).text
    for path in (f"{desk.base}/receipt.csv", item_url(desk.sitting.attempt_id, 1)):
        response = nobody.get(path)
        assert (response.status_code, response.headers["Location"]) == (302, f"/signin?next={path}")
    assert snapshot(desk.sitting.db) == before
