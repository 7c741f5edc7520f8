"""Couriers share the work: each thing is sent by one of them, and by the next what none was there to send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from support.api import Api
from support.couriers import NewCourier, payloads, resources, subscribe, until
from support.receivers import OK, answering, receiver


async def test_several_couriers_do_not_send_the_same(
    sending_api: Api, new_sending_api: Callable[[], Awaitable[Api]], new_courier: NewCourier
):
    companies = [sending_api, await new_sending_api(), await new_sending_api()]
    async with receiver(answering(OK)) as there:
        for api in companies:
            await subscribe(api, there.url)
        async with new_courier(), new_courier(), new_courier():
            made = [await api.new_client() for _ in range(20) for api in companies]
            await until(lambda: len(there.visits) >= len(made))
            await asyncio.sleep(0.1)
        assert sorted(resources(there)) == sorted(made)


async def test_a_courier_that_was_away_sends_what_it_missed(sending_api: Api, new_courier: NewCourier):
    async with receiver(answering(OK)) as there:
        await subscribe(sending_api, there.url)
        made = [await sending_api.new_client() for _ in range(3)]
        async with new_courier():
            await until(lambda: len(there.visits) == 3)
        made.append(await sending_api.new_client())
        async with new_courier():
            await until(lambda: len(there.visits) == 4)
        assert sorted(resources(there)) == made
        assert len({payload["id"] for payload in payloads(there)}) == 4
