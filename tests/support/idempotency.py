"""Creates that are sent with an Idempotency-Key: what to send, what a repeated answer is, and time for the keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import psycopg
import pytest

from support.api import Api

EVENTS = "/contact-activity-logs"
REUSED = {"error": "Idempotency-Key reused with different request payload"}


async def event_body(api: Api) -> dict[str, Any]:
    return {"clientId": await api.new_client(), "type": "note", "metadata": {"content": "Once"}}


async def case_body(api: Api) -> dict[str, Any]:
    return {"clientId": await api.new_client(), "name": "Once"}


async def contact_body(_: Api) -> dict[str, Any]:
    return {"name": "Once"}


BODIES: dict[str, Callable[[Api], Awaitable[dict[str, Any]]]] = {
    EVENTS: event_body,
    "/clients": contact_body,
    "/suppliers": contact_body,
    "/business-cases": case_body,
}
every_create = pytest.mark.parametrize("path", BODIES)


def pass_hours(owner: psycopg.Connection, api: Api, hours: float) -> None:
    """Lets time pass for the company's keys."""
    owner.execute(
        "UPDATE idempotency_keys SET created_at = created_at - %s * interval '1 hour' WHERE company_id = %s",
        [hours, api.company_id],
    )


def assert_is_repeated(response: httpx2.Response, original: httpx2.Response) -> None:
    assert original.status_code == response.status_code == 201
    assert response.content == original.content
    assert response.headers["Idempotency-Status"] == "Repeated"
    assert response.headers["Idempotency-Key"] == original.headers["Idempotency-Key"]
