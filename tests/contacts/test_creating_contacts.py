"""Clients and suppliers: every field comes back as it was sent, what is left out is inferred, what is wrong is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.records import changes_of

NOT_FOUND = {"message": "No query results for model."}
SLOVAKIA = {"id": 703, "name": "Slovakia", "code": "SK", "eu": True}
SWITZERLAND = {"id": 756, "name": "Switzerland", "code": "CH", "eu": False}

BOTH = {
    "name": "Acme s.r.o.",
    "type": "person",
    "subjectId": "12345678",
    "taxId": "2020123456",
    "vatId": "SK2020123456",
    "isVatPayer": False,
    "email": "billing@acme.test",
    "street": "Hlavná 1",
    "city": "Bratislava",
    "zip": "811 01",
}
CLIENTS_OWN = {
    "deliveryStreet": "Skladová 9",
    "deliveryCity": "Zürich",
    "deliveryZip": "8001",
    "preferredDeliveryMethodId": 6,
    "preferredPaymentMethodId": 1,
    "preferredCurrencyId": 33,
    "preferredLanguageId": 19,
    "preferredDueDays": 0,
    "preferredNote": "Due within 14 days.",
    "preferredVariableSymbol": 9_999_999_999,
    "preferredConstantSymbol": 308,
    "preferredSpecificSymbol": 0,
    "preferredTextAboveItems": "Thank you.",
}
NOT_SHOWN = {"stripeCustomerId": "cus_123", "systemeioContactId": 2**40}
SUPPLIER_SHAPE = [
    "id", "type", "name", "subjectId", "taxId", "vatId", "isVatPayer", "email", "street", "city", "zip", "country",
]  # fmt: skip

both_kinds = pytest.mark.parametrize("path", ["/clients", "/suppliers"])


async def test_every_field_of_a_client_comes_back(plain_api: Api, owner: psycopg.Connection):
    sent = BOTH | CLIENTS_OWN | NOT_SHOWN | {"countryId": 703, "deliveryCountryId": 756}
    before = datetime.now(UTC).replace(microsecond=0)
    response = await plain_api.post("/clients", sent)
    client = response.json()
    assert response.status_code == 201
    assert before <= datetime.fromisoformat(client["createdAt"]) <= datetime.now(UTC)
    assert client == BOTH | CLIENTS_OWN | {
        "id": client["id"],
        "country": SLOVAKIA,
        "deliveryCountry": SWITZERLAND,
        "hasDeliveryAddress": True,
        "createdAt": client["createdAt"],
        "updatedAt": client["createdAt"],
    }
    assert (await plain_api.get(f"/clients/{client['id']}")).content == response.content
    kept = owner.execute(
        "SELECT stripe_customer_id, systemeio_contact_id FROM contacts WHERE id = %s", [client["id"]]
    ).fetchone()
    assert list(kept.values()) == list(NOT_SHOWN.values())


async def test_every_field_of_a_supplier_comes_back_in_its_own_shape(plain_api: Api):
    response = await plain_api.post("/suppliers", BOTH | CLIENTS_OWN | NOT_SHOWN | {"countryId": "703"})
    supplier = response.json()
    assert response.status_code == 201
    assert supplier == BOTH | {"id": supplier["id"], "country": SLOVAKIA}
    assert list(supplier) == SUPPLIER_SHAPE
    assert (await plain_api.get(f"/suppliers/{supplier['id']}")).content == response.content


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys([*BOTH, *CLIENTS_OWN, "countryId"]), {"email": " ", "type": ""}])
async def test_a_name_alone_makes_a_contact(plain_api: Api, nothing: dict[str, Any]):
    client = (await plain_api.post("/clients", nothing | {"name": "\u00a0Jana\n"})).json()
    given = {"name": "Jana", "type": "person", "isVatPayer": False, "hasDeliveryAddress": False}
    assert {name: client[name] for name in given} == given
    assert {value for name, value in client.items() if name not in (*given, "id", "createdAt", "updatedAt")} == {None}
    supplier = (await plain_api.post("/suppliers", nothing | {"name": "Jana"})).json()
    assert supplier == dict.fromkeys(SUPPLIER_SHAPE) | {
        "id": supplier["id"], "name": "Jana", "type": "person", "isVatPayer": False,
    }  # fmt: skip


# What is left out


@both_kinds
@pytest.mark.parametrize(
    ("sent", "inferred"),
    [
        ({}, ("person", False)),
        ({"subjectId": "1"}, ("company", False)),
        ({"taxId": "1"}, ("company", False)),
        ({"vatId": "SK1"}, ("company", True)),
        ({"vatId": "  "}, ("person", False)),
        ({"vatId": "SK1", "type": "person"}, ("person", True)),
        ({"vatId": "SK1", "isVatPayer": False}, ("company", False)),
        ({"vatId": "SK1", "isVatPayer": None, "type": None}, ("company", True)),
        ({"isVatPayer": True}, ("person", True)),
        ({"type": "company"}, ("company", False)),
    ],
)
async def test_type_and_vat_payer_are_inferred_from_the_ids_of_a_business(
    plain_api: Api, path: str, sent: dict[str, Any], inferred: tuple[str, bool]
):
    contact = (await plain_api.post(path, {"name": "Acme", **sent})).json()
    assert (contact["type"], contact["isVatPayer"]) == inferred


@pytest.mark.parametrize(
    ("sent", "has"),
    [
        ({"deliveryStreet": "x"}, True),
        ({"deliveryCity": "x"}, True),
        ({"deliveryZip": "x"}, True),
        ({"deliveryCountryId": 703}, True),
        ({"deliveryStreet": " ", "deliveryCountryId": None}, False),
        ({"street": "x", "city": "x", "hasDeliveryAddress": True}, False),
    ],
)
async def test_a_delivery_address_is_there_when_any_part_of_it_is(plain_api: Api, sent: dict[str, Any], has: bool):
    client_id = await plain_api.new_client(**sent)
    assert (await plain_api.get(f"/clients/{client_id}")).json()["hasDeliveryAddress"] is has


@pytest.mark.parametrize(("sent", "meant"), [(True, True), ("1", True), (1, True), (0, False), ("0", False)])
async def test_a_flag_may_be_written_as_a_number(plain_api: Api, sent: Any, meant: bool):
    assert (await plain_api.post("/clients", {"name": "x", "isVatPayer": sent})).json()["isVatPayer"] is meant


async def test_numbers_may_be_written_as_texts(plain_api: Api):
    numbers = {name: value for name, value in CLIENTS_OWN.items() if isinstance(value, int)}
    client = (await plain_api.post("/clients", {"name": "x"} | {n: f" {v} " for n, v in numbers.items()})).json()
    assert {name: client[name] for name in numbers} == numbers


async def test_the_name_of_the_country_is_told_in_the_readers_language(plain_api: Api):
    client_id = await plain_api.new_client(countryId=703)
    response = await plain_api.get(f"/clients/{client_id}", headers={"Accept-Language": "sk"})
    assert response.json()["country"] == SLOVAKIA | {"name": "Slovensko"}


# What is wrong

LONGEST = {
    "name": 255, "subjectId": 40, "taxId": 40, "vatId": 40, "street": 255, "city": 255, "zip": 10,
    "deliveryStreet": 255, "deliveryCity": 255, "deliveryZip": 10, "preferredTextAboveItems": 3000,
    "stripeCustomerId": 255,
}  # fmt: skip
RANGES = {
    "preferredDueDays": (0, 365),
    "preferredVariableSymbol": (0, 9_999_999_999),
    "preferredConstantSymbol": (0, 9999),
    "preferredSpecificSymbol": (0, 9_999_999_999),
    "systemeioContactId": (-(2**63), 2**63 - 1),
}
LOOKUPS = {
    "countryId": (4, [0, 1, 591, 900]),
    "deliveryCountryId": (894, [-703, 1000]),
    "preferredDeliveryMethodId": (1, [0, 7]),
    "preferredPaymentMethodId": (6, [0, 7]),
    "preferredCurrencyId": (1, [0, 34]),
    "preferredLanguageId": (1, [0, 20]),
}
ON_SUPPLIERS = {*BOTH, "countryId"}


def paths_of(field: str) -> list[str]:
    return ["/clients", "/suppliers"] if field in ON_SUPPLIERS else ["/clients"]


async def wrong_keys(api: Api, path: str, field: str, value: Any) -> set[str]:
    return set(errors_of(await api.post(path, {"name": "Acme", field: value})))


@pytest.mark.parametrize("field", LONGEST)
async def test_a_text_may_have_its_length_in_characters_and_not_one_more(plain_api: Api, field: str):
    for path in paths_of(field):
        longest = "é" * LONGEST[field]
        response = await plain_api.post(path, {"name": "Acme", field: f" {longest} "})
        assert response.status_code == 201
        assert response.json().get(field, longest) == longest
        assert await wrong_keys(plain_api, path, field, longest + "é") == {field}


async def test_a_note_may_have_65535_bytes(plain_api: Api):
    response = await plain_api.post("/clients", {"name": "Acme", "preferredNote": "a" * 65_535})
    assert response.json()["preferredNote"] == "a" * 65_535
    assert await wrong_keys(plain_api, "/clients", "preferredNote", "é" * 32_768) == {"preferredNote"}


@pytest.mark.parametrize("field", RANGES)
async def test_a_number_keeps_to_its_range(plain_api: Api, field: str):
    for bound, beyond in zip(RANGES[field], (-1, 1), strict=True):
        response = await plain_api.post("/clients", {"name": "Acme", field: bound})
        assert response.status_code == 201
        assert response.json().get(field, bound) == bound
        assert await wrong_keys(plain_api, "/clients", field, bound + beyond) == {field}


@pytest.mark.parametrize("field", LOOKUPS)
async def test_a_lookup_names_an_entry_that_exists(plain_api: Api, field: str):
    good, unknown = LOOKUPS[field]
    for path in paths_of(field):
        assert (await plain_api.post(path, {"name": "Acme", field: good})).status_code == 201
        for value in unknown:
            assert await wrong_keys(plain_api, path, field, value) == {field}


@pytest.mark.parametrize("field", [*RANGES, *LOOKUPS])
@pytest.mark.parametrize("value", ["x", "5.0", 1.5, True, [], {}, "1" * 20])
async def test_what_is_no_number_is_wrong_where_one_is_asked(plain_api: Api, field: str, value: Any):
    for path in paths_of(field):
        assert await wrong_keys(plain_api, path, field, value) == {field}


@pytest.mark.parametrize("field", [*LONGEST, "type", "email", "preferredNote"])
@pytest.mark.parametrize("value", [5, True, ["x"], {}])
async def test_what_is_no_text_is_wrong_where_one_is_asked(plain_api: Api, field: str, value: Any):
    for path in paths_of(field):
        assert await wrong_keys(plain_api, path, field, value) == {field}


@both_kinds
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None), ("name", ""), ("name", " \u200b"), ("name", "a\0b"), ("type", "Company"), ("type", "firm"),
        ("email", "nobody"), ("email", f"{'a' * 246}@acme.test"), ("isVatPayer", "true"), ("isVatPayer", "yes"),
        ("isVatPayer", 2), ("isVatPayer", []), ("isVatPayer", 0.5),
    ],
)  # fmt: skip
async def test_other_wrong_values_are_told_on_their_field(plain_api: Api, path: str, field: str, value: Any):
    assert await wrong_keys(plain_api, path, field, value) == {field}


async def test_all_errors_are_told_at_once(plain_api: Api):
    body = {"type": "x", "email": "x", "countryId": 1, "zip": "x" * 11, "preferredDueDays": 366}
    assert set(errors_of(await plain_api.post("/clients", body))) == {"name", *body}
    # A supplier has no due days: what it does not have is ignored.
    assert set(errors_of(await plain_api.post("/suppliers", body))) == {"name", *body} - {"preferredDueDays"}


# Who finds it


async def test_a_client_is_no_supplier_and_a_supplier_no_client(plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(), await plain_api.new_supplier()
    for path in (f"/suppliers/{client_id}", f"/clients/{supplier_id}"):
        response = await plain_api.get(path)
        assert (response.status_code, response.json()) == (404, NOT_FOUND)


@both_kinds
async def test_a_stranger_finds_no_contact_of_ours(plain_api: Api, stranger: Api, path: str):
    contact_id = (await plain_api.post(path, {"name": "Ours"})).json()["id"]
    response = await stranger.get(f"{path}/{contact_id}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@both_kinds
@pytest.mark.parametrize("contact_id", [999_999_999, 0, -1, "x", "1.0", 2**63])
async def test_what_is_no_contacts_id_is_not_found(plain_api: Api, path: str, contact_id: Any):
    response = await plain_api.get(f"{path}/{contact_id}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@both_kinds
async def test_a_create_writes_one_change_and_a_refused_one_none(
    plain_api: Api,
    stranger: Api,
    new_api: Callable[..., Awaitable[Api]],
    owner: psycopg.Connection,
    path: str,
):
    strangers = changes_of(owner, stranger)
    contact_id = (await plain_api.post(path, {"name": "Acme"})).json()["id"]
    assert errors_of(await plain_api.post(path, {}))
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    assert (await reader.post(path, {"name": "Acme"})).status_code == 403
    [change] = changes_of(owner, plain_api)
    assert (change["type"], change["resource_id"]) == (f"{path[1:]}.created", contact_id)
    assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    assert changes_of(owner, stranger) == strangers
