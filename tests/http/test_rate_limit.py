from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import time

import httpx2
import psycopg
import pytest
from support.api import PREFIX, Api
from support.tables import rows_of

from kronika.settings import Settings

LIMIT = 5
EVENTS = "/contact-activity-logs"


@pytest.fixture
async def limited(stranger: Api, new_api: Callable[..., Awaitable[Api]]) -> Api:
    """A company that may make five requests a minute."""
    return await new_api(rate_limit=LIMIT)


@pytest.fixture
async def uncounted(limited: Api, new_api: Callable[..., Awaitable[Api]]) -> Api:
    """The same company, through an application that does not count."""
    return await new_api(company_id=limited.company_id)


def rate_headers(response: httpx2.Response) -> tuple[str | None, str | None]:
    return response.headers.get("x-ratelimit-limit"), response.headers.get("x-ratelimit-remaining")


def has_no_rate_headers(response: httpx2.Response) -> bool:
    return not [name for name in response.headers if name.startswith("x-ratelimit") or name == "retry-after"]


async def exhaust(api: Api) -> None:
    while (await api.get("/whoami")).status_code != 429:
        pass


async def remaining(api: Api) -> int:
    """How many requests were left before this one was counted."""
    return int((await api.get("/whoami")).headers["x-ratelimit-remaining"]) + 1


def let_pass(owner: psycopg.Connection, api: Api, seconds: float) -> None:
    owner.execute(
        "UPDATE rate_windows SET started_at = started_at - make_interval(secs => %s) WHERE company_id = %s",
        [seconds, api.company_id],
    )


def test_the_default_is_120_a_minute():
    assert Settings.model_fields["rate_limit"].default == 120


async def test_exactly_as_many_requests_as_allowed_pass_and_each_says_how_many_are_left(limited: Api):
    told = [await limited.get("/whoami") for _ in range(LIMIT + 3)]
    assert [response.status_code for response in told] == [200] * LIMIT + [429] * 3
    assert [rate_headers(response) for response in told] == [
        ("5", "4"), ("5", "3"), ("5", "2"), ("5", "1"), ("5", "0"), ("5", "0"), ("5", "0"), ("5", "0"),
    ]  # fmt: skip


async def test_a_429_says_when_to_come_back(limited: Api):
    await exhaust(limited)
    before = time()
    refused = await limited.get("/whoami")
    assert (refused.status_code, refused.json()) == (429, {"message": "Too Many Attempts."})
    assert refused.headers["content-type"] == "application/json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert before < int(refused.headers["x-ratelimit-reset"]) <= time() + 61
    assert abs(int(refused.headers["x-ratelimit-reset"]) - before - int(refused.headers["retry-after"])) <= 2


async def test_only_a_429_says_when_to_come_back(limited: Api):
    response = await limited.get("/whoami")
    assert not {"retry-after", "x-ratelimit-reset"} & {*response.headers}


async def test_the_window_runs_from_the_first_request_and_not_from_the_last(limited: Api, owner: psycopg.Connection):
    await limited.get("/whoami")
    let_pass(owner, limited, 55)
    await exhaust(limited)
    assert int((await limited.get("/whoami")).headers["retry-after"]) <= 5
    let_pass(owner, limited, 5)
    assert rate_headers(await limited.get("/whoami")) == ("5", "4")


async def test_a_window_does_not_end_a_moment_too_early(limited: Api, owner: psycopg.Connection):
    await exhaust(limited)
    let_pass(owner, limited, 50)
    refused = await limited.get("/whoami")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 10


async def test_a_new_window_is_a_whole_one(limited: Api, owner: psycopg.Connection):
    await exhaust(limited)
    let_pass(owner, limited, 3600)
    assert [(await limited.get("/whoami")).status_code for _ in range(LIMIT + 1)] == [200] * LIMIT + [429]
    assert int((await limited.get("/whoami")).headers["retry-after"]) > 50


