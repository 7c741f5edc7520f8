"""What can be subscribed to."""

from __future__ import annotations

from support.contract import contract, needs_contract

from kronika.changes.types import CHANGE_TYPES
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES

# Of these the contract tells that they are paid, and nothing else.
_NOT_TOLD = {
    f"{kind}.{verb}"
    for kind in ("received-invoices", "received-receipts")
    for verb in ("created", "updated", "deleted")
}


@needs_contract
def test_the_types_are_those_of_the_contract_in_its_order():
    assert list(WEBHOOK_EVENT_TYPES) == contract()["components"]["schemas"]["WebhookEventType"]["enum"]


def test_every_change_but_some_of_received_documents_can_be_subscribed_to():
    assert set(CHANGE_TYPES) - set(WEBHOOK_EVENT_TYPES) == _NOT_TOLD
