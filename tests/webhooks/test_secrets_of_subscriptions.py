"""The secret of a subscription: told when it is made, and never again; kept so that the database does not tell it."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode

import psycopg
import pytest
from conftest import SECRET_KEY
from support.api import Api
from support.idempotency import assert_is_repeated
from support.webhooks import PATH, SUBSCRIPTION, subscribed

from kronika.sealing import SealBroken, Sealer
from kronika.webhooks.secrets import new_secret, secret_about

SEALER = Sealer(SECRET_KEY)


def sealed_secret(owner: psycopg.Connection, subscription_id: int) -> bytes:
    return owner.execute(
        "SELECT sealed_secret FROM webhook_subscriptions WHERE id = %s", [subscription_id]
    ).fetchone()["sealed_secret"]  # fmt: skip


def kept_secret(owner: psycopg.Connection, api: Api, subscription_id: int) -> str:
    """As whoever signs reads it."""
    return SEALER.open(sealed_secret(owner, subscription_id), secret_about(api.company_id, subscription_id)).decode()


def test_secrets_have_256_bits_and_are_never_the_same():
    secrets = {new_secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert all(re.fullmatch("whsec_[0-9A-Za-z]{43}", secret, re.ASCII) for secret in secrets)
    assert 62**43 >= 2**256


async def test_only_creation_and_rotation_tell_it(plain_api: Api):
    made = await subscribed(plain_api)
    at = f"{PATH}/{made['id']}"
    rotated = await plain_api.post(f"{at}/rotate-secret", None)
    for answer in (
        await plain_api.get(PATH),
        await plain_api.get(at),
        await plain_api.put(at, SUBSCRIPTION),
        await plain_api.put(at, SUBSCRIPTION),
        await plain_api.delete(at),
    ):
        assert answer.is_success
        assert "whsec_" not in answer.text
        assert "ecret" not in answer.text
    assert rotated.json()["plainTextSecret"] != made["plainTextSecret"]


async def test_it_is_kept_sealed_for_its_subscription_alone(plain_api: Api, owner: psycopg.Connection):
    made, other = await subscribed(plain_api), await subscribed(plain_api)
    sealed = sealed_secret(owner, made["id"])
    assert made["plainTextSecret"].encode() not in sealed
    assert kept_secret(owner, plain_api, made["id"]) == made["plainTextSecret"]
    for about in (secret_about(plain_api.company_id, other["id"]), secret_about(1, made["id"])):
        with pytest.raises(SealBroken):
            SEALER.open(sealed, about)


async def test_a_rotation_replaces_it_at_once_and_tells_all_else_as_it_is(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    owner.execute("UPDATE webhook_subscriptions SET updated_at = '2026-01-01Z' WHERE id = %s", [made["id"]])
    answer = await plain_api.post(f"{PATH}/{made['id']}/rotate-secret", None)
    rotated = answer.json()
    assert answer.status_code == 200
    same = {name: value for name, value in made.items() if name not in ("plainTextSecret", "updatedAt")}
    assert rotated == {**same, "plainTextSecret": rotated["plainTextSecret"], "updatedAt": rotated["updatedAt"]}
    assert rotated["updatedAt"] > "2026-01-02"
    assert rotated["plainTextSecret"] != made["plainTextSecret"]
    assert kept_secret(owner, plain_api, made["id"]) == rotated["plainTextSecret"]


async def test_of_rotations_at_once_one_is_the_last(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    answers = await asyncio.gather(
        *(plain_api.post(f"{PATH}/{made['id']}/rotate-secret", None) for _ in range(8))
    )  # fmt: skip
    told = {answer.json()["plainTextSecret"] for answer in answers}
    assert len(told) == 8
    assert kept_secret(owner, plain_api, made["id"]) in told


async def test_a_change_leaves_it(plain_api: Api, owner: psycopg.Connection):
    made = await subscribed(plain_api)
    for body in (SUBSCRIPTION | {"url": "https://other.example/"}, SUBSCRIPTION | {"isActive": False}):
        assert (await plain_api.put(f"{PATH}/{made['id']}", body)).status_code == 200
    assert kept_secret(owner, plain_api, made["id"]) == made["plainTextSecret"]


async def test_an_answer_that_is_stored_for_its_key_does_not_tell_it_and_is_repeated_to_the_byte(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    original = await plain_api.post(PATH, SUBSCRIPTION, key="one")
    theirs = await stranger.post(PATH, SUBSCRIPTION, key="one")
    secret = original.json()["plainTextSecret"]
    assert kept_secret(owner, plain_api, original.json()["id"]) == secret
    rows = owner.execute("SELECT * FROM idempotency_keys WHERE company_id = %s", [plain_api.company_id]).fetchall()
    stored = rows[0]["body"]
    assert len(rows) == 1
    said = secret.encode()
    for form in (said, said.removeprefix(b"whsec_"), b64encode(said)[:-4], said.hex().encode(), b"plainTextSecret"):
        assert form not in stored
    assert_is_repeated(await plain_api.post(PATH, SUBSCRIPTION, key="one"), original)
    assert_is_repeated(await stranger.post(PATH, SUBSCRIPTION, key="one"), theirs)
    assert original.content != theirs.content


async def test_an_answer_that_somebody_moved_to_another_key_is_not_repeated(plain_api: Api, owner: psycopg.Connection):
    await plain_api.post(PATH, SUBSCRIPTION, key="one")
    owner.execute("UPDATE idempotency_keys SET key = 'two' WHERE company_id = %s", [plain_api.company_id])
    answer = await plain_api.post(PATH, SUBSCRIPTION, key="two")
    assert answer.status_code == 422
    assert answer.json() == {"error": "Idempotency-Key reused with different request payload"}


async def test_other_answers_are_stored_as_they_are(plain_api: Api, owner: psycopg.Connection):
    answer = await plain_api.post("/clients", {"name": "Acme"}, key="one")
    row = owner.execute("SELECT body FROM idempotency_keys WHERE company_id = %s", [plain_api.company_id]).fetchone()
    assert row["body"] == answer.content
