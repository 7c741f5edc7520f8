"""PUT: a document is as it was said last, and its timeline says what happened, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import TYPES, announced, fed, said, shown, told, types_told
from support.records import changes_of
from support.tables import rows_of

WAREHOUSE = ("warehouse-inbound-receipt", "warehouse-outbound-receipt")


async def test_a_new_document_is_created_and_shown(plain_api: Api):
    client_id = await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    before = datetime.now(UTC).replace(microsecond=0)
    response = await plain_api.put(
        "/documents/invoice/301",
        {
            "number": " 20260001 ", "name": "Faktúra za marec", "issueDate": "2026-03-10", "dueDate": "2999-03-24",
            "clientId": str(client_id), "businessCaseId": case_id, "totalWithVat": "121.50", "currencyId": "5",
            "currencyRate": 25.123,
        },
    )  # fmt: skip
    assert response.status_code == 201
    document = response.json()
    assert before <= datetime.fromisoformat(document["createdAt"]) <= datetime.now(UTC)
    assert document == {
        "documentType": "invoice",
        "documentId": 301,
        "number": "20260001",
        "name": "Faktúra za marec",
        "label": "Faktúra za marec",
        "issueDate": "2026-03-10",
        "dueDate": "2999-03-24",
        "clientId": client_id,
        "supplierId": None,
        "businessCaseId": case_id,
        "totalWithVat": 121.5,
        "currency": {"id": 5, "symbol": "CZK", "name": "Czech Koruna", "mark": "Kč"},
        "currencyRate": 25.123,
        "toBePaid": 121.5,
        "paymentStatus": "unpaid",
        "createdAt": document["createdAt"],
        "updatedAt": document["createdAt"],
    }
    assert (await plain_api.get("/documents/invoice/301")).content == response.content


@pytest.mark.parametrize("document_type", TYPES)
async def test_every_type_is_created_replaced_announced_and_told(
    plain_api: Api, owner: psycopg.Connection, document_type: str
):
    client_id = await plain_api.new_client()
    path = f"/documents/{document_type}/7"
    assert (await plain_api.put(path, said(client_id))).status_code == 201
    assert (await plain_api.put(path, said(client_id, number="FV2"))).status_code == 200
    assert (await plain_api.delete(path)).status_code == 204
    assert await types_told(plain_api, clientId=client_id) == [
        "document_created", "document_updated", "document_deleted",
    ]  # fmt: skip
    plural = f"{document_type}s"
    assert announced(owner, plain_api) == [(f"{plural}.{verb}", 7) for verb in ("created", "updated", "deleted")]


async def test_the_same_again_leaves_no_trace(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    first = await plain_api.put("/documents/invoice/1", said(client_id, totalWithVat=121, currencyRate=1))
    before = rows_of(owner, plain_api.company_id)
    for spelling in (
        said(client_id, totalWithVat=121.0),
        said(str(client_id), totalWithVat="121.00", currencyRate="7", dueDate=" 2999-01-01"),
        said(client_id, totalWithVat=121, name="", supplierId=None, unknown="ignored"),
    ):
        again = await plain_api.put("/documents/invoice/1", spelling)
        assert (again.status_code, again.content) == (200, first.content)
    assert rows_of(owner, plain_api.company_id) == before


async def test_a_put_says_all_there_is_to_say(plain_api: Api):
    client_id = await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    await fed(plain_api, client_id, name="Spring", businessCaseId=case_id)
    replaced = await fed(plain_api, client_id, dueDate=None)
    assert (replaced["name"], replaced["dueDate"], replaced["businessCaseId"]) == (None, None, None)
    assert replaced["label"] == "Invoice FV1"


@pytest.mark.parametrize(
    "change",
    [
        {"number": "FV2"}, {"name": "Other"}, {"issueDate": "2026-03-11"}, {"dueDate": None}, {"totalWithVat": 121.01},
        {"currencyId": 5}, {"currencyId": 5, "currencyRate": 25}, {"totalWithVat": -121},
    ],
    ids=str,
)  # fmt: skip
async def test_every_real_change_is_told_once(plain_api: Api, owner: psycopg.Connection, change: dict[str, Any]):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    for _ in range(2):
        await fed(plain_api, client_id, **change)
    assert await types_told(plain_api, clientId=client_id) == ["document_created", "document_updated"]
    assert announced(owner, plain_api) == [("invoices.created", 1), ("invoices.updated", 1)]


async def test_it_writes_on_the_timeline_of_its_case_or_else_of_its_contact(plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(), await plain_api.new_supplier()
    case_id = await plain_api.new_case(clientId=client_id)
    await fed(plain_api, client_id, businessCaseId=case_id)
    assert (await plain_api.put("/documents/received-invoice/1", said(supplierId=supplier_id))).status_code == 201
    assert await types_told(plain_api, businessCaseId=case_id) == ["document_created"]
    assert await types_told(plain_api, supplierId=supplier_id) == ["document_created"]
    assert await types_told(plain_api, clientId=client_id) == []
    await fed(plain_api, client_id)
    assert await types_told(plain_api, clientId=client_id) == ["document_updated"]


async def test_a_document_can_move_to_another_contact(plain_api: Api):
    first, second = await plain_api.new_client(), await plain_api.new_client()
    await fed(plain_api, first)
    assert (await fed(plain_api, second))["clientId"] == second
    assert await types_told(plain_api, clientId=first) == ["document_created"]
    assert await types_told(plain_api, clientId=second) == ["document_updated"]


async def test_documents_of_one_id_and_other_types_and_companies_do_not_meet(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id, strangers = await plain_api.new_client(), await stranger.new_client()
    await fed(stranger, strangers, number="THEIRS")
    before = rows_of(owner, stranger.company_id)
    for n, document_type in enumerate(TYPES):
        assert (await fed(plain_api, client_id, 1, document_type, number=f"N{n}"))["number"] == f"N{n}"
    assert {(await shown(plain_api, 1, each))["number"] for each in TYPES} == {f"N{n}" for n in range(len(TYPES))}
    assert (await plain_api.delete("/documents/invoice/1")).status_code == 204
    assert (await shown(stranger))["number"] == "THEIRS"
    assert rows_of(owner, stranger.company_id) == before


@pytest.mark.parametrize("document_type", WAREHOUSE)
async def test_goods_need_no_price(plain_api: Api, document_type: str):
    client_id = await plain_api.new_client()
    body = {"number": "PR1", "issueDate": "2026-03-10", "clientId": client_id}
    document = (await plain_api.put(f"/documents/{document_type}/1", body)).json()
    assert (document["totalWithVat"], document["currency"], document["toBePaid"]) == (None, None, None)
    assert document["paymentStatus"] is None
    [event] = await told(plain_api, clientId=client_id)
    assert (event["documentPriceSnapshot"], event["documentCurrencySnapshot"]) == (None, None)
    assert event["relatedDocument"]["totalWithVat"] is None
    refused = await plain_api.put(f"/documents/{document_type}/1", {**body, "totalWithVat": 12})
    assert set(errors_of(refused)) == {"currencyId"}
    # A rate of no currency says nothing: it is not stored, and no change.
    again = await plain_api.put(f"/documents/{document_type}/1", {**body, "currencyRate": 25.1})
    assert (again.status_code, again.json()["currencyRate"]) == (200, None)
    assert await types_told(plain_api, clientId=client_id) == ["document_created"]


async def test_one_new_document_said_by_many_at_once_is_made_once(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    answers = await asyncio.gather(
        *(plain_api.put("/documents/invoice/1", said(client_id)) for _ in range(20)),
        *(plain_api.put("/documents/order/1", said(client_id, number=f"N{n}")) for n in range(20)),
    )
    assert sorted(answer.status_code for answer in answers[:20]) == [200] * 19 + [201]
    assert sorted(answer.status_code for answer in answers[20:]) == [200] * 19 + [201]
    assert [change for change in announced(owner, plain_api) if change[0] == "invoices.created"] == [
        ("invoices.created", 1)
    ]
    assert (await types_told(plain_api, clientId=client_id)).count("document_created") == 2


async def test_the_change_and_the_event_are_of_one_transaction_and_one_token(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    document, event = changes_of(owner, plain_api)[-2:]
    assert (document["type"], event["type"]) == ("invoices.created", "contact-activity-logs.created")
    assert document["xid"] == event["xid"]
    assert {change["actor_id"] for change in (document, event)} == {plain_api.token_id}
    [stored] = owner.execute(
        "SELECT id, created_by::text, created_by_id FROM events WHERE company_id = %s", [plain_api.company_id]
    ).fetchall()
    assert stored == {"id": event["resource_id"], "created_by": "token", "created_by_id": plain_api.token_id}
