"""docs/reference/commands.md: the help of every command."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ssa_engine.cli import main

WIDTH = 100
"""The help is wrapped as on a terminal this wide, whatever the terminal of the person who builds the page."""


def page() -> str:
    """Write the page."""
    sections = "\n".join(_section(context) for context in contexts() if not isinstance(context.command, click.Group))
    return (
        "# Commands\n\n"
        "A command exits with 0 when it is done, 1 when the data are bad (every problem is listed), 2 when it was "
        "called in a way it does not know. Errors are sentences on stderr. "
        "The settings it reads are in [settings](settings.md).\n\n" + sections
    )


def contexts() -> Iterator[click.Context]:
    """Yield the click context of `ssa` and of every command below it, in alphabetical order."""

    def walk(context: click.Context) -> Iterator[click.Context]:
        yield context
        if isinstance(context.command, click.Group):
            for name, command in sorted(context.command.commands.items()):
                yield from walk(_context(command, name, context))

    yield from walk(_context(main, "ssa", None))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    options = {**command.context_settings, "terminal_width": WIDTH}
    return click.Context(command, info_name=name, parent=parent, **options)


def _section(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