async def test_refused_requests_are_not_counted_and_do_not_move_the_window(limited: Api, owner: psycopg.Connection):
    await exhaust(limited)
    before = owner.execute("SELECT * FROM rate_windows WHERE company_id = %s", [limited.company_id]).fetchone()
    for _ in range(10):
        await exhaust(limited)
    after = owner.execute("SELECT * FROM rate_windows WHERE company_id = %s", [limited.company_id]).fetchone()
    assert after == before
    assert before["hits"] == LIMIT


async def test_a_refused_request_does_nothing(limited: Api, uncounted: Api, owner: psycopg.Connection):
    client_id = await uncounted.new_client()
    event_id = (await uncounted.record(clientId=client_id)).json()["id"]
    await exhaust(limited)
    before = rows_of(owner, limited.company_id)
    for refused in (
        await limited.record("a-key", clientId=client_id),
        await limited.patch(f"{EVENTS}/{event_id}", {"metadata": {"content": "Changed"}}),
        await limited.delete(f"{EVENTS}/{event_id}"),
        await limited.post("/clients", {"name": "Acme"}, key="another-key"),
        await limited.get(EVENTS, params={"clientId": client_id}),
    ):
        assert refused.status_code == 429
    assert rows_of(owner, limited.company_id) == before


async def test_all_tokens_of_a_company_share_its_limit(limited: Api, new_api: Callable[..., Awaitable[Api]]):
    colleague = await new_api(company_id=limited.company_id, scope="read", rate_limit=LIMIT)
    await limited.get("/whoami")
    assert rate_headers(await colleague.get("/whoami")) == ("5", "3")
    await exhaust(limited)
    assert (await colleague.get("/whoami")).status_code == 429


async def test_another_company_is_unaffected(limited: Api, stranger: Api, new_api: Callable[..., Awaitable[Api]]):
    theirs = await new_api(company_id=stranger.company_id, rate_limit=LIMIT)
    await exhaust(limited)
    assert rate_headers(await theirs.get("/whoami")) == ("5", "4")
    assert (await limited.get("/whoami")).status_code == 429


async def test_the_count_is_exact_under_concurrent_requests_to_two_servers(
    limited: Api, uncounted: Api, new_api: Callable[..., Awaitable[Api]]
):
    client_id = await uncounted.new_client()
    one, other = [
        replace(limited, http=(await new_api(rate_limit=20, default_language=language)).http)
        for language in ("en", "sk")
    ]
    told = await asyncio.gather(*[server.record(clientId=client_id) for _ in range(25) for server in (one, other)])
    assert Counter(response.status_code for response in told) == {201: 20, 429: 30}
    let_through = [int(response.headers["x-ratelimit-remaining"]) for response in told if response.status_code == 201]
    assert sorted(let_through) == list(range(20))
    assert (await uncounted.timeline(clientId=client_id))["paginator"]["totalResults"] == 20


async def test_the_count_is_exact_when_a_window_ends_under_concurrent_requests(limited: Api, owner: psycopg.Connection):
    await exhaust(limited)
    let_pass(owner, limited, 60)
    told = await asyncio.gather(*[limited.get("/whoami") for _ in range(30)])
    assert Counter(response.status_code for response in told) == {200: LIMIT, 429: 30 - LIMIT}


async def test_what_is_no_request_of_the_company_is_neither_counted_nor_marked(
    limited: Api, new_api: Callable[..., Awaitable[Api]]
):
    reader = await new_api(company_id=limited.company_id, scope="read", rate_limit=LIMIT)
    for response, status in (
        (await limited.http.get(f"{PREFIX}/whoami"), 401),
        (await replace(limited, token="kro_none").get("/whoami"), 401),
        (await limited.get("/nowhere"), 404),
        (await limited.request("PUT", "/clients"), 405),
        (await reader.post("/clients", {"name": "Acme"}), 403),
        (await reader.record(clientId=1), 403),
        (await limited.request("POST", "/clients", content=b" " * 2_000_000), 413),
        (await limited.http.get("/healthz"), 200),
        (await limited.http.get("/readyz"), 200),
    ):
        assert response.status_code == status
        assert has_no_rate_headers(response)
    assert await remaining(limited) == LIMIT


