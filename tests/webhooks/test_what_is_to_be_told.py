"""Which part of the journal a subscription is to be told, and as of which wish: the stretches (migration 0019)."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.webhooks import PATH, SUBSCRIPTION, stretches_of, subscribed

WANTED = SUBSCRIPTION["subscribedEvents"]
OTHER = ["invoices.paid"]


def told(owner: psycopg.Connection, api: Api, subscription_id: int) -> list[tuple[int, str]]:
    """Every change that is to be sent while the subscription is active: in the order of the stretches."""
    return [
        (change["resource_id"], change["type"])
        for stretch in stretches_of(owner, subscription_id)
        for change in owner.execute(
            "SELECT resource_id, type FROM changes WHERE company_id = %s AND type = ANY (%s) AND position > %s"
            " AND position <= coalesce(%s, position) ORDER BY position",
            [api.company_id, stretch["events"], stretch["cursor"], stretch["upto"]],
        )
    ]


def is_active(owner: psycopg.Connection, subscription_id: int) -> bool:
    row = owner.execute("SELECT is_active FROM webhook_states WHERE subscription_id = %s", [subscription_id]).fetchone()
    return row["is_active"]


def send_up_to_here(owner: psycopg.Connection, api: Api, subscription_id: int) -> int:
    """As a sender leaves it that has come to the end of the journal; where that is."""
    return owner.execute(
        "UPDATE webhook_stretches SET cursor = (SELECT max(position) FROM changes WHERE company_id = %s)"
        " WHERE subscription_id = %s AND upto IS NULL RETURNING cursor",
        [api.company_id, subscription_id],
    ).fetchone()["cursor"]


async def all_is_final(owner: psycopg.Connection, api: Api) -> None:
    """Until the horizon includes the company's last change: whoever writes on this server for long holds it back."""
    last = owner.execute("SELECT max(position) AS n FROM changes WHERE company_id = %s", [api.company_id]).fetchone()
    for _ in range(100):
        # Each waits for a tenth of a second itself.
        if (await api.get("/changes", params={"after": last["n"] - 1})).json()["data"]:
            return
    raise AssertionError("somebody wrote for longer than this test has patience")


async def somebody_waits_for(owner: psycopg.Connection, connection: psycopg.Connection) -> None:
    for _ in range(2000):
        if (
            owner.execute(
                "SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [connection.info.backend_pid]
            ).fetchone()
            is not None
        ):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nobody waits")


async def put(api: Api, subscription_id: int, **fields: Any) -> None:
    answer = await api.put(f"{PATH}/{subscription_id}", SUBSCRIPTION | fields)
    assert answer.status_code == 200, answer.text


