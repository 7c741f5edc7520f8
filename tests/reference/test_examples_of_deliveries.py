"""The examples of deliveries and replays are what the server answers to such requests."""

from __future__ import annotations

from typing import Any

import psycopg
from support.api import PREFIX, Api
from support.deliveries import new_delivery, new_subscription
from support.openapi import assert_documented

_PASSING = {"id", "webhookId"}


def _timeless(value: dict[str, Any]) -> dict[str, Any]:
    """Without what each run has otherwise; `to` and `from` stay."""
    return {
        name: "…" if inner is not None and (name in _PASSING or name.endswith("At")) else inner
        for name, inner in value.items()
    } | ({"resource": value["resource"]["type"]} if "resource" in value else {})


async def test_the_examples_of_what_is_asked_for_are_answered_to_such_requests(
    plain_api: Api, owner: psycopg.Connection, document: dict[str, Any]
):
    subscription_id = new_subscription(owner, plain_api)
    ids = {"id": subscription_id, "delivery": new_delivery(owner, plain_api, subscription_id)}
    asked = 0
    for path, methods in document["paths"].items():
        operation = methods.get("post")
        if operation is None or operation["tags"] != ["Webhook deliveries"]:
            continue
        (example,) = operation["responses"]["201"]["content"]["application/json"]["examples"].items()
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
        options = {"json": body[example[0]]["value"]} if body else {}
        response = await plain_api.request("POST", path.removeprefix(PREFIX).format(**ids), **options)
        assert response.status_code == 201
        assert_documented(document, operation, response)
        assert _timeless(response.json()) == _timeless(example[1]["value"])
        asked += 1
    assert asked == 3


async def test_the_ways_in_which_sending_again_can_fail_are_documented(
    plain_api: Api, owner: psycopg.Connection, document: dict[str, Any]
):
    subscription_id = new_subscription(owner, plain_api, is_active=False)
    delivery_id = new_delivery(owner, plain_api, subscription_id)
    path = f"{PREFIX}/webhook-subscriptions/{{id}}"
    for below, there, body in (
        ("/deliveries/{delivery}/replay", f"/deliveries/{delivery_id}/replay", {}),
        ("/replays", "/replays", {"from": "2026-03-01T00:00:00Z"}),
    ):
        operation = document["paths"][path + below]["post"]
        where = f"/webhook-subscriptions/{subscription_id}{there}"
        for status, key in ((422, "a-key"), (400, "k" * 256)):
            response = await plain_api.post(where, body, key=key)
            assert response.status_code == status
            assert_documented(document, operation, response)
