"""Requests that nobody thought of, made from the published document: never a 5xx, never an undocumented answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, reject, settings
from schemathesis import Case, GenerationMode
from support.api import PREFIX, Api
from support.board import new_status
from support.deliveries import subscription_with_all
from support.documents import PAYABLE, fed, paid
from support.files import event_with
from support.openapi import assert_documented, is_endless

from kronika.reference.document import openapi_document

_EXAMPLES = 40
_SECONDS_AN_ANSWER_MAY_TAKE = 20
_TARGETS = ("clientId", "supplierId", "businessCaseId", "statusId", "documentId")
_DOCUMENT = 301
_KNOWN = openapi_document("http://kronika.test")
# A key that two cases share would make the second answer a replay, or a refusal; who asks is always known.
_LEFT_OUT = {"idempotency-key", "authorization"}


_OPERATIONS = [
    pytest.param(path, method, id=f"{method} {path}")
    for path, methods in _KNOWN["paths"].items()
    for method, operation in methods.items()
    if not is_endless(operation)
]


async def _ids(api: Api) -> dict[str, Any]:
    client_id = await api.new_client()
    event = await event_with(api, clientId=client_id)
    for document_type in PAYABLE:
        await fed(api, client_id, _DOCUMENT, document_type)
    return {
        "clientId": client_id,
        "supplierId": await api.new_supplier(),
        "businessCaseId": await api.new_case(clientId=client_id),
        "statusId": await new_status(api),
        "documentId": _DOCUMENT,
        "paymentId": (await paid(api, _DOCUMENT, amount=1))["id"],
        "subscriptionId": subscription_with_all(api),
        "event": event["id"],
        "token": event["attachments"][0]["url"].rpartition("/")[2],
    }


def _with_real_ids(case: Case, ids: dict[str, Any]) -> None:
    """The generated case with ids of records that exist, where it has ids at all."""
    _with_real_path(case, ids)
    for holder in (case.body, case.query):
        if isinstance(holder, dict):
            for name in _TARGETS:
                if type(holder.get(name)) is int:
                    holder[name] = ids[name]


def _with_real_path(case: Case, ids: dict[str, Any]) -> None:
    if "token" in (case.path_parameters or {}):
        case.path_parameters["token"] = ids["token"]
    elif case.path_parameters:
        room = case.path.removeprefix(PREFIX).split("/")[1]
        names = {
            "clients": "clientId",
            "suppliers": "supplierId",
            "business-cases": "businessCaseId",
            "business-case-statuses": "statusId",
            "documents": "documentId",
            "document-payments": "paymentId",
            "webhook-subscriptions": "subscriptionId",
        }
        case.path_parameters["id"] = ids[names.get(room, "event")]
        for name in {"delivery", "replay"} & case.path_parameters.keys():
            case.path_parameters[name] = ids["subscriptionId"]
        if room == "documents" and case.method != "PUT":
            case.path_parameters["type"] = "invoice"


def _headers(case: Case, api: Api) -> dict[str, str]:
    kept = {name: value for name, value in (case.headers or {}).items() if name.lower() not in _LEFT_OUT}
    return {**kept, "Authorization": f"Bearer {api.token}"}


async def _answers(api: Api, path: str, method: str, mode: GenerationMode) -> set[int]:
    """Sends generated cases to the application, judges each answer, and gives the statuses that were seen."""
    loop = asyncio.get_running_loop()
    ids = await _ids(api)
    operation = schemathesis.openapi.from_dict(_KNOWN)[path][method]
    seen: set[int] = set()

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def judge(case: Case) -> None:
        if mode is GenerationMode.POSITIVE:
            _with_real_ids(case, ids)
        elif isinstance(case.body, dict):
            _with_real_path(case, ids)
        asked = case.as_transport_kwargs(base_url="http://kronika.test", headers=_headers(case, api))
        sending = asyncio.run_coroutine_threadsafe(_send(api, asked), loop)
        try:
            response = sending.result(_SECONDS_AN_ANSWER_MAY_TAKE)
        except httpx2.InvalidURL:
            reject()  # Longer than our client can send.
        assert response.status_code < 500, response.text
        assert_documented(_KNOWN, _KNOWN["paths"][path][method], response)
        seen.add(response.status_code)

    # Hypothesis is not asynchronous: it runs in a thread, the application stays in this loop.
    await asyncio.to_thread(judge)
    return seen


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


async def _send(api: Api, asked: dict[str, Any]) -> Any:
    headers = {name: str(value).encode() for name, value in (asked.get("headers") or {}).items()}
    options = {name: asked[name] for name in ("params", "json") if asked.get(name) is not None}
    if asked.get("files"):
        options["files"] = [(name, (file, _bytes(value))) for name, (file, value, *_) in asked["files"]]
    if asked.get("data") is not None:
        options["content"] = asked["data"]
    return await api.http.request(asked["method"], asked["url"], headers=headers, **options)


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
async def test_what_fits_the_document_is_answered_as_documented(plain_api: Api, path: str, method: str):
    seen = await _answers(plain_api, path, method, GenerationMode.POSITIVE)
    success = int(next(iter(_KNOWN["paths"][path][method]["responses"])))
    assert success in seen
    if method != "delete":
        assert 404 not in seen


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
async def test_what_breaks_the_document_is_answered_as_documented(plain_api: Api, path: str, method: str):
    if not _KNOWN["paths"][path][method]["parameters"]:
        pytest.skip("nothing can be wrong with a request that says nothing")
    assert await _answers(plain_api, path, method, GenerationMode.NEGATIVE)
