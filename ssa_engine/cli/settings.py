"""ssa settings: every setting, its value and meaning."""

from __future__ import annotations

import os

import click

from ssa_engine.config import SETTINGS


@click.command()
def settings() -> None:
    """List every setting with its default and, where set, its value."""
    for setting in SETTINGS:
        value = os.environ.get(setting.variable)
        shown = (
            f"{setting.variable} = {value}"
            if value is not None
            else f"{setting.variable} (default: {setting.default or 'empty'})"
        )
        click.echo(f"{shown}\n    {setting.help}")


COMMANDS = (settings,)
