"""Every route of the API, from the application's own table: what holds for all of them is tested on all of them."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from kronika.app import API_ROUTES
from support.api import PREFIX, Api
from support.board import new_status
from support.deliveries import subscription_with_all
from support.documents import fed, paid
from support.files import event_with
from support.webhooks import SUBSCRIPTION, subscribed

# Of no other kind of record: see _FIRST_IDS in conftest.py.
_document_numbers = itertools.count(90_000_001)


def every_call() -> list[tuple[str, str]]:
    """Method and path, ids as `{id}`; see `with_one_id`."""
    return [
        (method, with_one_id(route.path.removeprefix(PREFIX)))
        for route in API_ROUTES
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def with_one_id(path: str) -> str:
    """The path with its ids as `{id}`; of documents, that of one type. What belongs to a subscription has its number in
    these tests.
    """
    return path.replace("{type}", "invoice").replace("{delivery}", "{id}").replace("{replay}", "{id}")


EVERY_CALL = every_call()
WRITES = [(method, path) for method, path in EVERY_CALL if method != "GET"]
PUT_DOCUMENT = ("PUT", "/documents/invoice/{id}")
CALLS_WITH_ID = [(method, path) for method, path in EVERY_CALL if "{id}" in path and (method, path) != PUT_DOCUMENT]
"""Those whose path names a record that must be there: a document that is not there is made."""


async def new_document(api: Api) -> int:
    """The number of a new invoice of this company's, in a feed that numbers those of all companies."""
    return (await fed(api, await api.new_client(), next(_document_numbers)))["documentId"]


async def _new_event(api: Api) -> int:
    return (await api.record(clientId=await api.new_client())).json()["id"]


async def _new_event_with_files(api: Api) -> int:
    return (await event_with(api))["id"]


async def _new_payment(api: Api) -> int:
    return (await paid(api, await new_document(api)))["id"]


async def _new_subscription(api: Api) -> int:
    return (await subscribed(api))["id"]


_RECORDS: dict[str, Callable[[Api], Awaitable[int]]] = {
    "/clients/{id}": Api.new_client,
    "/suppliers/{id}": Api.new_supplier,
    "/business-cases/{id}": Api.new_case,
    "/business-cases/{id}/position": Api.new_case,
    "/business-case-statuses/{id}": new_status,
    "/business-case-statuses/{id}/position": new_status,
    "/contact-activity-logs/{id}": _new_event,
    "/contact-activity-logs/{id}/attachments": _new_event_with_files,
    "/documents/invoice/{id}": new_document,
    "/document-payments/{id}": _new_payment,
    "/webhook-subscriptions/{id}": _new_subscription,
    "/webhook-subscriptions/{id}/rotate-secret": _new_subscription,
}


_WITHOUT_BODY = {
    f"/webhook-subscriptions/{{id}}/{what}" for what in ("rotate-secret", "test-delivery", "deliveries/{id}/replay")
}


async def record_for(api: Api, path: str) -> int:
    """The id of a new record of this company's that the path can name."""
    if path.startswith("/webhook-subscriptions/{id}/"):
        return subscription_with_all(api)
    if path not in _RECORDS:
        raise LookupError(f"support/routes.py does not know how to make a record for {path}")
    return await _RECORDS[path](api)


def body_for(method: str, path: str) -> dict[str, Any]:
    """Options of a request that changes a record of this path, where it needs a body."""
    match method, path:
        case "PATCH", "/contact-activity-logs/{id}":
            return {"json": {"metadata": {"content": "Changed"}}}
        case "PATCH", "/business-cases/{id}":
            return {"json": {"name": "Changed"}}
        case "PUT", "/business-cases/{id}/position" | "/business-case-statuses/{id}/position":
            return {"json": {"position": 0}}
        case "PUT", "/clients/{id}" | "/suppliers/{id}":
            return {"json": {"name": "Changed"}}
        case "PUT", "/business-case-statuses/{id}":
            return {"json": {"name": "Changed", "color": "#fff"}}
        case "PUT", "/webhook-subscriptions/{id}":
            return {"json": SUBSCRIPTION}
        case "POST", "/webhook-subscriptions/{id}/replays":
            return {"json": {"from": "2026-03-10T10:00:00+01:00"}}
        case ("GET" | "DELETE", _) | ("POST", _) if path in _WITHOUT_BODY or method != "POST":
            return {}
        case _:
            raise LookupError(f"support/routes.py does not know what to send to {method} {path}")
