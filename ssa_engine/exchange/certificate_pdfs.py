"""PDFs of certificates: a new file of the pages alone, with nothing that acts, opens, fetches or is attached."""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from ssa_engine.core.certificates import MOST_PAGES
from ssa_engine.core.errors import Invalid
from ssa_engine.core.text import say

PAGE_KEYS = frozenset({"/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit"})
"""What of a page is its look; the rest (annotations, actions, thumbnails, private data) stays behind."""
ACTING = frozenset(
    {
        *("/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/URI", "/Launch", "/SubmitForm", "/ImportData"),
        *("/EmbeddedFiles", "/EF", "/AF", "/FS", "/UF", "/XFA", "/RichMedia", "/Ref", "/OPI", "/PS"),
        *(
            "/Annots",
            "/AcroForm",
            "/Names",
            "/Metadata",
            "/PieceInfo",
            "/Alternates",
            "/StructParent",
            "/StructParents",
        ),
    }
)
"""Keys of whatever a page still reaches that act, lead out of the file, or carry what is not seen."""
OF_EXTERNAL_STREAMS = ("/F", "/FFilter", "/FDecodeParms")
"""Keys of a stream whose data lie in another file."""
EXPANDED_AT_MOST = 256 * 1024 * 1024
"""Bytes that one compressed stream may become when it is opened."""
TROUBLE = (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError, AttributeError, OSError, MemoryError)
"""What opening a damaged file raises."""

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=EXPANDED_AT_MOST,
    run_length_max_memory=EXPANDED_AT_MOST,
    png_max_memory=EXPANDED_AT_MOST,
    tiff_max_memory=EXPANDED_AT_MOST,
    max_stream_filters=4,
    doc_max_warnings=100,
)


def from_pdf(content: bytes, name: str) -> tuple[bytes, str, int]:
    """Make a PDF anew; return it with its media type and the number of its pages.

    Filled form fields become part of the page before the form is left behind.
    """
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as came:
            if came.is_encrypted:
                raise Invalid(_locked(name))
            pages = len(came.pages)
            if not 1 <= pages <= MOST_PAGES:
                raise Invalid(
                    say(
                        "{name} has {pages} pages, and at most {most} are taken. Send the page with the certificate.",
                        name=name,
                        pages=pages,
                        most=MOST_PAGES,
                    )
                )
            return _pages_alone(came), "application/pdf", pages
    except pikepdf.PasswordError:
        raise Invalid(_locked(name)) from None
    except TROUBLE:
        raise Invalid(
            say(
                "{name} cannot be opened as a PDF: it is damaged, or not all of it arrived. Send it again, print it to "
                "a new PDF, or take a photo.",
                name=name,
            )
        ) from None


def _locked(name: str) -> str:
    return say(
        "{name} is locked with a password, so nobody can review it. Save it without one, or take a photo of it.",
        name=name,
    )


def _pages_alone(came: Pdf) -> bytes:
    """Return a new PDF with the look of the pages."""
    if "/AcroForm" in came.Root:
        came.generate_appearance_streams()
    came.flatten_annotations("screen")
    with pikepdf.new() as made:
        for page in came.pages:
            for key in set(page.obj.keys()) - PAGE_KEYS:
                del page.obj[key]
            made.pages.append(page)
        for thing in made.objects:
            _disarm(thing)
        made.remove_unreferenced_resources()
        out = io.BytesIO()
        made.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _disarm(thing: Object) -> None:
    """Delete what acts from an object and from what lies directly in it."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Stream | Dictionary):
            if isinstance(one, Stream):
                _delete(one, OF_EXTERNAL_STREAMS)
            _delete(one, ACTING)
            waiting += [value for value in dict(one.items()).values() if _lies_in(value)]
        elif isinstance(one, Array):
            waiting += [value for value in one if _lies_in(value)]


def _lies_in(value: object) -> bool:
    """Whether a value is part of the object it stands in; others have their own turn."""
    return isinstance(value, Dictionary | Array) and not value.is_indirect


def _delete(one: Object, keys: frozenset[str] | tuple[str, ...]) -> None:
    for key in keys:
        if Name(key) in one:
            del one[Name(key)]
