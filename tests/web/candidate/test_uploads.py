"""Large requests: taken by the routes of certificates alone, from who may send there; cut off, it leaves nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ssa_engine.content.library import Library
from ssa_engine.core.certificates import LARGEST_FILE, MEGABYTE, MOST_FILES
from ssa_engine.core.people import Role
from ssa_engine.storage.db import Database
from tests import papers
from tests.actions.claiming import DOSE, Desk, desk_of, library_with_claims, stored_activity
from tests.factories import Clock, Someone, add_someone, read
from tests.web.walk import has_sentence, snapshot

BOUNDARY = b"----sample"


@pytest.fixture(scope="session")
def library(library: Library) -> Library:
    return library_with_claims(library)


@pytest.fixture
def desk(db: Database, library: Library, clock: Clock, tmp_path: Path, candidate: Someone, published: None) -> Desk:
    """The candidate, asked for 2 credits in dose."""
    return desk_of(db, library, clock, tmp_path / "certificates", {DOSE: 2.0}, candidate)


class Endless(io.RawIOBase):
    """A body that goes on for so many bytes; it counts what was read of it."""

    def __init__(self, length: int) -> None:
        self.left = length
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        given = min(len(buffer), self.left)
        buffer[:given] = bytes(given)
        self.left -= given
        self.taken += given
        return given


def claims_url(desk: Desk) -> str:
    return f"/candidate/credentials/{desk.someone.credential_id}/ce/claims"


def multipart(*parts: bytes) -> bytes:
    return b"".join(b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + BOUNDARY + b"--\r\n"


def file_part(content: bytes) -> bytes:
    head = b'Content-Disposition: form-data; name="files"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + content


def field_part(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


def post_raw(browser: FlaskClient, url: str, body: object, length: int) -> TestResponse:
    """Send a body as it comes, whatever length it says it has."""
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
    return browser.post(url, environ_overrides=sent)


def test_a_hundred_megabytes_are_refused_unread(browser: FlaskClient, desk: Desk, db: Database) -> None:
    before, body = snapshot(db), Endless(100 * MEGABYTE)
    response = post_raw(browser, claims_url(desk), body, 100 * MEGABYTE)
    assert response.status_code == 413
    assert "What was sent is too large. Send less and try again." in read(response).text
    assert body.taken < MEGABYTE
    assert (snapshot(db), desk.files) == (before, [])


def test_as_many_and_as_large_files_as_are_allowed_come_through_to_the_rules(browser: FlaskClient, desk: Desk) -> None:
    body = multipart(*[file_part(b"x" * LARGEST_FILE)] * MOST_FILES)
    response = post_raw(browser, claims_url(desk), io.BytesIO(body), len(body))
    assert response.status_code == 422
    assert read(response).text.count("a.png is not a ") == 2 * MOST_FILES  # in the summary, and beside the field


def test_other_routes_and_other_people_keep_the_small_limit(
    app: Flask, browser: FlaskClient, desk: Desk, db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]
) -> None:
    staff = sign_in(add_someone(db, "staff@test.example", clock=clock, role=Role.STAFF))
    large = multipart(file_part(b"\0" * 100_000))
    before = snapshot(db)
    for client, url in (
        (browser, "/candidate/"),
        (browser, "/display"),
        (browser, f"/candidate/credentials/{desk.someone.credential_id}/assessment"),
        (staff, claims_url(desk)),
        (app.test_client(), claims_url(desk)),
        (app.test_client(), "/signin"),
    ):
        response = client.post(url, data=large, content_type=f"multipart/form-data; boundary={BOUNDARY.decode()}")
        assert response.status_code in (405, 413), url
        assert has_sentence(read(response))
    assert snapshot(db) == before


def test_fields_keep_their_limit_where_files_are_taken(browser: FlaskClient, desk: Desk) -> None:
    response = browser.post(claims_url(desk), data={"description": "x" * 300_000}, content_type="multipart/form-data")
    assert response.status_code == 413


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # the parser leaves half a file to be collected
def test_a_connection_that_is_cut_leaves_nothing_half_done(browser: FlaskClient, desk: Desk, db: Database) -> None:
    stored_activity(db, "DOSE", 1.0, {DOSE: 1.0})
    fields = {"activity": "DOSE", "finished_on": desk.today.isoformat(), "attended_whole": "yes"}
    whole = multipart(*(field_part(*pair) for pair in fields.items()), file_part(papers.png()))
    before = snapshot(db)
    for cut in (1, 100, len(whole) // 2, len(whole) - 60, len(whole) - 5, len(whole) - 1):
        response = post_raw(browser, claims_url(desk), io.BytesIO(whole[:cut]), len(whole))
        assert response.status_code == 400, cut
        assert "The request could not be read. Go back, reload the page and try again." in read(response).text
        assert (snapshot(db), desk.files) == (before, []), cut
    sent = browser.post(claims_url(desk), data=whole, content_type=f"multipart/form-data; boundary={BOUNDARY.decode()}")
    assert sent.status_code == 303
    assert len(desk.files) == 1
