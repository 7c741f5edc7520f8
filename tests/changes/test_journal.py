"""GET /changes: all that happened, in one order, and nothing behind a cursor that was given out."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import fed, paid
from support.records import changes_of


async def read_all(api: Api, after: int = 0, **query: Any) -> list[dict[str, Any]]:
    """All there is behind a cursor, piece by piece."""
    found: list[dict[str, Any]] = []
    while True:
        body = (await api.get("/changes", params={"after": after, **query})).json()
        found += body["data"]
        assert body["next"] >= after
        after = body["next"]
        if not body["more"]:
            return found


async def test_what_happened_is_told_in_order(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    await stranger.new_client()
    before = datetime.now(UTC).replace(microsecond=0)
    client_id = await plain_api.new_client()
    event_id = (await plain_api.record(clientId=client_id)).json()["id"]
    await fed(plain_api, client_id, 7, "received-invoice")
    await paid(plain_api, 7, "received-invoice")
    await plain_api.delete(f"/clients/{client_id}")
    body = (await plain_api.get("/changes")).json()
    told = [(change["type"], change["resource"]["type"]) for change in body["data"]]
    assert told == [
        ("clients.created", "client"),
        ("contact-activity-logs.created", "contactActivityLog"),
        ("received-invoices.created", "receivedInvoice"),
        ("contact-activity-logs.created", "contactActivityLog"),
        ("document-payments.created", "documentPayment"),
        ("received-invoices.paid", "receivedInvoice"),
        ("contact-activity-logs.created", "contactActivityLog"),
        ("clients.deleted", "client"),
        ("document-payments.deleted", "documentPayment"),
        ("received-invoices.deleted", "receivedInvoice"),
    ]
    first, second = body["data"][:2]
    assert first["resource"] == {"type": "client", "id": client_id}
    assert second["resource"]["id"] == event_id
    assert before <= datetime.strptime(first["occurredAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert len({change["id"] for change in body["data"]}) == len(changes_of(owner, plain_api))
    assert body["more"] is False


async def test_a_cursor_goes_on_where_it_was(plain_api: Api):
    clients = [await plain_api.new_client() for _ in range(7)]
    first = (await plain_api.get("/changes", params={"limit": 3})).json()
    assert [change["resource"]["id"] for change in first["data"]] == clients[:3]
    assert first["more"] is True
    second = (await plain_api.get("/changes", params={"limit": 4, "after": first["next"]})).json()
    assert [change["resource"]["id"] for change in second["data"]] == clients[3:]
    third = (await plain_api.get("/changes", params={"after": second["next"]})).json()
    assert (third["data"], third["more"]) == ([], False)
    later = await plain_api.new_client()
    [change] = (await plain_api.get("/changes", params={"after": third["next"]})).json()["data"]
    assert change["resource"]["id"] == later


async def test_one_type_can_be_asked_for(plain_api: Api):
    clients = [await plain_api.new_client() for _ in range(3)]
    for client_id in clients:
        await plain_api.record(clientId=client_id)
    changes = await read_all(plain_api, type="contact-activity-logs.created", limit=2)
    assert [change["type"] for change in changes] == ["contact-activity-logs.created"] * 3
    nothing = (await plain_api.get("/changes", params={"type": "suppliers.deleted"})).json()
    assert (nothing["data"], nothing["more"]) == ([], False)
    assert await read_all(plain_api, nothing["next"]) == []


async def test_a_company_reads_its_own_only(plain_api: Api, stranger: Api):
    ours, theirs = await plain_api.new_client(), await stranger.new_client()
    assert [change["resource"]["id"] for change in await read_all(plain_api)] == [ours]
    seen = [change["resource"]["id"] for change in await read_all(stranger)]
    assert (theirs in seen, ours in seen) == (True, False)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"after": -1}, "after"), ({"after": "x"}, "after"), ({"limit": 0}, "limit"), ({"limit": 1001}, "limit"),
        ({"type": "clients"}, "type"), ({"type": "bank-accounts.created"}, "type"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_cannot_be_asked_is_told(plain_api: Api, query: dict[str, Any], key: str):
    assert set(errors_of(await plain_api.get("/changes", params=query))) == {key}


async def test_a_cursor_that_nobody_was_given_is_refused_and_the_newest_is_not(plain_api: Api):
    await plain_api.new_client()
    newest = (await plain_api.get("/changes", params={"limit": 1000})).json()["next"]
    assert (await plain_api.get("/changes", params={"after": newest})).status_code == 200
    for path in ("/changes", "/stream"):
        answer = await plain_api.get(path, params={"after": newest + 1_000_000})
        assert set(errors_of(answer)) == {"after"}
    answer = await plain_api.request("GET", "/stream", headers={"Last-Event-ID": str(newest + 1_000_000)})
    assert set(errors_of(answer)) == {"Last-Event-ID"}


async def test_who_was_away_too_long_is_told_so(plain_api: Api, owner: psycopg.Connection):
    await plain_api.new_client()
    cursor = (await plain_api.get("/changes")).json()["next"]
    await plain_api.new_client()
    owner.execute(
        "UPDATE changes SET occurred_at = now() - interval '91 days' WHERE company_id = %s", [plain_api.company_id]
    )
    while owner.execute("SELECT sweep_changes(1000) AS n").fetchone()["n"]:
        pass
    kept = await plain_api.new_client()
    assert set(errors_of(await plain_api.get("/changes", params={"after": cursor}))) == {"after"}
    assert [change["resource"]["id"] for change in await read_all(plain_api)] == [kept]


async def test_nothing_appears_behind_a_cursor_while_others_are_still_writing(
    plain_api: Api, owner: psycopg.Connection, database_url: str
):
    """Somebody draws a number and takes long to commit; whoever reads meanwhile waits at that place."""
    await plain_api.new_client()
    with psycopg.connect(database_url) as slow:
        slow.execute("SET search_path = kronika")
        slow.execute(
            "INSERT INTO changes (company_id, type, resource_id, actor) VALUES (%s, 'clients.updated', 1, 'system')",
            [plain_api.company_id],
        )
        later = [await plain_api.new_client() for _ in range(3)]
        meanwhile = (await plain_api.get("/changes")).json()
        assert later[0] not in [change["resource"]["id"] for change in meanwhile["data"]]
    rest = await read_all(plain_api, meanwhile["next"])
    assert [change["resource"]["id"] for change in rest][-4:] == [1, *later]


async def test_readers_miss_nothing_and_see_nothing_twice_while_many_write(plain_api: Api, owner: psycopg.Connection):
    chance = random.Random(5)
    client_id = await plain_api.new_client()
    done = asyncio.Event()

    async def read(limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after, last = 0, False
        while not last:
            last = done.is_set()
            while True:
                body = (await plain_api.get("/changes", params={"after": after, "limit": limit})).json()
                found += body["data"]
                after = body["next"]
                if not body["more"]:
                    break
        return found

    async def write() -> None:
        for _ in range(12):
            await asyncio.sleep(chance.random() / 200)
            await asyncio.gather(
                plain_api.record(clientId=client_id),
                plain_api.put(f"/clients/{client_id}", {"name": f"N{chance.random()}"}),
                fed(plain_api, client_id, 1 + chance.randrange(3), number=f"N{chance.random()}"),
            )

    readers = [asyncio.create_task(read(limit)) for limit in (1, 7, 100)]
    await asyncio.gather(*(write() for _ in range(6)))
    done.set()
    journals = await asyncio.gather(*readers)
    written = changes_of(owner, plain_api)
    for journal in journals:
        assert journal == journals[0]
        assert [(change["type"], change["resource"]["id"]) for change in journal] == [
            (change["type"], change["resource_id"]) for change in written
        ]
