"""The words: a self-assessment is no test, and no page that a candidate sees speaks as if it were one."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.actions.policies import publish
from ssa_engine.app import create_app
from ssa_engine.config import bundled, read_settings
from ssa_engine.content.library import Library, load_library
from ssa_engine.core.checklists import Standing
from ssa_engine.storage.db import Database
from tests.factories import (
    Clock,
    Someone,
    add_someone,
    answer,
    item_url,
    prepare,
    read,
    right,
    session_of,
    start_attempt,
)
from tests.web.speech import Heard, content_of, without

FORBIDDEN = re.compile(
    r"\b(pass|passes|passed|passing|fail|fails|failed|failing|failure|failures|exam|exams|wrong|wrongly)\b",
    re.IGNORECASE,
)
ENGINE = Path(__file__).parents[2] / "ssa_engine"


CONTENT = content_of(load_library(bundled("content_specs"), bundled("item_bank")))


def check(response: TestResponse) -> None:
    """Nothing that a page says, what items say aside, judges anybody."""
    said = [without(CONTENT, text) for text in Heard(response.get_data(as_text=True)).said]
    assert FORBIDDEN.findall(" ".join(said)) == [], (response.request.path, said)


def test_what_a_page_says_would_be_heard() -> None:
    page = '<p title="No exam">You <b>passed</b></p><div class="stem" id="stem">It fails.</div>'
    assert FORBIDDEN.findall(" ".join(Heard(page).said)) == ["passed", "exam"]


def visit(browser: FlaskClient, *urls: str) -> str:
    """Look at pages, whole and as htmx asks for them; return the text of the last."""
    text = ""
    for url in urls:
        for headers in ({"HX-Request": "true"}, {}):
            response = browser.get(url, headers=headers, follow_redirects=True)
            check(response)
            text = read(response).text
    return text


def credential_page(someone: Someone) -> str:
    return f"/candidate/credentials/{someone.credential_id}/assessment"


@pytest.mark.parametrize(
    ("discipline", "earned_on", "standing"),
    [
        ("CT", dt.date(2005, 5, 5), Standing.NOT_SUBJECT),
        ("CT", dt.date(2022, 9, 30), Standing.NOT_YET),
        ("RAD", dt.date(2018, 6, 1), Standing.NO_BANK),
        ("CT", dt.date(2018, 6, 1), Standing.OPEN),
    ],
)
def test_before_an_assessment(
    db: Database,
    clock: Clock,
    sign_in: Callable[[Someone], FlaskClient],
    published: None,
    discipline: str,
    earned_on: dt.date,
    standing: Standing,
) -> None:
    someone = add_someone(db, "before@test.example", clock=clock, discipline=discipline, earned_on=earned_on)
    browser = sign_in(someone)
    visit(browser, "/", "/candidate/", credential_page(someone))
    assert read(browser.get("/candidate/")).rows("data-state")[0]["data-state"] == standing
    for sent in ({"step": "identity"}, {"step": "agreement", "decision": "accept"}, {"step": "start"}):
        refused = browser.post(credential_page(someone), data=sent)
        check(refused)
        expected = 409 if sent.get("step") == "agreement" else 404
        status = {Standing.OPEN: 303, Standing.NO_BANK: expected}.get(standing, 409)
        assert refused.status_code == status, sent


def test_without_a_policy_and_without_a_credential(
    database_url: str, db: Database, library: Library, clock: Clock
) -> None:
    app = create_app(read_settings({}, database_url=database_url, secure_cookies="false"), clock=clock, library=library)
    someone = add_someone(db, "nobody@test.example", clock=clock)
    browser = app.test_client()
    browser.set_cookie("ssa_session", session_of(db, someone, clock()))
    prepare(browser, someone)
    refused = browser.post(credential_page(someone))
    check(refused)
    assert "No policy is published" in read(refused).text
    app.extensions["ssa_engine"].db.dispose()


def test_on_the_way_to_the_first_question(browser: FlaskClient, candidate: Someone, clock: Clock) -> None:
    page, practice = credential_page(candidate), credential_page(candidate).replace("assessment", "tutorial/")
    assert "Confirm who you are" in visit(browser, "/display", page)
    for decision in ("refuse", "accept"):
        browser.post(page, data={"step": "identity"})
        visit(browser, page)
        browser.post(page, data={"step": "agreement", "decision": decision})
        visit(browser, page)
    visit(browser, *(f"{practice}{number}" for number in range(1, 6)), f"{practice}5?answer=none")
    check(browser.get(f"{practice}6"))
    browser.post(page, data={"step": "start"})
    visit(browser, page)


def test_when_the_time_to_accept_the_agreement_ran_out(browser: FlaskClient, candidate: Someone, clock: Clock) -> None:
    browser.post(credential_page(candidate), data={"step": "identity"})
    clock.advance(minutes=5)
    late = browser.post(credential_page(candidate), data={"step": "agreement", "decision": "accept"})
    assert late.status_code == 409
    check(late)
    assert "ran out, so nothing was started" in visit(browser, credential_page(candidate))


def test_during_an_assessment(browser: FlaskClient, candidate: Someone, clock: Clock) -> None:
    attempt = start_attempt(browser, candidate)
    stale = read(browser.get(item_url(attempt, 1)))
    for position, go in ((1, "next"), (2, "flag"), (80, "review")):
        answer(browser, attempt, position, go=go)
        visit(browser, item_url(attempt, position))
    visit(browser, "/candidate/", credential_page(candidate), f"/candidate/attempts/{attempt}/review")
    sent = {"token": stale.token, "answer": stale.choices[3], "go": "next"}
    told = browser.post(item_url(attempt, 1), data=sent)
    assert told.status_code == 409
    check(told)
    asked = browser.post(f"/candidate/attempts/{attempt}/review")
    assert "not answered" in read(asked).text
    check(asked)
    clock.advance(minutes=100)
    assert "The time is over" in visit(browser, "/candidate/", item_url(attempt, 1))


@pytest.mark.parametrize(("days", "knows"), [(14, False), (0, False), (0, True)])
def test_after_an_assessment(
    browser: FlaskClient, candidate: Someone, clock: Clock, db: Database, library: Library, days: int, knows: bool
) -> None:
    spec, bank = library.spec("CT"), library.bank("CT")
    policy = spec.sample_policy.model_copy(update={"release_after_days": days})
    publish(db, spec, policy, expected_version=1, reason="Other days", who="test", now=clock())
    attempt = start_attempt(browser, candidate)
    for position in range(1, 81) if knows else ():
        page = read(browser.get(item_url(attempt, position)))
        data = {"token": page.token, "answer": right(bank.item(page.item_id)), "go": "next"}
        browser.post(item_url(attempt, position), data=data)
    browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    visit(browser, f"/candidate/attempts/{attempt}/survey")
    text = visit(browser, "/candidate/", credential_page(candidate), f"/candidate/attempts/{attempt}/result")
    assert ("will appear on this page" if days else "nothing is prescribed" if knows else "to strengthen") in text
    check(browser.post(credential_page(candidate)))


@pytest.mark.parametrize(
    ("promised", "days", "said"),
    [
        (True, 0, "Your result will appear on this page by 28 March 2027."),
        (True, 15, "Your result was promised by 28 March 2027 and is late; we are working on it."),
        (False, 15, "Your result will appear on this page as soon as it is released."),
    ],
)
def test_while_a_result_waits_for_a_person(
    database_url: str,
    db: Database,
    library: Library,
    clock: Clock,
    published: None,
    promised: bool,
    days: int,
    said: str,
) -> None:
    spec = library.spec("CT")
    rules = spec.cqr if promised else spec.cqr.model_copy(update={"results_days": None})
    own = Library({**library.specs, "CT": spec.model_copy(update={"cqr": rules})}, library.banks, library.media)
    policy = spec.sample_policy.model_copy(update={"release": "on_request"})
    publish(db, spec, policy, expected_version=1, reason="batches", who="test", now=clock())
    app = create_app(read_settings({}, database_url=database_url, secure_cookies="false"), clock=clock, library=own)
    someone = add_someone(db, "waits@test.example", clock=clock)
    browser = app.test_client()
    browser.set_cookie("ssa_session", session_of(db, someone, clock()))
    attempt = start_attempt(browser, someone)
    browser.post(f"/candidate/attempts/{attempt}/review", data={"confirmed": "yes"})
    clock.advance(days=days)
    start = visit(browser, credential_page(someone), f"/candidate/attempts/{attempt}/survey", "/candidate/")
    assert ("28 March 2027" in start) is promised
    assert said in visit(browser, f"/candidate/attempts/{attempt}/result")
    app.extensions["ssa_engine"].db.dispose()


def test_when_something_cannot_be_done(app: Flask, browser: FlaskClient, candidate: Someone) -> None:
    attempt = start_attempt(browser, candidate)
    url = item_url(attempt, 1)
    page = read(browser.get(url))
    nobody = app.test_client()
    refusals: list[tuple[int, Callable[[dict[str, str]], TestResponse]]] = [
        (404, lambda headers: browser.get("/nowhere", headers=headers)),
        (404, lambda headers: browser.get("/candidate/attempts/999/review", headers=headers)),
        (404, lambda headers: browser.get(item_url(attempt, 81), headers=headers)),
        (403, lambda headers: browser.get("/psychometrician/", headers=headers)),
        (403, lambda headers: browser.post(url, headers={**headers, "Sec-Fetch-Site": "cross-site"})),
        (405, lambda headers: browser.put(url, headers=headers)),
        (413, lambda headers: browser.post(url, data={"answer": "a" * 100_000}, headers=headers)),
        (422, lambda headers: browser.post(url, data={"token": page.token, "answer": "zz"}, headers=headers)),
        (422, lambda headers: browser.post(url, data={"go": "x"}, headers=headers)),
        (401, lambda headers: nobody.post(url, headers=headers)),
        (422, lambda headers: nobody.post("/signin", data={"email": "a@b.example"}, headers=headers)),
        (200, lambda headers: nobody.get("/signin", headers=headers)),
    ]
    for status, refusal in refusals:
        for headers in ({}, {"HX-Request": "true"}):
            response = refusal(headers)
            assert response.status_code == status
            check(response)


def test_when_the_fault_is_ours(app: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> None:
        raise RuntimeError

    monkeypatch.setitem(app.view_functions, "candidate.dashboard.show", break_down)
    response = browser.get("/candidate/")
    assert response.status_code == 500
    check(response)


def sentences(path: Path) -> Iterator[str]:
    """Yield the texts in a module that could reach a page, docstrings aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def test_no_sentence_that_could_reach_a_candidate_has_them_either() -> None:
    modules = [
        *(ENGINE / "core").glob("*.py"),
        *(ENGINE / "web").glob("*.py"),
        *(ENGINE / "web/candidate").glob("*.py"),
    ]
    modules += [ENGINE / "actions" / f"{name}.py" for name in ("attempts", "results", "people")]
    found = [(path.name, text) for path in modules for text in sentences(path) if FORBIDDEN.search(text)]
    assert found == []
    pages = [*bundled("templates").glob("candidate/**/*.html"), *bundled("templates").glob("*.html")]
    pages += [*bundled("templates").glob("errors/*.html"), *bundled("templates").glob("signin/*.html")]
    assert len(pages) >= 10
    spoken = {path.name: FORBIDDEN.findall(path.read_text(encoding="utf-8")) for path in pages}
    assert {name: words for name, words in spoken.items() if words} == {}


def test_what_scripts_say_has_none_of_them() -> None:
    text = (ENGINE / "web/static/js/site.js").read_text(encoding="utf-8")
    said = re.findall(r'"([^"\n]* [^"\n]*)"|`([^`]* [^`]*)`', text)
    assert len(said) >= 5
    assert [words for pair in said for words in pair if FORBIDDEN.search(words)] == []
