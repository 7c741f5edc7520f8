"""Many hands on one board: whatever they do at once, places stay whole, nothing is refused that could be done."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api, errors_of
from support.board import columns, new_status
from support.records import changes_of, end_timeline

from kronika.cases.actions import remove_cases_of, remove_status
from kronika.changes.models import SYSTEM
from kronika.db.pool import LOCK_WAIT_SECONDS, Database
from kronika.statuses.queries import lock_board


async def statuses_of(requests: Iterable[Awaitable[httpx2.Response]]) -> set[int]:
    return {answer.status_code for answer in await asyncio.gather(*requests)}


def told(owner: psycopg.Connection, api: Api, type_: str) -> list[int]:
    return [change["resource_id"] for change in changes_of(owner, api) if change["type"] == type_]


@pytest.fixture
async def board(plain_api: Api) -> dict[int | None, list[int]]:
    """Two statuses and none, six cases in each."""
    client_id = await plain_api.new_client()
    made: dict[int | None, list[int]] = {}
    for column in (None, await new_status(plain_api), await new_status(plain_api)):
        made[column] = [await plain_api.new_case(clientId=client_id, statusId=column) for _ in range(6)]
    return made


async def test_thirty_moves_at_once_lose_no_case_and_no_place(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, board: dict[int | None, list[int]]
):
    chance = random.Random(1)
    strangers = columns(owner, stranger)
    cases = [case_id for column in board.values() for case_id in column]
    moves = [
        plain_api.put(
            f"/business-cases/{chance.choice(cases)}/position",
            {"statusId": chance.choice(list(board)), "position": chance.randrange(8)},
        )
        for _ in range(30)
    ]
    assert await statuses_of(moves) == {200}
    found = columns(owner, plain_api)
    assert sorted(case_id for column in found.values() for case_id in column) == sorted(cases)
    assert columns(owner, stranger) == strangers


async def test_one_case_moved_from_all_sides_is_moved_once_for_each_announcement(
    plain_api: Api, owner: psycopg.Connection, board: dict[int | None, list[int]]
):
    case_id = board[None][0]
    places = [(column, place) for column in board for place in range(7)]
    answers = await asyncio.gather(
        *(plain_api.put(f"/business-cases/{case_id}/position", {"statusId": s, "position": p}) for s, p in places)
    )
    for (column, place), answer in zip(places, answers, strict=True):
        assert answer.json()["boardPosition"] in {place, 5}
        assert (answer.json()["status"] or {"id": None})["id"] == column
    moved = told(owner, plain_api, "business-cases.updated")
    assert set(moved) == {case_id}
    # Those that asked for where it stood already are not announced.
    assert 3 <= len(moved) <= len(places)
    columns(owner, plain_api)


async def test_everything_at_once(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, database: Database, board: dict[int | None, list[int]]
):
    none, going, staying = board
    client_id, leaving = await plain_api.new_client(), await plain_api.new_client()
    for column in board:
        await plain_api.new_case(clientId=leaving, statusId=column)
    strangers_client, strangers_status = await stranger.new_client(), await new_status(stranger)

    def create(api: Api, client: int, status: int | None, key: str | None = None) -> Awaitable[httpx2.Response]:
        return api.post("/business-cases", {"name": "x", "clientId": client, "statusId": status}, key=key)

    def move(case_id: int, **body: Any) -> Awaitable[httpx2.Response]:
        return plain_api.put(f"/business-cases/{case_id}/position", body)

    async def contact_leaves() -> httpx2.Response:
        async with database.transaction(plain_api.company_id) as transaction:
            await remove_cases_of(transaction, leaving, SYSTEM)
        return httpx2.Response(204)

    seen = await statuses_of([
        *(create(plain_api, client_id, column, f"k{n}" if n % 2 else None) for column in board for n in range(4)),
        *(create(stranger, strangers_client, strangers_status) for _ in range(4)),
        plain_api.delete(f"/business-case-statuses/{going}"),
        plain_api.delete(f"/business-case-statuses/{going}"),
        *(move(case_id, statusId=staying, position=0) for case_id in board[none][:3]),
        *(move(case_id, statusId=going, position=1) for case_id in board[staying][:3]),
        *(plain_api.patch(f"/business-cases/{case_id}", {"statusId": None}) for case_id in board[staying][2:4]),
        *(plain_api.patch(f"/business-cases/{case_id}", {"name": "Renamed"}) for case_id in board[going][:2]),
        contact_leaves(),
        *(plain_api.delete(f"/business-cases/{column[5]}") for column in board.values()),
        *(plain_api.record(businessCaseId=column[5]) for column in board.values()),
        *(plain_api.post("/business-case-statuses", {"name": f"S{n}", "color": "#000"}) for n in range(3)),
        plain_api.put(f"/business-case-statuses/{going}", {"name": "Renamed", "color": "#000"}),
    ])  # fmt: skip
    # Who came after the deletion of the status, or of the case, is told so.
    assert seen <= {200, 201, 204, 404, 422}
    found = columns(owner, plain_api)
    assert going not in found
    living = [case_id for column in found.values() for case_id in column]
    created = told(owner, plain_api, "business-cases.created")
    deleted = told(owner, plain_api, "business-cases.deleted")
    assert sorted(living) == sorted(set(created) - set(deleted))
    assert len(deleted) == len(set(deleted)) == 6
    assert len(columns(owner, stranger)[strangers_status]) == 4


# What is judged stays as it was judged until the work is done


async def wait_for_the_board(owner: psycopg.Connection, waiting: int) -> None:
    """Until so many transactions wait for a lock of this kind."""
    async with asyncio.timeout(LOCK_WAIT_SECONDS):
        while True:
            row = owner.execute(
                "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).fetchone()
            if row["n"] == waiting:
                return
            await asyncio.sleep(0)


def row_locks_of_who_waits(owner: psycopg.Connection) -> list[str]:
    """Tables that they have locked rows of before: there must be none, or two could wait for each other."""
    rows = owner.execute(
        """
        SELECT DISTINCT l.relation::regclass::text AS name
        FROM pg_locks l JOIN pg_locks w ON w.pid = l.pid AND w.locktype = 'advisory' AND NOT w.granted
        WHERE l.locktype = 'relation' AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    )
    return [row["name"] for row in rows]