async def test_these_answer_the_same_when_the_limit_is_reached(limited: Api, new_api: Callable[..., Awaitable[Api]]):
    reader = await new_api(company_id=limited.company_id, scope="read", rate_limit=LIMIT)
    await exhaust(limited)
    assert (await limited.http.get(f"{PREFIX}/whoami")).status_code == 401
    assert (await limited.get("/nowhere")).status_code == 404
    assert (await limited.request("PUT", "/clients")).status_code == 405
    assert (await reader.post("/clients", {"name": "Acme"})).status_code == 403
    assert (await reader.record(clientId=1)).status_code == 403


async def test_a_request_that_fails_for_what_it_asks_is_counted_and_marked(limited: Api):
    for left, (response, status) in enumerate(
        [
            (await limited.get("/clients/1"), 404),
            (await limited.post("/clients", {}), 422),
            (await limited.post(EVENTS, {}), 422),
            (await limited.post("/clients", {}, key="a key"), 400),
            (await limited.get(EVENTS), 422),
        ]
    ):
        assert (response.status_code, rate_headers(response)) == (status, ("5", str(LIMIT - 1 - left)))


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/clients/1", {}),
        ("POST", "/clients", {}),
        ("POST", EVENTS, {}),
        ("POST", EVENTS, {"Idempotency-Key": "a key"}),
        ("GET", EVENTS, {}),
        ("PATCH", f"{EVENTS}/x", {}),
    ],
)
async def test_the_limit_is_judged_before_what_is_asked(limited: Api, method: str, path: str, headers: dict[str, str]):
    await exhaust(limited)
    assert (await limited.request(method, path, content=b"{", headers=headers)).status_code == 429


async def test_replays_count(limited: Api, uncounted: Api):
    note = {"clientId": await uncounted.new_client(), "metadata": {"content": "They accept"}}
    told = [await limited.record("a-key", **note) for _ in range(LIMIT + 1)]
    assert [response.status_code for response in told] == [201] * LIMIT + [429]
    assert [response.headers.get("idempotency-status") for response in told[:2]] == ["Original", "Repeated"]
    assert [rate_headers(response)[1] for response in told] == ["4", "3", "2", "1", "0", "0"]


async def test_every_route_counts_one(limited: Api, uncounted: Api):
    client_id = await uncounted.new_client()
    created = await limited.record(clientId=client_id)
    path = f"{EVENTS}/{created.json()['id']}"
    told = [
        created,
        await limited.get(EVENTS, params={"clientId": client_id}),
        await limited.get(path),
        await limited.patch(path, {"metadata": {"content": "Changed"}}),
        await limited.delete(path),
    ]
    assert [rate_headers(response)[1] for response in told] == ["4", "3", "2", "1", "0"]


async def test_a_limit_of_zero_counts_nothing_and_says_nothing(limited: Api, uncounted: Api, owner: psycopg.Connection):
    client_id = await uncounted.new_client()
    for response in [
        *[await uncounted.get("/whoami") for _ in range(LIMIT * 3)],
        await uncounted.record(clientId=client_id),
        await uncounted.get(EVENTS, params={"clientId": client_id}),
        await uncounted.post(EVENTS, {}),
    ]:
        assert response.status_code != 429
        assert has_no_rate_headers(response)
    counted = owner.execute("SELECT FROM rate_windows WHERE company_id = %s", [limited.company_id]).fetchone()
    assert counted is None


async def test_a_limit_that_was_lowered_holds_within_the_running_window(
    limited: Api, new_api: Callable[..., Awaitable[Api]]
):
    for _ in range(4):
        await limited.get("/whoami")
    lowered = replace(limited, http=(await new_api(rate_limit=2)).http)
    refused = await lowered.get("/whoami")
    assert (refused.status_code, rate_headers(refused)) == (429, ("2", "0"))
