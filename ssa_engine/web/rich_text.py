"""Markdown of items to safe HTML. Nothing else may put HTML on a page."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
TAGS = {"p", "em", "strong", "code", "ul", "ol", "li", "sub", "sup", "br", "table", "thead", "tbody", "tr", "th", "td"}


@lru_cache(maxsize=50_000)
def block(text: str) -> Markup:
    """Render Markdown with paragraphs."""
    return Markup(nh3.clean(_markdown.render(text), tags=TAGS, attributes={}))  # noqa: S704 - cleaned


@lru_cache(maxsize=50_000)
def inline(text: str) -> Markup:
    """Render Markdown of one line."""
    return Markup(nh3.clean(_markdown.renderInline(text.strip()), tags=TAGS, attributes={}))  # noqa: S704 - cleaned
