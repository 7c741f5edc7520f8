"""Statuses: the columns of the board, in the order they were made."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import new_status, statuses
from support.records import changes_of, types_of_changes
from support.tables import rows_of

PATH = "/business-case-statuses"
NOT_FOUND = {"message": "No query results for model."}
NEGOTIATION = {"name": "Negotiation", "color": "#22aa44"}


async def test_a_status_comes_back_as_it_was_sent_and_is_found(plain_api: Api, stranger: Api):
    response = await plain_api.post(PATH, {"name": " Negotiation\u00a0", "color": " #22aA44 ", "position": 7})
    assert response.status_code == 201
    status_id = response.json()["id"]
    assert response.json() == {"id": status_id, "name": "Negotiation", "color": "#22aA44"}
    assert (await plain_api.get(f"{PATH}/{status_id}")).content == response.content
    foreign = await stranger.get(f"{PATH}/{status_id}")
    assert (foreign.status_code, foreign.json()) == (404, NOT_FOUND)


async def test_statuses_are_listed_whole_in_the_order_they_were_made(plain_api: Api, stranger: Api):
    assert (await plain_api.get(PATH)).json() == {"data": []}
    await new_status(stranger)
    made = [(await plain_api.post(PATH, {"name": name, "color": "#000"})).json() for name in "CABDEFGHIJKL"]
    # No paging here: what the lists with pages understand is ignored.
    assert (await plain_api.get(PATH, params={"perPage": "x", "page": 2})).json() == {"data": made}
    assert len((await stranger.get(PATH)).json()["data"]) == 1


async def test_twenty_statuses_at_once_get_twenty_places(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    await asyncio.gather(*(new_status(api) for _ in range(20) for api in (plain_api, stranger)))
    for api in (plain_api, stranger):
        rows = owner.execute("SELECT position FROM business_case_statuses WHERE company_id = %s", [api.company_id])
        assert sorted(row["position"] for row in rows) == list(range(20))


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_name_and_colour_are_both_needed_within_their_limits(
    plain_api: Api, owner: psycopg.Connection, method: str
):
    path = PATH if method == "POST" else f"{PATH}/{await new_status(plain_api)}"
    before = rows_of(owner, plain_api.company_id)

    async def wrong(**fields: Any) -> set[str]:
        return set(errors_of(await plain_api.request(method, path, json=NEGOTIATION | fields)))

    assert set(errors_of(await plain_api.request(method, path, json={}))) == {"name", "color"}
    for nothing in (None, "", " \u200b"):
        assert await wrong(name=nothing, color=nothing) == {"name", "color"}
    for no_text in (5, True, [], {}, "nul\0"):
        assert await wrong(name=no_text, color=no_text) == {"name", "color"}
    assert await wrong(name="é" * 256) == {"name"}
    for color in (
        "22aa44",
        "#22aa4",
        "#22aa444",
        "#2a",
        "#2a4f",
        "#gggggg",
        "green",
        "#22 a44",
        "#\uff11\uff12\uff13",
        "# 2a4",
    ):
        assert await wrong(color=color) == {"color"}, color
    assert rows_of(owner, plain_api.company_id) == before
    longest = {"name": "é" * 255, "color": "#AbC"}
    response = await plain_api.request(method, path, json=longest)
    assert response.is_success
    assert response.json() == {"id": response.json()["id"], **longest}


async def test_a_wrong_colour_is_told_in_the_readers_language(plain_api: Api):
    bad = NEGOTIATION | {"color": "green"}
    assert errors_of(await plain_api.post(PATH, bad)) == {"color": ["This must be a colour like #22aa44."]}
    slovak = await plain_api.post(PATH, bad, headers={"Accept-Language": "sk"})
    assert errors_of(slovak) == {"color": ["Hodnota musí byť farba v tvare #22aa44."]}


async def test_a_status_is_created_once_for_its_key(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    answers = await asyncio.gather(*(plain_api.post(PATH, NEGOTIATION, key="one") for _ in range(10)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    told = sorted(answer.headers["idempotency-status"] for answer in answers)
    assert told == ["Original", *["Repeated"] * 9]
    other = await plain_api.post(PATH, NEGOTIATION | {"name": "Won"}, key="one")
    assert (other.status_code, other.json()) == (
        422, {"error": "Idempotency-Key reused with different request payload"},
    )  # fmt: skip
    assert len(await statuses(plain_api)) == 1
    assert await statuses(stranger) == []
    assert [change["type"] for change in changes_of(owner, plain_api)] == ["business-case-statuses.created"]


async def test_a_put_replaces_name_and_colour_and_keeps_the_place(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    first, second = await new_status(plain_api), await new_status(plain_api)
    case_id = await plain_api.new_case(statusId=first)
    strangers = changes_of(owner, stranger)
    response = await plain_api.put(f"{PATH}/{first}", {"name": "Won", "color": "#FC0"})
    assert (response.status_code, response.json()) == (200, {"id": first, "name": "Won", "color": "#FC0"})
    assert (await plain_api.get(f"{PATH}/{first}")).content == response.content
    assert (await plain_api.get(f"/business-cases/{case_id}")).json()["status"] == response.json()
    assert await statuses(plain_api) == [first, second]
    change = changes_of(owner, plain_api)[-1]
    assert (change["type"], change["resource_id"]) == ("business-case-statuses.updated", first)
    assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    assert changes_of(owner, stranger) == strangers


async def test_a_put_that_changes_nothing_is_announced_to_nobody(plain_api: Api, owner: psycopg.Connection):
    status = (await plain_api.post(PATH, NEGOTIATION)).json()
    before = changes_of(owner, plain_api)
    response = await plain_api.put(f"{PATH}/{status['id']}", {"name": " Negotiation ", "color": "#22aa44", "x": 1})
    assert (response.status_code, response.json()) == (200, status)
    assert changes_of(owner, plain_api) == before
    # The case of its letters is a change: a colour is kept as it was written.
    assert (await plain_api.put(f"{PATH}/{status['id']}", NEGOTIATION | {"color": "#22AA44"})).status_code == 200
    assert len(changes_of(owner, plain_api)) == len(before) + 1


async def test_puts_at_once_leave_one_of_them_and_a_change_for_each(plain_api: Api, owner: psycopg.Connection):
    status_id = await new_status(plain_api)
    wanted = [{"name": f"Name {n}", "color": f"#00000{n}"} for n in range(10)]
    answers = await asyncio.gather(*(plain_api.put(f"{PATH}/{status_id}", body) for body in wanted))
    assert [answer.json() for answer in answers] == [{"id": status_id, **body} for body in wanted]
    last = (await plain_api.get(f"{PATH}/{status_id}")).json()
    assert last in [answer.json() for answer in answers]
    assert types_of_changes(owner, plain_api, status_id) == [
        "business-case-statuses.created", *["business-case-statuses.updated"] * 10,
    ]  # fmt: skip


async def test_the_same_put_many_times_at_once_is_one_change(plain_api: Api, owner: psycopg.Connection):
    status_id = await new_status(plain_api)
    answers = await asyncio.gather(*(plain_api.put(f"{PATH}/{status_id}", NEGOTIATION) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert types_of_changes(owner, plain_api, status_id) == [
        "business-case-statuses.created", "business-case-statuses.updated",
    ]  # fmt: skip


async def test_an_unknown_status_is_404_before_anything_is_said_of_the_body(plain_api: Api, stranger: Api):
    gone = await new_status(plain_api)
    await plain_api.delete(f"{PATH}/{gone}")
    for status_id in (gone, await new_status(stranger), 999_999_999, "x"):
        for options in ({"json": {}}, {"content": b"{"}, {"json": NEGOTIATION}):
            response = await plain_api.request("PUT", f"{PATH}/{status_id}", **options)
            assert (response.status_code, response.json()) == (404, NOT_FOUND)
    unreadable = await plain_api.request("PUT", f"{PATH}/{await new_status(plain_api)}", content=b"{")
    assert set(errors_of(unreadable)) == {"body"}


# Deletion


async def test_a_deleted_status_is_gone_for_everybody_and_its_row_stays(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    first, second, third = [await new_status(plain_api) for _ in range(3)]
    client_id = await plain_api.new_client()
    assert (await stranger.delete(f"{PATH}/{second}")).status_code == 404
    response = await plain_api.delete(f"{PATH}/{second}")
    assert (response.status_code, response.content) == (204, b"")
    assert await statuses(plain_api) == [first, third]
    for again in (
        await plain_api.get(f"{PATH}/{second}"),
        await plain_api.put(f"{PATH}/{second}", NEGOTIATION),
        await plain_api.delete(f"{PATH}/{second}"),
    ):
        assert (again.status_code, again.json()) == (404, NOT_FOUND)
    refused = await plain_api.post("/business-cases", {"name": "x", "clientId": client_id, "statusId": second})
    assert errors_of(refused) == {"statusId": ["This does not exist."]}
    kept = owner.execute("SELECT deleted_at FROM business_case_statuses WHERE id = %s", [second]).fetchone()
    assert kept["deleted_at"] is not None
    assert types_of_changes(owner, plain_api, second) == [
        "business-case-statuses.created", "business-case-statuses.deleted",
    ]  # fmt: skip
    assert await statuses(plain_api) == [first, third]
    fourth = await new_status(plain_api)
    assert await statuses(plain_api) == [first, third, fourth]


async def test_deleted_ten_times_at_once_it_is_deleted_once(plain_api: Api, owner: psycopg.Connection):
    status_id = await new_status(plain_api)
    await plain_api.new_case(statusId=status_id)
    answers = await asyncio.gather(*(plain_api.delete(f"{PATH}/{status_id}") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [204, *[404] * 9]
    told = [change["type"] for change in changes_of(owner, plain_api)]
    assert told.count("business-case-statuses.deleted") == told.count("business-cases.updated") == 1
