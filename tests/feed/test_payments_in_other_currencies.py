"""Payments in another currency than the document's: converted once, by the rates, to the cent."""

from __future__ import annotations

from typing import Any

import pytest
from support.api import Api, errors_of
from support.documents import fed, paid, shown

OF_IT = {"documentType": "invoice", "documentId": 1}


@pytest.mark.parametrize(
    ("document", "payment", "amount", "remains"),
    [
        # By ten crowns of 25 for a euro, forty cents are settled.
        ({"totalWithVat": 100}, {"currencyId": 5, "currencyRate": 25, "amount": 10}, 10, 99.6),
        # What remains, in crowns; and to the cent, whatever the rate.
        ({"totalWithVat": 100.01}, {"currencyId": 5, "currencyRate": 25.123}, 2512.55, 0),
        ({"totalWithVat": 0.01}, {"currencyId": 3, "currencyRate": 160.125}, 1.60, 0),
        # Half a cent is rounded away from zero.
        ({"totalWithVat": 100}, {"currencyId": 5, "currencyRate": 2, "amount": 0.01}, 0.01, 99.99),
        ({"totalWithVat": -100}, {"currencyId": 5, "currencyRate": 2, "amount": -0.01}, -0.01, -99.99),
        # A document in crowns takes euros and dollars by its own rate.
        ({"totalWithVat": 2500, "currencyId": 5, "currencyRate": 25}, {"currencyId": 1}, 100, 0),
        ({"totalWithVat": 2500, "currencyId": 5, "currencyRate": 25}, {"currencyId": 1, "currencyRate": 7, "amount": 1},
         1, 2475),
        ({"totalWithVat": 2500, "currencyId": 5, "currencyRate": 25},
         {"currencyId": 2, "currencyRate": 1.25, "amount": 12.5}, 12.5, 2250),
        # In its own currency nothing is converted, and its own rate serves where none is sent.
        ({"totalWithVat": 2500, "currencyId": 5, "currencyRate": 25}, {"amount": 1000}, 1000, 1500),
        ({"totalWithVat": 2500, "currencyId": 5}, {"currencyRate": 30, "amount": 1000}, 1000, 1500),
    ],
    ids=str,
)  # fmt: skip
async def test_a_payment_in_another_currency_settles_by_the_rates(
    plain_api: Api, document: dict[str, Any], payment: dict[str, Any], amount: float, remains: float
):
    await fed(plain_api, await plain_api.new_client(), **document)
    made = await paid(plain_api, **payment)
    assert made["amount"] == amount
    assert made["currencyRate"] == (1 if made["currency"]["id"] == 1 else payment.get("currencyRate", 25))
    assert (await shown(plain_api))["toBePaid"] == remains
    await plain_api.delete(f"/document-payments/{made['id']}")
    assert (await shown(plain_api))["toBePaid"] == document["totalWithVat"]


@pytest.mark.parametrize(
    ("document", "payment", "keys"),
    [
        ({"currencyId": 5}, {"currencyId": 1}, "currencyId"),
        ({"currencyId": 5}, {}, "currencyRate"),
        ({"currencyId": 5}, {"currencyId": 2}, "currencyId currencyRate"),
        ({"totalWithVat": 0.01, "currencyId": 3, "currencyRate": 160}, {"currencyId": 1}, "amount"),
        ({"totalWithVat": 10**13}, {"currencyId": 5, "currencyRate": 25}, "amount"),
        ({}, {"currencyId": 5, "currencyRate": "0.00001", "amount": 10**13}, "amount"),
        ({"totalWithVat": 0}, {}, "amount"),
    ],
    ids=str,
)
async def test_what_cannot_be_converted_is_refused(
    plain_api: Api, document: dict[str, Any], payment: dict[str, Any], keys: str
):
    await fed(plain_api, await plain_api.new_client(), **document)
    refused = await plain_api.post("/document-payments", {**OF_IT, **payment})
    assert set(errors_of(refused)) == set(keys.split())


async def test_a_document_with_payments_keeps_its_currency(plain_api: Api):
    client_id = await plain_api.new_client()
    await fed(plain_api, client_id)
    payment = await paid(plain_api, amount=1)
    body = {**OF_IT, "number": "FV1", "issueDate": "2026-03-10", "clientId": client_id, "totalWithVat": 1}
    refused = await plain_api.put("/documents/invoice/1", {**body, "currencyId": 5})
    assert set(errors_of(refused)) == {"currencyId"}
    await plain_api.delete(f"/document-payments/{payment['id']}")
    assert (await plain_api.put("/documents/invoice/1", {**body, "currencyId": 5})).status_code == 200


async def test_what_remains_stays_within_the_bounds_of_an_amount(plain_api: Api):
    client_id, most = await plain_api.new_client(), 10**13
    await fed(plain_api, client_id, totalWithVat=most)
    refused = await plain_api.post("/document-payments", {**OF_IT, "amount": -1})
    assert set(errors_of(refused)) == {"amount"}
    await paid(plain_api, amount=1)
    await paid(plain_api, amount=most)
    over = {"number": "FV1", "issueDate": "2026-03-10", "clientId": client_id, "totalWithVat": -most, "currencyId": 1}
    assert set(errors_of(await plain_api.put("/documents/invoice/1", over))) == {"totalWithVat"}
