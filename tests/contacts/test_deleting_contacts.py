"""DELETE: a contact goes, and takes its cases along; what happened stays in the database."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from support.api import Api, errors_of
from support.board import columns
from support.records import types_of_changes


@pytest.mark.parametrize("kind", ["client", "supplier"])
async def test_a_deleted_contact_is_nowhere_to_be_found(plain_api: Api, owner: psycopg.Connection, kind: str):
    contact_id = (await plain_api.post(f"/{kind}s", {"name": "Acme"})).json()["id"]
    event_id = (await plain_api.record(**{f"{kind}Id": contact_id})).json()["id"]
    gone = await plain_api.delete(f"/{kind}s/{contact_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    for method in ("GET", "PUT", "DELETE"):
        assert (await plain_api.request(method, f"/{kind}s/{contact_id}", json={"name": "X"})).status_code == 404
    assert (await plain_api.get(f"/{kind}s")).json()["data"] == []
    assert (await plain_api.get(f"/{kind}s", params={"page": 1})).json()["paginator"]["totalResults"] == 0
    assert (await plain_api.get("/contacts", params={"search": "acme"})).json()["data"] == []
    assert (await plain_api.get(f"/contact-activity-logs/{event_id}")).status_code == 404
    assert f"{kind}Id" in errors_of(await plain_api.get("/contact-activity-logs", params={f"{kind}Id": contact_id}))
    assert f"{kind}Id" in errors_of(await plain_api.record(**{f"{kind}Id": contact_id}))
    assert f"{kind}Id" in errors_of(await plain_api.post("/business-cases", {"name": "X", f"{kind}Id": contact_id}))
    assert f"{kind}Id" in errors_of(await plain_api.get("/business-cases", params={f"{kind}Id": contact_id}))
    assert types_of_changes(owner, plain_api, contact_id) == [f"{kind}s.created", f"{kind}s.deleted"]


async def test_its_cases_go_along_and_the_others_close_up(plain_api: Api, owner: psycopg.Connection):
    leaving, staying = await plain_api.new_client(), await plain_api.new_client()
    cases = [await plain_api.new_case(clientId=[leaving, staying][number % 2]) for number in range(6)]
    event_id = (await plain_api.record(businessCaseId=cases[0])).json()["id"]
    await plain_api.delete(f"/clients/{leaving}")
    for number, case_id in enumerate(cases):
        shown = await plain_api.get(f"/business-cases/{case_id}")
        assert shown.status_code == (200 if number % 2 else 404)
    assert (await plain_api.get(f"/contact-activity-logs/{event_id}")).status_code == 404
    assert columns(owner, plain_api) == {None: [cases[1], cases[3], cases[5]]}
    assert types_of_changes(owner, plain_api, cases[0])[-1] == "business-cases.deleted"
    assert types_of_changes(owner, plain_api, cases[1]) == ["business-cases.created"]
    assert "businessCaseId" in errors_of(await plain_api.record(businessCaseId=cases[0]))


async def test_a_stranger_cannot_delete_it(plain_api: Api, stranger: Api):
    client_id = await plain_api.new_client()
    assert (await stranger.delete(f"/clients/{client_id}")).status_code == 404
    assert (await plain_api.get(f"/clients/{client_id}")).status_code == 200


async def test_whatever_happens_at_the_same_moment_happens_before_or_not_at_all(
    plain_api: Api, owner: psycopg.Connection
):
    client_id, other = await plain_api.new_client(), await plain_api.new_client()
    case_id = await plain_api.new_case(clientId=client_id)
    answers = await asyncio.gather(
        *(plain_api.record(clientId=client_id) for _ in range(8)),
        *(plain_api.post("/business-cases", {"name": "X", "clientId": client_id}) for _ in range(8)),
        plain_api.delete(f"/clients/{client_id}"),
        plain_api.delete(f"/clients/{client_id}"),
        *(plain_api.record(businessCaseId=case_id) for _ in range(4)),
        *(plain_api.request("PUT", f"/clients/{client_id}", json={"name": f"N{n}"}) for n in range(4)),
        *(plain_api.post("/business-cases", {"name": "Y", "clientId": other}) for _ in range(4)),
    )
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {200, 201, 204, 404, 422}
    assert sorted(statuses[16:18]) == [204, 404]
    assert statuses[-4:] == [201] * 4
    living = owner.execute(
        "SELECT count(*) AS n FROM business_cases WHERE contact_id = %s AND deleted_at IS NULL", [client_id]
    ).fetchone()
    assert living["n"] == 0
    assert len(columns(owner, plain_api)[None]) == 4
    changes = types_of_changes(owner, plain_api, client_id)
    assert changes[-1] == "clients.deleted"
    assert changes.count("clients.deleted") == 1
