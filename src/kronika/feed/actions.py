"""Writing documents: many at a time, each whole or not at all. One document is a batch of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypeGuard

from msgspec import Struct

from kronika.changes.models import Actor
from kronika.changes.queries import record_changes
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.documents import queries as documents
from kronika.documents.actions import delete_documents
from kronika.documents.models import Document, Key, Said, change_type, key_of, says
from kronika.errors import Complaints, NotFound
from kronika.events.models import DocumentEvent
from kronika.events.queries import record_document_events
from kronika.feed.queries import hold_cases, hold_contacts

Outcome: TypeAlias = Literal["created", "updated", "unchanged"]


class Put(Struct, frozen=True):
    """A document as it is now, and what was done to make it so."""

    outcome: Outcome
    document: Document


class _OvertakenError(Exception):
    """Somebody else has just made a document that was to be new: what is to be done must be found out again."""


async def put_documents(
    database: Database, company_id: int, said: Sequence[Said], actor: Actor, *, rehearsal: bool = False
) -> list[Put | Complaints]:
    """Makes documents what is said of them, in one transaction; for each what came of it. They are different ones.

    What is said again and has not changed leaves no trace, and takes no lock. A rehearsal undoes all of it in the end.
    """
    puts: list[Put | Complaints] = []
    while True:
        try:
            async with database.transaction(company_id) as transaction:
                puts = await put_as_part(transaction, said, actor)
                if rehearsal:
                    await transaction.rollback()
            return puts  # noqa: TRY300 - where the block above is left by a rollback too
        except _OvertakenError:
            continue


async def put_as_part(transaction: Transaction, said: Sequence[Said], actor: Actor) -> list[Put | Complaints]:
    """`put_documents` as part of a larger transaction, which nobody overtakes."""
    stored = {key_of(one): one for one in await documents.documents_by_keys(transaction, [*map(key_of, said)])}
    results: dict[Key, Put | Complaints] = {}
    news: list[Said] = []
    for one in said:
        before = stored.get(key_of(one))
        if before is not None and says(before, one):
            results[key_of(one)] = Put("unchanged", before)
        else:
            news.append(one)
    if news:
        results |= await _write(transaction, news, actor)
    return [results[key_of(one)] for one in said]


async def _write(transaction: Transaction, said: Sequence[Said], actor: Actor) -> dict[Key, Put | Complaints]:
    """Writes those whose contact and case are there, holding all that they name."""
    results: dict[Key, Put | Complaints] = {**await _judge(transaction, said)}
    sound = [one for one in said if key_of(one) not in results]
    held = {key_of(one): one for one in await documents.lock_documents(transaction, [*map(key_of, sound)])}
    new: list[Said] = []
    changed: list[tuple[Document, Said]] = []
    for one in sound:
        before = held.get(key_of(one))
        if before is None:
            new.append(one)
        elif says(before, one):
            results[key_of(one)] = Put("unchanged", before)
        elif before.payments and before.currency_id != one.currency_id:
            results[key_of(one)] = _complaint("currencyId", "currency_of_payments")
        else:
            changed.append((before, one))
    created = await documents.insert_documents(transaction, new)
    if len(created) < len(new):
        raise _OvertakenError
    updated = await documents.update_documents(transaction, changed)
    results |= {key_of(document): Put("created", document) for document in created}
    results |= {key_of(document): Put("updated", document) for document in updated}
    await documents.count_documents(transaction, gone=[before for before, _ in changed], come=[*created, *updated])
    # Told in the order in which they were said.
    written = [put for put in (results[key_of(one)] for one in sound) if _is_written(put)]
    changes = [(change_type(put.document.type, put.outcome), put.document.document_id) for put in written]
    await record_changes(transaction, changes, actor)
    await record_document_events(transaction, [_event(put) for put in written], actor)
    return results


async def _judge(transaction: Transaction, said: Sequence[Said]) -> dict[Key, Complaints]:
    """Complaints about those that name a contact or a case that is not there, or not together. What is there stays."""
    contacts = await hold_contacts(transaction, {one.contact_id for one in said})
    cases = await hold_cases(transaction, {one.business_case_id for one in said if one.business_case_id is not None})
    found: dict[Key, Complaints] = {}
    for one in said:
        complaints = Complaints()
        known_contact = contacts.get(one.contact_id) == one.contact_kind
        if not known_contact:
            complaints.add(f"{one.contact_kind}Id", "unknown")
        if one.business_case_id is not None and one.business_case_id not in cases:
            complaints.add("businessCaseId", "unknown")
        elif one.business_case_id is not None and known_contact and cases[one.business_case_id] != one.contact_id:
            complaints.add("businessCaseId", "case_of_another")
        if complaints:
            found[key_of(one)] = complaints
    return found


async def remove_document(transaction: Transaction, key: Key, actor: Actor) -> None:
    """Takes a document away with its payments; the events about it stay.

    Raises NotFound.
    """
    document = await documents.lock_document(transaction, key)
    if document is None:
        raise NotFound
    await delete_documents(transaction, [document], actor)
    event = DocumentEvent(timeline_of(document), "document_deleted", document.id, number=document.number)
    await record_document_events(transaction, [event], actor)


def timeline_of(document: Document) -> int:
    """The timeline that a document writes on: its business case's if it has one, else its contact's."""
    return document.business_case_id or document.contact_id


def _is_written(result: Put | Complaints) -> TypeGuard[Put]:
    return isinstance(result, Put) and result.outcome != "unchanged"


def _event(put: Put) -> DocumentEvent:
    document = put.document
    return DocumentEvent(
        timeline_of(document),
        "document_created" if put.outcome == "created" else "document_updated",
        document.id,
        number=document.number,
        amount=document.total,
        currency_id=document.currency_id if document.total is not None else None,
    )


def _complaint(field: str, code: str) -> Complaints:
    complaints = Complaints()
    complaints.add(field, code)
    return complaints
