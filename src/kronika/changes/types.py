"""The types of changes, and what kinds of resources they are about."""

from __future__ import annotations

from typing import Final

_ALL: Final = ("created", "updated", "deleted")
_PAID: Final = (*_ALL, "paid")

# What happens to resources here. The contract names the same words, though not all of them.
_VERBS: Final[dict[str, tuple[str, ...]]] = {
    "clients": _ALL,
    "suppliers": _ALL,
    "business-case-statuses": _ALL,
    "business-cases": _ALL,
    "contact-activity-logs": _ALL,
    "invoices": _PAID,
    "proformas": _PAID,
    "credit-notes": _PAID,
    "received-invoices": _PAID,
    "received-receipts": _PAID,
    "orders": _ALL,
    "quotations": _ALL,
    "warehouse-inbound-receipts": _ALL,
    "warehouse-outbound-receipts": _ALL,
    "document-payments": ("created", "deleted"),
}
_PLURALS: Final = {"business-case-statuses": "businessCaseStatus"}

CHANGE_TYPES: Final = tuple(f"{plural}.{verb}" for plural, verbs in _VERBS.items() for verb in verbs)
"""`clients.created` and all others that a change record can have."""


def resource_type(change_type: str) -> str:
    """The kind of resource that a change is about: `contactActivityLog` of `contact-activity-logs.created`."""
    plural = change_type.partition(".")[0]
    if plural in _PLURALS:
        return _PLURALS[plural]
    first, *others = plural.removesuffix("s").split("-")
    return first + "".join(word.title() for word in others)
