"""The board of a company: its columns, as the database holds them and as the API makes them."""

from __future__ import annotations

import itertools
from typing import Any

import psycopg

from support.api import Api

_numbers = itertools.count(1)


async def new_status(api: Api, **fields: Any) -> int:
    """The id of a new status."""
    body = {"name": f"Status {next(_numbers)}", "color": "#22aa44", **fields}
    return (await api.post("/business-case-statuses", body)).json()["id"]


async def statuses(api: Api) -> list[int]:
    """The ids of the company's statuses, in their order."""
    return [status["id"] for status in (await api.get("/business-case-statuses")).json()["data"]]


def columns(owner: psycopg.Connection, api: Api) -> dict[int | None, list[int]]:
    """The living cases of every column that has some, in their order; fails where their places are not 0, 1, 2 …"""
    rows = owner.execute(
        "SELECT id, status_id, board_position FROM business_cases WHERE company_id = %s AND deleted_at IS NULL"
        " ORDER BY board_position, id",
        [api.company_id],
    ).fetchall()
    found: dict[int | None, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["status_id"], []).append(row)
    for status_id, cases in found.items():
        places = [case["board_position"] for case in cases]
        assert places == list(range(len(cases))), f"places {places} in the column {status_id}"
    return {status_id: [case["id"] for case in cases] for status_id, cases in found.items()}
