"""The types of changes that can be subscribed to: those of the contract."""

from __future__ import annotations

from typing import Final

_ALL: Final = ("created", "updated", "deleted")

# More than the changes there are here: what is never made is never announced, and who wants to hear of it need not
# know. Fewer, too: that a received invoice was created is in the journal alone.
_VERBS: Final[dict[str, tuple[str, ...]]] = {
    "clients": _ALL,
    "suppliers": _ALL,
    "bank-accounts": _ALL,
    "business-case-statuses": _ALL,
    "business-cases": _ALL,
    "contact-activity-logs": _ALL,
    "price-list-items": (*_ALL, "stock-updated"),
    "warehouses": _ALL,
    "warehouse-inbound-receipts": _ALL,
    "warehouse-outbound-receipts": _ALL,
    "invoices": (*_ALL, "paid"),
    "credit-notes": (*_ALL, "paid"),
    "received-invoices": ("paid",),
    "received-receipts": ("paid",),
    "proformas": (*_ALL, "paid"),
    "orders": _ALL,
    "quotations": _ALL,
    "document-payments": ("created", "deleted"),
}

WEBHOOK_EVENT_TYPES: Final = tuple(f"{plural}.{verb}" for plural, verbs in _VERBS.items() for verb in verbs)
"""`clients.created` and all others, in the contract's order."""
