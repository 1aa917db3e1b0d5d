"""ssa activities: import and list."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssa_engine.config import bundled
from tests.cli.shell import done, ssa

HEAD = "code,title,sponsor,format,credits,minutes,cost,starts_on,ends_on,mechanism,biennium,url,distribution"
FIRST = 'HLI-1,"Dose, in short",Harborlight,online,2.5,140,12.5,,,Cedar,true,,CT:radiation-safety-and-dose=0.5'
SECOND = "NRQ-2,Wrists,Northbank,journal,1,50,0,2027-01-01,2028-12-31,,false,,RAD:extremity=1"


def file(folder: Path, *rows: str) -> Path:
    path = folder / "activities.csv"
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return path


def test_a_catalogue_is_imported_listed_and_withdrawn(database_url: str, tmp_path: Path) -> None:
    def run(*rows: str, more: tuple[str, ...] = ()) -> str:
        return done("activities", "import", file(tmp_path, *rows), *more, database_url=database_url)

    assert run(FIRST, SECOND) == "2 activities added, 0 changed, 0 unchanged, 0 withdrawn.\n"
    assert run(FIRST, SECOND) == "0 activities added, 0 changed, 2 unchanged, 0 withdrawn.\n"
    changed = SECOND.replace("journal,1,50", "journal,1,55")
    assert run(changed, more=("--withdraw-missing",)) == "0 activities added, 1 changed, 0 unchanged, 1 withdrawn.\n"
    assert done("activities", "list", database_url=database_url).splitlines() == [
        "HLI-1  withdrawn  2.5 credits  140 min  12.5  online  Dose, in short  (Harborlight)  "
        "CT:radiation-safety-and-dose=0.5",
        "NRQ-2  1 credits  55 min  0  journal  Wrists  (Northbank)  RAD:extremity=1",
    ]
    listed = ssa("activities", "list", "--json", database_url=database_url).json
    assert listed[1] == {
        "code": "NRQ-2", "title": "Wrists", "sponsor": "Northbank", "format": "journal", "credits": 1.0, "minutes": 55,
        "cost": 0.0, "starts_on": "2027-01-01", "ends_on": "2028-12-31", "mechanism": "", "biennium": False, "url": "",
        "distribution": {"RAD": {"extremity": 1.0}}, "withdrawn": False,
    }  # fmt: skip


def test_a_bad_row_keeps_all_out(database_url: str, tmp_path: Path) -> None:
    path = file(tmp_path, FIRST, SECOND.replace("RAD:extremity", "RAD:knee"), SECOND.replace("journal", "blog"))
    run = ssa("activities", "import", path, "--withdraw-missing", database_url=database_url)
    lines = run.sentence().splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{path}:3", f"{path}:4", f"{path}:4"]
    assert "RAD has no content area 'knee'. It has patient-interactions-and-management," in lines[0]
    assert "the format is 'blog'. Write one of online," in lines[1]
    assert lines[2] == f"{path}:4: the code 'NRQ-2' stands at {path}:3 already. Keep one of the rows."
    empty = ssa("activities", "list", database_url=database_url)
    assert (empty.code, empty.out, empty.err) == (0, "", "There are no activities yet: ssa activities import FILE\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_sample_catalogue_is_imported_as_it_is(database_url: str) -> None:
    path = bundled("content_specs") / "activities.csv"
    first = ssa("activities", "import", path, "--json", database_url=database_url).json
    again = ssa("activities", "import", path, "--json", database_url=database_url).json
    assert len(first["added"]) >= 220
    assert (again["unchanged"], again["added"], again["changed"]) == (first["added"], [], [])
