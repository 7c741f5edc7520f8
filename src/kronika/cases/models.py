from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from kronika.contacts.models import ClientView, Contact, ContactKind, SupplierView, client_view, supplier_view
from kronika.instants import local_iso8601
from kronika.statuses.models import StatusView

CaseSort: TypeAlias = Literal["id", "name", "createdAt", "updatedAt", "boardPosition"]


class NewCase(Struct, frozen=True):
    contact_kind: ContactKind
    contact_id: int
    status_id: int | None
    name: str
    description: str | None


class Changeable(Struct, frozen=True):
    """What of a stored case can be changed."""

    name: str
    description: str | None
    status_id: int | None


class Case(Struct, frozen=True):
    """A stored business case, with its column's name and colour."""

    id: int
    contact_kind: ContactKind
    contact_id: int
    status_id: int | None
    status_name: str | None
    status_color: str | None
    board_position: int
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


class Spot(Struct, frozen=True):
    """Where in a column a case is wanted: in front of one, behind one, at a place from 0; what is None says nothing.

    The first of these counts that can be found there. Neighbours say what somebody meant who looked at the board a
    moment ago; a place says it no more once others have moved.
    """

    before: int | None = None
    behind: int | None = None
    place: int | None = None


class CaseFilter(Struct, frozen=True, kw_only=True):
    """Which cases: all that is not None holds for them. `status_id` 0: those that stand in no column."""

    words: list[str]
    contact_kind: ContactKind | None
    contact_id: int | None
    status_id: int | None


class CaseOrder(Struct, frozen=True):
    by: CaseSort
    descending: bool


class CaseWish(Struct, frozen=True):
    """Which cases a list shows, and in which order; the id decides between equals."""

    filter: CaseFilter
    order: CaseOrder


def changeable(case: Case) -> Changeable:
    return Changeable(case.name, case.description, case.status_id)


class CaseView(Struct, frozen=True, rename="camel"):
    """A business case as the API shows it."""

    id: int
    contact_type: ContactKind
    contact_id: int
    client: ClientView | None
    supplier: SupplierView | None
    name: str
    description: str | None
    status: StatusView | None
    board_position: int
    created_at: str
    updated_at: str


def case_view(case: Case, contact: Contact, zone: ZoneInfo, language: str) -> CaseView:
    return CaseView(
        id=case.id,
        contact_type=case.contact_kind,
        contact_id=case.contact_id,
        client=client_view(contact, zone, language) if contact.kind == "client" else None,
        supplier=supplier_view(contact, language) if contact.kind == "supplier" else None,
        name=case.name,
        description=case.description,
        status=_status(case),
        board_position=case.board_position,
        created_at=local_iso8601(case.created_at, zone),
        updated_at=local_iso8601(case.updated_at, zone),
    )


def _status(case: Case) -> StatusView | None:
    if case.status_id is None or case.status_name is None or case.status_color is None:
        return None
    return StatusView(case.status_id, case.status_name, case.status_color)
