"""The words of what is deleted are taken away: at once with an event, by the sweep with a whole timeline."""

from __future__ import annotations

import psycopg
import pytest
from support.api import Api

from kronika.db.pool import Database
from kronika.server.sweeper import sweep


def with_words(owner: psycopg.Connection, api: Api) -> set[int]:
    """The events of the company that have words."""
    found = owner.execute("SELECT event_id FROM event_words WHERE company_id = %s", [api.company_id]).fetchall()
    return {row["event_id"] for row in found}


async def notes(api: Api, number: int, **target: int) -> set[int]:
    made = [await api.record(metadata={"content": f"Note {n}"}, **target) for n in range(number)]
    return {event.json()["id"] for event in made}


async def test_those_of_an_event_go_with_it(plain_api: Api, stranger: Api, owner: psycopg.Connection):
    client, theirs = await plain_api.new_client(), with_words(owner, stranger)
    stays, goes = sorted(await notes(plain_api, 2, clientId=client))
    await plain_api.delete(f"/contact-activity-logs/{goes}")
    assert with_words(owner, plain_api) == {stays}
    assert with_words(owner, stranger) == theirs != set()


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
async def test_those_of_a_contact_and_its_cases_are_swept_however_small_the_steps(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, database: Database, step: int
):
    client, other = await plain_api.new_client(), await plain_api.new_client()
    cases = [await plain_api.new_case(clientId=client) for _ in range(2)]
    stays = await notes(plain_api, 2, clientId=other)
    goes = await notes(plain_api, 3, clientId=client) | await notes(plain_api, 2, businessCaseId=cases[1])
    theirs = with_words(owner, stranger)
    await plain_api.delete(f"/clients/{client}")
    # What has not been swept yet is not found all the same.
    assert with_words(owner, plain_api) == stays | goes
    found = (await plain_api.get("/search", params={"query": "note", "type": "contactActivityLog"})).json()["data"]
    assert {event["id"] for event in found} == stays
    await sweep(database, step=step)
    assert with_words(owner, plain_api) == stays
    assert with_words(owner, stranger) == theirs
    left = "SELECT count(*) AS n FROM ended_timelines WHERE company_id = %s"
    assert owner.execute(left, [plain_api.company_id]).fetchone()["n"] == 0


async def test_those_of_a_deleted_case_are_swept_too(plain_api: Api, owner: psycopg.Connection, database: Database):
    case = await plain_api.new_case(clientId=await plain_api.new_client())
    await notes(plain_api, 2, businessCaseId=case)
    await plain_api.delete(f"/business-cases/{case}")
    await sweep(database)
    assert with_words(owner, plain_api) == set()
