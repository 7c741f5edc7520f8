"""PUT: a contact is given all it is to say, and nothing it said before."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from support.api import Api, errors_of
from support.records import types_of_changes

FULL = {
    "name": "Acme s.r.o.", "type": "company", "subjectId": "12345678", "taxId": "2020", "vatId": "SK2020",
    "isVatPayer": False, "email": "a@example.test", "street": "Hlavná 1", "city": "Žilina", "zip": "010 01",
    "countryId": 703, "deliveryStreet": "Dlhá 2", "preferredDueDays": 14, "stripeCustomerId": "cus_1",
}  # fmt: skip


async def put(api: Api, path: str, body: dict):
    return await api.request("PUT", path, json=body)


async def test_what_is_not_sent_is_gone_and_inferred_anew(plain_api: Api):
    client_id = await plain_api.new_client(**FULL)
    shown = (await put(plain_api, f"/clients/{client_id}", {"name": "Jana Malá"})).json()
    fresh = (await plain_api.post("/clients", {"name": "Jana Malá"})).json()
    same = {"id", "createdAt", "updatedAt"}
    assert {k: v for k, v in shown.items() if k not in same} == {k: v for k, v in fresh.items() if k not in same}
    assert shown == (await plain_api.get(f"/clients/{client_id}")).json()
    assert shown["type"] == "person"
    assert shown["hasDeliveryAddress"] is False


@pytest.mark.parametrize("kind", ["clients", "suppliers"])
async def test_a_replacement_is_recorded_once_and_the_same_again_not_at_all(
    plain_api: Api, owner: psycopg.Connection, kind: str
):
    contact_id = (await plain_api.post(f"/{kind}", {"name": "Acme"})).json()["id"]
    owner.execute(
        "UPDATE contacts SET updated_at = '2026-01-01', created_at = '2026-01-01' WHERE id = %s", [contact_id]
    )
    body = {"name": "Acme", "vatId": "SK1"}
    first = await put(plain_api, f"/{kind}/{contact_id}", body)
    again = await put(plain_api, f"/{kind}/{contact_id}", body | {"type": "company", "isVatPayer": True, "city": " "})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert types_of_changes(owner, plain_api, contact_id) == [f"{kind}.created", f"{kind}.updated"]
    row = owner.execute(
        "SELECT updated_at > created_at AS later, created_at = '2026-01-01' AS kept FROM contacts WHERE id = %s",
        [contact_id],
    ).fetchone()
    assert row == {"later": True, "kept": True}


async def test_an_unseen_field_is_replaced_too(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client(**FULL)
    without = {name: value for name, value in FULL.items() if name != "stripeCustomerId"}
    await put(plain_api, f"/clients/{client_id}", without)
    row = owner.execute("SELECT stripe_customer_id FROM contacts WHERE id = %s", [client_id]).fetchone()
    assert row["stripe_customer_id"] is None
    assert types_of_changes(owner, plain_api, client_id)[-1] == "clients.updated"


async def test_a_client_is_no_supplier(plain_api: Api):
    client_id = await plain_api.new_client()
    supplier_id = await plain_api.new_supplier()
    assert (await put(plain_api, f"/suppliers/{client_id}", {"name": "X"})).status_code == 404
    assert (await put(plain_api, f"/clients/{supplier_id}", {"name": "X"})).status_code == 404
    assert (await plain_api.delete(f"/clients/{supplier_id}")).status_code == 404
    assert (await plain_api.get(f"/suppliers/{supplier_id}")).json()["name"] != "X"


async def test_every_broken_rule_is_told_and_nothing_is_changed(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client(name="Acme")
    response = await put(plain_api, f"/clients/{client_id}", {"type": "robot", "countryId": 1, "preferredDueDays": 366})
    assert errors_of(response).keys() == {"name", "type", "countryId", "preferredDueDays"}
    assert (await plain_api.get(f"/clients/{client_id}")).json()["name"] == "Acme"
    assert types_of_changes(owner, plain_api, client_id) == ["clients.created"]


async def test_replacements_at_once_leave_one_of_them_whole(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    bodies = [{"name": f"N{n}", "city": f"C{n}", "countryId": [703, 203, None][n % 3]} for n in range(12)]
    answers = await asyncio.gather(*(put(plain_api, f"/clients/{client_id}", body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    shown = (await plain_api.get(f"/clients/{client_id}")).json()
    assert shown["name"][1:] == shown["city"][1:]
    assert shown in [answer.json() for answer in answers]
    listed = (await plain_api.get("/clients", params={"page": 1})).json()
    assert listed["paginator"]["totalResults"] == 1
    of_country = (await plain_api.get("/clients", params={"page": 1, "countryId": 703})).json()
    assert of_country["paginator"]["totalResults"] == len(of_country["data"])
