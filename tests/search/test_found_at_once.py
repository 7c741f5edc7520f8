"""What was written is found the moment its answer is there, by whoever asks."""

from __future__ import annotations

import asyncio

from support.api import Api
from support.documents import fed
from support.files import event_with


async def ids(api: Api, query: str) -> list[int]:
    return [item["id"] for item in (await api.get("/search", params={"query": query})).json()["data"]]


async def test_another_process_finds_an_event_as_soon_as_it_is_recorded(plain_api: Api, second_process: Api):
    clients = [await plain_api.new_client() for _ in range(5)]

    async def write_and_look(client: int, name: str) -> None:
        for n in range(10):
            event = (await plain_api.record(clientId=client, metadata={"content": f"{name} krok{n}"})).json()["id"]
            assert await ids(second_process, f"{name} krok{n}") == [event]

    await asyncio.gather(*(write_and_look(client, f"pisar{n}x") for n, client in enumerate(clients)))


async def test_so_are_files_corrections_and_everything_else(plain_api: Api, second_process: Api):
    event = await event_with(plain_api, ("zmluva.pdf", b"x"))
    assert await ids(second_process, "zmluva") == [event["id"]]
    await plain_api.patch(f"/contact-activity-logs/{event['id']}", {"metadata": {"content": "dodatok"}})
    assert await ids(second_process, "dodatok") == [event["id"]]
    client = await plain_api.new_client(name="Brezina")
    assert await ids(second_process, "brezin") == [client]
    case = await plain_api.new_case(name="Oprava strechy", clientId=client)
    assert await ids(second_process, "strech") == [case]
    await fed(plain_api, client, 8, number="ZX-8")
    assert await ids(second_process, "zx-8") == [8]
    await plain_api.delete("/documents/invoice/8")
    assert await ids(second_process, "zx-8") == []
