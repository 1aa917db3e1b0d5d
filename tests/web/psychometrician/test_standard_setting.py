"""Standard setting in the console: a sheet kept, its numbers beside those worked by hand, a draft made of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from ssa_engine.actions.banks import Banks
from ssa_engine.actions.policies import publish
from ssa_engine.content.library import Library
from ssa_engine.core.people import Role
from ssa_engine.storage import policy_drafts
from ssa_engine.storage.console_tables import standard_settings
from ssa_engine.storage.db import Database
from ssa_engine.storage.tables import audit
from tests.demos import build
from tests.factories import Clock, Page, Someone, add_someone, read
from tests.web.walk import snapshot

HERE = "/psychometrician/CT/standard-setting"
AREA = "radiation-safety-and-dose"


@pytest.fixture
def cohort() -> None:
    """Ask for it where a test needs scores of candidates."""


@pytest.fixture
def published(request: pytest.FixtureRequest, db: Database, library: Library, clock: Clock) -> None:
    """The sample policies; and a small cohort where a test asks for it."""
    if "cohort" in request.fixturenames:
        build(db, Banks(db, library), cohort=12, seed=5, now=clock())
        return
    for spec in library.specs.values():
        publish(db, spec, spec.sample_policy, expected_version=0, reason="sample", who="test", now=clock())


@pytest.fixture
def console(db: Database, clock: Clock, sign_in: Callable[[Someone], FlaskClient]) -> FlaskClient:
    return sign_in(add_someone(db, "reader@test.example", clock=clock, role=Role.PSYCHOMETRICIAN))


@pytest.fixture
def items(library: Library) -> list[str]:
    """Three items of one area."""
    bank = library.bank("CT")
    return [item.id for item in bank.items if bank.area_of(item) == AREA][:3]


def angoff(items: list[str]) -> str:
    """Two judges and two rounds: cuts .7 and, in the second, .65 with a standard error of .05."""
    rounds = {1: {"Ann": ".4 .6 .8", "Bo": ".8 .8 .8"}, 2: {"Ann": ".5 .6 .7", "Bo": ".6 .7 .8"}}
    lines = [
        f"{judge},{item},{rating},{number}"
        for number, judges in rounds.items()
        for judge, ratings in judges.items()
        for item, rating in zip(items, ratings.split(), strict=True)
    ]
    return "\n".join(["judge,item_id,rating,round", *lines, ""])


def send(console: FlaskClient, sheet: str, **fields: str) -> str:
    """Send a sheet; return the address of its page."""
    response = console.post(HERE, data={"title": "Spring panel", "method": "angoff", "sheet": sheet} | fields)
    assert response.status_code == 303, read(response).text
    return str(response.headers["Location"])


def rows(console: FlaskClient, address: str) -> list[dict[str, str]]:
    response = console.get(address)
    assert response.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def values(page: Page, table: str) -> list[list[str]]:
    """The data-value of every cell of a table, row by row."""
    found: list[list[str]] = []
    inside = False
    for tag, attributes in page.elements:
        inside = attributes.get("id") == table if tag == "table" else inside
        if inside and tag == "tr":
            found.append([])
        elif inside and tag == "td" and "data-value" in attributes:
            found[-1].append(attributes["data-value"])
    return [row for row in found if row]


def test_a_sheet_is_kept_with_its_trail_and_gives_the_cut_worked_by_hand(
    console: FlaskClient, db: Database, items: list[str]
) -> None:
    address = send(console, angoff(items), held_on="2027-03-01")
    with db.read() as connection:
        kept = connection.execute(sa.select(standard_settings)).one()
        trail = connection.execute(sa.select(audit).where(audit.c.noun == "standard_setting")).one()
    assert (kept.title, kept.method, kept.sheet, kept.created_by) == (
        "Spring panel", "angoff", angoff(items), "reader@test.example",
    )  # fmt: skip
    assert (trail.verb, trail.noun_id, trail.who) == ("add", str(kept.id), "reader@test.example")
    before = snapshot(db)
    page = read(console.get(address))
    cut = rows(console, f"{address}/cut.csv")
    assert snapshot(db) == before
    assert [(row["area"], row["method"], row["cut"], row["items"]) for row in cut] == [(AREA, "angoff", "7", "10")]
    assert (float(cut[0]["cut_proportion"]), float(cut[0]["se"])) == pytest.approx((0.65, 0.05))
    assert "Spring panel" in page.text
    assert "0.6500" in page.text


def test_what_the_page_shows_its_csv_says_to_the_last_digit(
    cohort: None, console: FlaskClient, items: list[str]
) -> None:
    address = send(console, angoff(items))
    page = read(console.get(address))
    judges = [row for row in rows(console, f"{address}/judges.csv") if row["round"] == "2"]
    columns = ("cut", "severity", "severity_z", "deviation", "deviation_z", "correlation")
    assert values(page, "judges-table") == [[row[name] for name in columns] for row in judges]
    rounds = rows(console, f"{address}/rounds.csv")
    named = ("judges", "items", "cut", "sd", "se", "se_judges_and_items", "change")
    assert values(page, "rounds-table") == [[row[name] for name in named] for row in rounds]
    effect, cut = rows(console, f"{address}/effect.csv"), rows(console, f"{address}/cut.csv")[0]
    own = next(row for row in effect if row["content_area"] == AREA)
    shown = values(page, "standards")[0]
    assert shown == [
        own["standard_now"], cut["cut_proportion"], cut["cut"], cut["se"], cut["low"], cut["high"], cut["judges"],
        own["prescribed_now"], own["prescribed_then"], own["newly"], own["no_longer"],
        own["mean_credits_now"], own["mean_credits_then"],
    ]  # fmt: skip


def test_an_earlier_round_is_a_link(console: FlaskClient, items: list[str]) -> None:
    address = send(console, angoff(items))
    assert float(rows(console, f"{address}/cut.csv?round=1")[0]["cut_proportion"]) == pytest.approx(0.7)
    assert "0.7000" in read(console.get(f"{address}?round=1")).text
    assert console.get(f"{address}?round=7").status_code == 422


def test_content_areas_stand_in_the_order_of_the_outline_and_the_one_shown_is_marked(
    console: FlaskClient, library: Library
) -> None:
    bank = library.bank("CT")
    areas = list(bank.spec.area_names)
    one_of = {area: next(item.id for item in bank.items if bank.area_of(item) == area) for area in areas}
    lines = [f"{judge},{one_of[area]},.6" for area in reversed(areas) for judge in ("Ann", "Bo")]
    address = send(console, "\n".join(["judge,item_id,rating", *lines]))
    page = read(console.get(f"{address}?area={areas[2]}"))
    assert [row["data-row"] for row in page.rows("data-row")] == areas
    assert [row["area"] for row in rows(console, f"{address}/cut.csv")] == areas
    switcher = [one for tag, one in page.elements if tag == "a" and "detail-heading" in one.get("href", "")][-7:]
    assert [one["href"] for one in switcher] == [f"{address}?area={area}#detail-heading" for area in areas]
    assert ["aria-current" in one for one in switcher] == [area == areas[2] for area in areas]
    assert library.spec("CT").area_names[areas[0]] in read(console.get(address)).text.rpartition("Into a policy")[2]


def test_a_sheet_can_be_had_when_the_bank_has_lost_an_item_of_it(
    console: FlaskClient, library: Library, items: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = send(console, angoff(items))
    bank = library.bank("CT")
    without = bank.model_copy(update={"items": tuple(item for item in bank.items if item.id != items[0])})
    monkeypatch.setitem(library.banks, "CT", without)
    assert console.get(address).status_code == 422
    response = console.get(f"{address}/sheet.csv")
    number = address.rpartition("/")[2]
    assert (response.status_code, response.get_data(as_text=True)) == (200, angoff(items))
    assert response.headers["Content-Disposition"] == f'attachment; filename="standard-setting-{number}-sheet.csv"'


def test_every_problem_of_a_sheet_is_listed_by_its_line_and_the_text_stays(
    console: FlaskClient, db: Database, items: list[str]
) -> None:
    sheet = f"judge,item_id,rating\nAnn,{items[0]},1.4\nAnn,nothing-001,.5\n,{items[1]},.5\nAnn,{items[2]},<b>\n"
    before = snapshot(db)
    response = console.post(HERE, data={"title": "Bad", "method": "angoff", "sheet": sheet})
    page = read(response)
    assert response.status_code == 422
    for line in ("sheet:2:", "sheet:3:", "sheet:4:", "sheet:5:"):
        assert line in page.text
    assert "'nothing-001' is no item of this item bank." in page.text
    kept = next(one for one in page.inputs if one.get("name") == "sheet")
    assert kept["value"].strip() == sheet.strip()
    assert snapshot(db) == before


def test_a_file_is_taken_before_the_text_and_may_be_large(console: FlaskClient, items: list[str]) -> None:
    lines = ["judge,item_id,rating", *(f"{'Judge ' * 40}{number},{items[0]},.5" for number in range(600))]
    data = {
        "title": "Large", "method": "angoff", "sheet": "",
        "file": (io.BytesIO("\n".join(lines).encode("utf-8-sig")), "panel.csv"),
    }  # fmt: skip
    response = console.post(HERE, data=data, content_type="multipart/form-data")
    assert response.status_code == 303
    assert rows(console, f"{response.headers['Location']}/cut.csv")[0]["judges"] == "600"


def test_a_draft_takes_the_standard_and_the_record(console: FlaskClient, db: Database, items: list[str]) -> None:
    address = send(console, angoff(items), held_on="2027-03-01")
    response = console.post(f"{address}/draft", data={"round": "1"})
    assert response.status_code == 303
    with db.read() as connection:
        drafts = policy_drafts.of_discipline(connection, "CT")
    assert len(drafts) == 1
    assert response.headers["Location"] == f"/psychometrician/CT/policy/drafts/{drafts[0].id}"
    assert drafts[0].policy.standards[AREA] == 0.7
    assert drafts[0].policy.standards["image-formation"] == 0.7  # the sample policy's own
    assert drafts[0].policy.record.startswith(f"angoff on 2027-03-01: {AREA} 0.7000, standard error ")


def test_ranges_give_hofstee_beuk_and_de_gruijter_and_other_panels_lie_on_the_same_curve(
    cohort: None, console: FlaskClient, items: list[str]
) -> None:
    first = send(console, angoff(items))
    sheet = (
        "judge,content_area,min_cut,max_cut,lowest_share_below,highest_share_below\n"
        f"Ann,{AREA},40,80,5,45\nBo,{AREA},60,100,15,55\nCy,{AREA},50,90,0,60\n"
    )
    address = send(console, sheet, method="hofstee", percent="yes", title="Second panel")
    assert [row["method"] for row in rows(console, f"{address}/cut.csv")] == ["hofstee", "beuk", "de-gruijter"]
    number = first.rpartition("/")[2]
    drawn = rows(console, f"{address}/curve.csv?also={number}")
    assert {row["method"] for row in drawn if row["kind"] == "cut"} == {
        "hofstee", "beuk", "de-gruijter", "angoff (Spring panel)",
    }  # fmt: skip
    assert "angoff (Spring panel)" in read(console.get(f"{address}?also={number}")).text


def test_a_bookmark_takes_parameters_that_are_sent(console: FlaskClient, items: list[str]) -> None:
    sheet = f"judge,page_item_id\nAnn,{items[1]}\nBo,{items[1]}\n"
    refused = console.post(HERE, data={"title": "B", "method": "bookmark", "sheet": sheet})
    assert "no parameters a and b" in read(refused).text
    parameters = "item_id,a,b\n" + "".join(f"{item},1,{at}\n" for item, at in zip(items, (-1, 0, 1), strict=True))
    address = send(console, sheet, method="bookmark", parameters=parameters, response_probability="0.5")
    # Both judges at b = 0, RP .5, so theta 0: the mean of 1/(1+e^-1), .5 and 1/(1+e) is .5.
    assert float(rows(console, f"{address}/cut.csv")[0]["cut_proportion"]) == pytest.approx(0.5)


def test_the_template_comes_back_filled_in(console: FlaskClient, library: Library) -> None:
    bank = library.bank("CT")
    found = rows(console, f"{HERE}/template.csv?method=angoff&judges=2")
    active = [item.id for item in bank.items if item.status == "active"]
    assert sorted(row["item_id"] for row in found if row["judge"] == "Judge 1") == sorted(active)
    assert len(found) == 2 * len(active)
    filled = ["judge,round,content_area,item_id,rating"] + [
        f"{row['judge']},1,{row['content_area']},{row['item_id']},{0.6 if row['judge'] == 'Judge 1' else 0.8}"
        for row in found
    ]
    address = send(console, "\n".join(filled))
    cuts = rows(console, f"{address}/cut.csv")
    assert [row["area"] for row in cuts] == list(bank.spec.area_names)
    assert [float(row["cut_proportion"]) for row in cuts] == pytest.approx([0.7] * 7)
    for method in ("bookmark", "hofstee", "beuk", "de-gruijter"):
        assert len(rows(console, f"{HERE}/template.csv?method={method}&judges=3")) == 21
    assert console.get(f"{HERE}/template.csv?method=guess").status_code == 422


@pytest.mark.parametrize("judges", [2, 3, 4, 10])
def test_a_panel_that_agrees_has_a_page(console: FlaskClient, library: Library, judges: int) -> None:
    found = rows(console, f"{HERE}/template.csv?method=angoff&judges={judges}")
    filled = ["judge,round,content_area,item_id,rating"]
    filled += [f"{row['judge']},1,{row['content_area']},{row['item_id']},0.7" for row in found]
    address = send(console, "\n".join(filled))
    response = console.get(address)
    assert (response.status_code, "0.7000" in read(response).text) == (200, True)


def test_what_is_not_there_is_said(console: FlaskClient, items: list[str]) -> None:
    address = send(console, angoff(items))
    assert console.get(f"{HERE}/999").status_code == 404
    assert console.get(f"{HERE}/999/sheet.csv").status_code == 404
    assert console.get(f"{address}/sheet.csv".replace("/CT/", "/MRI/")).status_code == 404
    assert console.get(f"{address}/nothing.csv").status_code == 404
    assert console.post(f"{HERE}/999/draft").status_code == 404
    assert console.get(address.replace("/CT/", "/NN/")).status_code == 404
    assert "no title" not in read(console.post(HERE, data={"title": " ", "method": "angoff", "sheet": "x"})).text
