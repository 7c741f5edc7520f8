"""A status goes to another place on the board: an extension of the contract."""

from __future__ import annotations

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import new_status, statuses
from support.records import types_of_changes


async def test_the_others_make_way_and_only_the_moved_one_is_announced(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    a, b, c = [await new_status(plain_api) for _ in range(3)]
    other = [await new_status(stranger) for _ in range(2)]
    for status, body, order in (
        (c, {"position": 0}, [c, a, b]),
        (c, {"position": "1"}, [a, c, b]),
        (a, {"position": 99}, [c, b, a]),
        (c, {}, [b, a, c]),
        (b, {"position": None}, [a, c, b]),
    ):
        answer = await plain_api.put(f"/business-case-statuses/{status}/position", body)
        assert answer.status_code == 200
        assert answer.json() == (await plain_api.get(f"/business-case-statuses/{status}")).json()
        assert await statuses(plain_api) == order
    told = [types_of_changes(owner, plain_api, status).count("business-case-statuses.updated") for status in (a, b, c)]
    assert told == [1, 1, 3]
    assert await statuses(stranger) == other


async def test_where_it_stands_already_nothing_is_announced(plain_api: Api, owner: psycopg.Connection):
    a, b = [await new_status(plain_api) for _ in range(2)]
    for status, body in ((a, {"position": 0}), (b, {"position": 1}), (b, {"position": 7}), (b, {})):
        assert (await plain_api.put(f"/business-case-statuses/{status}/position", body)).status_code == 200
        assert types_of_changes(owner, plain_api, status) == ["business-case-statuses.created"]


async def test_a_new_one_is_the_last_also_after_others_have_gone(plain_api: Api):
    a, b, c = [await new_status(plain_api) for _ in range(3)]
    await plain_api.delete(f"/business-case-statuses/{a}")
    await plain_api.put(f"/business-case-statuses/{c}/position", {"position": 0})
    d = await new_status(plain_api)
    assert await statuses(plain_api) == [c, b, d]


@pytest.mark.parametrize("position", [-1, "x", 1.5, [], True])
async def test_what_is_no_place_is_a_complaint(plain_api: Api, position: object):
    status = await new_status(plain_api)
    answer = await plain_api.put(f"/business-case-statuses/{status}/position", {"position": position})
    assert errors_of(answer).keys() == {"position"}
