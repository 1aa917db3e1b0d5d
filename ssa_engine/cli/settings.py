"""ssa settings: every setting, its value and meaning."""

from __future__ import annotations

import os
import re

import click

from ssa_engine.config import SETTINGS

PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")
"""The password inside a URL, which is not to be shown."""


@click.command()
def settings() -> None:
    """List every setting with its default and, where set, its value."""
    for setting in SETTINGS:
        value = os.environ.get(setting.variable)
        if value is not None:
            value = PASSWORD.sub(r"\1:***@", value)
        shown = (
            f"{setting.variable} = {value}"
            if value is not None
            else f"{setting.variable} (default: {setting.default or 'empty'})"
        )
        click.echo(f"{shown}\n    {setting.help}")


COMMANDS = (settings,)
