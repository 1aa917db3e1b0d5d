"""A page as a tree of its elements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(eq=False)
class Node:
    """An element of a page; text is a node without a tag."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    words: str = ""

    def walk(self) -> Iterator[Node]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, *tags: str) -> list[Node]:
        """The elements below this one that have one of the tags."""
        return [one for one in self.walk() if one.tag in tags and one is not self]

    def up(self) -> Iterator[Node]:
        """This element and all above it."""
        here: Node | None = self
        while here is not None:
            yield here
            here = here.parent

    def inherited(self, name: str) -> str:
        """An attribute of this element or the nearest one above that has it."""
        return next((one.attributes[name] for one in self.up() if name in one.attributes), "")

    def text(self, *, own: bool = False) -> str:
        """What can be seen of the text; `own`: without the figures below that are told apart."""
        if self.tag == "" or "visually-hidden" in self.attributes.get("class", ""):
            return self.words
        parts = [one.text(own=own) for one in self.children if not (own and "data-name" in one.attributes)]
        return " ".join(" ".join(parts).split())


class _Tree(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self._here = Node("html")
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Node(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(made)
        if tag not in VOID:
            self._here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self._here))

    def handle_endtag(self, tag: str) -> None:
        found = next((one for one in self._here.up() if one.tag == tag), None)
        if found is not None and found.parent is not None:
            self._here = found.parent

    def handle_data(self, data: str) -> None:
        self._here.children.append(Node("", {}, self._here, [], data))


def tree(html: str) -> Node:
    """Read a page."""
    return _Tree(html).root
