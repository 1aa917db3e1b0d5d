"""Reads one YAML file: strict scalars, no duplicate keys, and a line number for every place in it."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ssa_engine.content.problems import Loc, Problem


class StrictLoader(yaml.CSafeLoader):
    """YAML as a person reads it: `12:30`, `no` and `010` are text, and a key stands once.

    Stock YAML 1.1 makes 750, False and 8 of those, and keeps the last of duplicate keys in silence.
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's way to begin a table of one's own

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.duplicates: list[tuple[int, str]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002 - the signature is PyYAML's
        """Build a mapping, noting each key that stands in it a second time."""
        if not isinstance(node, yaml.MappingNode):  # a list that is tagged as a mapping
            return super().construct_mapping(node, deep=True)
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            try:
                again = key in seen
            except TypeError:
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be a single word or number", key_node.start_mark
                ) from None
            if again:
                self.duplicates.append((line, f"'{key}' stands twice here (first in line {seen[key]}); keep one"))
            seen.setdefault(key, line)
        return super().construct_mapping(node, deep=True)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Build a value; one that its type does not allow (30 February) is an error at its place."""
        try:
            value = super().construct_object(node, deep)
        except yaml.MarkedYAMLError:
            raise
        except (ValueError, KeyError, IndexError, AttributeError, TypeError):
            kind, shown = node.tag.rpartition(":")[2], str(node.value)[:40]
            problem = f"'{shown}' is no {kind}; mend it or write it in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None
        found = FORBIDDEN.search(value) if isinstance(value, str) else None
        if found:
            problem = f"the escaped character U+{ord(found[0]):04X} is not allowed in text"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return value


FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, and those that break lines in YAML but in no editor, so that every line number would be off."""
NESTING = 50
"""Levels of nesting that a file may have; libyaml's composer runs off the stack at some ten thousand."""
OPENED = ("did not find expected ',' or", "found unexpected end of stream")
"""Problems that are noticed somewhere behind a bracket or quotation mark; that one is the place to look at."""


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
    ("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
):
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


class Document:
    """One YAML file as read: its data, and the lines its parts stand on."""

    def __init__(self, path: Path, text: str, data: Any) -> None:
        self.path = path
        self.text = text
        self.data = data

    @cached_property
    def _tree(self) -> yaml.Node | None:
        return yaml.compose(self.text, Loader=StrictLoader)

    def line(self, loc: Loc = ()) -> int:
        """Return the line of the deepest part of `loc` that is there (from 1); parts that are not are passed over."""
        node = self._tree
        line = node.start_mark.line + 1 if node else 1
        for part in loc:
            step = _step(node, part)
            if step is not None:
                line, node = step
        return line

    def problem(self, message: str, loc: Loc = ()) -> Problem:
        """Return a problem at a place of this file."""
        return Problem(self.path, self.line(loc), message)


def _step(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """Go one step down the tree: (line to name, node to go on from), or None."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def _too_deep(text: str) -> int | None:
    """Return the line on which the nesting gets too deep."""
    depth = 0
    for event in yaml.parse(text, Loader=StrictLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > NESTING:
                return event.start_mark.line + 1 if event.start_mark else 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def read_yaml(path: Path) -> tuple[Document | None, list[Problem]]:
    """Read a YAML file; what cannot be read comes back as problems, never as an exception."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(path, 1, f"cannot be read ({error.strerror}); check that it is there and readable")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, [Problem(path, line, f"is not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8")]
    forbidden = FORBIDDEN.search(text)
    if forbidden:
        line = len(re.findall(r"\r\n?|\n", text[: forbidden.start()])) + 1
        what = f"character U+{ord(forbidden[0]):04X} is not allowed in YAML"
        return None, [Problem(path, line, f"is not valid YAML: {what}; remove it")]
    loader = None
    try:
        too_deep = _too_deep(text)
        if too_deep:
            return None, [Problem(path, too_deep, f"is nested more than {NESTING} levels deep; make it flatter")]
        loader = StrictLoader(text)
        data = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        opened = str(error.problem).startswith(OPENED) and error.context_mark
        mark = opened or error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        return None, [Problem(path, mark.line + 1 if mark else 1, f"is not valid YAML: {what}; mend the syntax")]
    finally:
        if loader is not None:
            loader.dispose()
    problems = [Problem(path, line, message) for line, message in loader.duplicates]
    if data is None:
        return None, [*problems, Problem(path, 1, "is empty; remove it or fill it in")]
    return Document(path, text, data), problems
