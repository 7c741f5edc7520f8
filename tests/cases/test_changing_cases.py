"""A PATCH of a business case: what is sent changes, what is not sent stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import columns, new_status
from support.records import changes_of, end_timeline

NOT_FOUND = {"message": "No query results for model."}
UNKNOWN_ID = 999_999_999


@pytest.fixture
async def case(plain_api: Api, owner: psycopg.Connection) -> dict[str, Any]:
    """A case with everything, last changed long ago."""
    case_id = await plain_api.new_case(
        supplierId=await plain_api.new_supplier(),
        name="Roof",
        description="Tiles",
        statusId=await new_status(plain_api, name="Negotiation", color="#22aa44"),
    )
    owner.execute(
        "UPDATE business_cases SET created_at = '2026-01-02T10:00:00Z', updated_at = '2026-01-02T10:00:00Z'"
        " WHERE id = %s",
        [case_id],
    )
    return (await plain_api.get(f"/business-cases/{case_id}")).json()


def path_of(case: dict[str, Any]) -> str:
    return f"/business-cases/{case['id']}"


@pytest.mark.parametrize(
    ("sent", "then"),
    [
        ({"name": " Barn "}, {"name": "Barn"}),
        ({"description": "Tin\nor tiles?"}, {"description": "Tin\nor tiles?"}),
        ({"description": None}, {"description": None}),
        ({"description": " "}, {"description": None}),
        ({"statusId": None}, {"status": None}),
        ({"statusId": ""}, {"status": None}),
        ({"name": "Barn", "description": None, "statusId": None, "clientId": None, "supplierId": "", "mood": 1},
         {"name": "Barn", "description": None, "status": None}),
    ],
)  # fmt: skip
async def test_what_is_sent_changes_and_nothing_else(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, *,
    case: dict[str, Any], sent: dict[str, Any], then: dict[str, Any],
):  # fmt: skip
    before, strangers = changes_of(owner, plain_api), changes_of(owner, stranger)
    response = await plain_api.patch(path_of(case), sent)
    changed = response.json()
    assert response.status_code == 200
    assert datetime.fromisoformat(changed["updatedAt"]) > datetime.fromisoformat(case["updatedAt"])
    assert changed == case | then | {"updatedAt": changed["updatedAt"]}
    assert (await plain_api.get(path_of(case))).content == response.content
    [change] = changes_of(owner, plain_api)[len(before) :]
    assert (change["type"], change["resource_id"]) == ("business-cases.updated", case["id"])
    assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    assert changes_of(owner, stranger) == strangers


async def test_what_changes_nothing_keeps_the_time_and_is_announced_to_nobody(
    plain_api: Api, owner: psycopg.Connection, case: dict[str, Any]
):
    await plain_api.new_case(statusId=case["status"]["id"])
    before = changes_of(owner, plain_api)
    for nothing in (
        {},
        {"mood": "good"},
        {"clientId": None, "supplierId": None},
        {"name": " Roof", "description": "Tiles "},
        {"statusId": str(case["status"]["id"])},
    ):
        response = await plain_api.patch(path_of(case), nothing)
        assert (response.status_code, response.json()) == (200, case)
    assert changes_of(owner, plain_api) == before


async def test_what_is_wrong_is_told_all_at_once_and_changes_nothing(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, case: dict[str, Any]
):
    gone = await new_status(plain_api)
    await plain_api.delete(f"/business-case-statuses/{gone}")
    before = changes_of(owner, plain_api)

    async def wrong(**fields: Any) -> dict[str, list[str]]:
        return errors_of(await plain_api.patch(path_of(case), fields))

    for nothing in (None, "", " \u00a0"):
        assert await wrong(name=nothing) == {"name": ["This field is required."]}
    for unknown in (UNKNOWN_ID, await new_status(stranger), gone, 0, case["id"]):
        assert await wrong(statusId=unknown) == {"statusId": ["This does not exist."]}
    for field in ("clientId", "supplierId"):
        for anything in (case["contactId"], "x", False, [], {}):
            assert await wrong(**{field: anything}) == {field: ["This cannot be changed."]}
    assert set(await wrong(name="é" * 256, description="é" * 32_768)) == {"name", "description"}
    told = await wrong(name=5, description=[], statusId=UNKNOWN_ID, clientId=1, supplierId=1)
    assert set(told) == {"name", "description", "statusId", "clientId", "supplierId"}
    assert set(await wrong(name="nul\0", description="nul\0", clientId=2**70)) == {"name", "description", "clientId"}
    assert set(errors_of(await plain_api.request("PATCH", path_of(case), content=b"[]"))) == {"body"}
    assert (await plain_api.get(path_of(case))).json() == case
    assert changes_of(owner, plain_api) == before


async def test_an_unknown_case_is_404_before_anything_is_said_of_the_body(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, case: dict[str, Any]
):
    gone, orphan = await plain_api.new_case(), await plain_api.new_case()
    await plain_api.delete(f"/business-cases/{gone}")
    contact = (await plain_api.get(f"/business-cases/{orphan}")).json()["contactId"]
    end_timeline(owner, contact)
    for case_id in (gone, orphan, await stranger.new_case(), case["contactId"], UNKNOWN_ID, "x"):
        for method, path in (("PATCH", f"/business-cases/{case_id}"), ("PUT", f"/business-cases/{case_id}/position")):
            for options in ({"json": {"name": None, "position": -1}}, {"content": b"{"}, {"json": {}}):
                response = await plain_api.request(method, path, **options)
                assert (response.status_code, response.json()) == (404, NOT_FOUND)


async def test_in_another_column_a_case_stands_last_and_its_old_column_closes_up(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api)
    ours = [await plain_api.new_case(clientId=client_id) for _ in range(3)]
    there = [await plain_api.new_case(clientId=client_id, statusId=status_id) for _ in range(2)]
    strangers = columns(owner, stranger)
    before = changes_of(owner, plain_api)
    times = owner.execute("SELECT id, updated_at FROM business_cases WHERE id <> %s ORDER BY id", [ours[0]]).fetchall()
    moved = (await plain_api.patch(f"/business-cases/{ours[0]}", {"statusId": status_id})).json()
    assert (moved["status"]["id"], moved["boardPosition"]) == (status_id, 2)
    assert columns(owner, plain_api) == {None: ours[1:], status_id: [*there, ours[0]]}
    back = (await plain_api.patch(f"/business-cases/{there[0]}", {"statusId": None, "name": "Back"})).json()
    assert (back["status"], back["boardPosition"], back["name"]) == (None, 2, "Back")
    assert columns(owner, plain_api) == {None: [*ours[1:], there[0]], status_id: [there[1], ours[0]]}
    # Of the others only the places change.
    assert [change["resource_id"] for change in changes_of(owner, plain_api)[len(before) :]] == [ours[0], there[0]]
    moved_ids = {ours[0], there[0]}
    untouched = [row for row in times if row["id"] not in moved_ids]
    now = owner.execute("SELECT id, updated_at FROM business_cases WHERE id <> %s ORDER BY id", [ours[0]]).fetchall()
    assert [row for row in now if row["id"] not in moved_ids] == untouched
    assert columns(owner, stranger) == strangers
