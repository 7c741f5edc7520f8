"""What happens on a timeline is told to signed-in browsers: only theirs, and only while they may see them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import until
from support.people import Person, let_in
from support.watching import Watching, watching

from kronika.app import create_app
from kronika.changes import following, stream
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.db.statements import Transaction
from kronika.events.stretches import ids_by_timeline
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files
from kronika.web import live
from kronika.web.timeline import news

Watch = Callable[..., AbstractAsyncContextManager[Watching]]


@pytest.fixture
def watch(database: Database, hasher: Hasher, files: Files, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    app = create_app(Services(Settings(rate_limit=0), database, hasher, Turns(), files))

    def watch(person: Person, company: str, timeline: int, **headers: str) -> AbstractAsyncContextManager[Watching]:
        cookie = f"kronika={person.session}"
        return watching(app, f"{company}/live", f"timeline={timeline}", cookie=cookie, **headers)

    return watch


def told(there: Watching) -> list[int]:
    return [number for data in re.findall(rb"event: news\ndata: (.*)\n", there.sent) for number in json.loads(data)]


async def test_events_of_the_timeline_are_told_and_no_others(
    jana: Person, eve: Person, plain_api: Api, stranger: Api, watch: Watch
):
    ours, other = await plain_api.new_client(), await plain_api.new_client()
    async with watch(jana, jana.company, ours) as there, watch(eve, eve.company, ours) as theirs:
        await until(lambda: there.sent and theirs.sent)
        await plain_api.record(clientId=other)
        note = (await plain_api.record(clientId=ours, metadata={"content": "Secret"})).json()["id"]
        await stranger.record(clientId=await stranger.new_client())
        await until(lambda: told(there))
        await plain_api.patch(f"/contact-activity-logs/{note}", {"metadata": {"content": "Changed"}})
        await plain_api.delete(f"/contact-activity-logs/{note}")
        await until(lambda: len(told(there)) >= 2)
        assert set(told(there)) == {note}
        assert b"Secret" not in there.sent
        assert told(theirs) == []


async def test_who_comes_again_has_missed_nothing(jana: Person, plain_api: Api, watch: Watch):
    client = await plain_api.new_client()
    async with watch(jana, jana.company, client) as there:
        await until(lambda: b"id: " in there.sent)
    last = re.findall(rb"id: (\d+)", there.sent)[-1].decode()
    note = (await plain_api.record(clientId=client)).json()["id"]
    async with watch(jana, jana.company, client, last_event_id=last) as there:
        await until(lambda: told(there) == [note])


async def test_of_which_timelines_events_are_is_asked_once_for_all_tabs(
    jana: Person, plain_api: Api, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    asked: list[list[int]] = []

    async def counting(transaction: Transaction, ids: list[int]) -> dict[int, list[int]]:
        asked.append(ids)
        return await ids_by_timeline(transaction, ids)

    monkeypatch.setattr(news, "ids_by_timeline", counting)
    ours, other = await plain_api.new_client(), await plain_api.new_client()
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(watch(jana, jana.company, timeline)) for timeline in [ours, other] * 4]
        await until(lambda: all(b"id: " in tab.sent for tab in tabs))
        notes: list[int] = []
        for _ in range(3):
            notes.append((await plain_api.record(clientId=ours)).json()["id"])
            await until(lambda: all(told(tab) == notes for tab in tabs[::2]))
        assert [told(tab) for tab in tabs[1::2]] == [[]] * 4
    assert asked == [[note] for note in notes]


@pytest.mark.parametrize(
    "end",
    [
        "DELETE FROM sessions WHERE user_id = %s",
        "UPDATE memberships SET ended_at = clock() WHERE user_id = %s",
    ],
)
async def test_a_stream_ends_with_the_session_and_with_the_membership(
    jana: Person, plain_api: Api, owner: psycopg.Connection, watch: Watch, end: Any
):
    async with watch(jana, jana.company, await plain_api.new_client()) as there:
        await until(lambda: b"still here" in there.sent)
        assert not there.is_over
        owner.execute(end, [jana.user_id])
        await until(lambda: there.is_over)


async def test_strangers_and_those_who_are_not_signed_in_get_no_stream(
    jana: Person, eve: Person, plain_api: Api, watch: Watch
):
    client = await plain_api.new_client()
    async with watch(eve, jana.company, client) as there:
        assert there.status == 404
    assert (await jana.get(f"{jana.company}/live")).status_code == 404
    jana.http.cookies.clear()
    answer = await jana.get(f"{eve.company}/live?timeline={client}")
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_page_that_waits_for_news_is_no_visit(
    jana: Person, plain_api: Api, stranger: Api, owner: psycopg.Connection, watch: Watch
):
    let_in(owner, jana.user_id, stranger.company_id)
    await jana.get(f"{jana.company}/contacts")
    owner.execute("UPDATE sessions SET last_seen_at = clock() - interval '2 days' WHERE user_id = %s", [jana.user_id])
    seen = "SELECT last_seen_at, last_company FROM sessions WHERE user_id = %s"
    before = owner.execute(seen, [jana.user_id]).fetchone()
    assert before["last_company"] == jana.company_id
    elsewhere = await stranger.new_client()
    async with watch(jana, f"/c/{stranger.company_id}", elsewhere) as there:
        await until(lambda: there.sent.count(b"still here") > 1)
        assert owner.execute(seen, [jana.user_id]).fetchone() == before
    await jana.get(f"{jana.company}/contacts")
    assert owner.execute(seen, [jana.user_id]).fetchone()["last_seen_at"] > before["last_seen_at"]


async def test_one_persons_streams_leave_room_for_others(
    jana: Person, peter: Person, plain_api: Api, watch: Watch, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live, "MOST_OF_A_USER", 1)
    client = await plain_api.new_client()
    async with watch(jana, jana.company, client) as first:
        await until(lambda: first.sent)
        async with watch(jana, jana.company, client) as second, watch(peter, jana.company, client) as his:
            assert (second.status, his.status) == (503, 200)
    async with watch(jana, jana.company, client) as again:
        assert again.status == 200
