from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
import psycopg
import pytest
from support.api import PREFIX, Api
from support.routes import EVERY_CALL, WRITES, record_for
from support.tables import rows_of

from kronika.companies.actions import revoke_token
from kronika.credentials import is_well_formed, new_token
from kronika.db.owner import owner_transaction

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LIVING = "kro_" + "0" * 43
"""Stands for a token in the tables below, where it is replaced by a living one."""

NOT_A_TOKEN = {
    "nothing": "",
    "no scheme": LIVING,
    "another scheme": f"Basic {LIVING}",
    "a scheme that only begins so": f"Bearers {LIVING}",
    "a scheme alone": "Bearer",
    "a scheme and blanks": "Bearer   ",
    "a comma after it": f"Bearer {LIVING},",
    "two at once": f"Bearer {LIVING} {LIVING}",
    "one character less": f"Bearer {LIVING[:-1]}",
    "one character more": f"Bearer {LIVING}0",
    "another prefix": f"Bearer KRO_{LIVING[4:]}",
    "quotation marks": f'Bearer "{LIVING}"',
    "not ASCII": f"Bearer {LIVING}é",
    "very long": f"Bearer {LIVING * 100}",
}


def is_unauthenticated(response: httpx2.Response) -> bool:
    assert response.status_code == 401, response.text
    assert not [name for name in response.headers if name.startswith("x-ratelimit")]
    return response.content == b'{"message":"Unauthenticated."}'


def mistyped(token: str) -> str:
    return token[:10] + ("A" if token[10] != "A" else "B") + token[11:]


@pytest.fixture
async def reader(api: Api, new_api: Callable[..., Awaitable[Api]]) -> Api:
    """The same company with a token that may only read."""
    return replace(await new_api(company_id=api.company_id, scope="read"), http=api.http)


@pytest.fixture
def revoke(database_url: str) -> Callable[[Api], Awaitable[None]]:
    async def end(api: Api) -> None:
        async with owner_transaction(database_url) as statements:
            await revoke_token(statements, api.token_id)

    return end


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_every_route_asks_for_a_token(api: Api, method: str, path: str):
    assert is_unauthenticated(await api.http.request(method, PREFIX + path.format(id=1)))


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_a_token_that_nobody_issued_opens_nothing(api: Api, method: str, path: str):
    assert is_unauthenticated(await replace(api, token=new_token()).request(method, path.format(id=1)))


@pytest.mark.parametrize("header", NOT_A_TOKEN.values(), ids=NOT_A_TOKEN)
async def test_what_is_no_bearer_token_opens_nothing(plain_api: Api, header: str):
    sent = {"Authorization": header.replace(LIVING, plain_api.token).encode()}
    assert is_unauthenticated(await plain_api.http.get(PREFIX + "/whoami", headers=sent))


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
async def test_a_scheme_may_be_written_in_any_case(plain_api: Api, scheme: str):
    sent = {"Authorization": f"{scheme} {plain_api.token}"}
    assert (await plain_api.http.get(PREFIX + "/whoami", headers=sent)).status_code == 200


def test_a_checksum_notices_every_wrong_character_and_every_swap_of_neighbours():
    token = new_token()
    assert is_well_formed(token)
    for place in range(len("kro_"), len(token)):
        for character in ALPHABET.replace(token[place], ""):
            assert not is_well_formed(token[:place] + character + token[place + 1 :])
        swapped = token[: place - 1] + token[place] + token[place - 1] + token[place + 1 :]
        assert swapped == token or not is_well_formed(swapped)


@pytest.mark.parametrize(("method", "path"), [*EVERY_CALL, ("GET", "/nowhere"), ("PUT", "/clients")])
async def test_a_mistyped_token_costs_no_query(without_database: httpx2.AsyncClient, method: str, path: str):
    nobody = Api(without_database, 0, 0, mistyped(new_token()))
    assert is_unauthenticated(await nobody.request(method, path.format(id=1)))


async def test_a_well_formed_token_does_cost_one(without_database: httpx2.AsyncClient):
    assert (await Api(without_database, 0, 0, new_token()).get("/whoami")).status_code == 503


async def test_a_token_is_stored_nowhere_as_it_was_issued(plain_api: Api, owner: psycopg.Connection):
    row = owner.execute("SELECT * FROM tokens WHERE id = %s", [plain_api.token_id]).fetchone()
    assert len(row["hash"]) == 32
    assert plain_api.token[4:] not in str(row)
    assert plain_api.token[4:].encode().hex() not in str(row)


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_a_revoked_token_stops_working_at_once(api: Api, revoke, method: str, path: str):
    assert (await api.get("/whoami")).status_code == 200
    await revoke(api)
    assert is_unauthenticated(await api.request(method, path.format(id=1)))


