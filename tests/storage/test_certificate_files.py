"""The folder of certificates: names of ours, files whole or not at all, what a crash leaves is swept away."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import pytest

from ssa_engine.core.errors import Conflict, NotFound
from ssa_engine.storage.certificate_files import CertificateFiles

NOW = dt.datetime(2027, 3, 14, 14, 2, 11, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> CertificateFiles:
    return CertificateFiles(tmp_path / "deep/certificates")


def age(store: CertificateFiles, name: str, hours: float) -> None:
    at = (NOW - dt.timedelta(hours=hours)).timestamp()
    os.utime(store.folder / name, (at, at))


def test_a_file_gets_a_random_name_and_only_we_may_read_it(store: CertificateFiles) -> None:
    names = [
        store.add(b"same", media_type) for media_type in ("application/pdf", "image/jpeg", "image/png", "image/png")
    ]
    assert [re.sub("[0-9a-f]{32}", "X", name) for name in names] == ["X.pdf", "X.jpg", "X.png", "X.png"]
    assert len(set(names)) == 4
    assert [store.read(name) for name in names] == [b"same"] * 4
    assert sorted(path.name for path in store.folder.iterdir()) == sorted(names)
    assert (store.folder.stat().st_mode & 0o777, (store.folder / names[0]).stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(
    "name", ["", "..", "../ssa.db", "/etc/passwd", "a" * 32 + ".html", "0" * 32 + ".pdf", "x\0.pdf"]
)
def test_no_other_name_is_read_or_removed(store: CertificateFiles, name: str) -> None:
    store.folder.mkdir(parents=True)
    (store.folder.parent / "ssa.db").write_bytes(b"data")
    with pytest.raises(NotFound, match="not here any more"):
        store.read(name)
    store.remove([name])
    assert (store.folder.parent / "ssa.db").read_bytes() == b"data"


def test_when_the_disk_is_full_nothing_half_written_is_left(
    store: CertificateFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Conflict, match="cannot be stored just now"):
        store.add(b"content", "image/png")
    assert list(store.folder.iterdir()) == []


def test_what_no_claim_names_is_swept_away_after_a_day_and_nothing_else(store: CertificateFiles) -> None:
    named, orphan, young = (store.add(b"x", "image/png") for _ in range(3))
    (store.folder / "notes.txt").write_text("not ours")
    part = f"{'a' * 32}.pdf.part"
    (store.folder / part).write_bytes(b"half")
    for name in (named, orphan, part, "notes.txt"):
        age(store, name, 25)
    age(store, young, 23)
    assert store.sweep({named}, NOW) == sorted([orphan, part])
    assert sorted(path.name for path in store.folder.iterdir()) == sorted([named, young, "notes.txt"])
    assert store.sweep({named}, NOW) == []


def test_without_a_folder_there_is_nothing_to_sweep(store: CertificateFiles) -> None:
    assert store.sweep(set(), NOW) == []
