"""Webhook subscriptions on pages: made, changed, deleted, and what was sent to them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx2
import psycopg
import pytest
from support.api import Api
from support.deliveries import new_delivery, new_subscription
from support.people import Person, errors_in, seen_in
from support.tables import rows_of
from support.webhooks import subscribed

from kronika.changes.types import CHANGE_TYPES
from kronika.web.integrations.event_groups import GROUPS, GROUPS_ELSEWHERE
from kronika.webhooks.types import WEBHOOK_EVENT_TYPES

WEBHOOKS = "/integrations/webhooks"
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
NEW: dict[str, Any] = {
    "url": "https://hooks.example.com/kronika",
    "name": " Our mirror ",
    "isActive": "1",
    "subscribedEvents": ["clients.created", "invoices.paid"],
}


def shown(page: httpx2.Response) -> str:
    """The text of the page's own part, as a reader has it."""
    assert page.status_code == 200, page.text
    inner = page.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", inner)))


def deliveries_in(page: httpx2.Response) -> list[int]:
    return [int(number) for number in re.findall(r'id="delivery-(\d+)"', page.text)]


@pytest.fixture
def hook(plain_api: Api, owner: psycopg.Connection) -> int:
    """The id of a subscription of Jana's company."""
    return new_subscription(owner, plain_api)


async def test_a_subscription_is_made_with_a_secret_that_is_shown_once_and_is_the_apis_own(
    jana: Person, plain_api: Api
):
    made = await jana.submit(f"{jana.company}{WEBHOOKS}/new", NEW)
    (secret,) = set(re.findall(r"whsec_\w{43}", made.text))
    (stored,) = (await plain_api.get("/webhook-subscriptions")).json()["data"]
    wanted = {
        "name": "Our mirror",
        "url": NEW["url"],
        "isActive": True,
        "subscribedEvents": ["clients.created", "invoices.paid"],
    }
    assert stored.items() >= wanted.items()
    here = f"{jana.company}{WEBHOOKS}/{stored['id']}"
    assert "Our mirror" in shown(await jana.get(jana.company + WEBHOOKS))
    assert "Nothing sent yet" in shown(await jana.get(here))
    # A new one is another; the old one is nowhere to be seen.
    assert secret not in (await jana.get(f"{here}/rotate-secret")).text
    rotated = await jana.submit(f"{here}/rotate-secret")
    (other,) = set(re.findall(r"whsec_\w{43}", rotated.text))
    assert other != secret
    assert other not in (await jana.get(here)).text


async def test_who_tries_a_program_on_his_own_machine_is_told_which_setting_lets_him(jana: Person):
    here = f"{jana.company}{WEBHOOKS}/new"
    for url, is_near in (("http://localhost:9000/x", True), ("https://127.0.0.1/x", True), ("nonsense", False)):
        wrong = await jana.submit(here, {**NEW, "url": url})
        assert wrong.status_code == 422
        assert ("KRONIKA_WEBHOOK_ALLOWED_HOSTS" in wrong.text) is is_near


async def test_what_is_wrong_is_said_beside_what_was_written(jana: Person, owner: psycopg.Connection):
    before = rows_of(owner, jana.company_id)
    here = f"{jana.company}{WEBHOOKS}/new"
    wrong = await jana.submit(here, {"url": "http://x<b>", "name": "kept", "subscribedEvents": []})
    assert errors_in(wrong).keys() == {"url", "subscribedEvents"}
    assert 'value="kept"' in wrong.text
    assert 'name="isActive" value="1" checked' not in wrong.text
    kept = await jana.submit(here, {**NEW, "url": ""})
    assert errors_in(kept) == {"url": "This field is required."}
    assert re.findall(r'value="([\w.-]+)" checked', kept.text) == ["1", "clients.created", "invoices.paid"]
    for inside in ("https://inside.example.com/", "https://10.0.0.1/"):
        assert "public internet" in errors_in(await jana.submit(here, {**NEW, "url": inside}))["url"]
    unknown = await jana.submit(here, {**NEW, "subscribedEvents": ["clients.eaten"]})
    assert "not one of the allowed values" in unknown.text
    assert rows_of(owner, jana.company_id) == before


