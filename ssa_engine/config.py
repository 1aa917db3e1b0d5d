"""Every setting: its name, default and meaning. Read from SSA_* variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssa_engine.core.errors import Invalid

PACKAGE = Path(__file__).parent


def bundled(name: str) -> Path:
    """Return a bundled folder: beside the package in a checkout, inside it in an installed wheel."""
    inside = PACKAGE / "bundled" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def _switch(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("use true or false")


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise ValueError(f"use a number from {least}")
        return number

    return read


@dataclass(frozen=True)
class Setting:
    """One setting."""

    field: str
    default: str
    help: str
    read: Callable[[str], Any] = str

    @property
    def variable(self) -> str:
        """The environment variable it is read from."""
        return f"SSA_{self.field.upper()}"


SETTINGS = (
    Setting("database_url", "sqlite:///var/ssa.db", "Where the data live: sqlite:///FILE or postgresql://…"),
    Setting("content_dir", "", "Folder of content specifications. Empty: the bundled samples.", Path),
    Setting("item_bank_dir", "", "Folder of item banks. Empty: the bundled samples.", Path),
    Setting(
        "certificate_dir",
        "",
        "Folder of uploaded certificates, for one database alone. Empty: `certificates` beside an SQLite database, "
        "else var/certificates.",
        Path,
    ),
    Setting("secure_cookies", "true", "Cookies over HTTPS only. Turn off only for http on this machine.", _switch),
    Setting("trusted_proxies", "0", "How many proxies in front set X-Forwarded-For and -Proto.", _at_least(0)),
    Setting("processes", "2", "Server processes of `ssa serve`.", _at_least(1)),
    Setting("threads", "16", "Threads of each server process.", _at_least(1)),
    Setting("smtp_url", "", "Mail server: smtp://USER:PASSWORD@HOST:587 or smtps://HOST. Empty: no mail is sent."),
    Setting("mail_from", "", "Whom mail is from: cqr@example.org, or 'Example Registry <cqr@example.org>'."),
    Setting("public_url", "", "Where people reach this, for links in mail: https://cqr.example.org"),
    Setting("policy_second_person", "false", "Publish a policy only if another person proposed it.", _switch),
    Setting("demo", "false", "Show the demo people on the sign-in page. Set by `ssa demo` alone.", _switch),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force. Field names are those of `SETTINGS`."""

    database_url: str
    content_dir: Path
    item_bank_dir: Path
    certificate_dir: Path
    secure_cookies: bool
    trusted_proxies: int
    processes: int
    threads: int
    smtp_url: str
    mail_from: str
    public_url: str
    policy_second_person: bool
    demo: bool


def read_settings(environment: Mapping[str, str] | None = None, **given: str) -> Settings:
    """Read the settings from the environment; `given` ones (as text, by field name) come first.

    Raises
    ------
    Invalid
        If a value cannot be used, or an SSA_ variable is not a setting.
    """
    environment = os.environ if environment is None else environment
    known = {setting.variable for setting in SETTINGS}
    unknown = sorted(
        name for name in environment if name.startswith("SSA_") and name not in known and name not in NOT_SETTINGS
    )
    if unknown:
        raise Invalid(f"{', '.join(unknown)}: no such setting. `ssa settings` lists them all.")
    values = {}
    for setting in SETTINGS:
        text = given.get(setting.field, environment.get(setting.variable, setting.default))
        try:
            values[setting.field] = setting.read(text)
        except ValueError as error:
            raise Invalid(f"{setting.variable} is '{text}'; it cannot be used ({error}).") from None
    for field, folder in (("content_dir", "content_specs"), ("item_bank_dir", "item_bank")):
        if values[field] == Path():
            values[field] = bundled(folder)
    if values["certificate_dir"] == Path():
        values["certificate_dir"] = _beside(values["database_url"]) / "certificates"
    return Settings(**values)


def _beside(database_url: str) -> Path:
    """Return the folder of the data: that of an SQLite file, else var."""
    scheme, _, path = database_url.partition(":///")
    return Path(path.partition("?")[0]).parent if scheme.startswith("sqlite") and path else Path("var")


NOT_SETTINGS = frozenset({"SSA_CHROMIUM", "SSA_PICTURES", "SSA_TEST_PG_URL"})
"""Variables of the tests, which share the prefix."""
