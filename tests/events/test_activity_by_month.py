"""How many events a company has had in each month: exact whatever happens, and kept with a position of the journal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.documents import fed, paid

from kronika.db.horizon import Horizon
from kronika.db.pool import Database
from kronika.events import activity
from kronika.events.activity import keep_activity, read_activity

ZONE = "Europe/Bratislava"


class Reader:
    """Reads as Home does, and keeps what it says should be kept."""

    def __init__(self, database: Database, owner: psycopg.Connection, api: Api) -> None:
        self._database, self.owner, self._company_id = database, owner, api.company_id
        self._horizon = Horizon()

    async def months(self, zone: str = ZONE) -> dict[date, int]:
        upto = await self._horizon.reach(self._database)
        async with self._database.snapshot(self._company_id) as snapshot:
            found = await read_activity(snapshot, zone, upto=upto)
        if found.to_keep:
            async with self._database.transaction(self._company_id) as transaction:
                await keep_activity(transaction, found.to_keep)
        return {month: n for month, n in found.events.items() if n}

    def truth(self, zone: str = ZONE) -> dict[date, int]:
        rows = self.owner.execute(
            """
            SELECT date_trunc('month', e.created_at AT TIME ZONE %s)::date AS month, count(*) AS n
            FROM events e JOIN timelines t ON t.id = e.timeline_id AND t.deleted_at IS NULL
            WHERE e.company_id = %s AND e.deleted_at IS NULL GROUP BY 1
            """,
            [zone, self._company_id],
        )
        return {row["month"]: row["n"] for row in rows}

    def kept(self) -> dict[str, Any]:
        row = self.owner.execute("SELECT * FROM company_activity WHERE company_id = %s", [self._company_id]).fetchone()
        return dict(row or {})


@pytest.fixture
def reader(database: Database, owner: psycopg.Connection, plain_api: Api) -> Reader:
    return Reader(database, owner, plain_api)


async def recorded(api: Api, owner: psycopg.Connection, at: datetime, **target: int) -> int:
    """An event as if it had been recorded then."""
    event = (await api.record(**target)).json()["id"]
    owner.execute("UPDATE events SET created_at = %s WHERE id = %s", [at, event])
    return event


async def test_every_event_counts_in_the_month_it_was_in_there(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, reader: Reader
):
    client = await plain_api.new_client()
    assert await reader.months() == {}
    # A minute before midnight in London, past it in Bratislava.
    await recorded(plain_api, owner, datetime(2026, 1, 31, 23, 30, tzinfo=UTC), clientId=client)
    await recorded(plain_api, owner, datetime(2026, 1, 31, 12, 0, tzinfo=UTC), clientId=client)
    await stranger.record(clientId=await stranger.new_client())
    assert await reader.months() == {date(2026, 1, 1): 1, date(2026, 2, 1): 1} == reader.truth()
    # In another zone it is another month, and what was kept is counted anew.
    assert await reader.months("Europe/London") == {date(2026, 1, 1): 2} == reader.truth("Europe/London")
    assert reader.kept()["time_zone"] == "Europe/London"
    assert await reader.months() == reader.truth()


@pytest.mark.parametrize(("keep_from", "most_since"), [(1, 3), (1, 1_000_000), (1_000_000, 3), (1_000_000, 1_000_000)])
async def test_it_is_exact_after_anything_that_may_happen(
    plain_api: Api, reader: Reader, monkeypatch: pytest.MonkeyPatch, keep_from: int, most_since: int
):
    monkeypatch.setattr(activity, "_KEEP_FROM", keep_from)
    monkeypatch.setattr(activity, "MOST_SINCE", most_since)
    owner = reader.owner
    random, now = Random(7), datetime.now(UTC)
    clients = [await plain_api.new_client() for _ in range(4)]
    cases = [await plain_api.new_case(clientId=client) for client in clients]
    events: list[int] = []
    for number in range(70):
        match random.choice(["record", "record", "record", "delete", "paper", "pay", "case", "client"]):
            case "delete" if events:
                await plain_api.delete(f"/contact-activity-logs/{events.pop(random.randrange(len(events)))}")
            case "paper" if clients:
                await fed(plain_api, clients[-1], 1, number=f"N{number}")
            case "pay" if (await plain_api.get("/documents/invoice/1")).status_code == 200:
                await paid(plain_api, 1, amount=1)
            case "case" if number > 40 and len(cases) > 2:
                await plain_api.delete(f"/business-cases/{cases.pop()}")
            case "client" if number > 50 and len(clients) > 1:
                await plain_api.delete(f"/clients/{clients.pop()}")
            case _:
                target = {"clientId": clients[0]} if number % 2 else {"businessCaseId": cases[0]}
                at = now - timedelta(days=random.randrange(400))
                events.append(await recorded(plain_api, owner, at, **target))
        if number % 5 == 0:
            assert await reader.months() == reader.truth()
    assert await reader.months() == reader.truth()
    assert sum(reader.truth().values()) > 20


async def test_what_was_kept_is_used_and_what_came_since_is_added(
    plain_api: Api, owner: psycopg.Connection, reader: Reader
):
    client = await plain_api.new_client()
    await plain_api.record(clientId=client)
    (month,) = await reader.months()
    kept = reader.kept()
    # Nobody looks at the events themselves again.
    owner.execute("UPDATE company_activity SET events = '{100}' WHERE company_id = %s", [plain_api.company_id])
    await plain_api.record(clientId=client)
    assert await reader.months() == {month: 101}
    # So little is added up each time, and not kept.
    assert reader.kept()["upto"] == kept["upto"]


async def test_it_is_counted_anew_once_changes_since_have_been_swept_away(
    plain_api: Api, owner: psycopg.Connection, reader: Reader
):
    client = await plain_api.new_client()
    await plain_api.record(clientId=client)
    await reader.months()
    await plain_api.record(clientId=client)
    company = [plain_api.company_id]
    (last,) = owner.execute("SELECT max(position) FROM changes WHERE company_id = %s", company).fetchone().values()
    owner.execute("DELETE FROM changes WHERE company_id = %s", company)
    owner.execute("UPDATE companies SET changes_swept = %s WHERE id = %s", [last, *company])
    assert sum((await reader.months()).values()) == 2
    assert reader.kept()["upto"] >= last


async def test_what_is_not_final_yet_is_shown_and_not_kept_twice(
    plain_api: Api, database: Database, owner: psycopg.Connection, reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(activity, "_KEEP_FROM", 1)
    client = await plain_api.new_client()
    await plain_api.record(clientId=client)
    await reader.months()
    # Somebody who has drawn a number and is not done holds the horizon back; who comes after him is seen nevertheless.
    async with database.transaction(plain_api.company_id) as slow:
        await slow.run("SELECT nextval('change_positions') FROM (SELECT pg_current_xact_id()) drawn")
        await plain_api.record(clientId=client)
        assert sum((await reader.months()).values()) == 2
    assert sum((await reader.months()).values()) == 2
    await plain_api.record(clientId=client)
    assert sum((await reader.months()).values()) == 3
    assert await reader.months() == reader.truth()


async def test_who_keeps_something_older_changes_nothing(plain_api: Api, database: Database, reader: Reader):
    await plain_api.record(clientId=await plain_api.new_client())
    await reader.months()
    kept = reader.kept()
    async with database.transaction(plain_api.company_id) as transaction:
        await keep_activity(transaction, activity.Kept(kept["time_zone"], kept["upto"] - 1, [], []))
    assert reader.kept() == kept
