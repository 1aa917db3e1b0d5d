"""Settings: defaults, SSA_* variables, and sentences for what cannot be used."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from ssa_engine.config import SETTINGS, Settings, bundled, read_settings
from ssa_engine.core.errors import Invalid


def test_every_setting_has_a_field_of_its_name_a_help_sentence_and_a_variable() -> None:
    assert [setting.field for setting in SETTINGS] == [field.name for field in fields(Settings)]
    assert {setting.variable for setting in SETTINGS} == {f"SSA_{field.name.upper()}" for field in fields(Settings)}
    assert [setting.field for setting in SETTINGS if len(setting.help) < 10] == []


def test_without_variables_the_defaults_hold() -> None:
    settings = read_settings({})
    assert settings.database_url == "sqlite:///var/ssa.db"
    assert (settings.content_dir, settings.item_bank_dir) == (bundled("content_specs"), bundled("item_bank"))
    assert (settings.secure_cookies, settings.demo, settings.trusted_proxies) == (True, False, 0)


def test_the_bundled_folders_are_there() -> None:
    assert [bundled(name).is_dir() for name in ("content_specs", "item_bank", "templates")] == [True] * 3


def test_a_variable_sets_its_field_and_a_given_value_comes_first() -> None:
    environment = {"SSA_PROCESSES": "3", "SSA_THREADS": "5", "SSA_CONTENT_DIR": "elsewhere", "HOME": "/"}
    settings = read_settings(environment, threads="7")
    assert (settings.processes, settings.threads, settings.content_dir) == (3, 7, Path("elsewhere"))


YES = ("true", "TRUE", "1", "yes", "on")
NO = ("false", "False", "0", "no", "off")


@pytest.mark.parametrize(
    ("text", "meant"),
    [(word, True) for word in YES] + [(word, False) for word in NO],
)
def test_a_switch_understands_the_usual_words(text: str, meant: bool) -> None:
    assert read_settings({"SSA_SECURE_COOKIES": text}).secure_cookies is meant


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("SSA_SECURE_COOKIES", "perhaps"),
        ("SSA_DEMO", ""),
        ("SSA_PROCESSES", "two"),
        ("SSA_PROCESSES", "0"),
        ("SSA_THREADS", "1.5"),
        ("SSA_THREADS", "-1"),
        ("SSA_TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_variable(variable: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({variable: text})
    assert str(caught.value).startswith(f"{variable} is '{text}'; it cannot be used")


def test_an_unknown_variable_is_named_and_not_ignored() -> None:
    with pytest.raises(Invalid) as caught:
        read_settings({"SSA_DATABSE_URL": "sqlite:///x.db", "SSA_THREDS": "4"})
    assert str(caught.value) == "SSA_DATABSE_URL, SSA_THREDS: no such setting. `ssa settings` lists them all."


def test_settings_cannot_change() -> None:
    settings = read_settings({})
    with pytest.raises(AttributeError):
        settings.demo = True  # type: ignore[misc]
