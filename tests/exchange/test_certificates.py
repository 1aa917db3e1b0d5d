"""Certificates: what is taken is made anew, and what is not what it seems is refused with a sentence."""

from __future__ import annotations

import hashlib
import io
import struct

import pikepdf
import pytest
from PIL import Image, ImageOps

from ssa_engine.core.certificates import LARGEST_FILE, MOST_PAGES, DefusedFile, SentFile
from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.certificate_images import LONGEST_SIDE
from ssa_engine.exchange.certificates import defuse, shown_name
from tests import papers


def made(content: bytes, name: str = "certificate") -> DefusedFile:
    return defuse(SentFile(name, content))


def refusal(content: bytes, name: str = "paper") -> str:
    with pytest.raises(Invalid) as refused:
        made(content, name)
    return refused.value.sentence


def opened(file: DefusedFile) -> Image.Image:
    return Image.open(io.BytesIO(file.content))


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(own - other) < 40 for own, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        (papers.jpeg(), "image/jpeg", "JPEG"),
        (papers.png(), "image/png", "PNG"),
        (papers.heic(), "image/jpeg", "JPEG"),
    ],
    ids=["jpeg", "png", "heic"],
)
def test_a_picture_becomes_a_new_one_that_looks_the_same(content: bytes, media_type: str, kind: str) -> None:
    file = made(content)
    assert (file.media_type, file.pages, file.sent_name) == (media_type, 1, "certificate")
    picture = opened(file)
    assert (picture.format, picture.size) == (kind, (120, 80))
    assert near(picture.convert("RGB").getpixel((10, 40)), (255, 255, 255))
    assert near(picture.convert("RGB").getpixel((110, 40)), papers.RED)
    assert file.sent_sha256 == hashlib.sha256(content).hexdigest()
    assert file.sha256 == hashlib.sha256(file.content).hexdigest()


def test_the_name_says_nothing_about_the_kind() -> None:
    assert made(papers.jpeg(), "certificate.pdf").media_type == "image/jpeg"
    assert made(papers.pdf(), "photo.jpg").media_type == "application/pdf"


def test_a_photo_is_turned_upright_and_loses_what_it_tells_of_place_and_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "Camera of Ann"
    exif.get_ifd(0x8825)[2] = (41.0, 52.0, 12.0)
    file = made(papers.jpeg(exif=exif, comment=b"hidden words"))
    picture = opened(file)
    assert picture.size == (80, 120)
    assert near(picture.convert("RGB").getpixel((40, 10)), (255, 255, 255))
    assert dict(picture.getexif()) == {}
    assert b"Camera of Ann" not in file.content
    assert b"hidden words" not in file.content


def test_a_scan_in_16_bits_of_grey_keeps_its_ink() -> None:
    """12000 of 65535 is 46.7 of 255; with what is above 255 cut off, the page would be white."""
    ink, paper = (12000).to_bytes(2, "little"), (65535).to_bytes(2, "little")
    scan = Image.frombytes("I;16", (40, 30), (ink * 10 + paper * 30) * 30)
    file = opened(made(papers.encoded(scan, "PNG")))
    assert [file.convert("L").getpixel(at) for at in ((3, 3), (30, 3))] == [46, 255]


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photo_is_turned_as_its_notes_say(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    content = papers.jpeg(exif=exif)
    file, upright = opened(made(content)), ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert file.size == upright.size
    for at in ((5, 5), (file.width - 6, 5), (5, file.height - 6)):
        expected = upright.getpixel(at)
        assert isinstance(expected, tuple)
        assert near(file.getpixel(at), (expected[0], expected[1], expected[2]))


@pytest.mark.parametrize(
    ("entry", "size"),
    [
        pytest.param(struct.pack(">HHI4s", 0xA005, 2, 1, b"ab"), (80, 120), id="a folder that is text"),
        pytest.param(struct.pack(">HHI4s", 0x0112, 2, 4, b"six"), (120, 80), id="an orientation in words"),
    ],
)
def test_a_photo_whose_notes_are_odd_is_taken(entry: bytes, size: tuple[int, int]) -> None:
    """Notes that `Pillow` can read and not write again once brought the page down; here they are big-endian TIFF."""
    upright = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    entries = [upright, entry] if entry[:2] != upright[:2] else [entry]
    notes = b"MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + bytes(4)
    assert opened(made(papers.jpeg(exif=b"Exif\0\0" + notes))).size == size


def test_what_is_large_is_made_smaller_and_what_is_clear_stands_on_white() -> None:
    file = made(papers.encoded(papers.picture(size=(4000, 1000)), "JPEG"))
    assert max(opened(file).size) <= LONGEST_SIDE
    clear = made(papers.encoded(Image.new("RGBA", (20, 20), (255, 0, 0, 0)), "PNG"))
    assert opened(clear).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "hidden", [papers.zip_file(), b"<html><script>alert(1)</script></html>", papers.pdf()], ids=["zip", "html", "pdf"]
)
def test_what_hides_behind_a_picture_stays_behind(hidden: bytes) -> None:
    for content in (papers.jpeg() + hidden, papers.png() + hidden):
        file = made(content)
        assert b"script" not in file.content
        assert b"PK\x03\x04" not in file.content
        assert b"%PDF" not in file.content
        assert opened(file).size == (120, 80)


