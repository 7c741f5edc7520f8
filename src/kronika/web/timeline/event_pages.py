"""One event: its link, its correction, its removal, its files."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kronika.attachments.queries import find_attachment
from kronika.attachments.routes import send_archive, send_attachment
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Forbidden, Invalid, NotFound
from kronika.events.actions import correct_event, remove_event
from kronika.events.models import RECORDABLE_TYPES
from kronika.events.queries import find_event, lock_event
from kronika.events.stretches import Told, read_these
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.timelines.models import Target
from kronika.web.forms import Form, judge_seen, trace
from kronika.web.pages import is_for_script
from kronika.web.rendering import go_to, render
from kronika.web.timeline import timeline_view
from kronika.web.timeline.event_forms import (
    NUMBER_FIELD,
    by_fields,
    is_said_already,
    judge_characters,
    links_of,
    offer_linkable,
    read_event,
    removed_files,
    said_by,
)
from kronika.web.timeline.timeline_pages import render_part
from kronika.web.timeline.timeline_view import Stretch, Timeline
from kronika.web.visitors import Member


async def show_event(request: Request, who: Member, _: Form) -> Response:
    """The permanent link: to the page of its timeline, at its place."""
    async with services(request).database.transaction(who.company_id) as transaction:
        event, timeline = await _find(transaction, request, who)
    return go_to(f"{timeline.path}?at={event.id}#event-{event.id}")


async def show_edit(request: Request, who: Member, form: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        event, timeline = await _find_own(transaction, request, who)
        number = form.value(NUMBER_FIELD, event.document and event.document.number)
        found = await offer_linkable(transaction, who, number, None) if event.type == "document_linked" else []
    template = "timeline/event_form.html" if is_for_script(request) else "timeline/event_edit.html"
    return render(
        request,
        who,
        template,
        form=form,
        event=event,
        seen=trace(said_by(event)),
        timeline=timeline,
        found=found,
        of=timeline_view,
    )


async def do_edit(request: Request, who: Member, form: Form) -> Response:
    judge_characters(form)
    tools = services(request)
    try:
        async with tools.database.transaction(who.company_id) as transaction:
            # Held before it is read: what it says is judged by what the form was made of.
            await lock_event(transaction, path_id(request, "id"))
            event, timeline = await _find_own(transaction, request, who)
            if is_said_already(event, form):
                return _shown_again(request, who, timeline, event)
            judge_seen(form, said_by(event))
            payload = await read_event(transaction, form, event.type) | removed_files(form)
            form.judge()
            del payload["type"]
            await correct_event(
                transaction,
                event.id,
                payload,
                Complaints(),
                who.actor,
                links=links_of(request),
                language=who.language,
                most_attachments=tools.settings.max_attachments,
            )
            events = await read_these(transaction, timeline.target.id, [event.id])
    except Invalid as wrong:
        raise by_fields(wrong) from None
    return _shown_again(request, who, timeline, events[0])


def _shown_again(request: Request, who: Member, timeline: Timeline, event: Told) -> Response:
    if is_for_script(request):
        return render_part(request, who, timeline, Stretch([event]))
    return go_to(f"{timeline.path}?at={event.id}#event-{event.id}")


async def show_delete(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        event, timeline = await _find_own(transaction, request, who)
    return render(request, who, "timeline/event_delete.html", event=event, timeline=timeline, of=timeline_view)


async def do_delete(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        event, timeline = await _find(transaction, request, who)
        await remove_event(transaction, event.id, who.actor)
    if is_for_script(request):
        return JSONResponse({})
    return go_to(timeline.path, done="event_deleted")


async def show_file(request: Request, who: Member, _: Form) -> Response:
    async with services(request).database.transaction(who.company_id) as transaction:
        attachment = await find_attachment(transaction, path_id(request, "id"))
    if attachment is None:
        raise NotFound
    return await send_attachment(request, who.company_id, attachment)


async def show_files(request: Request, who: Member, _: Form) -> Response:
    """All files of an event as one archive."""
    return await send_archive(request, who.company_id, who.company.zone, path_id(request, "id"))


async def _find(transaction: Transaction, request: Request, who: Member) -> tuple[Told, Timeline]:
    event_id = path_id(request, "id")
    stored = await find_event(transaction, event_id)
    found = [] if stored is None else await read_these(transaction, stored.timeline_id, [event_id])
    if stored is None or not found:
        raise NotFound
    return found[0], Timeline(Target(stored.kind, stored.timeline_id), who.company.path, "all")


async def _find_own(transaction: Transaction, request: Request, who: Member) -> tuple[Told, Timeline]:
    event, timeline = await _find(transaction, request, who)
    if event.type not in RECORDABLE_TYPES:
        raise Forbidden
    return event, timeline
