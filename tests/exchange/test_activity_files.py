"""The catalogue of activities as a file: every bad row with its line and what to do; and the sample that is bundled."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import re
from pathlib import Path

import pytest

from ssa_engine.config import bundled
from ssa_engine.content.library import Library
from ssa_engine.core.activities import Activity, ActivityFormat
from ssa_engine.core.errors import Invalid
from ssa_engine.exchange.activity_files import COLUMNS, read_activities

HEAD = "code,title,sponsor,format,credits,minutes,cost,starts_on,ends_on,mechanism,biennium,url,distribution"
OUTLINES = {"CT": ("dose", "image-formation"), "RAD": ("dose",)}
GOOD = {
    "code": "HLI-1", "title": "Dose, in short", "sponsor": "Harborlight", "format": "online", "credits": "2.5",
    "minutes": "140", "cost": "12.50", "starts_on": "2027-01-01", "ends_on": "2028-12-31", "mechanism": "Cedar",
    "biennium": "true", "url": "https://harborlight.example.org/1", "distribution": "CT:dose=0.5 CT:image-formation=1",
}  # fmt: skip


def written(folder: Path, *rows: dict[str, str], head: str = HEAD) -> Path:
    path = folder / "activities.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{head}\n")
        csv.writer(stream, lineterminator="\n").writerows([[row[name] for name in COLUMNS] for row in rows])
    return path


def refusal(path: Path) -> list[str]:
    """What is the matter, without the path."""
    with pytest.raises(Invalid) as caught:
        read_activities(path, OUTLINES)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def test_a_row_is_read_as_an_activity(tmp_path: Path) -> None:
    second = {**GOOD, "code": "NRQ-2", "starts_on": "", "ends_on": "", "mechanism": "", "url": "", "biennium": "False",
              "format": "In person", "cost": "0", "distribution": "RAD:dose=2.5  CT:dose=2.5"}  # fmt: skip
    day = dt.date
    assert read_activities(written(tmp_path, GOOD, second), OUTLINES) == [
        Activity(
            0, "HLI-1", "Dose, in short", "Harborlight", ActivityFormat.ONLINE, 2.5, 140, 12.5, day(2027, 1, 1),
            day(2028, 12, 31), "Cedar", True, "https://harborlight.example.org/1",
            {"CT": {"dose": 0.5, "image-formation": 1.0}},
        ),
        Activity(
            0, "NRQ-2", "Dose, in short", "Harborlight", ActivityFormat.IN_PERSON, 2.5, 140, 0.0, None, None, "", False,
            "", {"RAD": {"dose": 2.5}, "CT": {"dose": 2.5}},
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell", "sentence"),
    [
        ("code", "", "'code' is empty. Fill it in."),
        ("code", "a b", "the code 'a b' cannot stand in an address. Write letters, digits, '-', '.', '_'."),
        ("title", "", "'title' is empty. Fill it in."),
        ("title", "x" * 301, "'title' has 301 characters. Write at most 300."),
        ("sponsor", "a\x07b", "'sponsor' has a character that cannot be shown. Type it anew."),
        (
            "format",
            "podcast",
            "the format is 'podcast'. Write one of online, journal, webinar, conference, self-study, in person.",
        ),
        ("credits", "0", "'credits' is '0'. Write a number above 0 up to 1000, with two decimals at most."),
        ("credits", "2,5", "'credits' is '2,5'. Write a number above 0 up to 1000, with two decimals at most."),
        ("cost", "-1", "'cost' is '-1'. Write a number from 0 up to 1e+06, with two decimals at most."),
        ("cost", "nan", "'cost' is 'nan'. Write a number from 0 up to 1e+06, with two decimals at most."),
        ("minutes", "1.5", "'minutes' is '1.5'. Write a whole number from 1 up to 100000."),
        ("minutes", "0", "'minutes' is '0'. Write a whole number from 1 up to 100000."),
        ("starts_on", "1.1.2027", "'starts_on' is '1.1.2027'. Write a day as 2027-04-30, or nothing."),
        ("ends_on", "2026-12-31", "it ends on 2026-12-31, before it starts on 2027-01-01. Mend one of the days."),
        ("biennium", "yes", "'biennium' is 'yes'. Write true or false."),
        ("url", "harborlight", "the url is 'harborlight'. Write an address that begins with https://, or nothing."),
        (
            "url",
            "javascript:alert(1)",
            "the url is 'javascript:alert(1)'. Write an address that begins with https://, or nothing.",
        ),
        (
            "distribution",
            "dose 0.5",
            "'dose' in the distribution is not understood. Write CT:radiation-safety-and-dose=0.5, with blanks between "
            "entries.",
        ),
        ("distribution", "MRI:dose=1", "the distribution names the discipline 'MRI'. Known are CT, RAD."),
        ("distribution", "CT:head=1", "CT has no content area 'head'. It has dose, image-formation."),
        ("distribution", "CT:dose=1 CT:dose=1", "the distribution names CT:dose twice. Keep one of them."),
        ("distribution", "CT:dose=0", "CT:dose has '0' credits. Write a number above 0, with two decimals at most."),
        (
            "distribution",
            "RAD:dose=2.5 CT:dose=1.5 CT:image-formation=1.01",
            "the distribution gives 2.51 credits in CT, and the activity is worth 2.5. Give at most that.",
        ),
    ],
)
def test_each_thing_that_is_the_matter_has_its_sentence(name: str, cell: str, sentence: str, tmp_path: Path) -> None:
    found = refusal(written(tmp_path, GOOD, {**GOOD, "code": "HLI-2", name: cell}))
    assert found[0] == f"3: {sentence}"


def test_every_bad_row_is_told_and_all_that_is_the_matter_with_it(tmp_path: Path) -> None:
    bad = {**GOOD, "credits": "many", "biennium": "", "code": "HLI-2"}
    again = {**GOOD, "title": "Dose, once more"}
    path = written(tmp_path, GOOD, bad, again)
    assert refusal(path) == [
        "3: 'credits' is 'many'. Write a number above 0 up to 1000, with two decimals at most.",
        "3: 'biennium' is ''. Write true or false.",
        f"4: the code 'HLI-1' stands at {path}:2 already. Keep one of the rows.",
    ]


def test_files_that_are_no_catalogue_are_told(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, head="code,title")) == [
        f"1: the columns {', '.join(COLUMNS[2:])} are missing; needed are {', '.join(COLUMNS)}."
    ]
    assert refusal(written(tmp_path, head=HEAD.replace(",", ";")))[0].endswith("Separate columns by commas.")
    assert refusal(written(tmp_path)) == [" has no activities, only a head. Give it one row for each."]
    path = written(tmp_path)
    path.write_text(f"{HEAD}\nHLI-1,Dose, in short,Harborlight\n", encoding="utf-8")
    assert refusal(path) == [
        "2: has fewer cells than the head has columns. Put text that has a comma in quotation marks."
    ]
    path.write_bytes(b"code,\xff\n")
    assert "cannot be read as UTF-8 CSV" in refusal(path)[0]


# the sample catalogue


def sample(library: Library) -> list[Activity]:
    outlines = {code: tuple(spec.area_names) for code, spec in library.specs.items()}
    return read_activities(bundled("content_specs") / "activities.csv", outlines)


def test_the_sample_is_large_varied_and_fills_every_area_of_every_discipline(library: Library) -> None:
    rows = sample(library)
    assert len(rows) >= 220
    assert len({one.title for one in rows}) == len(rows)
    assert {one.format for one in rows} == set(ActivityFormat)
    assert (min(one.credits for one in rows), max(one.credits for one in rows)) == (0.5, 8.0)
    assert (min(one.cost for one in rows), max(one.cost for one in rows)) == (0.0, 400.0)
    for discipline, spec in library.specs.items():
        for area in spec.area_names:
            found = [one for one in rows if area in one.counts_in(discipline)]
            assert len(found) >= 8, (discipline, area)
            assert sum(one.counts_in(discipline)[area] for one in found if one.ends_on is None) >= 4, (discipline, area)


def test_many_of_the_sample_share_out_less_than_they_are_worth_and_some_nothing(library: Library) -> None:
    rows = sample(library)
    shares = [(one.credits, sum(areas.values())) for one in rows for areas in one.distribution.values()]
    assert sum(given < worth for worth, given in shares) >= 100
    assert sum(not one.distribution for one in rows) >= 3
    assert sum(len(one.distribution) > 1 for one in rows) >= 15
    day = dt.date(2027, 3, 14)
    standing = collections.Counter(
        "over" if one.is_over(day) else "to come" if one.begins_after(day) else "open" for one in rows
    )
    assert min(standing.values()) >= 30


def test_the_sample_is_clearly_invented_and_names_nobody_s_address(library: Library) -> None:
    for one in sample(library):
        assert re.fullmatch(r"(https://[a-z-]+\.example\.org/[a-z]+/\d+)?", one.url), one.code
        assert not re.search(r"\b(activity|course) \d+\b", one.title, re.IGNORECASE), one.title
        assert one.mechanism or not one.biennium, one.code
    known = {
        name for spec in library.specs.values() for name in (spec.cqr.biennium.mechanisms if spec.cqr.biennium else ())
    }
    assert {one.mechanism for one in sample(library)} - {""} <= known
