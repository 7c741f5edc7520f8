"""Events are found as a plain program finds them, whatever is written and asked, however they lie in stretches."""

from __future__ import annotations

import asyncio
import re
import unicodedata

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api

_LETTERS = "abčážŽ1"
_word = st.text(_LETTERS, min_size=1, max_size=3)
_text = st.lists(_word, min_size=1, max_size=5).map(" ".join)
_asked = st.lists(_word, min_size=1, max_size=3).map(", ".join)


def plain(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()
    return re.findall(r"\w+", bare)


def is_found(text: str, query: str) -> bool:
    return all(
        any(word == asked if len(asked) == 1 else word.startswith(asked) for word in plain(text))
        for asked in plain(query)
    )


async def found(api: Api, query: str) -> list[int]:
    body = (await api.get("/search", params={"query": query, "type": "contactActivityLog", "perPage": 200})).json()
    assert body["paginator"]["totalResults"] == len(body["data"])
    return [item["id"] for item in body["data"]]


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_text, min_size=1, max_size=12), st.lists(_asked, min_size=1, max_size=8), st.data())
async def test_every_word_begins_a_word_of_what_is_found_and_the_newest_comes_first(new_short, texts, queries, data):
    ours, theirs = await new_short(), await new_short()
    client, other = await ours.new_client(), await theirs.new_client()
    said: dict[int, str] = {}
    for text in texts:
        event = (await ours.record(clientId=client, metadata={"content": text})).json()
        said[event["id"]] = text
        await theirs.record(clientId=other, metadata={"content": text})
    changed = data.draw(st.sampled_from(sorted(said)))
    said[changed] = data.draw(_text)
    await ours.patch(f"/contact-activity-logs/{changed}", {"metadata": {"content": said[changed]}})
    gone = data.draw(st.sampled_from([*sorted(said), None]))
    if gone is not None:
        await ours.delete(f"/contact-activity-logs/{gone}")
        del said[gone]
    for query in queries:
        assert await found(ours, query) == sorted(
            (event for event, text in said.items() if is_found(text, query)), reverse=True
        ), query


async def test_stretches_are_opened_as_they_fill_and_what_is_in_any_is_found(new_short, short_stretches: str):
    api = await new_short()
    client = await api.new_client()
    ids = [(await api.record(clientId=client, metadata={"content": f"spolu n{n}"})).json()["id"] for n in range(10)]
    with psycopg.connect(short_stretches) as connection:
        sizes = connection.execute(
            "SELECT stretch, count(*) FROM kronika.event_words WHERE company_id = %s GROUP BY 1 ORDER BY 1",
            [api.company_id],
        ).fetchall()
    assert sizes == [(0, 3), (1, 3), (2, 3), (3, 1)]
    assert await found(api, "spolu") == ids[::-1]
    for n, event in enumerate(ids):
        assert await found(api, f"n{n}") == [event]


async def test_events_that_are_recorded_at_once_open_one_stretch_together_and_all_are_found(new_short):
    api = await new_short()
    clients = [await api.new_client() for _ in range(4)]
    answers = await asyncio.gather(
        *(api.record(clientId=clients[n % 4], metadata={"content": "naraz"}) for n in range(40))
    )
    assert await found(api, "naraz") == sorted((answer.json()["id"] for answer in answers), reverse=True)