def test_what_hides_behind_a_pdf_or_inside_it_as_no_part_of_a_page_stays_behind() -> None:
    file = made(papers.pdf() + b"\n<html><script>alert(1)</script></html>\n" + papers.pdf()[-200:])
    assert b"<script>" not in file.content


def test_a_pdf_keeps_its_pages_and_nothing_that_acts() -> None:
    file = made(papers.acting_pdf(), "certificate.pdf")
    assert (file.media_type, file.pages) == ("application/pdf", 1)
    told = papers.everything_in(file.content)
    for word in ("JavaScript", "app.alert", "/JS", "Launch", "/bin/sh", "/URI", "passwd", "payload", "XFA", "script",
                 "OpenAction", "/AA", "Annots", "AcroForm", "elsewhere.example", "EmbeddedFile"):  # fmt: skip
        assert word not in told, word
    assert "0 0 1 rg 20 20 100 100 re f" in told
    with pikepdf.open(io.BytesIO(file.content)) as again:
        assert set(again.Root.keys()) == {"/Type", "/Pages"}
        assert len(again.pages) == 1


def test_what_was_filled_into_a_form_becomes_part_of_the_page() -> None:
    file = made(papers.form_pdf())
    told = papers.everything_in(file.content)
    assert "0 1 0 rg 0 0 50 50 re f" in told
    assert "Widget" not in told
    with pikepdf.open(io.BytesIO(file.content)) as again:
        assert b"Do" in b"".join(one.read_bytes() for one in again.pages[0].Contents)


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_locked_pdf_is_refused(user: str) -> None:
    assert refusal(papers.locked_pdf(user), "mine.pdf") == (
        "mine.pdf is locked with a password, so nobody can review it. Save it without one, or take a photo of it."
    )


def test_a_pdf_of_many_pages_is_refused() -> None:
    assert made(papers.pdf(MOST_PAGES)).pages == MOST_PAGES
    assert refusal(papers.pdf(MOST_PAGES + 1)) == (
        "paper has 21 pages, and at most 20 are taken. Send the page with the certificate."
    )


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "paper is empty. Choose the file again, or take a photo of the certificate."


def test_a_file_that_is_too_large_is_refused_before_anything_looks_into_it() -> None:
    assert refusal(papers.jpeg() + b"\0" * LARGEST_FILE) == (
        "paper is larger than 10 MB. Send a smaller scan, or a photo of the certificate."
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (papers.zip_file(), "certificate.pdf"),
        (b"<html><script>alert(1)</script></html>", "certificate.jpg"),
        (b"MZ\x90\0" + b"\0" * 200, "certificate.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "certificate.png"),
        (b"<html>\n" + papers.pdf(), "certificate.pdf"),
        (b"\n\n" + papers.pdf(), "certificate.pdf"),
        (b"GIF89a" + papers.jpeg(), "certificate.jpg"),
        (b"just words", "certificate.heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "certificate.heic"),
        (b"x", "certificate.pdf"),
    ],
    ids=["zip", "html", "program", "svg", "html-pdf", "lines-pdf", "gif-jpeg", "words", "video", "one-byte"],
)
def test_a_file_of_another_kind_under_a_right_name_is_refused(content: bytes, name: str) -> None:
    sentence = refusal(content, name)
    assert sentence.startswith(f"{name} is not a ")
    assert sentence.endswith("Send the certificate as a PDF, or as a picture: JPEG, PNG or HEIC.")


@pytest.mark.parametrize("content", [papers.jpeg(), papers.png(), papers.heic()], ids=["jpeg", "png", "heic"])
@pytest.mark.parametrize("kept", [0.3, 0.7])
def test_half_a_picture_is_refused(content: bytes, kept: float) -> None:
    assert refusal(content[: int(len(content) * kept)]) == (
        "paper cannot be opened as a picture: it is damaged, or not all of it arrived. Send it again, or take another "
        "photo."
    )


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.9])
def test_half_a_pdf_is_refused(kept: float) -> None:
    content = papers.pdf(3)
    assert refusal(content[: int(len(content) * kept)]) == (
        "paper cannot be opened as a PDF: it is damaged, or not all of it arrived. Send it again, print it to a new "
        "PDF, or take a photo."
    )


@pytest.mark.parametrize("side", [8_001, 12_000, 50_000, 2**31 - 1])
def test_a_picture_that_would_be_too_much_to_open_is_refused_unopened(side: int) -> None:
    content = papers.png_bomb(side)
    assert len(content) < 200
    assert refusal(content, "bomb.png") in (
        "bomb.png has more than 64 million pixels. Send a smaller picture of the certificate.",
        "bomb.png cannot be opened as a picture: it is damaged, or not all of it arrived. Send it again, or take "
        "another photo.",
    )


def test_every_beginning_of_a_kind_with_rubbish_after_it_is_refused() -> None:
    for beginning in (b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"):
        for rubbish in (b"", b"\0" * 500, b"\xff" * 500, b"(<<[/A" * 100):
            assert "cannot be opened" in refusal(beginning + rubbish)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("certificate.pdf", "certificate.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\my certificate.pdf", "my certificate.pdf"),
        ("/absolute/..", "certificate"),
        ("..", "certificate"),
        ("", "certificate"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie b.pdf"),
        ('"<script>".pdf', "script.pdf"),
        ("x" * 500 + ".pdf", "x" * 188 + "….pdf"),
        ("\u202egnp.pdf", "gnp.pdf"),
    ],
)
def test_a_name_is_shown_without_folders_and_tricks(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown
