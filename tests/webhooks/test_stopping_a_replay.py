"""A replay that is stopped: nothing more of it is begun, and what was under way is recorded all the same."""

from __future__ import annotations

import asyncio

import psycopg
from support.api import Api
from support.couriers import subscribe, until
from support.receivers import OK, Visit, receiver

from kronika.webhooks.courier import Courier


async def test_what_was_under_way_when_it_was_stopped_is_in_the_log(
    sending_api: Api, a_courier: Courier, owner: psycopg.Connection
):
    go_on = asyncio.Event()

    async def behave(visit: Visit) -> None:
        await go_on.wait()
        await visit.say(OK)

    for _ in range(40):
        await sending_api.new_client()
    async with receiver(behave) as there:
        path = f"/webhook-subscriptions/{(await subscribe(sending_api, there.url))['id']}"
        replay = (await sending_api.post(f"{path}/replays", {"from": "2020-01-01T00:00:00Z"})).json()["id"]
        await until(lambda: there.visits)
        assert (await sending_api.delete(f"{path}/replays/{replay}")).status_code == 204
        assert (await sending_api.get(f"{path}/replays")).json() == {"data": []}
        go_on.set()
        stretches = "SELECT count(*) AS n FROM webhook_stretches WHERE id = %s"
        await until(lambda: owner.execute(stretches, [replay]).fetchone()["n"] == 0)
        log = (await sending_api.get(f"{path}/deliveries")).json()["data"]
        assert {delivery["webhookId"] for delivery in log} == {
            line.partition(": ")[2] for visit in there.visits for line in visit.head.split("\r\n")
            if line.startswith("webhook-id: ")
        }  # fmt: skip
        assert {delivery["state"] for delivery in log} == {"delivered"}
        assert 0 < len(log) < 40
