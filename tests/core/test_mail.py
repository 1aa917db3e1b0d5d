"""Mail in the core: when it is tried again, and to which addresses it can be sent."""

from __future__ import annotations

import datetime as dt

import pytest

from ssa_engine.core.mail import ascii_address, next_try

NOW = dt.datetime(2027, 3, 14, 14, 0, tzinfo=dt.UTC)


def test_the_pauses_between_tries_grow_and_end() -> None:
    pauses = []
    for tries in range(1, 13):
        again = next_try(tries, NOW)
        pauses.append(None if again is None else (again - NOW).total_seconds() / 60)
    assert pauses == [1, 5, 30, 120, 120, 120, 120, 120, 120, None, None, None]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("dana@example.org", "dana@example.org"),
        ("d.o'hara+cqr@sub.example.org", "d.o'hara+cqr@sub.example.org"),
        ("dana@bücher.example", "dana@xn--bcher-kva.example"),
        ("ĥuan@example.org", None),
        ("dana", None),
        ("@example.org", None),
        ("dana@", None),
        ("a@b@example.org", None),
        ("dana@example.org\r\nbcc: all@example.org", None),
        ("dana <dana@example.org>", None),
        ("dana,all@example.org", None),
        ("dana@exa..mple.org", None),
        ("", None),
    ],
)
def test_an_address_is_written_as_servers_take_it_or_not_at_all(address: str, written: str | None) -> None:
    assert ascii_address(address) == written
