"""What happens on a board is told to those who look at it: ids and columns, and nothing of what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest
from support.api import Api
from support.board import new_status
from support.couriers import until
from support.people import Person
from support.watching import Watching, watching

from kronika.app import create_app
from kronika.cases.column_queries import columns_of_cases
from kronika.changes import following, stream
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files
from kronika.web.board import news

Watch = Callable[..., AbstractAsyncContextManager[Watching]]


@pytest.fixture
def watch(database: Database, hasher: Hasher, files: Files, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))

    def watch(person: Person, company: str) -> AbstractAsyncContextManager[Watching]:
        return watching(app, f"{company}/cases/live", "", cookie=f"kronika={person.session}")

    return watch


def told(there: Watching) -> dict[str, set[int]]:
    """All that was told so far, put together."""
    pieces: list[dict[str, Any]] = [json.loads(data) for data in re.findall(rb"event: news\ndata: (.*)\n", there.sent)]
    found = {name: {id_ for piece in pieces for id_ in piece[name]} for name in ("cases", "columns", "contacts")}
    return found | {"statuses": {int(piece["statuses"]) for piece in pieces}}


async def test_what_concerns_the_board_is_told_and_nothing_else(
    jana: Person, eve: Person, plain_api: Api, stranger: Api, watch: Watch
):
    status_id, client_id = await new_status(plain_api, name="Secret"), await plain_api.new_client()
    async with watch(jana, jana.company) as there, watch(eve, eve.company) as theirs:
        await until(lambda: b"id: " in there.sent and b"id: " in theirs.sent)
        await plain_api.record(clientId=client_id)
        case = await plain_api.new_case(name="Secret", clientId=client_id)
        await until(lambda: told(there)["cases"] == {case})
        assert told(there)["columns"] == {0}
        await plain_api.put(f"/business-cases/{case}/position", {"statusId": status_id})
        await until(lambda: told(there)["columns"] == {0, status_id})
        await plain_api.put(f"/clients/{client_id}", {"name": "Secret"})
        await until(lambda: told(there)["contacts"] == {client_id})
        assert told(there)["statuses"] == {0}
        await plain_api.put(f"/business-case-statuses/{status_id}", {"name": "Other", "color": "#000"})
        await until(lambda: told(there)["statuses"] == {0, 1})
        other = await plain_api.new_case(statusId=status_id)
        await until(lambda: other in told(there)["cases"])
        before = len(there.sent)
        await plain_api.delete(f"/business-cases/{case}")
        await until(lambda: f'"cases":[{case}],"columns":[{status_id}]'.encode() in there.sent[before:])
        assert b"Secret" not in there.sent
        assert told(theirs) == {"cases": set(), "columns": set(), "contacts": set(), "statuses": set()}


async def test_where_cases_are_is_asked_once_for_all_who_look(
    jana: Person, peter: Person, plain_api: Api, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    asked: list[list[int]] = []

    async def counting(transaction: Transaction, ids: list[int]) -> list[int | None]:
        asked.append(ids)
        return await columns_of_cases(transaction, ids)

    monkeypatch.setattr(news, "columns_of_cases", counting)
    client_id = await plain_api.new_client()
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(watch(who, jana.company)) for who in (jana, peter) * 3]
        await until(lambda: all(b"id: " in tab.sent for tab in tabs))
        cases: list[int] = []
        for _ in range(3):
            cases.append(await plain_api.new_case(clientId=client_id))
            await until(lambda: all(told(tab)["cases"] == set(cases) for tab in tabs))
    assert asked == [[case] for case in cases]


async def test_strangers_get_no_stream(jana: Person, eve: Person, watch: Watch):
    async with watch(eve, jana.company) as there:
        assert there.status == 404
    jana.http.cookies.clear()
    assert (await jana.get(f"{jana.company}/cases/live")).headers["location"].startswith("/sign-in")
