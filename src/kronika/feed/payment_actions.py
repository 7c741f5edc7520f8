from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from kronika.changes.models import Actor
from kronika.changes.queries import record_change
from kronika.contacts.queries import find_contact
from kronika.db.statements import Transaction
from kronika.documents import payment_queries
from kronika.documents.models import Document, change_type, day_there
from kronika.documents.payment_queries import NewPayment
from kronika.documents.payments import Payment
from kronika.documents.queries import count_documents, lock_document
from kronika.documents.telling import DocumentEvent, record_document_events
from kronika.errors import Complaints, Invalid, NotFound
from kronika.feed.payment_input import AskedPayment
from kronika.feed.settling import settlement
from kronika.input.quantities import LARGEST_AMOUNT

MOST_PAYMENTS: Final = 1000
"""Of one document: they are listed whole."""
_BANK_TRANSFER: Final = 1


async def add_payment(
    transaction: Transaction,
    document: Document,
    asked: AskedPayment,
    actor: Actor,
    *,
    zone: ZoneInfo,
    complaints: Complaints,
) -> Payment:
    """Records a payment of a held document. What was left out is the day it is in the company's zone, the document's
    currency, what remains to be paid, the way in which the contact prefers to pay.

    Raises Invalid.
    """
    if document.payments >= MOST_PAYMENTS:
        complaints.add("documentId", "payments_at_most", MOST_PAYMENTS)
    found = settlement(document, asked, complaints)
    if found and document.to_be_paid is not None and abs(document.to_be_paid - found.settled) > LARGEST_AMOUNT:
        complaints.add("amount", "at_most", LARGEST_AMOUNT)
    if complaints or found is None:
        raise Invalid(complaints)
    payment = await payment_queries.insert_payment(
        transaction,
        NewPayment(
            document=document.id,
            payment_method_id=asked.payment_method_id or await _preferred_method(transaction, document),
            currency_id=found.currency_id,
            currency_rate=found.currency_rate,
            payment_date=asked.payment_date or day_there(document, zone),
            amount=found.amount,
            settled=found.settled,
        ),
        actor,
    )
    await record_change(transaction, "document-payments.created", payment.id, actor)
    settled = await payment_queries.settle(transaction, document, payment.settled, by=1)
    if settled.is_open != document.is_open:
        await count_documents(transaction, gone=[document], come=[settled])
    if document.is_open and not settled.is_open:
        await record_change(transaction, change_type(document.type, "paid"), document.document_id, actor)
    event = DocumentEvent(
        document.timeline_id,
        "document_payment_added",
        document.id,
        amount=payment.amount,
        currency_id=payment.currency_id,
    )
    await record_document_events(transaction, [event], actor)
    return payment


async def remove_payment(transaction: Transaction, payment_id: int, actor: Actor) -> None:
    """Takes a payment away: what it settled is to be paid again. The event of its time stays.

    Raises NotFound.
    """
    payment = await payment_queries.find_payment(transaction, payment_id)
    document = payment and await lock_document(transaction, (payment.document_type, payment.document_id))
    # Only under the document's lock is it known that nobody else has taken it away.
    if payment is None or document is None or await payment_queries.find_payment(transaction, payment_id) is None:
        raise NotFound
    await payment_queries.delete_payment(transaction, payment_id)
    reopened = await payment_queries.settle(transaction, document, -payment.settled, by=-1)
    if reopened.is_open != document.is_open:
        await count_documents(transaction, gone=[document], come=[reopened])
    await record_change(transaction, "document-payments.deleted", payment_id, actor)


async def _preferred_method(transaction: Transaction, document: Document) -> int:
    contact = await find_contact(transaction, document.contact_kind, document.contact_id)
    return (contact and contact.preferred_payment_method_id) or _BANK_TRANSFER