async def test_the_form_says_what_is_and_changes_all_of_it(jana: Person, plain_api: Api):
    made = await subscribed(plain_api, name="Old", subscribedEvents=["warehouses.created", "clients.deleted"])
    here = f"{jana.company}{WEBHOOKS}/{made['id']}"
    form = (await jana.get(f"{here}/edit")).text
    assert 'value="Old"' in form
    assert re.findall(r'value="([\w.-]+)" checked', form) == ["1", "clients.deleted", "warehouses.created"]
    fields = {"url": "https://other.example.com/", "name": "", "subscribedEvents": "orders.created"}
    fields["seen"] = seen_in(await jana.get(f"{here}/edit"))
    assert (await jana.submit(f"{here}/edit", fields)).status_code == 303
    stored = (await plain_api.get(f"/webhook-subscriptions/{made['id']}")).json()
    assert (stored["name"], stored["url"]) == (None, "https://other.example.com/")
    assert (stored["isActive"], stored["subscribedEvents"]) == (False, ["orders.created"])
    page = shown(await jana.get(here))
    assert "Paused" in page
    assert "Make it active first" in page


async def test_two_who_change_one_at_once_do_not_undo_each_other_unseen(jana: Person, plain_api: Api):
    made = await subscribed(plain_api, name="Old", subscribedEvents=["clients.deleted"])
    edit = f"{jana.company}{WEBHOOKS}/{made['id']}/edit"
    seen = seen_in(await jana.get(edit))
    fields = {"url": "https://hooks.example.com/kronika", "isActive": "1", "subscribedEvents": "clients.deleted"}
    assert (await jana.submit(edit, {**fields, "name": "First", "seen": seen})).status_code == 303
    late = await jana.submit(edit, {**fields, "url": "", "name": "Second", "seen": seen})
    assert late.status_code == 422
    assert "Somebody has changed this" in late.text
    assert (await plain_api.get(f"/webhook-subscriptions/{made['id']}")).json()["name"] == "First"
    again = await jana.submit(edit, {**fields, "name": "Second", "seen": seen_in(late)})
    assert again.status_code == 303
    assert (await plain_api.get(f"/webhook-subscriptions/{made['id']}")).json()["name"] == "Second"


async def test_one_is_deleted_by_who_writes_its_name_or_its_address(jana: Person, plain_api: Api):
    for number, written in enumerate(["https://hooks.example.com/kronika", "Mirror"]):
        made = await subscribed(plain_api, name="Mirror")
        here = f"{jana.company}{WEBHOOKS}/{made['id']}"
        assert errors_in(await jana.submit(f"{here}/delete", {"name": ""})).keys() == {"name"}
        assert (await jana.submit(f"{here}/delete", {"name": written})).status_code == 303
        assert (await jana.get(here)).status_code == 404, number
    assert (await plain_api.get("/webhook-subscriptions")).json() == {"data": []}
    assert "No webhook yet" in shown(await jana.get(jana.company + WEBHOOKS))


async def test_each_attempt_is_told_in_words(jana: Person, plain_api: Api, owner: psycopg.Connection, hook: int):
    now = owner.execute("SELECT clock() AS now").fetchone()["now"]
    attempts: list[tuple[datetime, str, int | None, int]] = [
        (now - timedelta(seconds=50), "unresolvable", None, 4),
        (now - timedelta(seconds=40), "connection_failed", None, 1),
        (now - timedelta(seconds=30), "timeout", None, 10_000),
        (now - timedelta(seconds=20), "redirected", 302, 9),
        (now - timedelta(seconds=10), "status", 503, 12),
    ]
    later = now + timedelta(hours=2)
    new_delivery(owner, plain_api, hook, state="pending", attempts=attempts, next_attempt_at=later, resource_id=4711)
    page = await jana.get(f"{jana.company}{WEBHOOKS}/{hook}")
    told = shown(page)
    for sentence in (
        "Waiting clients.created record 4711", "5 attempts", "there is no server of this name · 4 ms",
        "nobody listens there", "no answer in time · 10,000 ms",
        "answered 302: a redirect", "answered 503, and only 2xx counts",
        "Next attempt:",
    ):  # fmt: skip
        assert sentence in told, sentence
    for result in ("refused_url", "refused_address", "tls_failed", "answer_broken", "delivered"):
        new_delivery(owner, plain_api, hook, state="failed", attempts=[(now, result, None, 1)])
    assert (await jana.get(f"{jana.company}{WEBHOOKS}/{hook}")).status_code == 200