@pytest.mark.parametrize("deleted", ["status", "contact"])
async def test_who_waited_for_the_board_sees_what_was_deleted_meanwhile(
    plain_api: Api, new_api: Callable[..., Awaitable[Api]], database: Database, owner: psycopg.Connection, deleted: str
):
    # Each as in a process of its own: in one, they would wait for each other before they reach the database.
    second, third = [await new_api(company_id=plain_api.company_id, rate_limit=limit) for limit in (10**6, 10**6 + 1)]
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api)
    elsewhere = await plain_api.new_case()
    case_id = await plain_api.new_case(clientId=client_id)
    body = {"name": "x", "clientId": client_id, "statusId": status_id}
    async with database.transaction(plain_api.company_id) as transaction:
        await lock_board(transaction)
        creating = asyncio.create_task(plain_api.post("/business-cases", body, key="k"))
        changing = asyncio.create_task(second.patch(f"/business-cases/{elsewhere}", {"statusId": status_id}))
        moving = asyncio.create_task(third.put(f"/business-cases/{case_id}/position", {"statusId": status_id}))
        await wait_for_the_board(owner, 3)
        if deleted == "status":
            await remove_status(transaction, status_id, SYSTEM)
        else:
            await remove_cases_of(transaction, client_id, SYSTEM)
            end_timeline(owner, client_id)
    unknown = ["This does not exist."]
    if deleted == "status":
        for refused in (await creating, await changing, await moving):
            assert errors_of(refused) == {"statusId": unknown}
        assert columns(owner, plain_api) == {None: [elsewhere, case_id]}
    else:
        assert errors_of(await creating) == {"clientId": unknown}
        assert (await moving).status_code == 404
        assert (await changing).status_code == 200
        assert columns(owner, plain_api) == {status_id: [elsewhere]}


@pytest.mark.parametrize(
    "verb",
    ["create", "change", "move", "delete", "delete all of a contact", "create a status", "delete a status"],
)
async def test_every_verb_waits_for_the_board(plain_api: Api, database: Database, owner: psycopg.Connection, verb: str):
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api)
    case = f"/business-cases/{await plain_api.new_case(clientId=client_id)}"

    async def all_of_the_contact() -> None:
        async with database.transaction(plain_api.company_id) as transaction:
            await remove_cases_of(transaction, client_id, SYSTEM)

    verbs: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "create": lambda: plain_api.post("/business-cases", {"name": "x", "clientId": client_id}),
        "change": lambda: plain_api.patch(case, {"name": "x"}),
        "move": lambda: plain_api.put(f"{case}/position", {"statusId": status_id}),
        "delete": lambda: plain_api.delete(case),
        "delete all of a contact": all_of_the_contact,
        "create a status": lambda: new_status(plain_api),
        "delete a status": lambda: plain_api.delete(f"/business-case-statuses/{status_id}"),
    }
    before = changes_of(owner, plain_api)
    async with database.transaction(plain_api.company_id) as transaction:
        await lock_board(transaction)
        waiting = asyncio.create_task(verbs[verb]())
        await wait_for_the_board(owner, 1)
        assert not row_locks_of_who_waits(owner)
    await waiting
    assert len(changes_of(owner, plain_api)) == len(before) + 1


async def test_one_companys_board_does_not_hold_up_another(plain_api: Api, stranger: Api, database: Database):
    case_id = await stranger.new_case()
    async with database.transaction(plain_api.company_id) as transaction:
        await lock_board(transaction)
        assert (await stranger.put(f"/business-cases/{case_id}/position", {"position": 0})).status_code == 200
