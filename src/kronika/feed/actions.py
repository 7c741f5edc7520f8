"""Writing documents: many at a time, each whole or not at all. One document is a batch of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, TypeGuard

from msgspec import Struct, structs

from kronika.changes.models import Actor
from kronika.changes.queries import record_changes
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.documents import queries as documents
from kronika.documents.actions import delete_documents
from kronika.documents.models import Document, Key, Said, change_type, key_of, says
from kronika.documents.telling import DocumentEvent, DocumentEventType, record_document_events, written_event
from kronika.errors import Complaints, NotFound
from kronika.feed.naming import judge_named, named_by
from kronika.input.quantities import LARGEST_AMOUNT

Outcome: TypeAlias = Literal["created", "updated", "unchanged"]


_EVENTS: Final[dict[Outcome, DocumentEventType]] = {"created": "document_created", "updated": "document_updated"}


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
    while True:
        try:
            return await _try_to_put(database, company_id, said, actor, rehearsal=rehearsal)
        except _OvertakenError:
            continue


async def _try_to_put(
    database: Database, company_id: int, said: Sequence[Said], actor: Actor, *, rehearsal: bool
) -> list[Put | Complaints]:
    puts: list[Put | Complaints] = []
    async with database.transaction(company_id) as transaction:
        puts = await put_as_part(transaction, said, actor)
        if rehearsal:
            await transaction.rollback()
    return puts


async def put_as_part(transaction: Transaction, said: Sequence[Said], actor: Actor) -> list[Put | Complaints]:
    """`put_documents` as part of a larger transaction, which nobody overtakes."""
    stored = {key_of(one): one for one in await documents.documents_by_keys(transaction, [*map(key_of, said)])}
    results: dict[Key, Put | Complaints] = {}
    news: list[Said] = []
    for one in said:
        before = stored.get(key_of(one))
        now = _without_gone_case(one, before)
        if before is not None and says(before, now):
            results[key_of(one)] = Put("unchanged", before)
        else:
            news.append(now)
    if news:
        results |= await _write(transaction, news, actor)
    return [results[key_of(one)] for one in said]


def _without_gone_case(said: Said, stored: Document | None) -> Said:
    """A feed may go on naming the case that a document had, when that has been deleted: it cannot know."""
    if stored is None or said.business_case_id is None or said.business_case_id != stored.gone_case_id:
        return said
    return structs.replace(said, business_case_id=None)


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
        elif one.total is not None and abs(one.total - before.paid) > LARGEST_AMOUNT:
            results[key_of(one)] = _complaint("totalWithVat", "at_most", LARGEST_AMOUNT)
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
    await record_document_events(
        transaction, [written_event(_EVENTS[put.outcome], put.document) for put in written], actor
    )
    return results


async def _judge(transaction: Transaction, said: Sequence[Said]) -> dict[Key, Complaints]:
    """Complaints about those that name a contact or a case that is not there, or not together. What is there stays."""
    items = [(named_by(one), Complaints()) for one in said]
    await judge_named(transaction, items)
    return {key_of(one): complaints for one, (_, complaints) in zip(said, items, strict=True) if complaints}


async def remove_document(transaction: Transaction, key: Key, actor: Actor) -> None:
    """Takes a document away with its payments; the events about it stay.

    Raises NotFound.
    """
    document = await documents.lock_document(transaction, key)
    if document is None:
        raise NotFound
    await delete_documents(transaction, [document], actor)
    event = DocumentEvent(document.timeline_id, "document_deleted", document.id, number=document.number)
    await record_document_events(transaction, [event], actor)


def _is_written(result: Put | Complaints) -> TypeGuard[Put]:
    return isinstance(result, Put) and result.outcome != "unchanged"


def _complaint(field: str, code: str, bound: int | None = None) -> Complaints:
    complaints = Complaints()
    complaints.add(field, code, bound)
    return complaints
