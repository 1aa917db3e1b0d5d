"""The message of a mail: both parts say the same, and nothing that people wrote becomes a header or markup."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from ssa_engine.exchange.mail import Letter, in_one_line, message_of
from tests.post import text_of
from tests.test_templates import Inline

LETTER = Letter(
    language="es",
    subject="Su resultado de Computed Tomography",
    paragraphs=("Estimada Zoë:", "Tiene 4,5 créditos por obtener. " * 8),
    link="https://cqr.example.org/candidate/attempts/7/result",
    action="Ver mi resultado",
    closing=("Preguntas: Sample Board",),
)


def sent(letter: Letter = LETTER, **given: Any) -> EmailMessage:
    """Make a message, send it through bytes, and read it as who gets it does."""
    message = message_of(
        letter,
        **{
            "sender": ("Example Registry", "cqr@example.org"),
            "to": ("Zoë Ångström", "zoe@example.org"),
            "message_id": "abc",
            "at": dt.datetime(2027, 3, 14, 14, 2, 11, tzinfo=dt.UTC),
            **given,
        },
    )
    data = message.as_bytes()
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    read = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_who_gets_it_reads_headers_text_and_html() -> None:
    message = sent(reply_to="help@example.org")
    assert message["Subject"] == LETTER.subject
    assert message["To"].addresses[0].display_name == "Zoë Ångström"
    assert (message["Reply-To"], message["Message-ID"]) == ("help@example.org", "<abc@example.org>")
    assert message["Date"] == "Sun, 14 Mar 2027 14:02:11 +0000"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    for kind in ("plain", "html"):
        assert "Tiene 4,5 créditos por obtener." in text_of(message, kind)
        assert LETTER.link in text_of(message, kind)


def test_without_an_address_for_answers_there_is_no_such_header() -> None:
    assert sent()["Reply-To"] is None


def test_plain_text_is_folded_and_its_links_are_whole() -> None:
    lines = replace(LETTER, link=f"https://cqr.example.org/{'x' * 90}").text.splitlines()
    assert [line for line in lines if len(line) > 72] == [f"https://cqr.example.org/{'x' * 90}"]


def test_the_html_has_nothing_that_runs_or_is_fetched() -> None:
    html = LETTER.html
    assert [found for found in Inline(html).found if found != "<style>"] == []
    assert [word for word in ("<script", "<img", "<link", "url(", "src=") if word in html] == []
    assert '<html lang="es">' in html


@pytest.mark.parametrize(
    "name",
    [
        "Dana\r\nBcc: all@example.org",
        "Dana\nBcc: all@example.org\n\nHello",
        "Dana\u2028Bcc: all@example.org",
        "\x00Dana",
        'Dana "x", all@example.org, (Bo) <bo@example.org> and a name so long that its line has to be folded',
    ],
)
def test_nothing_in_a_name_or_a_subject_becomes_a_header(name: str) -> None:
    message = sent(
        replace(LETTER, subject=f"About {name}"), to=(name, "dana@example.org"), sender=(name, "a@b.example")
    )
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["dana@example.org"]
    assert message["Subject"] == f"About {in_one_line(name)}"


def test_what_people_wrote_is_text_in_html() -> None:
    letter = replace(LETTER, subject="<b>", paragraphs=("<script>alert('x')</script> & \"more\"",), closing=("<i>",))
    assert "<script>" not in letter.html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;more&quot;" in letter.html
    assert "<script>alert('x')</script> & \"more\"" in letter.text