async def test_the_log_is_filtered_and_paged_by_its_address(
    jana: Person, plain_api: Api, owner: psycopg.Connection, hook: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kronika.web.integrations.delivery_pages._AT_A_TIME", 2)
    here = f"{jana.company}{WEBHOOKS}/{hook}"
    ids = [
        new_delivery(owner, plain_api, hook, state=s) for s in ("delivered", "failed", "failed", "failed", "pending")
    ]
    newest = ids[::-1]
    first = await jana.get(here)
    assert deliveries_in(first) == newest[:2]
    second = await jana.get(re.search(r'href="([^"]*before=\d+)"', first.text)[1])
    assert deliveries_in(second) == newest[2:4]
    failed = await jana.get(f"{here}?state=failed")
    assert deliveries_in(failed) == newest[1:3]
    more = unescape(re.search(r'href="([^"]*before=\d+)"', failed.text)[1])
    assert deliveries_in(await jana.get(more)) == newest[3:4]
    assert "There is nothing of this kind" in shown(await jana.get(f"{here}?before={ids[0]}"))
    # What could not be meant shows everything.
    for odd in (
        "state=eaten",
        "before=x",
        "before=-1",
        "before=" + "9" * 40,
        "test=x",
        "state=%00",
        "test=" + "9" * 40,
    ):
        assert deliveries_in(await jana.get(f"{here}?{odd}")) == newest[:2]


async def test_a_test_is_sent_and_the_page_says_what_came_of_it(
    jana: Person, plain_api: Api, owner: psycopg.Connection, hook: int
):
    sent = await jana.submit(f"{jana.company}{WEBHOOKS}/{hook}/test")
    assert sent.status_code == 303
    page = await jana.get(sent.headers["location"])
    assert "The test is on its way" in shown(page)
    assert "data-waiting" in page.text
    owner.execute(
        "UPDATE webhook_deliveries SET state = 'failed', next_attempt_at = NULL,"
        " attempts = ARRAY[ROW(clock(), 'tls_failed', NULL, 7)::webhook_attempt] WHERE subscription_id = %s",
        [hook],
    )
    page = await jana.get(sent.headers["location"])
    assert "The test was not delivered: no secure connection" in shown(page)
    assert "data-waiting" not in page.text
    # Another delivery is none to call a test.
    other = new_delivery(owner, plain_api, hook)
    assert "The test" not in shown(await jana.get(f"{jana.company}{WEBHOOKS}/{hook}?test={other}"))


async def test_one_delivery_is_sent_again_and_a_paused_subscription_says_why_not(
    jana: Person, plain_api: Api, owner: psycopg.Connection, hook: int
):
    here = f"{jana.company}{WEBHOOKS}/{hook}"
    first = new_delivery(owner, plain_api, hook, state="failed")
    assert (await jana.submit(f"{here}/deliveries/{first}/replay")).status_code == 303
    page = await jana.get(here)
    assert len(deliveries_in(page)) == 2
    assert "sent again" in shown(page)
    owner.execute("UPDATE webhook_subscriptions SET is_active = false WHERE id = %s", [hook])
    refused = await jana.submit(f"{here}/deliveries/{first}/replay")
    assert refused.status_code == 422
    assert "The subscription is not active, so nothing would be sent." in refused.text
    assert (await jana.submit(f"{here}/deliveries/1/replay")).status_code == 404


async def test_a_stretch_of_time_is_sent_again_in_the_companys_time_and_stopped(
    jana: Person, owner: psycopg.Connection, hook: int
):
    here = f"{jana.company}{WEBHOOKS}/{hook}"
    begun = await jana.submit(f"{here}/replays", {"from": "2026-03-10T10:00", "to": "2026-07-10T10:00:30"})
    assert begun.status_code == 303
    row = owner.execute(
        "SELECT id, occurred_from, occurred_before FROM webhook_stretches"
        " WHERE subscription_id = %s AND occurred_from IS NOT NULL",
        [hook],
    ).fetchone()
    assert row["occurred_from"] == datetime.fromisoformat("2026-03-10T10:00:00+01:00")
    assert row["occurred_before"] == datetime.fromisoformat("2026-07-10T10:00:30+02:00")
    assert "in progress" in shown(await jana.get(here))
    assert (await jana.submit(f"{here}/replays/{row['id']}/stop")).status_code == 303
    assert (await jana.submit(f"{here}/replays/{row['id']}/stop")).status_code == 404
    assert "in progress" not in shown(await jana.get(here))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"from": "", "to": ""}, {"from"}),
        ({"from": "yesterday", "to": "2026-03-10T25:00"}, {"from", "to"}),
        ({"from": "2026-03-10T10:00", "to": "2026-03-10T10:00"}, {"from"}),
        ({"from": "0001-01-01T00:00", "to": ""}, {"from"}),
        ({"from": "9999-12-31T23:59", "to": ""}, {"from"}),
        ({"from": "2999-01-01T00:00", "to": ""}, {"from"}),
    ],
)
async def test_a_stretch_that_is_none_is_said_to_be_none_and_what_was_written_is_kept(
    jana: Person, hook: int, fields: dict[str, str], wrong: set[str]
):
    answer = await jana.submit(f"{jana.company}{WEBHOOKS}/{hook}/replays", fields)
    assert errors_in(answer).keys() == wrong
    assert f'value="{fields["from"]}"' in answer.text


