"""The board against a plain model of it: a list of cases for each column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api
from support.board import columns, new_status, statuses

from kronika.cases.actions import remove_cases_of
from kronika.changes.models import SYSTEM
from kronika.db.pool import Database

_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# Cases, statuses and contacts are named by any number, and counted round those that there are.
_ANY = st.integers(0, 30)
_STATUS = st.none() | _ANY
_PLACE = st.none() | st.integers(0, 6)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), _STATUS, _ANY),
        st.tuples(st.just("create"), _STATUS, _ANY),
        st.tuples(st.just("patch"), _ANY, _STATUS),
        st.tuples(st.just("rename"), _ANY),
        st.tuples(st.just("move"), _ANY, _STATUS, _PLACE),
        st.tuples(st.just("move"), _ANY, _STATUS, _PLACE),
        st.tuples(st.just("move within"), _ANY, _PLACE),
        st.tuples(st.just("delete"), _ANY),
        st.tuples(st.just("new status")),
        st.tuples(st.just("delete status"), _ANY),
        st.tuples(st.just("delete cases of"), _ANY),
    ),
    min_size=8,
    max_size=16,
)


@dataclass
class Model:
    """What the board must be. A step that names nothing there is, is none."""

    contacts: list[int]
    columns: dict[int | None, list[int]] = field(default_factory=lambda: {None: []})
    contact_of: dict[int, int] = field(default_factory=dict)

    def case(self, number: int) -> int | None:
        living = sorted(self.contact_of)
        return living[number % len(living)] if living else None

    def status(self, number: int | None) -> int | None:
        known = [status_id for status_id in self.columns if status_id is not None]
        return None if number is None or not known else known[number % len(known)]

    def column_of(self, case_id: int) -> int | None:
        return next(status_id for status_id, cases in self.columns.items() if case_id in cases)

    def create(self, case_id: int, contact_id: int, status_id: int | None) -> None:
        self.contact_of[case_id] = contact_id
        self.columns[status_id].append(case_id)

    def move(self, case_id: int, status_id: int | None, place: int | None) -> None:
        self.columns[self.column_of(case_id)].remove(case_id)
        column = self.columns[status_id]
        column.insert(len(column) if place is None else place, case_id)

    def delete(self, case_id: int) -> None:
        self.columns[self.column_of(case_id)].remove(case_id)
        del self.contact_of[case_id]

    def delete_status(self, status_id: int) -> None:
        self.columns[None] += self.columns.pop(status_id)


@dataclass
class Board:
    """The real one, driven beside the model."""

    api: Api
    database: Database
    model: Model

    async def take(self, step: tuple[Any, ...]) -> None:
        model = self.model
        match step:
            case ("create", status, contact):
                status_id, contact_id = model.status(status), model.contacts[contact % len(model.contacts)]
                model.create(await self.api.new_case(clientId=contact_id, statusId=status_id), contact_id, status_id)
            case ("new status",):
                model.columns[await new_status(self.api)] = []
            case ("delete status", status):
                if (status_id := model.status(status)) is not None:
                    await self._ask("DELETE", f"/business-case-statuses/{status_id}", 204)
                    model.delete_status(status_id)
            case ("delete cases of", contact):
                contact_id = model.contacts[contact % len(model.contacts)]
                async with self.database.transaction(self.api.company_id) as transaction:
                    await remove_cases_of(transaction, contact_id, SYSTEM)
                for case_id in [case_id for case_id, of in model.contact_of.items() if of == contact_id]:
                    model.delete(case_id)
            case (kind, number, *how):
                if (case_id := model.case(number)) is not None:
                    await self._take_with(case_id, kind, how)

    async def _take_with(self, case_id: int, kind: str, how: list[Any]) -> None:
        model, path = self.model, f"/business-cases/{case_id}"
        match kind, how:
            case "patch", [status]:
                status_id = model.status(status)
                await self._ask("PATCH", path, 200, {"statusId": status_id})
                if status_id != model.column_of(case_id):
                    model.move(case_id, status_id, None)
            case "rename", []:
                await self._ask("PATCH", path, 200, {"name": "Renamed", "description": None})
            case "move", [status, place]:
                status_id = model.status(status)
                await self._ask("PUT", f"{path}/position", 200, {"statusId": status_id, "position": place})
                model.move(case_id, status_id, place)
            case "move within", [place]:
                await self._ask("PUT", f"{path}/position", 200, {"position": place})
                model.move(case_id, model.column_of(case_id), place)
            case "delete", []:
                await self._ask("DELETE", path, 204)
                model.delete(case_id)
            case _:
                raise LookupError(kind)

    async def _ask(self, method: str, path: str, status: int, body: dict[str, Any] | None = None) -> None:
        response = await self.api.request(method, path, **({} if body is None else {"json": body}))
        assert response.status_code == status, response.text


@_FEW
@given(steps=_STEPS)
async def test_any_steps_leave_the_board_as_the_model_has_it(
    plain_api: Api, stranger: Api, database: Database, owner: psycopg.Connection, steps: list[tuple[Any, ...]]
):
    # The company goes from example to example: what the one before left is taken away first.
    for contact in owner.execute(
        "SELECT DISTINCT contact_id FROM business_cases WHERE company_id = %s AND deleted_at IS NULL",
        [plain_api.company_id],
    ).fetchall():
        async with database.transaction(plain_api.company_id) as transaction:
            await remove_cases_of(transaction, contact["contact_id"], SYSTEM)
    for status_id in await statuses(plain_api):
        await plain_api.delete(f"/business-case-statuses/{status_id}")
    strangers = columns(owner, stranger)
    model = Model([await plain_api.new_client(), await plain_api.new_client()])
    board = Board(plain_api, database, model)
    for _ in range(2):
        model.columns[await new_status(plain_api)] = []
    for step in steps:
        await board.take(step)
        assert columns(owner, plain_api) == {column: cases for column, cases in model.columns.items() if cases}
    assert await statuses(plain_api) == [status_id for status_id in model.columns if status_id is not None]
    assert columns(owner, stranger) == strangers
