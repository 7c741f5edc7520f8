from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kronika.changes.models import token_actor
from kronika.db.statements import Transaction
from kronika.documents.models import Document, Key
from kronika.documents.payments import PaymentView, payment_view
from kronika.documents.queries import lock_document
from kronika.errors import Invalid
from kronika.feed import payment_actions
from kronika.feed.input import lane_of
from kronika.feed.payment_input import PAYMENT_FIELDS, asked_payment
from kronika.http.admission import Admission
from kronika.http.context import context
from kronika.http.requests import Draft, create, remove


async def create_payment(request: Request) -> Response:
    async def work(transaction: Transaction, who: Admission, draft: Draft) -> PaymentView:
        document = await _judge_document(transaction, draft)
        asked = asked_payment(draft.values)
        if document is None:
            raise Invalid(draft.complaints)
        payment = await payment_actions.add_payment(
            transaction, document, asked, token_actor(who.token_id), zone=who.zone, complaints=draft.complaints
        )
        return payment_view(payment, context(request).language)

    return await create(request, PAYMENT_FIELDS, work, lane=_lane)


async def remove_payment(request: Request) -> Response:
    async def work(transaction: Transaction, payment_id: int, who: Admission) -> None:
        await payment_actions.remove_payment(transaction, payment_id, token_actor(who.token_id))

    return await remove(request, work)


async def _judge_document(transaction: Transaction, draft: Draft) -> Document | None:
    """The document, held until the transaction ends; complains where there is none."""
    key = _key(draft.values)
    document = key and await lock_document(transaction, key)
    if key and document is None:
        draft.complaints.add("documentId", "unknown")
    return document


def _lane(values: dict[str, Any]) -> str | None:
    key = _key(values)
    return None if key is None else lane_of(key)


def _key(values: dict[str, Any]) -> Key | None:
    """The document that values name, as far as they could be read."""
    document_type, document_id = values.get("documentType"), values.get("documentId")
    return (document_type, document_id) if document_type and document_id else None