async def test_a_new_one_is_told_what_happens_from_then_on(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    await plain_api.new_client()
    await all_is_final(owner, plain_api)
    made = await subscribed(plain_api)
    [stretch] = stretches_of(owner, made["id"])
    assert (stretch["events"], stretch["upto"]) == (WANTED, None)
    assert told(owner, plain_api, made["id"]) == []
    ours, _ = await plain_api.new_client(), await stranger.new_client()
    assert told(owner, plain_api, made["id"]) == [(ours, "clients.created")]
    assert is_active(owner, made["id"])


async def test_one_that_is_made_inactive_is_told_nothing_until_it_is_active(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api, isActive=False)
    assert stretches_of(owner, made["id"]) == []
    assert not is_active(owner, made["id"])
    await plain_api.new_client()
    await all_is_final(owner, plain_api)
    await put(plain_api, made["id"], isActive=True)
    assert is_active(owner, made["id"])
    later = await plain_api.new_client()
    assert told(owner, plain_api, made["id"]) == [(later, "clients.created")]


async def test_what_was_still_to_be_told_is_told_when_it_is_active_again_and_nothing_that_happened_meanwhile(
    plain_api: Api, owner: psycopg.Connection
):
    made = await subscribed(plain_api)
    sent = await plain_api.new_client()
    send_up_to_here(owner, plain_api, made["id"])
    before = await plain_api.new_client()
    await put(plain_api, made["id"], isActive=False)
    assert not is_active(owner, made["id"])
    await plain_api.new_client()
    await all_is_final(owner, plain_api)
    await put(plain_api, made["id"], isActive=True)
    after = await plain_api.new_client()
    assert told(owner, plain_api, made["id"]) == [(before, "clients.created"), (after, "clients.created")]
    assert [stretch["upto"] is None for stretch in stretches_of(owner, made["id"])] == [False, True]
    assert sent < before


async def test_what_happened_before_it_was_set_inactive_is_told_though_somebody_holds_the_horizon_back(
    plain_api: Api, owner: psycopg.Connection, database_url: str
):
    made = await subscribed(plain_api)
    with psycopg.connect(database_url) as slow:
        slow.execute("SET search_path = kronika")
        slow.execute(
            "INSERT INTO changes (company_id, type, resource_id, actor) VALUES (%s, 'clients.updated', 1, 'system')",
            [plain_api.company_id],
        )
        before = await plain_api.new_client()
        await put(plain_api, made["id"], isActive=False)
    await plain_api.new_client()
    assert told(owner, plain_api, made["id"]) == [(before, "clients.created")]


async def test_other_events_are_told_from_then_on_and_the_former_up_to_then(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    before = await plain_api.new_client()
    supplier = await plain_api.new_supplier()
    await all_is_final(owner, plain_api)
    await put(plain_api, made["id"], subscribedEvents=["suppliers.created", "clients.updated"])
    await plain_api.new_client()
    later = await plain_api.new_supplier()
    assert told(owner, plain_api, made["id"]) == [(before, "clients.created"), (later, "suppliers.created")]
    assert supplier < later


async def test_a_stretch_with_nothing_left_to_tell_is_gone_and_the_next_begins_where_it_ended(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    made = await subscribed(plain_api)
    await plain_api.new_client()
    end = send_up_to_here(owner, plain_api, made["id"])
    await put(plain_api, made["id"], subscribedEvents=OTHER)
    [stretch] = stretches_of(owner, made["id"])
    assert (stretch["events"], stretch["upto"]) == (OTHER, None)
    assert stretch["cursor"] >= end
    # However often, they do not heap up.
    for active in (False, True) * 5:
        await stranger.new_client()
        await put(plain_api, made["id"], isActive=active)
    assert len(stretches_of(owner, made["id"])) == 1


async def test_where_a_sender_knows_more_the_next_begins_where_it_is(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    ahead = 2**60
    owner.execute("UPDATE webhook_stretches SET cursor = %s WHERE subscription_id = %s", [ahead, made["id"]])
    await put(plain_api, made["id"], subscribedEvents=OTHER)
    assert stretches_of(owner, made["id"]) == [{"events": OTHER, "cursor": ahead, "upto": None}]


@pytest.mark.parametrize(
    "fields", [{}, {"name": "Other"}, {"url": "https://other.example/"}, {"subscribedEvents": WANTED[::-1]}], ids=str
)
async def test_what_does_not_change_what_is_wanted_leaves_the_stretch(
    plain_api: Api, owner: psycopg.Connection, fields: dict[str, Any]
):
    made = await subscribed(plain_api)
    await plain_api.new_client()
    before = stretches_of(owner, made["id"])
    await put(plain_api, made["id"], **fields)
    assert stretches_of(owner, made["id"]) == before
    shown = (await plain_api.get(f"{PATH}/{made['id']}")).json()
    assert shown == {**shown, **SUBSCRIPTION, **fields}


async def test_changes_at_once_leave_one_stretch_open_and_nothing_is_lost_or_told_twice(
    plain_api: Api, owner: psycopg.Connection
):
    made = await subscribed(plain_api)
    clients: list[int] = []

    async def create() -> None:
        clients.extend([await plain_api.new_client() for _ in range(6)])

    async def rewish(event: str) -> None:
        for _ in range(3):
            await put(plain_api, made["id"], subscribedEvents=["clients.created", event])

    await asyncio.gather(create(), create(), *(rewish(event) for event in ("invoices.paid", "orders.created")))
    found = told(owner, plain_api, made["id"])
    assert sorted(found) == sorted((client, "clients.created") for client in clients)
    stretches = stretches_of(owner, made["id"])
    assert [stretch["upto"] is None for stretch in stretches] == [*[False] * (len(stretches) - 1), True]


async def test_while_a_sender_records_a_change_waits_and_while_a_change_is_made_he_does(
    plain_api: Api, owner: psycopg.Connection, database_url: str
):
    """A sender holds the state while he records: the order of the locks is the same for both."""
    made = await subscribed(plain_api)
    await plain_api.new_client()
    with psycopg.connect(database_url) as sender:
        sender.execute("SET search_path = kronika")
        sender.execute("SELECT FROM webhook_states WHERE subscription_id = %s FOR UPDATE", [made["id"]])
        waiting = asyncio.create_task(put(plain_api, made["id"], subscribedEvents=OTHER))
        await somebody_waits_for(owner, sender)
        # The change holds the subscription by now; a delivery names it all the same.
        sender.execute(
            """
            INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id,
                                            occurred_at, state, attempts, created_at)
            VALUES (%s, %s, 'change', gen_random_uuid(), 'clients.created', 1, clock(), 'delivered', '{}', clock())
            """,
            [plain_api.company_id, made["id"]],
        )
        sender.execute("UPDATE webhook_stretches SET cursor = 2 ^ 60 WHERE subscription_id = %s", [made["id"]])
    await waiting
    assert stretches_of(owner, made["id"]) == [{"events": OTHER, "cursor": 2**60, "upto": None}]
