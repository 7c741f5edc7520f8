"""The pages of a client, a supplier and a business case: their timeline, and the composer that writes on it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kronika.attachments.actions import TOKENS_FIELD
from kronika.cases.models import Case
from kronika.cases.queries import find_case
from kronika.contacts.models import Contact
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.errors import Complaints, Invalid, NotFound
from kronika.events.actions import record_as_asked
from kronika.events.input import read_new_event
from kronika.events.queries import Author, find_event
from kronika.events.stretches import VIEWS, Place, Told, View, read_newer, read_stretch, read_these, types_of
from kronika.http.requests import path_id
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.input.normalise import Json
from kronika.timelines.models import Target, TargetKind, field_of
from kronika.web.forms import KEPT_FIELD, Form
from kronika.web.once import do_once
from kronika.web.pages import is_for_script
from kronika.web.relations.margins import CaseMargin, ContactMargin, case_margin, contact_margin
from kronika.web.rendering import go_to, render
from kronika.web.timeline import timeline_view
from kronika.web.timeline.event_forms import (
    NUMBER_FIELD,
    by_fields,
    judge_characters,
    links_of,
    offer_linkable,
    read_event,
)
from kronika.web.timeline.timeline_view import Stretch, Timeline
from kronika.web.visitors import Member

Handler = Callable[[Request, Member, Form], Awaitable[Response]]

_EVENTS_AT_A_TIME: Final = 40
_NEWER: Final = 5
_MOST_ASKED: Final = 100
_PLACE = re.compile(r"([0-9]{1,12})-([0-9]{1,18})", re.ASCII)


class Subject(Struct, frozen=True):
    """Whose timeline it is. `contact`: itself, or for a case whose case it is."""

    contact: Contact | None
    case: Case | None

    @property
    def name(self) -> str:
        named = self.case or self.contact
        assert named
        return named.name


class _Asked(Struct, frozen=True):
    """Which part of a timeline: older than a place, newer than one, or around an event."""

    before: Place | None
    after: Place | None
    highlighted: int | None


class _Recorded(Struct):
    id: int


def show_of(kind: TargetKind) -> Handler:
    """The page of such a target; to a script only a stretch of its timeline."""

    async def show(request: Request, who: Member, form: Form) -> Response:
        target = Target(kind, path_id(request, "id"))
        tools = services(request)
        # Before anything is read: what comes after it, the live stream tells.
        upto = await tools.horizon.reach(tools.database)
        timeline = Timeline(target, who.company.path, asked_view(request))
        asked = _Asked(
            before=asked_place(request, "before"),
            after=asked_place(request, "after"),
            highlighted=parse_integer(request.query_params.get("at", "")),
        )
        # Of a page, a script asks for a stretch of the timeline or for what stands beside it.
        is_part, is_margin = is_for_script(request), "margin" in request.query_params
        async with tools.database.transaction(who.company_id) as transaction:
            subject = await _find_subject(transaction, target)
            margin = None if is_part and not is_margin else await _margin(transaction, who, subject)
            stretch = Stretch([]) if is_part and is_margin else await _read(transaction, timeline, asked)
            asks_which = form.text("type") == "document_linked"
            contact_id = subject.contact and subject.contact.id
            number = form.text(NUMBER_FIELD)
            found = await offer_linkable(transaction, who, number, contact_id) if asks_which else []
        if is_part and is_margin:
            return render(request, who, "timeline/margin.html", subject=subject, margin=margin)
        if is_part:
            return render_part(request, who, timeline, stretch)
        return render(
            request,
            who,
            "timeline/timeline.html",
            form=form,
            subject=subject,
            margin=margin,
            upto=upto,
            found=found,
            # Where the newest is on top, new ones can be put there.
            is_newest=asked.before is None and asked.after is None and stretch.newer is None,
            **_shown(timeline, stretch, asked.highlighted),
        )

    return show


async def _margin(transaction: Transaction, who: Member, subject: Subject) -> ContactMargin | CaseMargin:
    if subject.case is not None:
        return await case_margin(transaction, who, subject.case)
    assert subject.contact
    return await contact_margin(transaction, who, subject.contact)


def record_of(kind: TargetKind) -> Handler:
    """What the composer sends; to a script the new event."""

    async def do(request: Request, who: Member, form: Form) -> Response:
        target = Target(kind, path_id(request, "id"))
        tools = services(request)
        judge_characters(form)
        async with tools.database.transaction(who.company_id) as transaction:
            await _find_subject(transaction, target)
            payload = await read_event(transaction, form, form.text("type"))
        payload[field_of(target)] = target.id
        complaints = Complaints()
        most = tools.settings.max_attachments
        asked = read_new_event(payload, complaints, most_attachments=most)
        if asked is None:
            raise by_fields(Invalid(complaints))

        async def work(transaction: Transaction) -> _Recorded:
            author = Author(who.actor, who.company.zone)
            answer = await record_as_asked(transaction, author, asked, links_of(request), who.language)
            return msgspec.json.decode(answer, type=_Recorded)

        # A file that is sent again is the same by its name and size.
        said: dict[str, Json] = {**payload, TOKENS_FIELD: [f"{file.size} {file.name}" for file in form.files]}
        try:
            recorded = await do_once(request, who, form, _Recorded, work, said=said)
        except Invalid as wrong:
            raise by_fields(wrong) from None
        timeline = Timeline(target, who.company.path, "all")
        if not is_for_script(request):
            return go_to(timeline.path, done="recorded")
        async with tools.database.transaction(who.company_id) as transaction:
            events = await read_these(transaction, target.id, [recorded.id])
        return render_part(request, who, timeline, Stretch(events))

    return do


async def do_upload(_: Request, __: Member, form: Form) -> Response:
    """Files that a script sends before the form they belong to: by what they can be named in it."""
    return JSONResponse({KEPT_FIELD: [str(file) for file in form.files]}, 201)


async def show_linkable(request: Request, who: Member, _: Form) -> Response:
    """The documents whose number begins as asked, to choose one."""
    number, contact = request.query_params.get(NUMBER_FIELD, ""), request.query_params.get("contact", "")
    async with services(request).database.transaction(who.company_id) as transaction:
        found = await offer_linkable(transaction, who, number, parse_integer(contact))
    return render(request, who, "timeline/linkable.html", found=found, number=number)


async def show_these(request: Request, who: Member, _: Form) -> Response:
    """These events of a timeline, those that are there and in its view."""
    asked = request.query_params.get("ids", "").split(",")[:_MOST_ASKED]
    ids = [number for number in map(parse_integer, asked) if number is not None]
    async with services(request).database.transaction(who.company_id) as transaction:
        events = await read_these(transaction, path_id(request, "id"), ids)
    view = asked_view(request)
    timeline = Timeline(Target("client", 0), who.company.path, view)
    return render_part(request, who, timeline, Stretch([event for event in events if _is_in(event, view)]))


def render_part(request: Request, who: Member, timeline: Timeline, stretch: Stretch) -> Response:
    return render(request, who, "timeline/timeline_part.html", **_shown(timeline, stretch, None))


def asked_view(request: Request) -> View:
    view = request.query_params.get("show", "")
    return view if view in VIEWS else "all"


def _shown(timeline: Timeline, stretch: Stretch, highlighted: int | None) -> dict[str, Any]:
    return {"timeline": timeline, "stretch": stretch, "highlighted": highlighted, "of": timeline_view}


def _is_in(event: Told, view: View) -> bool:
    types = types_of(view)
    return bool(event.files) if view == "files" else types is None or event.type in types


def asked_place(request: Request, name: Literal["before", "after"]) -> Place | None:
    shape = _PLACE.fullmatch(request.query_params.get(name, ""))
    return Place(int(shape[1]), int(shape[2])) if shape else None


async def _find_subject(transaction: Transaction, target: Target) -> Subject:
    if target.kind == "business_case":
        case = await find_case(transaction, target.id)
        if case is None:
            raise NotFound
        return Subject(await find_contact(transaction, case.contact_kind, case.contact_id), case)
    contact = await find_contact(transaction, target.kind, target.id)
    if contact is None:
        raise NotFound
    return Subject(contact, None)


async def _read(transaction: Transaction, timeline: Timeline, asked: _Asked) -> Stretch:
    """On from the place that is asked for; around the highlighted event, if there is one on this timeline."""
    target, place = timeline.target.id, asked.before
    newer: list[Told] = []
    after = asked.after
    if timeline.view != "all" or place is not None:
        after = None
    elif after is None and asked.highlighted is not None:
        event = await find_event(transaction, asked.highlighted)
        if event is not None and event.timeline_id == target:
            newer = await read_newer(transaction, target, Place(event.created, event.id), limit=_NEWER + 1)
            # Behind the one that would come next.
            place = Place(event.created, event.id + 1)
    if after is not None:
        newer = await read_newer(transaction, target, after, limit=_EVENTS_AT_A_TIME + 1)
        shown, most = newer[-_EVENTS_AT_A_TIME:], _EVENTS_AT_A_TIME
        more = _after_the_last(shown) if shown else after
    else:
        found = await read_stretch(transaction, target, timeline.view, before=place, limit=_EVENTS_AT_A_TIME + 1)
        shown, most = newer[-_NEWER:] + found[:_EVENTS_AT_A_TIME], _NEWER
        more = _after_the_last(shown) if len(found) > _EVENTS_AT_A_TIME else None
    is_more_above = len(newer) > most or (asked.before is not None and timeline.view == "all")
    return Stretch(shown, more, newer=_before_the_first(shown) if is_more_above and shown else None)


def _after_the_last(events: list[Told]) -> Place:
    return Place(events[-1].created, events[-1].id)


def _before_the_first(events: list[Told]) -> Place:
    return Place(events[0].created, events[0].id)
