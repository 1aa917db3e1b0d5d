"""Every format on its page: with the fields that a form without JavaScript sends, and with those of the script."""

from __future__ import annotations

from typing import Any

import pytest

from ssa_engine.core.items import FORMATS
from tests.factories import item_url, other, read, right
from tests.web.candidate.sitting import Desk
from tests.web.walk import snapshot

HTMX = {"HX-Request": "true"}
RECEIPT = HTMX | {"HX-Target": "receipt"}


@pytest.mark.parametrize("kind", FORMATS)
def test_an_answer_sent_by_the_form_is_kept_and_stands_on_the_page_again(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    for choose in (right, other):
        posted = choose(desk.item(position))
        response = desk.send(position, answer=posted, go="next")
        assert response.status_code == 303
        assert desk.stored(position) == desk.item(position).read(posted)
        page = desk.look(position)
        assert desk.item(position).read(page.chosen or []) == desk.stored(position)
        assert page.text.count("Saved 14:02:11 UTC") == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_sending_the_page_as_it_stands_changes_no_answer(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    desk.send(position, go="next")
    assert desk.stored(position) is None, "an untouched page is no answer"
    desk.send(position, answer=right(desk.item(position)), go="save")
    for go in ("next", "save", "flag", "previous", "review"):
        desk.send(position, go=go)
        assert desk.stored(position) == desk.item(position).key_answer
    assert [kind for kind, at, _ in desk.sitting.happened if at == position and kind in ("changed", "cleared")] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_script_gets_a_receipt_with_the_next_token_and_no_page(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    page = desk.look(position)
    response = desk.send(position, page, headers=RECEIPT, answer=right(desk.item(position)), go="save")
    receipt = read(response)
    assert (response.status_code, "<html" in receipt.html, receipt.rows("data-item")) == (200, False, [])
    assert "Saved 14:02:11 UTC" in receipt.text
    assert receipt.token == desk.look(position).token != page.token
    assert ("Understood as" in receipt.text) == (kind == "number")
    assert len(receipt.html) < 2000


@pytest.mark.parametrize("kind", FORMATS)
def test_ten_requests_alike_change_nothing_after_the_first(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    page = desk.look(position)
    sent = {"answer": right(desk.item(position)), "go": "next", "note": "Why?", "comment": "Hm."}
    first = desk.send(position, page, **sent)
    before = snapshot(desk.sitting.db)
    for headers in [None, HTMX] * 5:
        again = desk.send(position, page, headers=headers, **sent)
        assert again.status_code == (200 if headers else 303)
        target = again.headers["HX-Push-Url"] if headers else again.headers["Location"]
        assert target == first.headers["Location"] == item_url(desk.sitting.attempt_id, position + 1)
    assert snapshot(desk.sitting.db) == before


@pytest.mark.parametrize("kind", ["multiple", "hotspot", "number"])
def test_what_can_be_emptied_is_taken_back_by_sending_it_empty(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    desk.send(position, answer=right(desk.item(position)), go="save")
    desk.send(position, answer=None if kind == "multiple" else "", go="save")
    assert desk.stored(position) is None
    assert desk.look(position).chosen is None


def test_one_best_answer_cannot_be_emptied(desk: Desk) -> None:
    position = desk.position_of("single")
    desk.send(position, answer=right(desk.item(position)), go="save")
    assert desk.send(position, answer=None, go="save").status_code == 303
    assert desk.stored(position) == desk.item(position).key_answer


def test_arrows_move_an_entry_and_that_is_the_answer_without_a_script(desk: Desk) -> None:
    position = desk.position_of("sorted")
    page = desk.look(position)
    a, b, c, *rest = page.options
    assert "Nothing is moved yet, so this question is not answered." in page.text
    for move, order in (
        (f"{b}:up", [b, a, c, *rest]),
        (f"{b}:down", [a, b, c, *rest]),
        (f"{a}:up", [a, b, c, *rest]),  # it is the first already
        (f"{c}:up", [a, c, b, *rest]),
        ("zz:up", [a, c, b, *rest]),
        (f"{a}:sideways", [a, c, b, *rest]),
    ):
        response = desk.send(position, move=move)
        assert (response.status_code, response.headers["Location"]) == (
            303,
            item_url(desk.sitting.attempt_id, position),
        )
        assert (desk.stored(position), desk.look(position).options) == (",".join(order), order)
    assert "This order is your answer." in desk.look(position).text


def test_the_order_shown_is_kept_only_by_saying_so(desk: Desk) -> None:
    position = desk.position_of("sorted")
    shown = desk.look(position).options
    desk.send(position, go="next")
    assert desk.stored(position) is None
    desk.send(position, move="keep")
    assert desk.stored(position) == ",".join(shown)


def test_a_press_on_the_image_marks_the_place_without_a_script(desk: Desk) -> None:
    position = desk.position_of("hotspot")
    pressed: dict[str, Any] = {"answer.x": "12", "answer.y": "34"}
    response = desk.send(position, **pressed)
    assert (response.status_code, response.headers["Location"]) == (303, item_url(desk.sitting.attempt_id, position))
    assert desk.stored(position) == "12,34"
    page = desk.look(position)
    assert page.chosen == ["12,34"]
    assert [found["transform"] for _, found in page.elements if found.get("id") == "hotspot-mark"] == [
        "translate(12 34)"
    ]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"answer": "9999,1"}, "That place lies outside the image"),
        ({"answer.x": "9999", "answer.y": "1"}, "That place lies outside the image"),
        ({"answer.x": "1"}, "Give the place as two whole numbers"),
        ({"answer": "left"}, "Give the place as two whole numbers"),
    ],
    ids=str,
)
def test_a_place_that_is_none_is_shown_again_beside_the_problem(desk: Desk, place: dict[str, Any], said: str) -> None:
    position = desk.position_of("hotspot")
    desk.send(position, answer="12,34", go="save")
    response = desk.send(position, go="next", **place)
    assert response.status_code == 422
    assert said in read(response).text
    assert desk.stored(position) == "12,34"


@pytest.mark.parametrize("headers", [None, HTMX, RECEIPT], ids=["plain", "htmx", "receipt"])
def test_a_number_that_cannot_be_read_stands_there_with_what_to_write_and_can_be_mended(
    desk: Desk, headers: dict[str, str] | None
) -> None:
    position = desk.position_of("number")
    page = desk.look(position)
    before = snapshot(desk.sitting.db)
    response = desk.send(position, page, headers=headers, answer="1,333", go="next", note="Why?")
    shown = read(response)
    assert response.status_code == 422
    assert "“1,333” could be read in two ways. Write 1.333 for the decimal number, or 1333 for thousands." in shown.text
    assert (shown.chosen, shown.token, snapshot(desk.sitting.db)) == (["1,333"], page.token, before)
    assert response.headers["HX-Retarget"] == "#item"
    assert desk.send(position, shown, answer="1,33", go="next").status_code == 303
    assert desk.stored(position) == "1.33"
    assert "Understood as 1.33" in desk.look(position).text


@pytest.mark.parametrize("kind", FORMATS)
def test_an_old_page_is_told_so_and_changes_nothing(desk: Desk, kind: str) -> None:
    position = desk.position_of(kind)
    page = desk.look(position)
    desk.send(position, page, answer=right(desk.item(position)), go="save")
    for headers in (None, HTMX, RECEIPT):
        response = desk.send(position, page, headers=headers, answer=other(desk.item(position)), go="save")
        assert response.status_code == 409
        assert f"this answer to question {position} was not saved" in read(response).text
        assert response.headers["HX-Retarget"] == "#item"
    assert desk.stored(position) == desk.item(position).key_answer
    told = [(kind, at) for kind, at, _ in desk.sitting.happened if kind == "stale_page"]
    assert told == [("stale_page", position)] * 3


def test_an_option_is_struck_out_and_what_is_chosen_is_saved_with_it(desk: Desk) -> None:
    position = desk.position_of("single")
    first, second, *_ = desk.look(position).options
    response = desk.send(position, answer=first, strike=second)
    assert (response.status_code, response.headers["Location"]) == (303, item_url(desk.sitting.attempt_id, position))
    page = desk.look(position)
    pressed = {found["value"]: found["aria-pressed"] for _, found in page.elements if found.get("name") == "strike"}
    assert {option for option, state in pressed.items() if state == "true"} == {second}
    assert page.chosen == [first]


def test_a_flag_a_note_and_a_comment_are_kept_on_the_server(desk: Desk) -> None:
    desk.send(2, go="flag", note=" Look again.\r\nTwice. ", comment=" Two keys? ")
    page = desk.look(2)
    assert dict(page.fields)["note"] == "Look again.\nTwice."
    assert dict(page.fields)["comment"] == ""
    assert "Remove flag" in page.text
    assert [one[0] for one in desk.sitting.happened if one[1] == 2] == ["flagged", "commented"]
    desk.send(2, go="save")
    assert dict(desk.look(2).fields)["note"] == "Look again.\nTwice."
    desk.send(2, go="save", note="")
    assert dict(desk.look(2).fields)["note"] == ""


def test_a_case_shows_its_scenario_with_each_of_its_items_and_no_other(desk: Desk) -> None:
    bank = desk.sitting.banks.library.bank("CT")
    for place in desk.sitting.places:
        item = bank.item(place.item_id)
        assert ("Scenario" in desk.look(place.position).text) == (item.case is not None)
