"""Media files of items: whether they are there and what they claim to be, and how large images are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ssa_engine.content.items import ItemFile
from ssa_engine.content.problems import Problem
from ssa_engine.core.items import HotspotItem, Size

MEDIA = "media"
RASTER = (".png", ".jpg", ".jpeg", ".webp")
BEGINNINGS = {".webm": (0, b"\x1a\x45\xdf\xa3"), ".mp4": (4, b"ftyp"), ".vtt": (0, b"WEBVTT"), ".svg": (0, b"<")}


def media_paths(file: ItemFile) -> dict[str, Path]:
    """Return name -> path of the media files an item file names and has."""
    folder = file.document.path.parent / MEDIA
    return {name: folder / name for _, name in file.media if (folder / name).is_file()}


@lru_cache(maxsize=4096)
def _read_size(path: Path, changed: int) -> Size | None:  # noqa: ARG001 - a changed file is read anew
    try:
        with Image.open(path) as image:
            return image.size
    except (UnidentifiedImageError, OSError):
        return None


def image_size(path: Path) -> Size | None:
    """Return width and height of an image in pixels; None if it is no raster image, or none that can be read."""
    return _read_size(path, path.stat().st_mtime_ns) if path.suffix in RASTER else None


def media_problems(file: ItemFile) -> Iterator[Problem]:
    """Each media file is there and is what its name says; the regions of a hot spot lie on their image."""
    paths = media_paths(file)
    for loc, name in file.media:
        path = paths.get(name)
        what = "image" if Path(name).suffix in (*RASTER, ".svg") else "file"
        if path is None:
            yield file.document.problem(f"the {what} '{name}' is not in the folder {MEDIA}/ beside this file", loc)
        elif not _is_what_it_says(path):
            yield file.document.problem(f"'{name}' is not what its name says; save it in that format", loc)
    for item in file.items:
        if isinstance(item, HotspotItem) and item.target.image in paths:
            yield from _regions_on_image(file, item, image_size(paths[item.target.image]))


def _is_what_it_says(path: Path) -> bool:
    if path.suffix in RASTER:
        return image_size(path) is not None
    offset, beginning = BEGINNINGS[path.suffix]
    with path.open("rb") as opened:
        return opened.read(64)[offset:].lstrip(b"\xef\xbb\xbf").startswith(beginning)


def _regions_on_image(file: ItemFile, item: HotspotItem, size: Size | None) -> Iterator[Problem]:
    at = (*file.places[item.id], "key")
    if size is None:
        message = f"the image '{item.target.image}' has no size in pixels; a hot spot needs a PNG, JPEG or WebP"
        yield file.document.problem(message, (*at[:-1], "target", "image"))
        return
    for index, region in enumerate(item.key):
        left, top, right, bottom = region.extent()
        if left < 0 or top < 0 or right >= size[0] or bottom >= size[1]:
            message = f"this region reaches beyond the image, which is {size[0]} by {size[1]} pixels; mend its numbers"
            yield file.document.problem(message, (*at, index))
