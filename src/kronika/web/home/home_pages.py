"""Home: the newest events of the whole company, and beside them how things stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kronika.cases.list_queries import count_by_status, count_cases
from kronika.cases.models import CaseFilter
from kronika.contacts.list_queries import contacts_by_ids
from kronika.contacts.models import Contact
from kronika.db.statements import Transaction
from kronika.documents.list_queries import documents_by_ids, documents_page
from kronika.documents.models import DocumentFilter, DocumentOrder, DocumentWish
from kronika.documents.owed import Owed, read_owed
from kronika.events.across import Happened, read_happened, read_happened_these
from kronika.events.activity import keep_activity, read_activity
from kronika.http.services import services
from kronika.input.fields import parse_integer
from kronika.statuses.models import StatusView
from kronika.statuses.queries import list_statuses
from kronika.users.visits import Mark, enter_home, leave_home
from kronika.web.forms import Form
from kronika.web.home.chart import Chart, chart_of
from kronika.web.lists import wished_number
from kronika.web.pages import is_for_script
from kronika.web.relations.margins import DocumentLine, line_of
from kronika.web.rendering import PAGE_HEADERS, go_to, render
from kronika.web.timeline import timeline_view
from kronika.web.visitors import Member

_EVENTS_AT_A_TIME: Final = 40
_MOST_ASKED: Final = 100
_URGENT: Final = 5
# In the year 2242; an odd address is no mistake of who follows it.
_LAST_MOMENT: Final = 2**33


class Column(Struct, frozen=True):
    """A column of the board and how many cases stand in it; `status` None: those without one."""

    status: StatusView | None
    cases: int


class Standing(Struct, frozen=True):
    """How things stand. `urgent`: what is due first of what is still to be paid."""

    columns: list[Column]
    owed: list[Owed]
    urgent: list[DocumentLine]
    contacts: dict[int, Contact]
    chart: Chart

    @property
    def cases(self) -> int:
        return sum(column.cases for column in self.columns)

    @property
    def unpaid(self) -> int:
        return sum(row.documents for row in self.owed)

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.owed)


async def show_home(request: Request, who: Member, _: Form) -> Response:
    """The page; to a script, or where it goes on from a place, only older events."""
    if request.method == "HEAD":
        # A page asks whether it may still be shown: that is no visit.
        return Response(headers=PAGE_HEADERS)
    tools = services(request)
    before, seen = wished_number(request, "before"), wished_number(request, "seen")
    if before is not None:
        async with tools.database.transaction(who.company_id) as transaction:
            happened = await read_happened(transaction, before=before, limit=_EVENTS_AT_A_TIME)
        template = "home/home_part.html" if is_for_script(request) else "home/home_older.html"
        return render(request, who, template, **_shown(who, happened, Mark(seen, _asked_moment(request)), before))
    # Before anything is read: what comes after it, the live stream tells.
    upto = await tools.horizon.reach(tools.database)
    async with tools.database.transaction(who.company_id) as transaction:
        mark = await enter_home(transaction, who.user_id)
    async with tools.database.snapshot(who.company_id) as snapshot:
        happened = await read_happened(snapshot, before=None, limit=_EVENTS_AT_A_TIME)
        activity = await read_activity(snapshot, who.company.zone.key, upto=upto)
        standing = await _standing(snapshot, who, chart_of(activity.events, _today(who)))
    if activity.to_keep:
        async with tools.database.transaction(who.company_id) as transaction:
            await keep_activity(transaction, activity.to_keep)
    return render(
        request, who, "home/home.html", upto=upto, standing=standing, mark=mark, **_shown(who, happened, mark, None)
    )


async def show_these(request: Request, who: Member, _: Form) -> Response:
    """These events, those that are there."""
    asked = request.query_params.get("ids", "").split(",")[:_MOST_ASKED]
    ids = [number for number in map(parse_integer, asked) if number is not None]
    async with services(request).database.transaction(who.company_id) as transaction:
        happened = await read_happened_these(transaction, ids)
    return render(request, who, "home/home_part.html", **_shown(who, happened, Mark(None, None), None))


async def do_leave(request: Request, who: Member, form: Form) -> Response:
    """A script tells what was on the page when its reader looked away."""
    event_id = parse_integer(form.text("event"))
    if event_id is not None:
        async with services(request).database.transaction(who.company_id) as transaction:
            await leave_home(transaction, who.user_id, event_id)
    return JSONResponse({}) if is_for_script(request) else go_to(who.company.path + "/home")


def _shown(who: Member, happened: Happened, mark: Mark, before: int | None) -> dict[str, Any]:
    """What the parts of the page are made of. `line_before`: the event above which the line stands that tells where
    the last visit ended, where that is in this part.
    """
    seen = mark.seen_id
    line_before = None
    if seen is not None and (before is None or before > seen):
        line_before = next((event for event in happened.events if event.id <= seen), None)
    older = None
    if happened.more is not None:
        older = f"{who.company.path}/home?before={happened.more}"
        if seen is not None and mark.seen_at is not None:
            older += f"&seen={seen}&at={int(mark.seen_at.timestamp())}"
    return {
        "events": happened.events,
        "whose": happened.whose,
        "older": older,
        "seen_to": seen or 0,
        "seen_at": mark.seen_at,
        "line_before": line_before,
        "highlighted": None,
        "of": timeline_view,
    }


async def _standing(snapshot: Transaction, who: Member, chart: Chart) -> Standing:
    statuses = await list_statuses(snapshot)
    counts = await count_by_status(snapshot, [status.id for status in statuses])
    without = await count_cases(snapshot, CaseFilter(words=[], contact_kind=None, contact_id=None, status_id=0))
    columns = [Column(status, n) for status, n in zip(statuses, counts, strict=True)]
    owed = await read_owed(snapshot, _today(who))
    urgent = await _urgent(snapshot, who) if owed else []
    contacts = await contacts_by_ids(snapshot, list({line.document.contact_id for line in urgent}))
    return Standing(
        columns=[*columns, *([Column(None, without)] if without else [])],
        owed=owed,
        urgent=urgent,
        contacts={contact.id: contact for contact in contacts},
        chart=chart,
    )


async def _urgent(snapshot: Transaction, who: Member) -> list[DocumentLine]:
    wish = DocumentWish(DocumentFilter(is_open=True), DocumentOrder("dueDate", descending=False))
    found = await documents_page(snapshot, wish, _today(who), page=1, per_page=_URGENT)
    return [line_of(document, who) for document in await documents_by_ids(snapshot, found.ids, who.visit.now_is)]


def _today(who: Member) -> date:
    return who.visit.now_is.astimezone(who.company.zone).date()


def _asked_moment(request: Request) -> datetime | None:
    """When the visit before this one ended, as the first part of the page knew it."""
    seconds = wished_number(request, "at")
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds < _LAST_MOMENT else None
