"""The place of a case on the board: moved in one step, the others make way."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import columns, new_status
from support.records import changes_of

UNKNOWN_ID = 999_999_999


@pytest.fixture
async def column(plain_api: Api) -> list[int]:
    """Four cases without a status, in their order."""
    client_id = await plain_api.new_client()
    return [await plain_api.new_case(clientId=client_id) for _ in range(4)]


@pytest.fixture
async def status_id(plain_api: Api) -> int:
    return await new_status(plain_api)


async def move(api: Api, case_id: int, **body: Any) -> dict[str, Any]:
    response = await api.put(f"/business-cases/{case_id}/position", body)
    assert response.status_code == 200, response.text
    assert (await api.get(f"/business-cases/{case_id}")).content == response.content
    return response.json()


@pytest.mark.parametrize(
    ("case", "position", "then"),
    [
        (0, 2, [1, 2, 0, 3]),
        (0, 3, [1, 2, 3, 0]),
        (3, 0, [3, 0, 1, 2]),
        (2, 1, [0, 2, 1, 3]),
        (1, "2", [0, 2, 1, 3]),
        (0, 4, [1, 2, 3, 0]),
        (0, 2**63 - 1, [1, 2, 3, 0]),
    ],
)
async def test_within_its_column_a_case_takes_the_place_it_is_given(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, *,
    column: list[int], case: int, position: Any, then: list[int],
):  # fmt: skip
    strangers = columns(owner, stranger)
    moved = await move(plain_api, column[case], position=position)
    assert moved["boardPosition"] == then.index(case)
    assert columns(owner, plain_api) == {None: [column[n] for n in then]}
    assert columns(owner, stranger) == strangers


async def test_without_a_place_a_case_goes_to_the_end_and_without_a_status_stays_in_its_column(
    plain_api: Api, owner: psycopg.Connection, column: list[int], status_id: int
):
    first, second, third, fourth = column
    await move(plain_api, first)
    assert columns(owner, plain_api) == {None: [second, third, fourth, first]}
    await move(plain_api, second, position=None)
    assert columns(owner, plain_api) == {None: [third, fourth, first, second]}
    await move(plain_api, third, statusId=status_id)
    assert columns(owner, plain_api) == {None: [fourth, first, second], status_id: [third]}
    await move(plain_api, third, position=0)
    assert columns(owner, plain_api) == {None: [fourth, first, second], status_id: [third]}
    await move(plain_api, third, statusId=None)
    assert columns(owner, plain_api) == {None: [fourth, first, second, third]}


async def test_into_another_column_a_case_goes_where_it_is_told(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, *, column: list[int], status_id: int
):
    first, second, third, fourth = column
    strangers = columns(owner, stranger)
    moved = await move(plain_api, second, statusId=str(status_id), position=5)
    assert (moved["status"]["id"], moved["boardPosition"]) == (status_id, 0)
    await move(plain_api, third, statusId=status_id, position=0)
    await move(plain_api, fourth, statusId=status_id, position=1)
    assert columns(owner, plain_api) == {None: [first], status_id: [third, fourth, second]}
    await move(plain_api, fourth, statusId=None, position=0)
    assert columns(owner, plain_api) == {None: [fourth, first], status_id: [third, second]}
    assert columns(owner, stranger) == strangers


async def test_the_moved_case_alone_is_announced_and_changes_its_time(
    plain_api: Api, owner: psycopg.Connection, column: list[int], status_id: int
):
    owner.execute(
        "UPDATE business_cases SET updated_at = '2026-01-02T10:00:00Z' WHERE company_id = %s", [plain_api.company_id]
    )
    for place, body in enumerate(({"position": 0}, {"statusId": status_id}), start=2):
        before = changes_of(owner, plain_api)
        await move(plain_api, column[place], **body)
        [change] = changes_of(owner, plain_api)[len(before) :]
        assert (change["type"], change["resource_id"]) == ("business-cases.updated", column[place])
        assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    moved = owner.execute(
        "SELECT id FROM business_cases WHERE company_id = %s AND updated_at > '2026-01-02T10:00:00Z'",
        [plain_api.company_id],
    )
    assert {row["id"] for row in moved} == {column[2], column[3]}


async def test_a_move_to_where_it_stands_changes_nothing_and_is_announced_to_nobody(
    plain_api: Api, owner: psycopg.Connection, column: list[int]
):
    owner.execute(
        "UPDATE business_cases SET updated_at = '2026-01-02T10:00:00Z' WHERE company_id = %s", [plain_api.company_id]
    )
    before = changes_of(owner, plain_api)
    for case, body in (
        (1, {"position": 1}),
        (1, {"statusId": None, "position": 1}),
        (3, {}),
        (3, {"position": 9}),
        (3, {"statusId": None}),
    ):
        moved = await move(plain_api, column[case], **body)
        assert moved["updatedAt"] == "2026-01-02T11:00:00+01:00"
    assert columns(owner, plain_api) == {None: column}
    assert changes_of(owner, plain_api) == before


async def test_a_wrong_place_is_told_and_moves_nothing(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, *, column: list[int], status_id: int
):
    path = f"/business-cases/{column[1]}/position"
    gone = await new_status(plain_api)
    await plain_api.delete(f"/business-case-statuses/{gone}")
    for position in (-1, 1.5, "x", True, [], {}, 2**63, "nul\0"):
        told = errors_of(await plain_api.put(path, {"position": position, "statusId": status_id}))
        assert set(told) == {"position"}, position
    for status in (UNKNOWN_ID, await new_status(stranger), gone, 0, -1, "x", True):
        told = errors_of(await plain_api.put(path, {"position": 0, "statusId": status}))
        assert set(told) == {"statusId"}, status
    both = errors_of(await plain_api.put(path, {"position": -1, "statusId": UNKNOWN_ID}))
    assert both == {"position": ["This must be at least 0."], "statusId": ["This does not exist."]}
    assert set(errors_of(await plain_api.request("PUT", path, content=b"3"))) == {"body"}
    assert columns(owner, plain_api) == {None: column}
