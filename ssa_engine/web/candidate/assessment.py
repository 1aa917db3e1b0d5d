"""Delivery: one item a page, save and move. The answering path."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import attempts as actions
from ssa_engine.actions import evidence
from ssa_engine.core.answers import Unreadable
from ssa_engine.core.attempts import Attempt, require_reachable
from ssa_engine.core.errors import AttemptClosed, NotFound, StaleRender
from ssa_engine.core.events import EventKind
from ssa_engine.core.item_bank import ItemBank, present
from ssa_engine.core.items import NumberItem
from ssa_engine.core.text import Sentence, say
from ssa_engine.storage import banks, forms, places
from ssa_engine.web import answer_form, current
from ssa_engine.web.htmx import go_to, page_or_fragment, wants_fragment
from ssa_engine.web.item_view import ItemView, content_of
from ssa_engine.web.language import in_words
from ssa_engine.web.media_types import send_media

blueprint = Blueprint("assessment", __name__)


@blueprint.get("/attempts/<id:attempt_id>/items/<id:position>")
def item(attempt_id: int, position: int) -> ResponseReturnValue:
    """Show one item. Changes nothing."""
    now = current.now()
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        place = actions.require_place(places.place(connection, attempt, position))
    if not attempt.is_open(now):
        return redirect(url_for("candidate.review.show", attempt_id=attempt_id))
    if attempt.on_break(now) or (position > attempt.reach and position == attempt.reach + 1):
        return redirect(url_for("candidate.breaks.show", attempt_id=attempt_id))
    require_reachable(attempt, position)
    return _item_page(attempt, place)


@blueprint.post("/attempts/<id:attempt_id>/items/<id:position>")
def save(attempt_id: int, position: int) -> ResponseReturnValue:
    """Save the answer, then show what the button asks for."""
    sent = _sent(attempt_id, position)
    try:
        saved = actions.save(
            current.db(), current.banks(), sent, new_token=secrets.token_urlsafe(12), now=current.now()
        )
    except Unreadable as problem:
        return _not_understood(sent, problem)
    except StaleRender as stale:
        return _where_it_really_is(sent, stale.sentence)
    except AttemptClosed:
        return go_to(url_for("candidate.review.show", attempt_id=attempt_id))
    stays = wants_fragment() and sent.go == "save" and request.headers.get("HX-Target") == "receipt"
    if stays:
        return _overtaken(saved) if saved.overtaken else _receipt(saved)
    if saved.late or sent.go == "review":
        return go_to(url_for("candidate.review.show", attempt_id=attempt_id))
    if saved.at_break:
        return go_to(url_for("candidate.breaks.show", attempt_id=attempt_id))
    if not wants_fragment():
        return go_to(url_for("candidate.assessment.item", attempt_id=attempt_id, position=saved.place.position))
    return _item_page(saved.attempt, saved.place)


def _sent(attempt_id: int, position: int) -> actions.Save:
    form = request.form
    return actions.Save(
        attempt_id=attempt_id,
        person_id=current.person().id,
        position=position,
        answer=answer_form.answer(),
        token=form.get("token", "")[:32],
        go=answer_form.button(),
        may_clear="may_clear" in form,
        strike=form.get("strike", ""),
        note=form["note"].replace("\r\n", "\n").strip() if "note" in form else None,
        comment=form.get("comment", "").strip(),
    )


def _receipt(saved: actions.Saved) -> Response:
    item = current.banks().at(saved.attempt.bank_version).item(saved.place.item_id)
    return make_response(
        render_template(
            "candidate/assessment/_receipt.html",
            pulse=f"{_attempt_address()}/pulse",
            saved_at=saved.place.answered_at,
            token=saved.attempt.render_token,
            number=saved.place.answer if isinstance(item, NumberItem) else None,
            unit=item.unit if isinstance(item, NumberItem) else "",
            seconds_left=seconds_left(saved.attempt),
        )
    )


def _overtaken(saved: actions.Saved) -> Response:
    """Answer a repeated request after whose first arrival the answer was changed: here is what counts now."""
    notice = say("This answer was changed in another window since. You see what is saved now.")
    response = _item_page(saved.attempt, saved.place, notice=in_words(notice))
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#item", "outerHTML"
    return response


def _not_understood(sent: actions.Save, problem: Unreadable) -> Response:
    """Answer what cannot be read: the item again with what was typed, the problem beside it, and nothing lost."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, sent.attempt_id, sent.person_id)
        place = actions.require_place(places.place(connection, attempt, sent.position))
    typed = sent.answer[-1] if sent.answer else ""
    return _item_page(attempt, place, status=422, token=sent.token, typed=typed, problem=in_words(problem.sentence))