async def test_a_revoked_token_neither_reads_nor_writes_a_timeline_it_used_a_moment_ago(
    api: Api, owner: psycopg.Connection, revoke
):
    client_id = await api.new_client()
    assert (await api.record(clientId=client_id)).status_code == 201
    assert len((await api.timeline(clientId=client_id))["data"]) == 1
    before = rows_of(owner, api.company_id)
    await revoke(api)
    assert is_unauthenticated(await api.record(clientId=client_id))
    assert is_unauthenticated(await api.get("/contact-activity-logs", params={"clientId": client_id}))
    assert rows_of(owner, api.company_id) == before


async def test_a_revoked_token_is_told_nothing_of_the_keys_it_used(api: Api, revoke):
    client_id = await api.new_client()
    note = {"clientId": client_id, "metadata": {"content": "They accept"}}
    client = {"name": "Acme"}
    assert (await api.record("an-event", **note)).status_code == 201
    assert (await api.post("/clients", client, key="a-client")).status_code == 201
    await revoke(api)
    assert is_unauthenticated(await api.record("an-event", **note))
    assert is_unauthenticated(await api.post("/clients", client, key="a-client"))


async def test_revoking_one_token_leaves_the_others_of_the_company(api: Api, reader: Api, revoke):
    await revoke(api)
    assert (await reader.get("/whoami")).status_code == 200


async def test_the_record_of_a_revoked_token_stays(plain_api: Api, owner: psycopg.Connection, revoke):
    await revoke(plain_api)
    row = owner.execute("SELECT revoked_at FROM tokens WHERE id = %s", [plain_api.token_id]).fetchone()
    assert row["revoked_at"] is not None


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_scope_read_may_not_write_whatever_it_sends(reader: Api, method: str, path: str):
    response = await reader.request(method, path.format(id=1), json={"metadata": 1})
    assert (response.status_code, response.json()) == (403, {"message": "This action is unauthorized."})


async def test_scope_read_leaves_nothing_behind_where_write_would(api: Api, reader: Api, owner: psycopg.Connection):
    client_id = await api.new_client()
    event_id = (await api.record(clientId=client_id)).json()["id"]
    path = f"/contact-activity-logs/{event_id}"
    before = rows_of(owner, api.company_id)
    for refused in (
        await reader.record(clientId=client_id),
        await reader.record("a-key", clientId=client_id),
        await reader.patch(path, {"metadata": {"content": "Changed"}}),
        await reader.delete(path),
        await reader.post("/clients", {"name": "Acme"}),
        await reader.post("/suppliers", {"name": "Acme"}),
        await reader.post("/business-cases", {"name": "Roof", "clientId": client_id}),
    ):
        assert refused.status_code == 403
    assert rows_of(owner, api.company_id) == before
    assert (await api.get(path)).json()["metadata"] != {"content": "Changed"}


async def test_scope_read_reads_everything(api: Api, reader: Api):
    paths = [path for method, path in EVERY_CALL if method == "GET" and "{id}" in path]
    for path in paths:
        assert (await reader.get(path.format(id=await record_for(api, path)))).status_code == 200
    assert (await reader.get("/whoami")).status_code == 200
    page = await reader.get("/contact-activity-logs", params={"clientId": await api.new_client()})
    assert page.status_code == 200


async def test_scope_write_reads_too(api: Api):
    client_id = await api.new_client()
    assert (await api.get(f"/clients/{client_id}")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/nowhere", b""),
        ("PUT", "/clients", b""),
        ("GET", "/clients/none", b""),
        ("POST", "/contact-activity-logs", b"{"),
        ("GET", "/contact-activity-logs?perPage=0", b""),
    ],
    ids=["no such route", "no such method", "no such id", "no JSON", "a wrong query"],
)
async def test_who_asks_is_judged_before_what_is_asked(api: Api, method: str, path: str, content: bytes):
    sent = {"Content-Type": "application/json"}
    assert is_unauthenticated(await api.http.request(method, PREFIX + path, content=content, headers=sent))
    assert (await api.request(method, path, content=content, headers=sent)).status_code in {404, 405, 422}


async def test_who_asks_is_judged_before_the_idempotency_key(api: Api, reader: Api):
    sent = {"Idempotency-Key": "no key at all"}
    body = {"type": "note", "clientId": await api.new_client(), "metadata": {"content": "They accept"}}
    for path in ("/contact-activity-logs", "/clients"):
        assert is_unauthenticated(await api.http.post(PREFIX + path, json=body, headers=sent))
        assert (await reader.post(path, body, headers=sent)).status_code == 403
        assert (await api.post(path, body, headers=sent)).status_code == 400
