"""What cannot be said of a document is told on its key, all of it at once, and nothing is stored."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import fed, said, shown
from support.tables import rows_of


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"number": None}, "number"),
        ({"number": "x" * 256}, "number"),
        ({"number": 7}, "number"),
        ({"issueDate": None}, "issueDate"),
        ({"issueDate": "2026-02-30"}, "issueDate"),
        ({"issueDate": "10.3.2026"}, "issueDate"),
        ({"issueDate": "20260310"}, "issueDate"),
        ({"issueDate": "0000-01-01"}, "issueDate"),
        ({"dueDate": "2026-13-01"}, "dueDate"),
        ({"dueDate": "2026-03-10T10:00:00Z"}, "dueDate"),
        ({"dueDate": 20260310}, "dueDate"),
        ({"totalWithVat": None}, "totalWithVat"),
        ({"totalWithVat": 1.005}, "totalWithVat"),
        ({"totalWithVat": "1.001"}, "totalWithVat"),
        ({"totalWithVat": "1,50"}, "totalWithVat"),
        ({"totalWithVat": 100.0000000000001}, "totalWithVat"),
        ({"totalWithVat": True}, "totalWithVat"),
        ({"totalWithVat": 10**13 + 1}, "totalWithVat"),
        ({"totalWithVat": -(10**13) - 1}, "totalWithVat"),
        ({"totalWithVat": 1e300}, "totalWithVat"),
        ({"totalWithVat": 1e-300}, "totalWithVat"),
        ({"totalWithVat": "9" * 60}, "totalWithVat"),
        ({"currencyId": None}, "currencyId"),
        ({"currencyId": 34}, "currencyId"),
        ({"currencyId": "EUR"}, "currencyId"),
        ({"currencyRate": 0}, "currencyRate"),
        ({"currencyRate": -1}, "currencyRate"),
        ({"currencyRate": 10_000_001}, "currencyRate"),
        ({"currencyRate": "0.000000001"}, "currencyRate"),
        ({"name": ["x"]}, "name"),
        ({"clientId": None}, "clientId supplierId"),
        ({"clientId": "x"}, "clientId"),
        ({"clientId": 999_999_999}, "clientId"),
        ({"clientId": -1}, "clientId"),
        ({"businessCaseId": 999_999_999}, "businessCaseId"),
        ({"number": None, "clientId": 999_999_999, "businessCaseId": 999_999_998, "issueDate": "x"},
         "number clientId businessCaseId issueDate"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_wrong_is_told_on_its_key_and_nothing_is_stored(
    plain_api: Api, owner: psycopg.Connection, change: dict[str, Any], keys: str
):
    client_id = await plain_api.new_client()
    before = rows_of(owner, plain_api.company_id)
    assert set(errors_of(await plain_api.put("/documents/invoice/1", said(client_id) | change))) == set(keys.split())
    assert rows_of(owner, plain_api.company_id) == before
    await fed(plain_api, client_id)
    document = await shown(plain_api)
    assert set(errors_of(await plain_api.put("/documents/invoice/1", said(client_id) | change))) == set(keys.split())
    assert await shown(plain_api) == document


async def test_contact_and_case_must_be_of_this_company_and_belong_together(plain_api: Api, stranger: Api):
    client_id, other, supplier_id = (
        await plain_api.new_client(), await plain_api.new_client(), await plain_api.new_supplier(),
    )  # fmt: skip
    case_of_other = await plain_api.new_case(clientId=other)
    strangers, strangers_case = await stranger.new_client(), await stranger.new_case()

    async def wrong(**fields: Any) -> set[str]:
        return set(errors_of(await plain_api.put("/documents/invoice/1", said(**fields))))

    assert await wrong(clientId=client_id, supplierId=supplier_id) == {"clientId", "supplierId"}
    assert await wrong(clientId=supplier_id) == {"clientId"}
    assert await wrong(supplierId=client_id) == {"supplierId"}
    assert await wrong(clientId=strangers) == {"clientId"}
    assert await wrong(clientId=client_id, businessCaseId=strangers_case) == {"businessCaseId"}
    assert await wrong(clientId=client_id, businessCaseId=case_of_other) == {"businessCaseId"}
    assert await wrong(clientId=client_id, businessCaseId=client_id) == {"businessCaseId"}
    assert await wrong(clientId=strangers, businessCaseId=strangers_case) == {"clientId", "businessCaseId"}
    assert (await plain_api.get("/documents/invoice/1")).status_code == 404


@pytest.mark.parametrize("written", ["100.000000000000001", "9999999999999.9901", "1.0000000000000000001"])
async def test_what_is_written_with_too_many_digits_is_not_rounded(plain_api: Api, written: str):
    body = said(await plain_api.new_client(), totalWithVat="HERE")
    content = json.dumps(body).replace('"HERE"', written)
    refused = await plain_api.request(
        "PUT", "/documents/invoice/1", content=content, headers={"Content-Type": "application/json"}
    )
    assert set(errors_of(refused)) == {"totalWithVat"}


async def test_many_zeros_are_no_digits_too_many(plain_api: Api):
    body = said(await plain_api.new_client(), totalWithVat="HERE")
    content = json.dumps(body).replace('"HERE"', "100.00000000000000000000")
    response = await plain_api.request(
        "PUT", "/documents/invoice/1", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.json()["totalWithVat"] == 100


@pytest.mark.parametrize("total", [10**13, -(10**13), 0, 0.01, "9999999999999.99", 1234567890123.45])
async def test_amounts_are_kept_to_the_last_cent(plain_api: Api, total: Any):
    client_id = await plain_api.new_client()
    response = await plain_api.put("/documents/invoice/1", said(client_id, totalWithVat=total))
    assert response.status_code == 201
    assert f'"totalWithVat":{float(total):.2f},' in response.text


@pytest.mark.parametrize(
    "path", ["invoices/1", "Invoice/1", "receipt/1", "invoice/x", "invoice/0", "invoice/-1", "invoice/1.0",
             "invoice/99999999999999999999"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_path_that_names_no_document_is_not_found(plain_api: Api, method: str, path: str):
    body = said(await plain_api.new_client()) if method == "PUT" else {}
    assert (await plain_api.request(method, f"/documents/{path}", json=body)).status_code == 404


async def test_a_body_that_is_no_object_is_told(plain_api: Api):
    for content in (b"", b"[]", b"7", b"{"):
        refused = await plain_api.request(
            "PUT", "/documents/invoice/1", content=content, headers={"Content-Type": "application/json"}
        )
        assert set(errors_of(refused)) == {"body"}
