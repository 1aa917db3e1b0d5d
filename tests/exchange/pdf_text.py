"""Reads the text of a PDF as Typst writes one: pages, fonts with their tables of letters, and what is drawn."""

from __future__ import annotations

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)\s*endobj", re.DOTALL)
STREAM = re.compile(rb"^(<<.*?>>)\s*stream\r?\n(.*?)\r?\nendstream", re.DOTALL)

LITERAL = rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)"
"""Text in brackets, which may hold a pair of brackets of its own."""
STRING = re.compile(LITERAL + rb"|<[^>]*>", re.DOTALL)
DRAWN = re.compile(
    rb"/(\w+) [\d.]+ Tf"
    rb"|\[((?:" + LITERAL + rb"|<[^>]*>|[^\]()<>])*)\]\s*TJ"
    rb"|(" + LITERAL + rb"|<[0-9A-Fa-f]*>)\s*Tj",
    re.DOTALL,
)
"""The choice of a font, text in several parts, text in one."""


class Pdf:
    """A PDF taken apart."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.objects = {int(number): body for number, body in OBJECT.findall(content)}
        self.pages = [body for body in self.objects.values() if re.search(rb"/Type\s*/Page\b", body)]

    def stream(self, number: int) -> bytes:
        """The unpacked stream of an object."""
        found = STREAM.match(self.objects[number])
        assert found is not None
        return zlib.decompress(found[2]) if b"FlateDecode" in found[1] else found[2]

    def text(self) -> str:
        """All text, in the order in which it is drawn, a line for each piece."""
        pieces: list[str] = []
        for page in self.pages:
            fonts = self._fonts(page)
            contents = re.search(rb"/Contents\s+(\d+) 0 R", page)
            assert contents is not None
            pieces += self._drawn(self.stream(int(contents[1])), fonts)
        return "\n".join(pieces)

    def _fonts(self, page: bytes) -> dict[bytes, dict[int, str]]:
        resources = re.search(rb"/Resources\s+(\d+) 0 R", page)
        own = self.objects[int(resources[1])] if resources else page
        fonts = re.search(rb"/Font\s*(?:(\d+) 0 R|<<(.*?)>>)", own, re.DOTALL)
        if fonts is None:
            return {}
        table = self.objects[int(fonts[1])] if fonts[1] else fonts[2]
        found = {}
        for name, number in re.findall(rb"/(\w+)\s+(\d+) 0 R", table):
            letters = re.search(rb"/ToUnicode\s+(\d+) 0 R", self.objects[int(number)])
            if letters:
                pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", self.stream(int(letters[1])))
                found[name] = {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
        return found

    def _drawn(self, stream: bytes, fonts: dict[bytes, dict[int, str]]) -> list[str]:
        pieces: list[str] = []
        letters: dict[int, str] = {}
        for font, several, one in DRAWN.findall(stream):
            if font:
                letters = fonts.get(font, {})
                continue
            raw = b"".join(self._bytes(part) for part in STRING.findall(several or one))
            codes = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
            pieces.append("".join(letters.get(code, "\ufffd") for code in codes))
        return pieces

    @staticmethod
    def _bytes(written: bytes) -> bytes:
        if written.startswith(b"<"):
            return bytes.fromhex(written[1:-1].decode())
        escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

        def plain(found: re.Match[bytes]) -> bytes:
            code = found[1]
            return bytes([int(code, 8)]) if code.isdigit() else escapes.get(code, code)

        return re.sub(rb"\\([0-7]{1,3}|.)", plain, written[1:-1], flags=re.DOTALL)
