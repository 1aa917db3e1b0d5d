"""The command line: `ssa`. One file per noun; errors are sentences on stderr."""

from __future__ import annotations

import sys
from typing import Any

import click

from ssa_engine import __version__
from ssa_engine.cli import (
    activities,
    calibration,
    content,
    cycles,
    database,
    decisions,
    demo,
    dif,
    exports,
    forms,
    health,
    impact,
    items,
    mail,
    people,
    policies,
    report,
    rescore,
    results,
    scoring,
    serve,
    settings,
    sittings,
    standard_setting,
)
from ssa_engine.core.errors import SsaError


class Sentences(click.Group):
    """A group whose errors are sentences: exit 1 where the data are bad, 2 where the call is."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command; no traceback for what a person can mend."""
        try:
            return super().main(*args, **options)
        except SsaError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except OSError as error:  # a folder that cannot be written into, a full disk
            click.echo(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.", err=True)
            sys.exit(1)


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ssa")
def main() -> None:
    """Structured Self-Assessment: item bank to prescription."""


for _noun in (
    demo,
    serve,
    content,
    forms,
    health,
    items,
    calibration,
    dif,
    scoring,
    decisions,
    standard_setting,
    impact,
    exports,
    report,
    people,
    policies,
    rescore,
    results,
    sittings,
    cycles,
    activities,
    mail,
    database,
    settings,
):
    for _command in _noun.COMMANDS:
        main.add_command(_command)
