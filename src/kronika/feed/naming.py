"""Contacts and cases that documents name: are they there, and do they belong together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from kronika.db.statements import Transaction
from kronika.documents.models import Said
from kronika.errors import Complaints
from kronika.feed.input import CONTACT_FIELDS
from kronika.feed.queries import hold_cases, hold_contacts
from kronika.input.fields import parse_integer
from kronika.input.normalise import Json

_CASE_FIELD = "businessCaseId"


class Named(Struct, frozen=True):
    """Whom a document names: ids of contacts by the fields they stand in, and of a case."""

    contacts: dict[str, int]
    case_id: int | None


def named_by(said: Said) -> Named:
    return Named({f"{said.contact_kind}Id": said.contact_id}, said.business_case_id)


def named_in(payload: Mapping[str, Json]) -> Named:
    """As far as it can be read: of a document with other faults."""
    ids = {field: parse_integer(payload.get(field)) for field in CONTACT_FIELDS}
    contacts = {field: contact_id for field, contact_id in ids.items() if contact_id is not None}
    return Named(contacts, parse_integer(payload.get(_CASE_FIELD)))


async def judge_named(transaction: Transaction, items: Sequence[tuple[Named, Complaints]]) -> None:
    """Complains where something is not there, or belongs to somebody else. What is there stays until the transaction
    ends.
    """
    contacts = await hold_contacts(transaction, {one for named, _ in items for one in named.contacts.values()})
    cases = await hold_cases(transaction, {named.case_id for named, _ in items if named.case_id is not None})
    for named, complaints in items:
        for field, contact_id in named.contacts.items():
            if field not in complaints and contacts.get(contact_id) != CONTACT_FIELDS[field]:
                complaints.add(field, "unknown")
        if named.case_id is None or _CASE_FIELD in complaints:
            continue
        if named.case_id not in cases:
            complaints.add(_CASE_FIELD, "unknown")
        elif len(named.contacts) == 1 and not complaints.keys() & named.contacts.keys():
            (contact_id,) = named.contacts.values()
            if cases[named.case_id] != contact_id:
                complaints.add(_CASE_FIELD, "case_of_another")
