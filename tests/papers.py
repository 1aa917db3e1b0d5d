"""Certificates to send: sound ones of each kind, and files that are not what they seem."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 160, 60)
SCRIPT = b"app.alert('here')"


def picture(colour: tuple[int, int, int] = RED, size: tuple[int, int] = (120, 80)) -> Image.Image:
    """A picture whose left half is white, so that turning it shows."""
    made = Image.new("RGB", size, colour)
    made.paste((255, 255, 255), (0, 0, size[0] // 2, size[1]))
    return made


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(colour: tuple[int, int, int] = RED, **options: object) -> bytes:
    return encoded(picture(colour), "JPEG", **options)


def png(colour: tuple[int, int, int] = RED) -> bytes:
    return encoded(picture(colour), "PNG")


def heic(colour: tuple[int, int, int] = RED) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture(colour)).save(out)
    return out.getvalue()


def empty_pdf(pages: int = 1) -> Pdf:
    """A PDF with a filled square on each page."""
    made = pikepdf.new()
    for _ in range(pages):
        page = made.add_blank_page(page_size=(200, 200))
        page.Contents = made.make_stream(b"0 0 1 rg 20 20 100 100 re f")
    return made


def saved(pdf: Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def pdf(pages: int = 1) -> bytes:
    return saved(empty_pdf(pages))


def acting_pdf() -> bytes:
    """A PDF that tries everything: scripts, launching, links, attachments, forms, actions in what pages reach."""
    made = empty_pdf()
    script = Dictionary(S=Name.JavaScript, JS=pikepdf.String(SCRIPT.decode()))
    made.Root.OpenAction = made.make_indirect(script)
    made.Root.AA = Dictionary(WC=script)
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("a"), made.make_indirect(script)])))
    made.attachments["payload.exe"] = b"MZ payload"
    page = made.pages[0].obj
    page.AA = Dictionary(O=Dictionary(S=Name.Launch, F=pikepdf.String("/bin/sh")))
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 200, 200]),
        A=Dictionary(S=Name.URI, URI=pikepdf.String("file:///etc/passwd")),
    )
    page.Annots = Array([made.make_indirect(link)])
    form = made.make_stream(
        b"1 0 0 rg 0 0 10 10 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 10, 10])
    )
    form.AA = Dictionary(E=script)
    form.Ref = Dictionary(F=pikepdf.String("http://elsewhere.example/a.pdf"))
    page.Resources = Dictionary(XObject=Dictionary(Fm0=form))
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=made.make_stream(b"<xdp><script>x</script></xdp>"))
    return saved(made)


def form_pdf() -> bytes:
    """A PDF whose only word stands in a filled field of a form."""
    made = empty_pdf()
    look = made.make_stream(
        b"0 1 0 rg 0 0 50 50 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 50, 50])
    )
    field = made.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=pikepdf.String("name"),
            V=pikepdf.String("Ann"),
            Rect=Array([10, 10, 60, 60]),
            F=4,
            AP=Dictionary(N=look),
        )
    )
    made.pages[0].obj.Annots = Array([field])
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    return saved(made)


def locked_pdf(user: str = "") -> bytes:
    return saved(empty_pdf(), encryption=pikepdf.Encryption(owner="owner", user=user))


def zip_file() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return out.getvalue()


def png_bomb(side: int = 50_000) -> bytes:
    """A few bytes that say they are a picture of thousands of millions of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def everything_in(content: bytes) -> str:
    """All that a PDF says: its objects written out, its streams opened."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        parts = [repr(opened.trailer)]
        for thing in opened.objects:
            parts.append(
                thing.unparse(resolved=True).decode("latin-1") if not isinstance(thing, pikepdf.Stream) else ""
            )
            if isinstance(thing, pikepdf.Stream):
                parts.append(repr(dict(thing.items())) + thing.read_bytes().decode("latin-1"))
        return "\n".join(parts)
