"""What a receiver of webhooks gets: a true sample, and the `webhooks` of the document."""

from __future__ import annotations

import hmac
from typing import Any, Final

import msgspec

from kronika.changes.journal import ChangeView
from kronika.encoding import json_bytes
from kronika.input.fields import Schema
from kronika.reference.operation import JSON
from kronika.reference.operations.changes import EXAMPLE
from kronika.reference.schemas import component_name, reference

SAMPLE_SECRET: Final = "whsec_NotARealOneButOneOfTheRightLength0000000001"
SAMPLE_BODY: Final = json_bytes(EXAMPLE)
SAMPLE_HEADERS: Final = {
    "webhook-id": EXAMPLE.id,
    "webhook-timestamp": "1773133200",
    "webhook-signature": hmac.digest(SAMPLE_SECRET.encode(), SAMPLE_BODY, "sha256").hex(),
}

VERIFYING: Final = (
    "**What comes** is a POST with the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. Its body is "
    "a `Change` as compact JSON, the same bytes at each attempt and each replay: what happened to what, and not what "
    "it looks like now. Ask for that.\n\n"
    "**Verify it:** `webhook-signature` is the lower-case hex HMAC-SHA256 of the body's bytes, and the key is the "
    "whole secret, with its `whsec_`. Compare in constant time, before the JSON is read. **Deduplicate** by "
    "the `id` in the body, which `webhook-id` repeats: every change comes at least once, and whoever got hold of an "
    "old webhook could send it again. The timestamp helps little against that: it is not signed.\n\n"
    "**Answer 2xx** within 10 seconds. After any other answer, and none, four more attempts follow, 10, 100, 1,000 and "
    "10,000 seconds after the end of the one before (the operator may have chosen others). Nothing is sent in order: "
    "several are under way at once, and a retry comes later than what followed.\n\n"
    f"To test a receiver with: the secret `{SAMPLE_SECRET}` and the body `{SAMPLE_BODY.decode()}` give the signature "
    f"`{SAMPLE_HEADERS['webhook-signature']}`."
)


def _header(name: str, text: str, schema: Schema) -> Schema:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": text,
        "schema": schema,
        "example": SAMPLE_HEADERS[name],
    }


def webhooks(tag: str) -> dict[str, Any]:
    """The `webhooks` object of an OpenAPI 3.1 document."""
    sample = {"client": {"value": msgspec.to_builtins(EXAMPLE)}}
    post: Schema = {
        "operationId": "receiveWebhook",
        "tags": [tag],
        "summary": "Told of a change",
        "description": "What your receiver gets at the URL of a subscription; its answer is read up to 16 KiB, and "
        "redirects are not followed.",
        "security": [],
        "parameters": [
            _header(
                "webhook-id",
                "Id of the change, the same at each attempt and each replay: deduplicate by it.",
                {"type": "string", "format": "uuid"},
            ),
            _header(
                "webhook-timestamp",
                "When this attempt began, in unix seconds. It is not signed.",
                {"type": "string", "pattern": "^[0-9]+$"},
            ),
            _header(
                "webhook-signature",
                "Lower-case hex HMAC-SHA256 of the body's bytes; the key is the whole secret.",
                {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": reference(component_name(ChangeView)), "examples": sample}},
        },
        "responses": {
            "2XX": {"description": "It has arrived: it is not sent again."},
            "default": {"description": "It is tried again, four times."},
        },
    }
    return {"change": {"post": post}}
