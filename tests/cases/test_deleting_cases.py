"""Deletion of a case, of a status with cases in it, and of all cases of a contact."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import columns, new_status
from support.records import changes_of, counts_are_right, types_of_changes

from kronika.cases.actions import remove_cases_of
from kronika.changes.models import SYSTEM, token_actor
from kronika.db.pool import Database

EVENTS = "/contact-activity-logs"
NOT_FOUND = {"message": "No query results for model."}
UNKNOWN = {"businessCaseId": ["This does not exist."]}


def is_ended(owner: psycopg.Connection, case_id: int) -> bool:
    """Whether the case and its timeline are deleted: both or neither."""
    row = owner.execute(
        "SELECT c.deleted_at IS NOT NULL AS gone, t.deleted_at IS NOT NULL AS ended"
        " FROM business_cases c JOIN timelines t USING (company_id, id) WHERE id = %s",
        [case_id],
    ).fetchone()
    assert row["gone"] == row["ended"]
    return row["gone"]


async def test_a_deleted_case_is_gone_and_its_column_closes_up(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id, status_id = await plain_api.new_client(), await new_status(plain_api)
    cases = [await plain_api.new_case(clientId=client_id, statusId=status_id) for _ in range(4)]
    without = await plain_api.new_case(clientId=client_id)
    strangers, before = columns(owner, stranger), changes_of(owner, plain_api)
    path = f"/business-cases/{cases[1]}"
    assert (await stranger.delete(path)).status_code == 404
    response = await plain_api.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert is_ended(owner, cases[1])
    for again in (
        await plain_api.get(path),
        await plain_api.patch(path, {"name": "x"}),
        await plain_api.put(f"{path}/position", {}),
        await plain_api.delete(path),
    ):
        assert (again.status_code, again.json()) == (404, NOT_FOUND)
    assert columns(owner, plain_api) == {status_id: [cases[0], *cases[2:]], None: [without]}
    [change] = changes_of(owner, plain_api)[len(before) :]
    assert (change["type"], change["resource_id"]) == ("business-cases.deleted", cases[1])
    assert (change["actor"], change["actor_id"]) == ("token", plain_api.token_id)
    assert columns(owner, stranger) == strangers
    next_ = await plain_api.new_case(clientId=client_id, statusId=status_id)
    assert columns(owner, plain_api)[status_id] == [cases[0], *cases[2:], next_]


async def test_a_repeated_create_still_answers_when_its_case_is_gone(plain_api: Api, owner: psycopg.Connection):
    body = {"name": "Roof", "clientId": await plain_api.new_client()}
    first = await plain_api.post("/business-cases", body, key="k")
    await plain_api.delete(f"/business-cases/{first.json()['id']}")
    again = await plain_api.post("/business-cases", body, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert columns(owner, plain_api) == {}


# Its events


async def test_a_deleted_cases_events_are_gone_and_it_takes_no_more(api: Api, stranger: Api, owner: psycopg.Connection):
    client_id = await api.new_client()
    case_id = await api.new_case(clientId=client_id)
    event_id = (await api.record("a-key", businessCaseId=case_id, metadata={"content": "x"})).json()["id"]
    await api.delete(f"/business-cases/{case_id}")
    assert errors_of(await api.record(businessCaseId=case_id)) == UNKNOWN
    assert errors_of(await api.record("fresh", businessCaseId=case_id)) == UNKNOWN
    assert errors_of(await api.get(EVENTS, params={"businessCaseId": case_id})) == UNKNOWN
    for gone in (
        await api.get(f"{EVENTS}/{event_id}"),
        await api.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "y"}}),
        await api.delete(f"{EVENTS}/{event_id}"),
    ):
        assert (gone.status_code, gone.json()) == (404, NOT_FOUND)
    # What was recorded is still answered to who asks again, and is still in the database.
    again = await api.record("a-key", businessCaseId=case_id, metadata={"content": "x"})
    assert (again.status_code, again.json()["id"]) == (201, event_id)
    kept = owner.execute("SELECT deleted_at FROM events WHERE id = %s", [event_id]).fetchone()
    assert kept["deleted_at"] is None
    # Its client goes on.
    assert (await api.record(clientId=client_id)).status_code == 201


async def test_an_event_that_races_the_deletion_of_its_case_is_recorded_whole_or_refused(
    plain_api: Api, owner: psycopg.Connection
):
    client_id = await plain_api.new_client()
    for _ in range(5):
        case_id = await plain_api.new_case(clientId=client_id)
        deletion, *answers = await asyncio.gather(
            plain_api.delete(f"/business-cases/{case_id}"),
            *(plain_api.record(f"{case_id}-{n}" if n % 2 else None, businessCaseId=case_id) for n in range(8)),
        )
        assert deletion.status_code == 204
        assert {answer.status_code for answer in answers} <= {201, 422}
        recorded = {answer.json()["id"] for answer in answers if answer.status_code == 201}
        rows = owner.execute("SELECT id FROM events WHERE timeline_id = %s", [case_id]).fetchall()
        assert {row["id"] for row in rows} == recorded
        assert counts_are_right(owner, case_id)


# A status with cases in it


async def test_the_cases_of_a_deleted_status_stand_in_their_order_behind_those_without_one(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    client_id = await plain_api.new_client()
    going, staying = await new_status(plain_api), await new_status(plain_api)
    without = [await plain_api.new_case(clientId=client_id) for _ in range(2)]
    freed = [await plain_api.new_case(clientId=client_id, statusId=going) for _ in range(3)]
    kept = await plain_api.new_case(clientId=client_id, statusId=staying)
    await plain_api.put(f"/business-cases/{freed[2]}/position", {"position": 0})
    freed = [freed[2], *freed[:2]]
    gone = await plain_api.new_case(clientId=client_id, statusId=going)
    await plain_api.delete(f"/business-cases/{gone}")
    owner.execute(
        "UPDATE business_cases SET updated_at = '2026-01-02T10:00:00Z' WHERE company_id = %s", [plain_api.company_id]
    )
    strangers, before = columns(owner, stranger), changes_of(owner, plain_api)
    assert (await plain_api.delete(f"/business-case-statuses/{going}")).status_code == 204
    assert columns(owner, plain_api) == {None: [*without, *freed], staying: [kept]}
    for place, case_id in enumerate(freed, start=2):
        case = (await plain_api.get(f"/business-cases/{case_id}")).json()
        assert (case["status"], case["boardPosition"]) == (None, place)
    touched = owner.execute(
        "SELECT id FROM business_cases WHERE company_id = %s AND updated_at > '2026-01-02T10:00:00Z'",
        [plain_api.company_id],
    ).fetchall()
    assert {row["id"] for row in touched} == set(freed)
    told = changes_of(owner, plain_api)[len(before) :]
    assert [(change["type"], change["resource_id"]) for change in told] == [
        *(("business-cases.updated", case_id) for case_id in freed),
        ("business-case-statuses.deleted", going),
    ]
    assert {(change["actor"], change["actor_id"]) for change in told} == {("token", plain_api.token_id)}
    assert columns(owner, stranger) == strangers
    # The one that was deleted before keeps what it had.
    row = owner.execute("SELECT status_id FROM business_cases WHERE id = %s", [gone]).fetchone()
    assert row["status_id"] == going


# All cases of a contact


@pytest.mark.parametrize("actor", ["system", "token"])
async def test_all_cases_of_a_contact_go_and_every_column_closes_up(
    plain_api: Api, stranger: Api, database: Database, owner: psycopg.Connection, *, actor: str
):
    going, staying = await plain_api.new_client(), await plain_api.new_supplier()
    first, second, untouched = [await new_status(plain_api) for _ in range(3)]
    whose = {"going": {"clientId": going}, "staying": {"supplierId": staying}}
    made: dict[str, list[int]] = {"going": [], "staying": []}
    for column in (None, first, second):
        for who in ("going", "staying", "going", "going", "staying"):
            made[who].append(await plain_api.new_case(**whose[who], statusId=column))
    other = await plain_api.new_case(supplierId=staying, statusId=untouched)
    already_gone = await plain_api.new_case(clientId=going)
    await plain_api.delete(f"/business-cases/{already_gone}")
    strangers, before = columns(owner, stranger), changes_of(owner, plain_api)
    who = SYSTEM if actor == "system" else token_actor(plain_api.token_id)
    async with database.transaction(plain_api.company_id) as transaction:
        await remove_cases_of(transaction, going, who)
    kept = made["staying"]
    assert columns(owner, plain_api) == {None: kept[:2], first: kept[2:4], second: kept[4:], untouched: [other]}
    assert all(is_ended(owner, case_id) for case_id in made["going"])
    assert not any(is_ended(owner, case_id) for case_id in [*kept, other])
    told = changes_of(owner, plain_api)[len(before) :]
    assert [(change["type"], change["resource_id"]) for change in told] == [
        ("business-cases.deleted", case_id) for case_id in made["going"]
    ]
    assert {(change["actor"], change["actor_id"]) for change in told} == {(who.kind, who.id)}
    assert types_of_changes(owner, plain_api, already_gone).count("business-cases.deleted") == 1
    assert columns(owner, stranger) == strangers


async def test_of_a_contact_without_cases_and_of_another_companys_nothing_goes(
    plain_api: Api, stranger: Api, database: Database, owner: psycopg.Connection
):
    foreign = await stranger.new_client()
    await stranger.new_case(clientId=foreign)
    client_id = await plain_api.new_client()
    await plain_api.new_case()
    ours, theirs, told = columns(owner, plain_api), columns(owner, stranger), changes_of(owner, plain_api)
    async with database.transaction(plain_api.company_id) as transaction:
        await remove_cases_of(transaction, client_id, SYSTEM)
        await remove_cases_of(transaction, foreign, SYSTEM)
    assert (columns(owner, plain_api), columns(owner, stranger)) == (ours, theirs)
    assert changes_of(owner, plain_api) == told
