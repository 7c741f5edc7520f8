"""/document-payments: what is left out is found out, amounts are exact, and what is paid is shown on the document."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import PAYABLE, TYPES, announced, fed, paid, shown, told, types_told
from support.tables import rows_of

OF_IT = {"documentType": "invoice", "documentId": 1}
EURO = {"id": 1, "symbol": "EUR", "name": "Euro", "mark": "€"}


async def state(api: Api, document_type: str = "invoice") -> tuple[float, str]:
    document = await shown(api, 1, document_type)
    return document["toBePaid"], document["paymentStatus"]


async def test_the_least_that_can_be_said_pays_all_that_remains_today(plain_api: Api):
    await fed(plain_api, await plain_api.new_client(preferredPaymentMethodId=6), totalWithVat=121.5)
    await paid(plain_api, amount=21.25)
    before = datetime.now(ZoneInfo("Europe/Bratislava")).date()
    response = await plain_api.post("/document-payments", OF_IT)
    after = datetime.now(ZoneInfo("Europe/Bratislava")).date()
    payment = response.json()
    assert response.status_code == 201
    assert payment["paymentDate"] in {before.isoformat(), after.isoformat()}
    assert payment == {
        "id": payment["id"],
        "documentType": "invoice",
        "documentId": 1,
        "paymentMethod": {"id": 6, "name": "Cash"},
        "currency": EURO,
        "paymentDate": payment["paymentDate"],
        "amount": 100.25,
        "currencyRate": 1.0,
        "receiptInvoice": None,
    }
    assert '"currencyRate":1.0,' in response.text
    assert (await plain_api.get(f"/document-payments/{payment['id']}")).content == response.content
    assert await state(plain_api) == (0, "paid")


async def test_everything_that_can_be_said_is_kept(plain_api: Api):
    supplier_id = await plain_api.new_supplier()
    await fed(plain_api, None, 1, "received-invoice", supplierId=supplier_id, currencyId=5)
    payment = await paid(
        plain_api, 1, "received-invoice", currencyId="5", currencyRate="25.12345", paymentDate="2026-01-31",
        paymentMethodId="2", amount="12.30",
    )  # fmt: skip
    assert (payment["currency"]["symbol"], payment["currencyRate"]) == ("CZK", 25.12345)
    assert (payment["paymentDate"], payment["paymentMethod"], payment["amount"]) == (
        "2026-01-31", {"id": 2, "name": "Card"}, 12.3,
    )  # fmt: skip
    assert (await paid(plain_api, 1, "received-invoice", currencyRate=1))["paymentMethod"]["id"] == 1


async def test_names_are_in_the_readers_language(plain_api: Api):
    await fed(plain_api, await plain_api.new_client())
    payment = await paid(plain_api)
    slovak = await plain_api.get(f"/document-payments/{payment['id']}", headers={"Accept-Language": "sk"})
    assert slovak.json()["paymentMethod"]["name"] == "Bankový prevod"


async def test_payments_of_a_document_are_listed_newest_first(plain_api: Api, stranger: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    await fed(plain_api, client_id, 1, "proforma")
    await fed(stranger, await stranger.new_client())
    await paid(stranger)
    await paid(plain_api, 1, "proforma")
    days = ["2026-03-02", "2026-03-04", "2026-03-01", "2026-03-04", "2026-03-03"]
    made = [await paid(plain_api, amount=n + 1, paymentDate=day) for n, day in enumerate(days)]
    response = await plain_api.get("/document-payments", params=OF_IT)
    assert response.json() == {"data": [made[n] for n in (3, 1, 4, 0, 2)]}
    await plain_api.delete(f"/document-payments/{made[3]['id']}")
    left = (await plain_api.get("/document-payments", params=OF_IT)).json()["data"]
    assert [payment["amount"] for payment in left] == [2, 5, 1, 3]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({}, "documentType documentId"),
        ({"documentType": "invoice"}, "documentId"),
        ({"documentType": "order", "documentId": 1}, "documentType"),
        ({"documentType": "invoice", "documentId": "x"}, "documentId"),
        ({"documentType": "invoice", "documentId": 2}, "documentId"),
        ({"documentType": "proforma", "documentId": 1}, "documentId"),
    ],
    ids=str,
)
async def test_a_list_needs_a_document_that_is_there(plain_api: Api, stranger: Api, query: dict[str, Any], keys: str):
    await fed(plain_api, await plain_api.new_client())
    await fed(stranger, await stranger.new_client(), 2)
    assert set(errors_of(await plain_api.get("/document-payments", params=query))) == set(keys.split())


@pytest.mark.parametrize("document_type", TYPES)
async def test_five_types_are_paid(plain_api: Api, owner: psycopg.Connection, document_type: str):
    await fed(plain_api, await plain_api.new_client(), 1, document_type)
    response = await plain_api.post("/document-payments", {"documentType": document_type, "documentId": 1})
    if document_type in PAYABLE:
        assert response.status_code == 201
        assert await state(plain_api, document_type) == (0, "paid")
        assert (f"{document_type}s.paid", 1) in announced(owner, plain_api)
    else:
        assert set(errors_of(response)) == {"documentType"}
        assert await state(plain_api, document_type) == (None, None)


async def test_the_status_follows_what_is_paid_and_what_is_due(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    assert await state(plain_api) == (121, "unpaid")
    await paid(plain_api, amount=0.01)
    assert await state(plain_api) == (120.99, "partially_paid")
    await fed(plain_api, client_id, dueDate="2026-03-24")
    assert await state(plain_api) == (120.99, "overdue")
    last = await paid(plain_api)
    assert await state(plain_api) == (0, "paid")
    await plain_api.delete(f"/document-payments/{last['id']}")
    assert await state(plain_api) == (120.99, "overdue")
    await fed(plain_api, client_id, dueDate=None, totalWithVat=0.01)
    assert await state(plain_api) == (0, "paid")
    await fed(plain_api, client_id, dueDate=None, totalWithVat=0)
    assert await state(plain_api) == (-0.01, "paid")


async def test_a_document_is_overdue_from_the_day_after_it_was_due(plain_api: Api, owner: psycopg.Connection):
    today = datetime.now(ZoneInfo("Europe/Bratislava")).date()
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id, dueDate=today.isoformat())
    found = await state(plain_api)
    await fed(plain_api, client_id, dueDate=today.replace(year=today.year - 1, day=1).isoformat())
    assert await state(plain_api) == (121, "overdue")
    if datetime.now(ZoneInfo("Europe/Bratislava")).date() == today:
        assert found == (121, "unpaid")


async def test_more_than_what_remains_is_taken_and_shows_below_zero(plain_api: Api, owner: psycopg.Connection):
    await fed(plain_api, await plain_api.new_client(), totalWithVat=100)
    await paid(plain_api, amount=130)
    assert await state(plain_api) == (-30, "paid")
    assert set(errors_of(await plain_api.post("/document-payments", OF_IT))) == {"amount"}
    await paid(plain_api, amount=-30)
    assert await state(plain_api) == (0, "paid")
    await paid(plain_api, amount=-40)
    assert await state(plain_api) == (40, "partially_paid")
    await paid(plain_api)
    assert [change for change, _ in announced(owner, plain_api) if change == "invoices.paid"] == ["invoices.paid"] * 2


async def test_a_credit_note_below_zero_is_settled_below_zero(plain_api: Api, owner: psycopg.Connection):
    await fed(plain_api, await plain_api.new_client(), 1, "credit-note", totalWithVat=-24)
    assert await state(plain_api, "credit-note") == (-24, "unpaid")
    await paid(plain_api, 1, "credit-note", amount=-4)
    assert await state(plain_api, "credit-note") == (-20, "partially_paid")
    assert (await paid(plain_api, 1, "credit-note"))["amount"] == -20
    assert await state(plain_api, "credit-note") == (0, "paid")
    assert announced(owner, plain_api)[-1] == ("credit-notes.paid", 1)


async def test_who_completes_a_document_is_announced_once(plain_api: Api, owner: psycopg.Connection):
    await fed(plain_api, await plain_api.new_client(), totalWithVat=50)
    answers = await asyncio.gather(
        *(plain_api.post("/document-payments", {**OF_IT, "amount": 1}) for _ in range(50)),
        *(plain_api.post("/document-payments", OF_IT) for _ in range(5)),
    )
    assert {answer.status_code for answer in answers[:50]} == {201}
    assert {answer.status_code for answer in answers[50:]} <= {201, 422}
    changes = [change for change, _ in announced(owner, plain_api)]
    assert changes.count("invoices.paid") == 1
    payments = (await plain_api.get("/document-payments", params=OF_IT)).json()["data"]
    assert changes.count("document-payments.created") == len(payments)
    assert (await shown(plain_api))["toBePaid"] == 50 - sum(payment["amount"] for payment in payments)


async def test_a_payment_writes_on_the_timeline_of_the_case_or_the_contact(plain_api: Api):
    client_id = await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    await fed(plain_api, client_id, businessCaseId=case_id)
    await paid(plain_api, amount=25.5)
    assert await types_told(plain_api, clientId=client_id) == []
    event = (await told(plain_api, businessCaseId=case_id))[-1]
    assert (event["type"], event["paidAmount"], event["documentCurrencySnapshot"]) == (
        "document_payment_added", 25.5, EURO,
    )  # fmt: skip


async def test_a_deleted_payment_is_to_be_paid_again_and_stays_told(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    payment = await paid(plain_api)
    path = f"/document-payments/{payment['id']}"
    answers = await asyncio.gather(*(plain_api.delete(path) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7
    assert await state(plain_api) == (121, "unpaid")
    assert (await plain_api.get(path)).status_code == 404
    assert await types_told(plain_api, clientId=client_id) == ["document_created", "document_payment_added"]
    assert [change for change, _ in announced(owner, plain_api)] == [
        "invoices.created", "document-payments.created", "invoices.paid", "document-payments.deleted",
    ]  # fmt: skip


async def test_sent_again_with_its_key_a_payment_is_one(plain_api: Api, owner: psycopg.Connection):
    await fed(plain_api, await plain_api.new_client())
    answers = await asyncio.gather(*(plain_api.post("/document-payments", OF_IT, key="p-1") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum(answer.headers["Idempotency-Status"] == "Original" for answer in answers) == 1
    assert [change for change, _ in announced(owner, plain_api)].count("document-payments.created") == 1
    reused = await plain_api.post("/document-payments", {**OF_IT, "amount": 1}, key="p-1")
    assert (reused.status_code, set(reused.json())) == (422, {"error"})


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"documentType": None}, "documentType"),
        ({"documentType": "order"}, "documentType"),
        ({"documentType": "invoices"}, "documentType"),
        ({"documentId": None}, "documentId"),
        ({"documentId": 2}, "documentId"),
        ({"documentId": "x"}, "documentId"),
        ({"documentId": 0}, "documentId"),
        ({"amount": 0}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": 1.005}, "amount"),
        ({"amount": "1,5"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 10**13 + 1}, "amount"),
        ({"amount": -(10**13) - 1}, "amount"),
        ({"amount": 1e308}, "amount"),
        ({"paymentDate": "2026-02-29"}, "paymentDate"),
        ({"paymentDate": "today"}, "paymentDate"),
        ({"paymentMethodId": 7}, "paymentMethodId"),
        ({"currencyId": 34}, "currencyId"),
        ({"currencyId": 5}, "currencyRate"),
        ({"currencyId": 5, "currencyRate": 0}, "currencyRate"),
        ({"currencyId": 5, "currencyRate": "x"}, "currencyRate"),
        ({"currencyRate": -1}, "currencyRate"),
        ({"documentId": 2, "amount": 0, "paymentDate": "x", "paymentMethodId": 0},
         "documentId amount paymentDate paymentMethodId"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_wrong_is_told_on_its_key_and_nothing_is_stored(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, change: dict[str, Any], keys: str
):
    await fed(plain_api, await plain_api.new_client())
    await fed(stranger, await stranger.new_client(), 2)
    before = rows_of(owner, plain_api.company_id)
    refused = await plain_api.post("/document-payments", {**OF_IT, **change}, key="kept")
    assert set(errors_of(refused)) == set(keys.split())
    assert rows_of(owner, plain_api.company_id) == before
    assert await state(plain_api) == (121, "unpaid")


async def test_a_document_has_at_most_a_thousand_payments(plain_api: Api, owner: psycopg.Connection):
    await fed(plain_api, await plain_api.new_client(), totalWithVat=5000)
    owner.execute("UPDATE documents SET payments = 999 WHERE company_id = %s", [plain_api.company_id])
    await paid(plain_api, amount=1)
    refused = await plain_api.post("/document-payments", {**OF_IT, "amount": 1})
    assert errors_of(refused) == {"documentId": ["A document may have at most 1000 payments."]}


async def test_a_stranger_neither_sees_nor_deletes_nor_pays(plain_api: Api, stranger: Api):
    await fed(plain_api, await plain_api.new_client())
    payment = await paid(plain_api, amount=1)
    path = f"/document-payments/{payment['id']}"
    assert [(await stranger.get(path)).status_code, (await stranger.delete(path)).status_code] == [404, 404]
    assert set(errors_of(await stranger.post("/document-payments", OF_IT))) == {"documentId"}
    assert await state(plain_api) == (120, "partially_paid")