async def test_hostile_text_is_text_on_every_page(jana: Person, plain_api: Api, owner: psycopg.Connection, hook: int):
    owner.execute("UPDATE webhook_subscriptions SET name = %s, url = %s WHERE id = %s", [HOSTILE, HOSTILE, hook])
    owner.execute("UPDATE tokens SET name = %s WHERE company_id = %s", [HOSTILE, jana.company_id])
    owner.execute("INSERT INTO companies (name, sandbox_of) VALUES (%s, %s)", [HOSTILE, jana.company_id])
    new_delivery(owner, plain_api, hook)
    here, tokens = f"{jana.company}{WEBHOOKS}/{hook}", f"{jana.company}/integrations/tokens"
    token_id = plain_api.token_id
    pages = [
        await jana.get(jana.company + WEBHOOKS),
        *[await jana.get(here + page) for page in ("", "/edit", "/rotate-secret", "/delete", f"?state={HOSTILE}")],
        await jana.submit(f"{here}/edit", {"url": HOSTILE, "name": HOSTILE * 20, "subscribedEvents": HOSTILE}),
        await jana.submit(f"{here}/replays", {"from": HOSTILE, "to": HOSTILE}),
        await jana.submit(f"{here}/delete", {"name": HOSTILE + "x"}),
        await jana.get(tokens),
        await jana.get(f"{tokens}/{token_id}/revoke"),
        await jana.submit(tokens, {"name": HOSTILE, "scope": "read"}),
        await jana.submit(tokens, {"name": HOSTILE * 20, "scope": HOSTILE}),
        await jana.get(f"{jana.company}/integrations/sandboxes"),
    ]
    for page in pages:
        assert page.status_code in {200, 422}
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def every_call(company: str, hook: int, delivery: int) -> list[tuple[str, str, dict[str, Any]]]:
    here = f"{company}{WEBHOOKS}/{hook}"
    return [
        ("GET", company + WEBHOOKS, {}),
        ("GET", f"{company}{WEBHOOKS}/new", {}),
        ("POST", f"{company}{WEBHOOKS}/new", NEW),
        *(("GET", here + page, {}) for page in ("", "/edit", "/rotate-secret", "/delete")),
        ("POST", f"{here}/edit", NEW),
        ("POST", f"{here}/rotate-secret", {}),
        ("POST", f"{here}/delete", {"name": "https://hooks.example.com/kronika"}),
        ("POST", f"{here}/test", {}),
        ("POST", f"{here}/replays", {"from": "2026-03-10T10:00"}),
        ("POST", f"{here}/replays/{hook}/stop", {}),
        ("POST", f"{here}/deliveries/{delivery}/replay", {}),
    ]


async def test_members_and_strangers_get_nowhere(
    jana: Person, peter: Person, eve: Person, plain_api: Api, owner: psycopg.Connection
):
    hook = new_subscription(owner, plain_api)
    delivery = new_delivery(owner, plain_api, hook)
    before = rows_of(owner, jana.company_id)
    for person, company, status in ((peter, jana.company, 403), (eve, jana.company, 404)):
        for method, path, fields in every_call(company, hook, delivery):
            answer = await person.get(path) if method == "GET" else await person.submit(path, fields)
            assert answer.status_code == status, path
    # Nor by way of a company of one's own.
    for method, path, fields in every_call(eve.company, hook, delivery)[3:]:
        answer = await eve.get(path) if method == "GET" else await eve.submit(path, fields)
        assert answer.status_code == 404, path
    assert rows_of(owner, jana.company_id) == before
    assert "Stranger" not in (await jana.get(jana.company + WEBHOOKS)).text


def test_every_type_can_be_chosen_and_those_that_never_happen_stand_apart():
    chosen = [event_type for group in (*GROUPS, *GROUPS_ELSEWHERE) for _, event_type in group.types]
    assert sorted(chosen) == sorted(WEBHOOK_EVENT_TYPES)
    assert {event_type for group in GROUPS for _, event_type in group.types} <= set(CHANGE_TYPES)
    assert not {event_type for group in GROUPS_ELSEWHERE for _, event_type in group.types} & set(CHANGE_TYPES)
