"""Hostile requests as they arrive on the wire, drawn at random; and what every answer to them must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.factories import read
from tests.web.walk import has_sentence

MEGABYTE = b"answer=" + b"a" * 1_000_000
FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")
NASTY = (
    b"",
    b"0",
    b"-1",
    b"1",
    b"2",
    b"3",
    b"987654",
    b"999999999999999999999999",
    b"1" * 5000,
    b"\x00",
    b"CT\x00",
    b"picture.png\x00",
    b"\x00.png",
    b"\xff\xfe",
    b"caf\xe9",
    "Ж漢😀".encode(),
    "\u202e\u2028".encode(),
    "İ".encode(),
    b"../../etc/passwd",
    b"..%2f..%2fetc%2fpasswd",
    b"..\\..\\secret.png",
    b"%00",
    b"%",
    b"' OR 1=1 --",
    b"<script>alert(1)</script>",
    b"{{ 7 * 7 }}",
    b"\r\nSet-Cookie: a=b",
    b"NaN",
    b"CT",
    b"next",
    b"flag",
    b"a",
    b"a:up",
    b"came_back",
    b"system",
)
FIELDS = (
    b"answer",
    b"token",
    b"go",
    b"next",
    b"email",
    b"password",
    b"page",
    b"discipline",
    b"q",
    b"step",
    b"decision",
    b"move",
    b"shown",
    b"strike",
    b"struck",
    b"note",
    b"comment",
    b"highlights",
    b"may_clear",
    b"answer.x",
    b"answer.y",
    b"kind",
    b"position",
    b"detail",
    b"lost",
    b"pending",
    b"theme",
    b"text_size",
    b"\x00",
    b"\xff",
    b"",
)

nasty = st.one_of(st.sampled_from(NASTY), st.binary(max_size=40), st.text(max_size=20).map(lambda text: text.encode()))


def path_of(rule: Rule, value: Callable[[str], bytes]) -> bytes:
    """Return an address of the route as bytes, each part given by its name."""
    return re.sub(rb"<(?:[^:<>]+:)?([^<>]+)>", lambda found: value(found[1].decode()), rule.rule.encode())


def quoted(raw: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in raw)


pairs = st.lists(st.tuples(st.sampled_from(FIELDS), nasty), max_size=8)
forms = pairs.map(lambda found: b"&".join(quoted(name) + b"=" + quoted(value) for name, value in found))
bodies = st.one_of(
    st.tuples(forms, st.sampled_from([FORM, f"{FORM}; charset=utf-7", "", "text/plain", "application/json"])),
    st.tuples(st.binary(max_size=200), st.sampled_from([FORM, "multipart/form-data", "\x7f", "a/b; boundary=\xff"])),
    st.sampled_from(
        [
            (b"answer=a&" * 3000, FORM),
            (MEGABYTE, FORM),
            (MEGABYTE, "text/plain"),
            (b"&".join(b"field%d=x" % number for number in range(2000)), FORM),
            (b"--x\r\nContent-Disposition: form-data; name=answer\r\n\r\na\r\n", "multipart/form-data; boundary=x"),
            (
                b"--x\r\nContent-Disposition: form-data; name=token; filename=a\r\n\r\na\r\n--x--",
                "multipart/form-data; boundary=x",
            ),
            (b'{"answer": "a"}', "application/json"),
            (b"", FORM),
        ]
    ),
)
headers = st.lists(
    st.sampled_from(
        [
            ("HX-Request", "true"),
            ("HX-Request", "\xff"),
            ("HX-Boosted", "true"),
            ("HX-History-Restore-Request", "true"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Sec-Fetch-Site", "?"),
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Origin", "http://["),
            ("Origin", "\xff"),
            ("Host", "evil.example"),
            ("Host", "["),
            ("Host", "a b/c"),
            ("Cookie", "ssa_session=junk"),
            ("Cookie", "ssa_session=\xff\x00; ssa_session=; =;;"),
            ("Cookie", "a" * 20_000),
            ("Accept-Language", "*;q=9"),
            ("If-None-Match", '"\xff'),
            ("If-Modified-Since", "yesterday"),
            ("Range", "bytes=9-1"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "-5"),
            ("Content-Length", "many"),
        ]
    ),
    max_size=3,
)


@dataclass(frozen=True)
class Request:
    """One request as it arrives on the wire."""

    method: str
    path: bytes
    query: bytes = b""
    body: bytes = b""
    kind: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def send(self, client: FlaskClient) -> TestResponse:
        environ: dict[str, Any] = {"PATH_INFO": self.path.decode("latin-1"), "CONTENT_TYPE": self.kind}
        environ["QUERY_STRING"] = self.query.decode("latin-1")
        for name, value in self.headers:
            plain = name.upper().replace("-", "_")
            environ["CONTENT_LENGTH" if name == "Content-Length" else f"HTTP_{plain}"] = value
        return client.open("/", method=self.method, data=self.body, environ_overrides=environ)


def check(response: TestResponse, sent: Request) -> None:
    """No fault of ours; what is refused is refused in words; nobody is sent elsewhere."""
    assert response.status_code < 500, sent
    assert response.headers.get("Location", "/").startswith("/"), sent
    assert not response.headers.get("Location", "/").startswith(("//", "/\\")), sent
    if response.status_code >= 400 and sent.method != "HEAD":
        assert response.mimetype == "text/html", sent
        assert has_sentence(read(response)), sent
    text = response.get_data()
    assert b"Traceback" not in text, sent
    assert b"<script>alert(1)" not in text, sent
    response.close()
