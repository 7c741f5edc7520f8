"""Feeds, moves on the board, and deletions of contacts and cases at once: nobody waits for each other in a circle."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import httpx2
import psycopg
from support.api import Api
from support.documents import said

_OUTCOMES = {200, 201, 204, 404, 422}


async def later(seconds: float, request: Any) -> httpx2.Response:
    await asyncio.sleep(seconds)
    return await request


def batch(client_id: int, numbers: range, **fields: Any) -> list[dict[str, Any]]:
    return [{"documentType": "invoice", "documentId": n, **said(client_id, **fields)} for n in numbers]


async def feed(api: Api, documents: list[dict[str, Any]]) -> httpx2.Response:
    return await api.post("/documents/batch", {"documents": documents})


async def test_batches_and_moves_on_the_board_do_not_stop_each_other(plain_api: Api, stranger: Api):
    await feed(stranger, batch(await stranger.new_client(), range(1, 10)))
    chance = random.Random(1)
    client_id = await plain_api.new_client()
    cases = [await plain_api.new_case(clientId=client_id) for _ in range(20)]
    for _ in range(15):
        await plain_api.put(f"/business-cases/{chance.choice(cases)}/position", {"position": chance.randrange(5)})

    async def feeding(sender: int) -> set[int]:
        seen: set[int] = set()
        for number in range(8):
            documents = [
                {"documentType": "order", "documentId": sender * 1000 + n,
                 **said(client_id, totalWithVat=number + 1, businessCaseId=cases[n % len(cases)])}
                for n in range(1, 41)
            ]  # fmt: skip
            seen.add((await feed(plain_api, documents)).status_code)
        return seen

    async def moving() -> set[int]:
        places = [(chance.choice(cases), chance.randrange(20)) for _ in range(40)]
        moved = [await plain_api.put(f"/business-cases/{case}/position", {"position": to}) for case, to in places]
        return {answer.status_code for answer in moved}

    seen = await asyncio.gather(*(feeding(sender) for sender in (1, 2, 3)), moving(), moving())
    assert set().union(*seen) == {200}


async def test_documents_that_move_away_while_their_contact_goes(plain_api: Api, owner: psycopg.Connection):
    chance = random.Random(2)
    seen: Counter[int] = Counter()
    for number in range(12):
        going, staying = await plain_api.new_client(), await plain_api.new_client()
        case_of_going = await plain_api.new_case(clientId=going)
        case_of_staying = await plain_api.new_case(clientId=staying)
        base = 1 + number * 1000
        await feed(plain_api, batch(going, range(base, base + 150)))
        moved = [
            *batch(staying, range(base, base + 100)),
            *batch(staying, range(base + 900, base + 901), businessCaseId=case_of_going),
        ]
        answers = await asyncio.gather(
            later(chance.random() / 50, feed(plain_api, moved)),
            *(
                later(
                    chance.random() / 30,
                    plain_api.put(f"/documents/invoice/{n}", said(staying, businessCaseId=case_of_staying)),
                )
                for n in range(base + 100, base + 105)
            ),
            later(chance.random() / 30, plain_api.delete(f"/clients/{going}")),
            later(chance.random() / 30, plain_api.delete(f"/business-cases/{case_of_staying}")),
        )
        seen.update(answer.status_code for answer in answers)
    assert set(seen) <= _OUTCOMES, seen
    left = owner.execute(
        """
        SELECT count(*) AS n FROM documents d
        LEFT JOIN contacts k ON k.company_id = d.company_id AND k.id = d.contact_id AND k.deleted_at IS NULL
        LEFT JOIN business_cases c ON c.company_id = d.company_id AND c.id = d.business_case_id
        WHERE d.company_id = %s AND d.deleted_at IS NULL AND (k.id IS NULL OR c.deleted_at IS NOT NULL)
        """,
        [plain_api.company_id],
    ).fetchone()
    assert left["n"] == 0
