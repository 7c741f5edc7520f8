"""Two people at one board, and programs beside them: whatever they do at once, places stay whole, no case is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterable

import httpx2
import psycopg
from support.api import Api
from support.board import columns, new_status, statuses
from support.people import Person
from support.records import types_of_changes

SCRIPT = {"X-Part": "1"}


async def answered(requests: Iterable[Awaitable[httpx2.Response]]) -> set[int]:
    return {answer.status_code for answer in await asyncio.gather(*requests)}


def all_of(board: dict[int | None, list[int]]) -> list[int]:
    return sorted(case for column in board.values() for case in column)


async def new_board(api: Api, cases: int = 5) -> dict[int | None, list[int]]:
    client_id = await api.new_client()
    return {
        column: [await api.new_case(clientId=client_id, statusId=column) for _ in range(cases)]
        for column in (None, await new_status(api), await new_status(api))
    }


async def test_two_who_move_different_cards_at_once_get_what_they_meant(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    board = await new_board(plain_api)
    none, offer, won = board
    a, b, c, d, e = board[offer]
    x, y, *rest = board[none]

    def move(who: Person, case: int, column: int | None, before: int, behind: int) -> Awaitable[httpx2.Response]:
        said = {"column": column or 0, "before": before or "", "behind": behind or ""}
        return who.submit(f"{jana.company}/cases/{case}/move", said, headers=SCRIPT)

    # Both put a card between the same two, and one of these leaves.
    assert await answered([
        move(jana, x, offer, c, b), move(peter, y, offer, c, b), move(peter, c, won, board[won][0], 0),
        move(jana, e, offer, a, 0),
    ]) == {204}  # fmt: skip
    found = columns(owner, plain_api)
    assert found[won] == [c, *board[won]]
    assert found[none] == rest
    between = found[offer][found[offer].index(b) + 1 : found[offer].index(d)]
    assert found[offer][:3] == [e, a, b]
    assert set(between) == {x, y}


async def test_two_who_move_the_same_card_at_once_leave_it_in_one_place(
    jana: Person, peter: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    board = await new_board(plain_api)
    none, offer, won = board
    strangers = columns(owner, stranger)
    case = board[none][2]
    moves = [
        who.submit(
            f"{jana.company}/cases/{case}/move", {"column": column or 0, "before": board[column][1]}, headers=SCRIPT
        )
        for column in (offer, won, none)
        for who in (jana, peter)
    ]
    assert await answered(moves) == {204}
    found = columns(owner, plain_api)
    (column,) = [column for column, cases in found.items() if case in cases]
    others = [one for one in found[column] if one != case]
    assert found[column].index(case) == others.index(board[column][1])
    assert sorted(one for cases in found.values() for one in cases) == sorted(
        one for cases in board.values() for one in cases
    )
    assert columns(owner, stranger) == strangers


async def test_everything_that_pages_do_to_a_board_at_once(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    chance = random.Random(3)
    board = await new_board(plain_api)
    _, staying, going = board
    here = f"{jana.company}/cases"
    cases = [case for column in board.values() for case in column]

    def move() -> Awaitable[httpx2.Response]:
        said = {
            "column": chance.choice(list(board)) or 0,
            "before": chance.choice(cases),
            "behind": chance.choice(cases),
        }
        return chance.choice([jana, peter]).submit(f"{here}/{chance.choice(cases)}/move", said, headers=SCRIPT)

    seen = await answered([
        *(move() for _ in range(12)),
        peter.submit(f"{here}/columns/{going}/move", {"before": staying}, headers=SCRIPT),
        jana.submit(f"{here}/columns/{staying}/move", {"before": going}, headers=SCRIPT),
        jana.submit(f"{here}/columns/new", {"name": "New", "color": "#000"}),
        peter.submit(f"{here}/columns/{going}/delete", {"name": "nothing like it"}),
        *(plain_api.put(f"/business-cases/{case}/position", {"statusId": staying}) for case in cases[:3]),
        plain_api.delete(f"/business-case-statuses/{going}"),
        jana.submit(f"{here}/{cases[4]}/delete", {"name": "nothing like it"}),
        plain_api.delete(f"/business-cases/{cases[7]}"),
        *(move() for _ in range(12)),
    ])  # fmt: skip
    assert seen <= {200, 204, 303, 404, 422}
    found = columns(owner, plain_api)
    assert going not in found
    assert all_of(found) == sorted(set(cases) - {cases[7]})


async def test_columns_moved_from_two_sides_stay_each_once_and_no_two_are_at_one_place(
    jana: Person, peter: Person, plain_api: Api, owner: psycopg.Connection
):
    made = [await new_status(plain_api) for _ in range(5)]
    chance = random.Random(5)
    moves = [
        chance.choice([jana, peter]).submit(
            f"{jana.company}/cases/columns/{chance.choice(made)}/move",
            {"before": chance.choice([*made, 0])},
            headers=SCRIPT,
        )
        for _ in range(20)
    ]
    programs = [plain_api.put(f"/business-case-statuses/{status}/position", {"position": 2}) for status in made]
    assert await answered([*moves, *programs]) == {200, 204}
    assert sorted(await statuses(plain_api)) == sorted(made)
    rows = owner.execute(
        "SELECT position FROM business_case_statuses WHERE company_id = %s ORDER BY position", [plain_api.company_id]
    )
    assert [row["position"] for row in rows] == list(range(5))
    assert all(len(types_of_changes(owner, plain_api, status)) >= 1 for status in made)
