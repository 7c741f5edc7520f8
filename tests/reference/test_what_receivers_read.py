"""Whoever has the document alone can write a receiver of webhooks: what it says of them is what is sent."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from support.openapi import resolved, validator

from kronika.reference.told import SAMPLE_SECRET
from kronika.webhooks.signing import delivery_body, delivery_headers
from kronika.webhooks.work import Item


async def test_the_payload_and_the_headers_of_webhooks_are_those_that_are_sent(document: dict[str, Any]):
    (methods,) = document["webhooks"].values()
    declared = methods["post"]
    item = Item("change", UUID(int=1), "clients.created", 7, datetime(2026, 3, 10, 9, tzinfo=UTC))
    body = delivery_body(item)
    sent = delivery_headers(item, body, SAMPLE_SECRET.encode(), 1773133200.9)
    assert {"content-type", *(p["name"] for p in declared["parameters"])} == sent.keys()
    content = declared["requestBody"]["content"][sent["content-type"]]
    schema = resolved(document, content["schema"])
    for parameter in declared["parameters"]:
        validator(document, parameter["schema"]).validate(sent[parameter["name"]])
    for payload in (json.loads(body), *(example["value"] for example in content["examples"].values())):
        validator(document, schema, closed=True).validate(payload)


async def test_who_has_the_document_alone_can_test_how_he_verifies_a_webhook(document: dict[str, Any]):
    (text,) = [tag["description"] for tag in document["tags"] if tag["name"] == "Webhooks"]
    secret, body, signature = re.findall("`([^`]+)`", text.rpartition("the secret")[2])
    assert signature == hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    (methods,) = document["webhooks"].values()
    examples = methods["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert [example["value"] for example in examples.values()] == [json.loads(body)]
    shown = {parameter["name"]: parameter["example"] for parameter in methods["post"]["parameters"]}
    assert (shown["webhook-id"], shown["webhook-signature"]) == (json.loads(body)["id"], signature)
