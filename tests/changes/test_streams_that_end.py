"""A stream ends when its token does, and a process keeps a bounded number of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from support.api import Api
from support.couriers import until

from kronika.changes import following, stream


async def test_a_stream_ends_when_its_token_is_revoked(
    plain_api: Api, watch: Callable[..., Any], owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "_HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(following, "_LOOK_EVERY_SECONDS", 0.01)
    async with watch(plain_api) as there:
        await until(lambda: there.sent.count(b"still here") > 2)
        assert not there.is_over
        owner.execute("UPDATE tokens SET revoked_at = clock() WHERE id = %s", [plain_api.token_id])
        await until(lambda: there.is_over)
        # Whatever happens now, it was not sent.
        assert b"data:" not in there.sent


async def test_nothing_is_told_by_a_token_that_was_revoked(
    plain_api: Api, watch: Callable[..., Any], new_api: Any, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "_TRUST_SECONDS", 0)
    revoked = await new_api(company_id=plain_api.company_id)
    async with watch(revoked) as there:
        await until(lambda: there.sent)
        owner.execute("UPDATE tokens SET revoked_at = clock() WHERE id = %s", [revoked.token_id])
        await plain_api.new_client()
        await until(lambda: there.is_over)
        assert b"data:" not in there.sent


async def test_a_company_has_so_many_streams_and_then_a_503_while_others_have_theirs(
    plain_api: Api, stranger: Api, watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "MOST_OF_A_COMPANY", 2)
    async with watch(plain_api) as first, watch(plain_api) as second:
        await until(lambda: first.sent and second.sent)
        async with watch(plain_api) as third, watch(stranger) as theirs:
            assert [there.status for there in (first, second, third, theirs)] == [200, 200, 503, 200]
    async with watch(plain_api) as again:
        assert again.status == 200


async def test_a_process_has_so_many_streams_of_all_companies(
    plain_api: Api, stranger: Api, watch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "_MOST", 1)
    async with watch(plain_api) as first:
        await until(lambda: first.sent)
        async with watch(stranger) as second:
            assert (first.status, second.status) == (200, 503)
