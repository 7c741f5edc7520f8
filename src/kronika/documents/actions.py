"""How documents go, and what becomes of them when their contact or their case goes."""

from __future__ import annotations

from collections.abc import Sequence

from kronika.changes.models import Actor
from kronika.changes.queries import record_changes
from kronika.db.statements import Transaction
from kronika.documents import payment_queries, queries
from kronika.documents.models import Document, change_type
from kronika.documents.queries import Known
from kronika.documents.telling import record_document_events, written_event


async def delete_documents(transaction: Transaction, documents: Sequence[Document | Known], actor: Actor) -> None:
    """Takes held documents away with their payments; their rows stay."""
    if not documents:
        return
    ids = [document.id for document in documents]
    payment_ids = await payment_queries.delete_payments_of(transaction, ids)
    await queries.delete_documents(transaction, ids)
    await queries.count_documents(transaction, gone=documents)
    gone = [("document-payments.deleted", payment_id) for payment_id in payment_ids]
    gone += [(change_type(document.type, "deleted"), document.document_id) for document in documents]
    await record_changes(transaction, gone, actor)


async def remove_documents_of(transaction: Transaction, contact_id: int, actor: Actor) -> None:
    """Takes all documents of a contact away, which the caller holds. Before its timelines end."""
    await delete_documents(transaction, await queries.lock_documents_of(transaction, contact_id), actor)


async def free_documents_of(transaction: Transaction, case_id: int, actor: Actor) -> None:
    """Leaves the documents of a business case, which the caller holds, to its contact, and tells so on the contact's
    timeline. Before the case's timeline ends.
    """
    freed = await queries.free_documents_of(transaction, case_id)
    changes = [(change_type(document.type, "updated"), document.document_id) for document in freed]
    await record_changes(transaction, changes, actor)
    events = [written_event("document_updated", document) for document in freed]
    await record_document_events(transaction, events, actor)
