"""Exhibits: what is shown with a question. An image, a video or a table."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from ssa_engine.core.policies import FrozenModel

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
ImageName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(png|jpg|jpeg|webp|svg)$")]
VideoName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(webm|mp4)$")]
CaptionsName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.vtt$")]


class ImageExhibit(FrozenModel):
    """An image. `alt` says in short what it shows, `description` at length (Markdown).

    `window`: the candidate may change brightness and contrast.
    """

    image: ImageName
    alt: Text
    description: Text | None = None
    window: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """The files it needs, by name."""
        return (self.image,)


class VideoExhibit(FrozenModel):
    """A video with captions. `description` tells at length what it shows (Markdown)."""

    video: VideoName
    captions: CaptionsName
    alt: Text
    description: Text | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files it needs, by name."""
        return (self.video, self.captions)


class TableExhibit(FrozenModel):
    """A table, in Markdown, under its caption."""

    table: Text
    caption: Text

    @property
    def files(self) -> tuple[str, ...]:
        """The files it needs: none."""
        return ()


def _kind(value: Any) -> str:
    """Tell an exhibit by the key it has, `image` for want of any. No name here is a key: it is in places of faults."""
    has = value.__contains__ if isinstance(value, dict) else lambda name: hasattr(value, name)
    return next((f"{name} exhibit" for name in ("video", "table") if has(name)), "image exhibit")


Exhibit = Annotated[
    Annotated[ImageExhibit, Tag("image exhibit")]
    | Annotated[VideoExhibit, Tag("video exhibit")]
    | Annotated[TableExhibit, Tag("table exhibit")],
    Discriminator(_kind),
]


def _as_list(value: Any) -> Any:
    """Let one exhibit stand where a list of them may."""
    if value is None:
        return ()
    return [value] if isinstance(value, dict) else value


Exhibits = Annotated[
    tuple[Exhibit, ...], BeforeValidator(_as_list, json_schema_input_type=Exhibit | list[Exhibit] | None)
]
"""Exhibits in order; written as one of them, or as a list."""
