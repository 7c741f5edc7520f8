"""A delivery as it is sent: its body, and the headers that let a receiver know it."""

from __future__ import annotations

import hmac

from kronika.changes.journal import told
from kronika.encoding import json_bytes
from kronika.webhooks.work import Item


def delivery_body(item: Item) -> bytes:
    """The payload, the same bytes at each attempt and each replay."""
    return json_bytes(told(item.change, item.type, item.resource, item.occurred))


def delivery_headers(item: Item, body: bytes, secret: bytes, at: float) -> dict[str, str]:
    """The headers of an attempt at `at` (unix seconds). The signature is the lower-case hex HMAC-SHA256 of the body."""
    return {
        "content-type": "application/json",
        "webhook-id": str(item.change),
        "webhook-timestamp": str(int(at)),
        "webhook-signature": hmac.digest(secret, body, "sha256").hex(),
    }
