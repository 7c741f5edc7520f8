"""The delivery log reads by index what it shows, and not what else was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest
from support.api import Api
from support.deliveries import new_subscription
from support.observed import Observed, observed_api

from kronika.companies.actions import create_company, issue_token
from kronika.credentials import Hasher
from kronika.db.owner import owner_transaction
from kronika.storage.files import Files

DELIVERIES = 8_000
"""Of each of three subscriptions, one of them a stranger's; one in two hundred has failed, and another is pending."""
FEW = DELIVERIES // 200
_SEED = """
INSERT INTO webhook_deliveries (company_id, subscription_id, cause, change_id, type, resource_id, occurred_at, state,
                                attempts, next_attempt_at, created_at)
SELECT company_id, s.id, 'change', gen_random_uuid(), 'clients.created', n, clock(), state,
    ARRAY[ROW(clock(), 'delivered', 200, 12)::webhook_attempt], CASE state WHEN 'pending' THEN clock() END, clock()
FROM generate_series(1, %s) n, webhook_subscriptions s,
    (VALUES (0, 'failed'), (1, 'pending'), (2, 'delivered')) states (rest, state)
WHERE rest = least(n %% 200, 2)
"""


@pytest.fixture(scope="module")
async def seeded(crowded_url: str, crowded_owner: psycopg.Connection, hasher: Hasher) -> tuple[int, int, str, int]:
    """Company, token, its text, and the subscription that is asked about."""
    async with owner_transaction(crowded_url) as statements:
        companies = [(await create_company(statements, name)).id for name in ("Acme", "Stranger")]
        token = await issue_token(statements, hasher, companies[0], "tests", "write")
    ours, _, _ = (new_subscription(crowded_owner, Api(None, company, 0, "")) for company in (*companies, companies[0]))
    crowded_owner.execute(_SEED, [DELIVERIES])
    crowded_owner.execute("VACUUM ANALYZE")
    return companies[0], token.id, token.token, ours


@pytest.fixture(scope="module", params=["force_generic_plan", "force_custom_plan"])
async def observed(
    request: pytest.FixtureRequest,
    *,
    seeded: tuple[int, int, str, int],
    crowded_url: str,
    crowded_owner: psycopg.Connection,
    hasher: Hasher,
    files: Files,
) -> AsyncIterator[Observed]:
    async with observed_api(crowded_url, crowded_owner, hasher, files, request.param) as make:
        yield make(*seeded[:3])


@pytest.mark.parametrize(
    ("state", "there"), [(None, DELIVERIES), ("delivered", DELIVERIES), ("failed", FEW), ("pending", FEW)]
)
async def test_a_piece_of_the_log_is_read_alone(
    observed: Observed, seeded: tuple[int, int, str, int], state: str | None, there: int
):
    query = {"limit": 20, **({"state": state} if state else {})}
    path = f"/webhook-subscriptions/{seeded[3]}/deliveries"
    newest = (await observed.api.get(path, params=query)).json()
    assert (len(newest["data"]), newest["more"]) == (20, there > 20)
    for before in ({}, {"before": newest["next"]}):
        reading = await observed.reading_of(lambda before=before: observed.api.get(path, params=query | before))
        assert reading.whole.isdisjoint({"webhook_deliveries"}), reading
        assert reading.fetched["webhook_deliveries"] <= 40, reading


async def test_asking_for_a_delivery_reads_those_that_are_pending_and_no_others(
    observed: Observed, seeded: tuple[int, int, str, int]
):
    path = f"/webhook-subscriptions/{seeded[3]}"
    answers: list[int] = []

    async def ask() -> None:
        answers.append((await observed.api.request("POST", f"{path}/test-delivery")).status_code)

    reading = await observed.reading_of(ask)
    assert answers == [201]
    assert reading.whole.isdisjoint({"webhook_deliveries"}), reading
    assert reading.fetched["webhook_deliveries"] <= 2 * FEW, reading
