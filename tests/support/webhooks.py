"""Subscriptions: what to send, and a name server that knows where their hosts are, so that no test asks a real one."""

from __future__ import annotations

import itertools
from ipaddress import ip_address
from typing import Any

import psycopg

from kronika.hosts import Address
from support.api import Api

PATH = "/webhook-subscriptions"
SUBSCRIPTION: dict[str, Any] = {
    "name": "Our mirror",
    "url": "https://hooks.example.com/kronika",
    "isActive": True,
    "subscribedEvents": ["clients.created", "contact-activity-logs.created"],
}
ELSEWHERE = {
    "inside": ["10.0.0.1"],
    "half-inside": ["93.184.215.14", "10.0.0.1"],
    "other-half-inside": ["2606:4700:4700::1111", "::ffff:93.184.215.14"],
}
"""Where names lead, by their first label; all others lead into the public internet."""
_numbers = itertools.count(1)


async def resolve(name: str) -> list[Address]:
    """Where a name leads; `nowhere.…` is none."""
    label = name.partition(".")[0]
    if label == "nowhere":
        raise OSError(name)
    return [ip_address(address) for address in ELSEWHERE.get(label, ["93.184.215.14"])]


async def subscribed(api: Api, **fields: Any) -> dict[str, Any]:
    """A new subscription, with its secret."""
    response = await api.post(PATH, SUBSCRIPTION | {"name": f"Subscription {next(_numbers)}"} | fields)
    assert response.status_code == 201, response.text
    return response.json()


def stretches_of(owner: psycopg.Connection, subscription_id: int) -> list[dict[str, Any]]:
    """The stretches of the journal that a subscription is to be told, the oldest first."""
    return owner.execute(
        "SELECT events, cursor, upto FROM webhook_stretches WHERE subscription_id = %s ORDER BY id", [subscription_id]
    ).fetchall()
