"""What a PDF of ours has for those who hear it: marks, title, language, the kinds of its parts."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass

import pikepdf

from tests.exchange.pdf_text import Pdf


@dataclass(frozen=True)
class Accessible:
    """What a screen reader is given."""

    title: str
    language: str
    is_tagged: bool
    shows_title: bool
    part: str
    """The part of PDF/UA that it says it follows."""
    kinds: Counter[str]
    """Kinds of parts (H1, P, Table, TH …) and how many there are."""


def accessible(content: bytes) -> Accessible:
    """Read it with a library of others."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root
        kinds: Counter[str] = Counter()
        waiting = [root.StructTreeRoot]
        while waiting:
            one = waiting.pop()
            if isinstance(one, pikepdf.Array):
                waiting += list(one)
            elif isinstance(one, pikepdf.Dictionary):
                if "/S" in one:
                    kinds[str(one["/S"]).removeprefix("/")] += 1
                if "/K" in one:
                    waiting.append(one["/K"])
        with pdf.open_metadata() as metadata:
            title, part = str(metadata.get("dc:title", "")), str(metadata.get("pdfuaid:part", ""))
        return Accessible(
            title=title,
            language=str(root.Lang),
            is_tagged=bool(root.MarkInfo.Marked),
            shows_title=bool(root.ViewerPreferences.DisplayDocTitle),
            part=part,
            kinds=kinds,
        )


def squeezed(text: str) -> str:
    """Text without blanks: where lines break and words part is the typesetter's affair."""
    return re.sub(r"\s", "", text)


def text_of(content: bytes) -> str:
    """All text of a PDF without blanks, in the order in which it is drawn."""
    return squeezed(Pdf(content).text())
