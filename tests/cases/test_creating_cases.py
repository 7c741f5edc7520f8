"""Business cases: of exactly one contact, in a column of the board, last in it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import new_status
from support.records import changes_of, end_timeline

NOT_FOUND = {"message": "No query results for model."}
UNKNOWN_ID = 999_999_999


async def wrong_keys(api: Api, **fields: Any) -> set[str]:
    return set(errors_of(await api.post("/business-cases", {"name": "Case", **fields})))


@pytest.mark.parametrize("kind", ["client", "supplier"])
async def test_a_case_comes_back_with_its_contact_inside(plain_api: Api, kind: str):
    contact = (await plain_api.post(f"/{kind}s", {"name": "Acme", "vatId": "SK1", "countryId": 703})).json()
    before = datetime.now(UTC).replace(microsecond=0)
    response = await plain_api.post(
        "/business-cases", {f"{kind}Id": str(contact["id"]), "name": " New roof ", "description": "Tiles\nor tin?"}
    )
    case = response.json()
    assert response.status_code == 201
    assert before <= datetime.fromisoformat(case["createdAt"]) <= datetime.now(UTC)
    assert case == {
        "id": case["id"],
        "contactType": kind,
        "contactId": contact["id"],
        "client": contact if kind == "client" else None,
        "supplier": contact if kind == "supplier" else None,
        "name": "New roof",
        "description": "Tiles\nor tin?",
        "status": None,
        "boardPosition": 0,
        "createdAt": case["createdAt"],
        "updatedAt": case["createdAt"],
    }
    assert (await plain_api.get(f"/business-cases/{case['id']}")).content == response.content


async def test_a_case_stands_in_the_column_of_its_status(plain_api: Api, owner: psycopg.Connection):
    status_id = await new_status(plain_api, name="Negotiation")
    response = await plain_api.post(
        "/business-cases", {"clientId": await plain_api.new_client(), "name": "Case", "statusId": status_id}
    )
    assert response.json()["status"] == {"id": status_id, "name": "Negotiation", "color": "#22aa44"}
    assert (await plain_api.get(f"/business-cases/{response.json()['id']}")).content == response.content


async def test_the_country_inside_is_named_in_the_readers_language(plain_api: Api):
    case_id = await plain_api.new_case(clientId=await plain_api.new_client(countryId=703))
    case = (await plain_api.get(f"/business-cases/{case_id}", headers={"Accept-Language": "sk"})).json()
    assert case["client"]["country"]["name"] == "Slovensko"


# Exactly one contact


async def test_a_case_has_exactly_one_contact(plain_api: Api):
    client_id, supplier_id = await plain_api.new_client(), await plain_api.new_supplier()
    both = {"clientId", "supplierId"}
    assert await wrong_keys(plain_api) == both
    assert await wrong_keys(plain_api, clientId=None, supplierId=" ") == both
    assert await wrong_keys(plain_api, clientId=client_id, supplierId=supplier_id) == both
    assert await wrong_keys(plain_api, clientId=UNKNOWN_ID, supplierId="x") == both
    response = await plain_api.post("/business-cases", {"name": "x", "clientId": client_id, "supplierId": None})
    assert response.status_code == 201


async def test_a_contact_that_is_unknown_foreign_deleted_or_of_the_other_kind_is_wrong(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id, supplier_id, gone = [
        await plain_api.new_client(), await plain_api.new_supplier(), await plain_api.new_client(),
    ]  # fmt: skip
    end_timeline(owner, gone)
    for wrong in (UNKNOWN_ID, await stranger.new_client(), gone, supplier_id, await plain_api.new_case(), 0, -1, "x"):
        assert await wrong_keys(plain_api, clientId=wrong) == {"clientId"}
    for wrong in (UNKNOWN_ID, await stranger.new_supplier(), client_id, True, 1.5, []):
        assert await wrong_keys(plain_api, supplierId=wrong) == {"supplierId"}


async def test_a_status_that_is_unknown_or_foreign_is_wrong(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    for wrong in (UNKNOWN_ID, await new_status(stranger), 0, "x", True):
        assert await wrong_keys(plain_api, clientId=client_id, statusId=wrong) == {"statusId"}


async def test_limits_of_name_and_description(plain_api: Api):
    client_id = await plain_api.new_client()
    longest = {"name": "é" * 255, "description": "é" * 32_767 + "a"}
    case = (await plain_api.post("/business-cases", {"clientId": client_id, **longest})).json()
    assert {name: case[name] for name in longest} == longest
    assert await wrong_keys(plain_api, clientId=client_id, name="é" * 256) == {"name"}
    assert await wrong_keys(plain_api, clientId=client_id, description="é" * 32_768) == {"description"}
    for nothing in (None, "", " \u00a0"):
        assert await wrong_keys(plain_api, clientId=client_id, name=nothing) == {"name"}
    for no_text in (5, True, [], {}):
        told = await wrong_keys(plain_api, clientId=client_id, name=no_text, description=no_text)
        assert told == {"name", "description"}


async def test_all_errors_are_told_at_once(plain_api: Api):
    told = await wrong_keys(plain_api, clientId=UNKNOWN_ID, statusId=UNKNOWN_ID, name=None, description=5)
    assert told == {"clientId", "statusId", "name", "description"}


# The board


async def test_positions_count_from_zero_in_each_column(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    columns = [None, await new_status(plain_api), await new_status(plain_api)]
    for place in range(3):
        for status_id in columns:
            case_id = await plain_api.new_case(clientId=client_id, statusId=status_id)
            case = (await plain_api.get(f"/business-cases/{case_id}")).json()
            assert case["boardPosition"] == place
    # The stranger has one case already.
    case_id = await stranger.new_case()
    assert (await stranger.get(f"/business-cases/{case_id}")).json()["boardPosition"] == 1


async def test_twenty_cases_at_once_get_twenty_places(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    client_id, strangers_client = await plain_api.new_client(), await stranger.new_client()
    status_id = await new_status(plain_api)
    body = {"name": "Case", "clientId": client_id, "statusId": status_id}
    answers = await asyncio.gather(
        *(plain_api.post("/business-cases", body, key=f"k{n}" if n % 2 else None) for n in range(20)),
        *(stranger.post("/business-cases", {"name": "Case", "clientId": strangers_client}) for _ in range(5)),
    )
    assert {answer.status_code for answer in answers} == {201}
    places = [answer.json()["boardPosition"] for answer in answers]
    assert sorted(places[:20]) == list(range(20))
    assert sorted(places[20:]) == list(range(1, 6))


async def test_a_refused_case_takes_no_place(plain_api: Api):
    client_id = await plain_api.new_client()
    await wrong_keys(plain_api, clientId=client_id, name=None)
    case = (await plain_api.post("/business-cases", {"name": "Case", "clientId": client_id})).json()
    assert case["boardPosition"] == 0


# Who finds it


@pytest.mark.parametrize("case_id", [UNKNOWN_ID, 0, -1, "x", "1.0", 2**63])
async def test_what_is_no_cases_id_is_not_found(plain_api: Api, case_id: Any):
    response = await plain_api.get(f"/business-cases/{case_id}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


async def test_a_stranger_finds_no_case_of_ours(plain_api: Api, stranger: Api):
    response = await stranger.get(f"/business-cases/{await plain_api.new_case()}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("deleted", ["case", "contact"])
async def test_a_deleted_case_and_one_of_a_deleted_contact_are_not_found(
    plain_api: Api, owner: psycopg.Connection, deleted: str
):
    client_id = await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    end_timeline(owner, case_id if deleted == "case" else client_id)
    response = await plain_api.get(f"/business-cases/{case_id}")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


async def test_a_create_writes_one_change_and_a_refused_one_none(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id = await plain_api.new_client()
    before, strangers = changes_of(owner, plain_api), changes_of(owner, stranger)
    case_id = await plain_api.new_case(clientId=client_id)
    await wrong_keys(plain_api, clientId=client_id, name=None)
    [change] = changes_of(owner, plain_api)[len(before) :]
    assert (change["type"], change["resource_id"]) == ("business-cases.created", case_id)
    assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    assert changes_of(owner, stranger) == strangers