def _where_it_really_is(sent: actions.Save, sentence: Sentence | str) -> Response:
    """Answer a stale page: what was not saved, where the attempt stands, one button to continue here."""
    now = current.now()
    with current.db().read() as connection:
        attempt = actions.of_person(connection, sent.attempt_id, sent.person_id)
    detail = f"answer {','.join(sent.answer)[:100]!r} was not saved"
    evidence.note(current.db(), attempt.id, EventKind.STALE_PAGE, now, sent.position, detail)
    response = page_or_fragment(
        "candidate/assessment/elsewhere.html",
        "candidate/assessment/_elsewhere.html",
        status=409,
        sentence=in_words(sentence),
        attempt=attempt,
    )
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#item", "outerHTML"
    return response


@blueprint.post("/attempts/<id:attempt_id>/here")
def continue_here(attempt_id: int) -> ResponseReturnValue:
    """Make this window the live one, and show where the attempt is."""
    attempt = actions.continue_here(
        current.db(),
        attempt_id=attempt_id,
        person_id=current.person().id,
        new_token=secrets.token_urlsafe(12),
        device=current.device(),
        now=current.now(),
    )
    return go_to(url_for("candidate.assessment.item", attempt_id=attempt_id, position=attempt.position))


def seconds_left(attempt: Attempt) -> int | None:
    """Return the seconds left to show; None where there is no limit."""
    return None if attempt.is_untimed else attempt.seconds_left(current.now())


def _item_page(attempt: Attempt, place: places.Place, *, status: int = 200, **shown: Any) -> Response:
    view = item_view(current.banks().at(attempt.bank_version), attempt, place, **shown)
    response = page_or_fragment(
        "candidate/assessment/item.html", "candidate/assessment/_item.html", status=status, view=view
    )
    if status == 200:
        response.headers["HX-Push-Url"] = view.action or ""
    else:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#item", "outerHTML"
    return response


def item_view(bank: ItemBank, attempt: Attempt, place: places.Place, **shown: Any) -> ItemView:
    """Return what the page of one place of an attempt shows."""
    item = bank.item(place.item_id)
    base = _attempt_address()
    parts: dict[str, Any] = {
        "token": attempt.render_token,
        **content_of(
            present(item, place.options, bank.case_of(item)),
            lambda name: f"{base}/media/{name}",
            bank.sizes,
            place.answer,
            place.struck,
        ),
        **shown,
    }
    return ItemView(
        **parts,
        mode="live",
        attempt_id=attempt.id,
        position=place.position,
        items_total=attempt.items_total,
        first=attempt.locked_through + 1,
        reach=attempt.reach,
        flagged=place.flagged,
        highlights=place.highlights,
        note=place.note,
        saved_at=place.answered_at,
        seconds_left=seconds_left(attempt),
        warn_minutes=bank.spec.delivery.clock.warn_minutes,
        action=f"{base}/items/{place.position}",
    )


def _attempt_address() -> str:
    """Return where the attempt of this request lies; `url_for` would cost the answering path ten times as much."""
    return f"{request.script_root}{request.path.rpartition('/items/')[0]}"


@blueprint.get("/attempts/<id:attempt_id>/media/<name>")
def media(attempt_id: int, name: str) -> ResponseReturnValue:
    """Send a media file of the attempt's own form, as it was when the form was drawn."""
    with current.db().read() as connection:
        attempt = actions.of_person(connection, attempt_id, current.person().id)
        bank = current.banks().at(attempt.bank_version)
        items = [bank.item(place.item_id) for place in forms.items_of(connection, attempt.form_id)]
        own = {file for item in items for file in bank.files_of(item)}
        content = banks.media(connection, attempt.bank_version, name) if name in own else None
    if content is None:
        raise NotFound(say("There is no such picture in this assessment."))
    return send_media(content, name)
