"""Pages of a timeline are exact: newest first, with the right total."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from support.api import Api, errors_of
from support.documents import fed
from support.records import put_event
from support.timelines import MORNING, TYPES, newest_first


async def test_events_stand_newest_first_and_those_of_one_second_by_their_ids(api: Api, owner: psycopg.Connection):
    client_id = await api.new_client()
    seconds = [5, 1, 5, 3, 5, 1]
    ids = [put_event(owner, api.company_id, client_id, "note", MORNING + timedelta(seconds=s)) for s in seconds]
    data = (await api.timeline(clientId=client_id))["data"]
    assert [event["id"] for event in data] == [ids[n] for n in (4, 2, 0, 3, 5, 1)]
    assert data == newest_first(data)


@pytest.mark.parametrize("target", ["clientId", "supplierId", "businessCaseId"])
async def test_all_pages_together_are_the_whole(api: Api, target: str):
    new = {"clientId": api.new_client, "supplierId": api.new_supplier, "businessCaseId": api.new_case}
    target_id = await new[target]()
    recorded = [(await api.record(**{target: target_id})).json() for _ in range(23)]
    whole = (await api.timeline(**{target: target_id}, perPage=200))["data"]
    assert whole == newest_first(recorded)
    for per_page in (1, 4, 10, 22, 23, 24):
        pages = [
            await api.timeline(**{target: target_id}, perPage=per_page, page=page)
            for page in range(1, -(-23 // per_page) + 1)
        ]
        assert [event for page in pages for event in page["data"]] == whole
        assert {page["paginator"]["totalResults"] for page in pages} == {23}


async def test_ten_are_on_a_page_unless_the_reader_asks_otherwise(api: Api):
    client_id = await api.new_client()
    for _ in range(12):
        await api.record(clientId=client_id)
    paginator = (await api.timeline(clientId=client_id, page=2))["paginator"]
    assert {name: paginator[name] for name in list(paginator)[:6]} == {
        "currentPage": 2, "perPage": 10, "totalPages": 2, "totalResults": 12, "currentFrom": 11, "currentTo": 12,
    }  # fmt: skip
    assert len((await api.timeline(clientId=client_id))["data"]) == 10


async def test_a_filter_shows_and_counts_its_type_only(api: Api):
    client_id = await api.new_client()
    said = {"content": "x", "email": "jana@example.test", "personName": "Jana"}
    fields = {"note": ["content"], "email": ["content", "email"], "phone_call": ["content", "personName"]}
    for n in range(12):
        type_ = TYPES[n % 3]
        await api.record(clientId=client_id, type=type_, metadata={name: said[name] for name in fields[type_]})
    whole = (await api.timeline(clientId=client_id, perPage=12))["data"]
    for type_ in TYPES:
        page = await api.timeline(clientId=client_id, type=type_, perPage=3)
        assert page["data"] == [event for event in whole if event["type"] == type_][:3]
        assert page["paginator"]["totalResults"] == 4
        assert f"type={type_}" in page["paginator"]["nextPageUrl"]
    assert (await api.timeline(clientId=client_id, type="document_linked"))["data"] == []


@pytest.mark.parametrize("page", [2, 3, 10**6, 2**63 - 1])
async def test_beyond_the_last_page_there_is_nothing(api: Api, page: int):
    client_id = await api.new_client()
    await api.record(clientId=client_id)
    body = await api.timeline(clientId=client_id, page=page)
    assert body["data"] == []
    assert body["paginator"]["totalResults"] == 1
    assert (body["paginator"]["currentFrom"], body["paginator"]["currentTo"]) == (None, None)


async def test_an_empty_timeline_has_one_empty_page(api: Api):
    body = await api.timeline(clientId=await api.new_client())
    assert body["data"] == []
    assert {name: body["paginator"][name] for name in list(body["paginator"])[:6]} == {
        "currentPage": 1, "perPage": 10, "totalPages": 1, "totalResults": 0, "currentFrom": None, "currentTo": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({}, {"businessCaseId", "clientId", "supplierId"}),
        ({"clientId": 999_999_999}, {"clientId"}),
        ({"clientId": "x", "supplierId": ""}, {"clientId"}),
        ({"clientId": 1, "supplierId": 1}, {"clientId", "supplierId"}),
        ({"clientId": 999_999_999, "type": "document_created"}, {"clientId", "type"}),
        ({"clientId": 999_999_999, "perPage": 0, "page": 0}, {"clientId", "perPage", "page"}),
        ({"supplierId": 999_999_999, "perPage": 201, "page": "x"}, {"supplierId", "perPage", "page"}),
    ],
)
async def test_a_wrong_question_is_told_all_that_is_wrong(api: Api, query: dict[str, Any], wrong: set[str]):
    assert set(errors_of(await api.get("/contact-activity-logs", params=query))) == wrong


async def test_nobody_reads_a_strangers_timeline(api: Api, stranger: Api):
    client_id = await stranger.new_client()
    await stranger.record(clientId=client_id)
    told = errors_of(await api.get("/contact-activity-logs", params={"clientId": client_id}))
    assert told == {"clientId": ["This does not exist."]}


async def test_a_page_with_many_documents_takes_as_many_statements_as_an_empty_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        sent.append(str(query))
        return await execute(self, query, *args, **options)

    empty, full = await api.new_client(), await api.new_client()
    for number in range(1, 51):
        await fed(api, full, number)
    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    taken: list[list[str]] = []
    for client_id in (empty, full):
        sent.clear()
        page = await api.timeline(clientId=client_id, perPage=50)
        taken.append(list(sent))
    assert len([event for event in page["data"] if event["metadata"]["relatedDocument"]]) == 50
    assert taken[0] == taken[1] != []
