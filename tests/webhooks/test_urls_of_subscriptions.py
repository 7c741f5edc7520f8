"""Where webhooks may go, judged when it is saved: by how the URL is written, and by where its name leads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import psycopg
import pytest
from support.api import Api, errors_of
from support.idempotency import assert_is_repeated
from support.urls import NO_HOSTS, NO_PLAIN_HTTPS, NO_PUBLIC_HOSTS
from support.values import WHITE
from support.webhooks import ELSEWHERE, PATH, SUBSCRIPTION, subscribed

from kronika.hosts import AllowedHosts
from kronika.outgoing.urls import parse_url

# What is white at its ends is trimmed off every text first.
REFUSED = [
    url
    for url in (*(url for url, _ in NO_PLAIN_HTTPS), *(f"https://{host}/" for host in (*NO_HOSTS, *NO_PUBLIC_HOSTS)))
    if parse_url(url.strip(WHITE), AllowedHosts()) is None
]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_every_bad_form_of_a_url_is_told_at_it(plain_api: Api, owner: psycopg.Connection, method: str):
    made = await subscribed(plain_api)
    path = PATH if method == "POST" else f"{PATH}/{made['id']}"
    assert len(REFUSED) > 120
    for url in REFUSED:
        assert set(errors_of(await plain_api.request(method, path, json=SUBSCRIPTION | {"url": url}))) == {"url"}, url
    rows = owner.execute("SELECT url FROM webhook_subscriptions WHERE company_id = %s", [plain_api.company_id])
    assert rows.fetchall() == [{"url": made["url"]}]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("name", ["inside", "half-inside", "other-half-inside"])
async def test_a_name_of_which_one_address_is_not_public_is_told_at_the_url(plain_api: Api, method: str, name: str):
    path = PATH if method == "POST" else f"{PATH}/{(await subscribed(plain_api))['id']}"
    wrong = SUBSCRIPTION | {"url": f"https://{name}.example.com/", "name": 5}
    errors = errors_of(await plain_api.request(method, path, json=wrong))
    assert errors == {"url": ["The host must be on the public internet."], "name": ["This must be a text."]}


async def test_a_name_that_leads_nowhere_yet_is_saved(plain_api: Api):
    made = await subscribed(plain_api, url="https://nowhere.example.com/")
    assert (await plain_api.get(f"{PATH}/{made['id']}")).json()["url"] == "https://nowhere.example.com/"


async def test_a_url_is_kept_as_it_was_written(plain_api: Api):
    for url in ("HTTPS://Hooks.Example.COM:443/A?b=%20", "https://8.8.8.8", "https://[2A00:1450::1]:8443/?x"):
        assert (await subscribed(plain_api, url=f" {url}\n"))["url"] == url
    longest = "https://a.example/".ljust(2048, "a")
    assert (await subscribed(plain_api, url=longest))["url"] == longest
    too_long = errors_of(await plain_api.post(PATH, SUBSCRIPTION | {"url": longest + "a"}))
    assert too_long == {"url": ["This may have at most 2048 characters."]}


async def test_hosts_that_the_operator_allows_need_neither_https_nor_a_public_address(
    new_api: Callable[..., Awaitable[Api]], stranger: Api
):
    api = await new_api(webhook_allowed_hosts="localhost,127.0.0.0/8,inside.example.com")
    for url in ("http://localhost:9000/hook", "http://127.0.0.1/", "https://inside.example.com/"):
        await subscribed(api, url=url)
        assert set(errors_of(await stranger.post(PATH, SUBSCRIPTION | {"url": url}))) == {"url"}
    assert set(errors_of(await api.post(PATH, SUBSCRIPTION | {"url": "http://10.0.0.1/"}))) == {"url"}


async def test_a_repeated_create_is_answered_though_its_name_leads_inside_by_now(
    plain_api: Api, monkeypatch: pytest.MonkeyPatch
):
    body = SUBSCRIPTION | {"url": "https://moves.example.com/"}
    original = await plain_api.post(PATH, body, key="one")
    monkeypatch.setitem(ELSEWHERE, "moves", ["10.0.0.1"])
    assert_is_repeated(await plain_api.post(PATH, body, key="one"), original)
    assert set(errors_of(await plain_api.post(PATH, body, key="two"))) == {"url"}


async def test_a_record_that_is_not_there_is_404_wherever_the_url_leads(plain_api: Api):
    for url in ("https://inside.example.com/", "nonsense", None):
        assert (await plain_api.put(f"{PATH}/1", SUBSCRIPTION | {"url": url})).status_code == 404
