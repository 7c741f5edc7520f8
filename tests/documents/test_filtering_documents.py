"""What the filters of the list of documents mean, at their bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import httpx2
import psycopg
import pytest
from support.api import Api
from support.document_lists import feed, ids, listed, pay

from kronika.app import create_app
from kronika.credentials import Hasher
from kronika.db.pool import Database
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.settings import Settings
from kronika.storage.files import Files

LONG = "㌖" * 200
LAST = "\U0010ffff"


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("fa", [1, 2, 3]),
        ("FA-", [1, 2]),
        ("  fá-2026 ", [1, 2]),
        ("fa-20261", [2]),
        ("fa  7", [3]),
        ("a-2026", []),
        ("f_", []),
        ("%", [4]),
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("%25", []),
        ("\\", []),
        ("' OR 1=1", []),
        ("x" + LAST, [5]),
        ("x", [5]),
        (LONG[:-1], [6, 7]),
        (LONG + "a", [6]),
        (LONG + "b", [7]),
        (LONG + "c", []),
        ("x" * 255, []),
        ("\ufffd", []),
        ("\u0301", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
async def test_a_number_is_found_by_its_beginning_whatever_its_case_and_diacritics(
    numbered: Api, number: str, found: list[int]
):
    assert sorted(await ids(numbered, number=number)) == found


@pytest.fixture
async def numbered(plain_api: Api) -> Api:
    client_id = await plain_api.new_client()
    numbers = ("FA-2026", "fá-20261", "Fa 7", "%x", "X" + LAST * 3, LONG + "A", LONG + "B")
    documents = [{"documentId": n, "clientId": client_id, "number": number} for n, number in enumerate(numbers, 1)]
    await feed(plain_api, *documents)
    return plain_api


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"issueDateFrom": "2026-03-10", "issueDateTo": "2026-03-10"}, [2]),
        ({"issueDateFrom": "2026-03-10"}, [2, 3]),
        ({"issueDateTo": "2026-03-10"}, [1, 2]),
        ({"issueDateFrom": "2026-03-11", "issueDateTo": "2026-03-09"}, []),
        ({"dueDateFrom": "0001-01-01"}, [1, 2]),
        ({"dueDateTo": "9999-12-31"}, [1, 2]),
        ({"dueDateTo": "2026-04-09", "issueDateFrom": "0001-01-01"}, [1]),
    ],
)
async def test_days_bound_the_list_and_belong_to_it(plain_api: Api, query: dict[str, str], found: list[int]):
    client_id = await plain_api.new_client()
    await feed(
        plain_api,
        {"documentId": 1, "clientId": client_id, "issueDate": "2026-03-09", "dueDate": "2026-04-09"},
        {"documentId": 2, "clientId": client_id, "issueDate": "2026-03-10", "dueDate": "2026-04-10"},
        {"documentId": 3, "clientId": client_id, "issueDate": "2026-03-11"},
    )
    assert sorted(await ids(plain_api, **query)) == found


async def test_a_payment_status_lists_what_is_shown_with_it(plain_api: Api, owner: psycopg.Connection):
    client_id = await plain_api.new_client()
    cases: list[tuple[str, int, str, str | None, str | None]] = [
        ("invoice", 100, "0", None, "unpaid"),
        ("invoice", 100, "0", "9999-12-31", "unpaid"),
        ("invoice", 100, "-5", None, "unpaid"),
        ("invoice", 100, "0.01", None, "partially_paid"),
        ("invoice", 100, "99.99", "2000-01-01", "overdue"),
        ("invoice", 100, "0", "2000-01-01", "overdue"),
        ("invoice", 100, "100", "2000-01-01", "paid"),
        ("invoice", 100, "101", None, "paid"),
        ("invoice", 0, "0", "2000-01-01", "paid"),
        ("credit-note", -100, "0", None, "unpaid"),
        ("credit-note", -100, "5", "9999-12-31", "unpaid"),
        ("credit-note", -100, "-5", "9999-12-31", "partially_paid"),
        ("credit-note", -100, "-99", "2000-01-01", "overdue"),
        ("credit-note", -100, "-100", None, "paid"),
        ("order", 100, "0", "2000-01-01", None),
        ("quotation", 0, "0", None, None),
    ]
    shown: dict[str | None, list[int]] = {}
    for number, (kind, total, paid, due, status) in enumerate(cases, 1):
        document = {"documentType": kind, "documentId": number, "totalWithVat": total, "dueDate": due}
        await feed(plain_api, {**document, "clientId": client_id})
        pay(owner, plain_api, kind, number, paid)
        body = (await plain_api.get(f"/documents/{kind}/{number}")).json()
        assert body["paymentStatus"] == status, body
        shown.setdefault(status, []).append(number)
    for status in ("paid", "unpaid", "partially_paid", "overdue"):
        assert sorted(await ids(plain_api, paymentStatus=status)) == shown[status]
        for kind in ("invoice", "order"):
            of_kind = [number for number in shown[status] if cases[number - 1][0] == kind]
            assert sorted(await ids(plain_api, paymentStatus=status, documentType=kind)) == of_kind
    is_open = sorted(shown["unpaid"] + shown["partially_paid"] + shown["overdue"])
    assert sorted(await ids(plain_api, unpaid="true")) == is_open
    assert sorted(await ids(plain_api, unpaid="false")) == sorted(shown["paid"] + shown[None])
    assert await ids(plain_api, unpaid="true", paymentStatus="paid") == []


@pytest.fixture
async def at_midnight(database_url: str, hasher: Hasher, files: Files) -> AsyncIterator[Callable[[Api], Api]]:
    """The same API at half past eleven in the night of London, when it is the next day in Bratislava."""
    async with AsyncExitStack() as stack:
        options = "options=-c%20kronika.now%3D2026-03-10T23:30:00Z"
        pool = Database(f"{database_url}{'&' if '?' in database_url else '?'}{options}", connections=2)
        await pool.open()
        stack.push_async_callback(pool.close)
        app = create_app(Services(Settings(rate_limit=0), pool, hasher, Turns(), files))
        http = await stack.enter_async_context(
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://kronika.test")
        )
        yield lambda api: Api(http, api.company_id, api.token_id, api.token)


@pytest.mark.parametrize(("time_zone", "overdue"), [("Europe/London", []), ("Europe/Bratislava", [2])])
async def test_what_is_overdue_is_so_from_the_next_day_of_the_company(
    new_api, at_midnight: Callable[[Api], Api], time_zone: str, overdue: list[int]
):
    api = at_midnight(await new_api(time_zone=time_zone))
    client_id = await api.new_client()
    await feed(
        api,
        *({"documentId": n, "clientId": client_id, "dueDate": f"2026-03-{8 + n:02}"} for n in range(2, 4)),
        {"documentId": 4, "clientId": client_id, "dueDate": None},
    )
    assert await ids(api, paymentStatus="overdue") == overdue
    assert sorted(await ids(api, paymentStatus="unpaid")) == sorted({2, 3, 4} - {*overdue})
    for status in ("overdue", "unpaid"):
        assert {document["paymentStatus"] for document in await listed(api, paymentStatus=status)} <= {status}
