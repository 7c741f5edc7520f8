"""When a token was last used: noticed by the way, written later, and once an hour at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx2
import psycopg
import pytest
from support.api import Api

from kronika.db.pool import Database
from kronika.errors import Unavailable
from kronika.http.token_uses import TokenUses


def uses_of(api: Api) -> TokenUses:
    """What the application has seen that the company speaks to."""
    return api.http._transport.app._token_uses


def last_use(owner: psycopg.Connection, api: Api) -> datetime | None:
    row = owner.execute("SELECT last_used_at FROM tokens WHERE id = %s", [api.token_id]).fetchone()
    return row["last_used_at"]


async def test_a_token_that_let_a_request_in_is_written_once_an_hour_and_no_other_is(
    api: Api, stranger: Api, owner: psycopg.Connection, database: Database
):
    uses = uses_of(api)
    await uses_of(stranger).write(database)
    await uses.write(database)
    owner.execute("UPDATE tokens SET last_used_at = NULL")
    # The hot route, which asks who it is in its own statement where requests are not counted.
    client_id = await api.new_client()
    await uses.write(database)
    owner.execute("UPDATE tokens SET last_used_at = NULL")
    await api.record(clientId=client_id)
    assert last_use(owner, api) is None
    assert await uses.write(database) == 1
    first = last_use(owner, api)
    assert first is not None
    assert last_use(owner, stranger) is None
    # Within the hour nothing is written again, and nothing is when nothing was asked.
    await api.get("/whoami")
    assert await uses.write(database) == 0
    assert last_use(owner, api) == first
    owner.execute(
        "UPDATE tokens SET last_used_at = clock() - interval '60 minutes' WHERE id = %s RETURNING id", [api.token_id]
    )
    assert await uses.write(database) == 0
    await api.timeline(clientId=client_id)
    assert await uses.write(database) == 1
    assert last_use(owner, api) >= first


async def test_who_is_refused_is_not_noticed_unless_it_is_for_what_the_token_may_not(
    api: Api, new_api: Callable[..., Awaitable[Api]], owner: psycopg.Connection, database: Database
):
    uses = uses_of(api)
    await uses.write(database)
    ended = await new_api(company_id=api.company_id)
    owner.execute("UPDATE tokens SET revoked_at = clock() WHERE id = %s", [ended.token_id])
    for wrong in (ended.token, "kro_" + "0" * 43, "nothing"):
        answer = await api.http.get("/api/public/v1/whoami", headers={"Authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401
        posted = await Api(api.http, api.company_id, 0, wrong).record(clientId=1)
        assert posted.status_code == 401
    assert uses._seen == set()
    await api.get("/clients/999999999")
    assert len(uses._seen) == 1
    await uses.write(database)


async def test_what_could_not_be_written_is_written_the_next_time(
    api: Api, without_database: httpx2.AsyncClient, owner: psycopg.Connection, database: Database
):
    uses = uses_of(api)
    await uses.write(database)
    owner.execute("UPDATE tokens SET last_used_at = NULL")
    await api.get("/whoami")
    with pytest.raises(Unavailable):
        await uses.write(without_database._transport.app._app.state.services.database)
    assert await uses.write(database) == 1


async def test_a_token_that_somebody_holds_is_left_to_him(api: Api, owner: psycopg.Connection, database: Database):
    uses = uses_of(api)
    await uses.write(database)
    owner.execute("UPDATE tokens SET last_used_at = clock() - %s", [timedelta(hours=2)])
    await api.get("/whoami")
    with owner.transaction():
        owner.execute("SELECT FROM tokens WHERE id = %s FOR UPDATE", [api.token_id])
        assert await uses.write(database) == 0
