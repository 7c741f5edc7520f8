"""Payments of a document: recorded and taken away on its page, once, and by who may."""

from __future__ import annotations

import asyncio
import re

import httpx2
import psycopg
import pytest
from support.api import Api
from support.documents import announced, fed, paid, shown
from support.people import Person, errors_in, without_token
from web.test_contacts import form_in

HERE = "documents/invoice/1"


@pytest.fixture
async def client(plain_api: Api) -> int:
    """Who has an unpaid invoice of 121 euros."""
    client_id = await plain_api.new_client(name="Acme")
    await fed(plain_api, client_id, 1)
    return client_id


def notes(page: httpx2.Response) -> str:
    return re.sub(r"\s+", " ", page.text)


async def test_the_form_proposes_what_remains_and_records_who_when_and_how(
    jana: Person, peter: Person, plain_api: Api, client: int, owner: psycopg.Connection
):
    await plain_api.put(f"/clients/{client}", {"name": "Acme", "preferredPaymentMethodId": 2})
    await paid(plain_api, 1, amount=21)
    form = form_in(await peter.get(f"{peter.company}/{HERE}"))
    assert form["amount"] == "100.00"
    assert form["paymentMethodId"] == "2"
    assert form["currencyId"] == "1"
    done = await peter.submit(f"{peter.company}/{HERE}", {**form, "paymentDate": "2026-03-04"})
    assert done.headers["location"] == f"{peter.company}/{HERE}?done=payment_recorded"
    page = notes(await jana.get(f"{jana.company}/{HERE}"))
    assert "<strong>€100.00</strong> · 4 Mar 2026 · Card" in page
    assert "Recorded by Peter," in page
    assert "Recorded by test," in page or "Recorded by" in page
    assert "Recorded by you," in notes(await peter.get(f"{peter.company}/{HERE}"))
    assert (await shown(plain_api))["paymentStatus"] == "paid"
    assert "Record a payment" not in page
    assert [kind for kind, _ in announced(owner, plain_api)][-2:] == ["document-payments.created", "invoices.paid"]


@pytest.mark.parametrize(("written", "cents"), [("1 234,50", 123450), ("0,01", 1), ("100.5", 10050), ("-20", -2000)])
async def test_an_amount_is_read_as_people_write_it(
    jana: Person, plain_api: Api, client: int, written: str, cents: int
):
    form = form_in(await jana.get(f"{jana.company}/{HERE}"))
    await jana.submit(f"{jana.company}/{HERE}", {**form, "amount": written})
    assert round((await shown(plain_api))["toBePaid"] * 100) == 12100 - cents


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("amount", "a lot"), ("amount", "0"), ("amount", "1.234"), ("amount", "1,2,3"), ("amount", "9" * 30),
        ("amount", "\0"), ("paymentDate", "yesterday"), ("paymentMethodId", "99"), ("currencyId", "x"),
        ("currencyRate", "-1"),
    ],
)  # fmt: skip
async def test_what_is_wrong_comes_back_as_it_was_written(
    jana: Person, plain_api: Api, client: int, field: str, written: str
):
    form = form_in(await jana.get(f"{jana.company}/{HERE}"))
    answer = await jana.submit(f"{jana.company}/{HERE}", {**form, field: written})
    assert list(errors_in(answer)) == [field]
    if field == "amount" and written != "\0":
        assert f'value="{written}"' in answer.text
    assert (await shown(plain_api))["toBePaid"] == 121


async def test_another_currency_needs_its_rate(jana: Person, plain_api: Api, client: int):
    form = form_in(await jana.get(f"{jana.company}/{HERE}"))
    czech = {**form, "amount": "250", "currencyId": "5"}
    assert list(errors_in(await jana.submit(f"{jana.company}/{HERE}", czech))) == ["currencyRate"]
    await jana.submit(f"{jana.company}/{HERE}", {**czech, "currencyRate": "25"})
    assert (await shown(plain_api))["toBePaid"] == 111
    page = notes(await jana.get(f"{jana.company}/{HERE}"))
    assert "(settles €10.00)" in page


async def test_a_form_that_is_sent_again_pays_once_and_two_people_do_not_pay_the_same(
    jana: Person, karol: Person, plain_api: Api, client: int
):
    path = f"{jana.company}/{HERE}"
    hers, his = form_in(await jana.get(path)), form_in(await karol.get(path))
    first, second = await asyncio.gather(jana.submit(path, hers), jana.submit(path, hers))
    assert {first.status_code, second.status_code} == {303}
    assert (await jana.submit(path, hers)).status_code == 303
    late = await karol.submit(path, his)
    assert late.status_code == 422
    assert (await shown(plain_api))["toBePaid"] == 0
    # What he wrote is there still, and he may mean it.
    again = form_in(late)
    assert again["amount"] == "121.00"
    assert (await karol.submit(path, {**again, "amount": "1"})).status_code == 303
    assert (await shown(plain_api))["toBePaid"] == -1


async def test_two_at_once_leave_one_payment(jana: Person, karol: Person, plain_api: Api, client: int):
    path = f"{jana.company}/{HERE}"
    forms = [(who, form_in(await who.get(path))) for who in (jana, karol)]
    answers = await asyncio.gather(*[who.submit(path, form) for who, form in forms])
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert (await shown(plain_api))["toBePaid"] == 0


async def test_a_payment_that_is_deleted_is_to_be_paid_again_and_stays_told(
    jana: Person, peter: Person, plain_api: Api, client: int
):
    payment = (await paid(plain_api, 1))["id"]
    address = f"{jana.company}/{HERE}/payments/{payment}/delete"
    assert address in (await jana.get(f"{jana.company}/{HERE}")).text
    asked = await peter.get(address)
    assert "€121.00" in asked.text
    assert (await peter.submit(address)).headers["location"] == f"{peter.company}/{HERE}?done=payment_deleted"
    assert (await shown(plain_api))["toBePaid"] == 121
    page = (await jana.get(f"{jana.company}/{HERE}")).text
    assert "Payment:" in page
    assert address not in page
    assert (await peter.submit(address)).status_code == 404
    assert (await peter.submit(address, headers={"X-Part": "1"})).status_code == 404


async def test_payments_of_others_cannot_be_reached(
    jana: Person, eve: Person, plain_api: Api, stranger: Api, client: int
):
    theirs = await stranger.new_client()
    await fed(stranger, theirs, 1)
    foreign, own = (await paid(stranger, 1, amount=1))["id"], (await paid(plain_api, 1, amount=1))["id"]
    await fed(plain_api, client, 2)
    pages = [
        await jana.get(f"{jana.company}/documents/{path}/delete")
        for path in (
            f"invoice/1/payments/{foreign}",
            f"invoice/2/payments/{own}",
            "invoice/1/payments/x",
            "x/1/payments/1",
        )
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({without_token(page) for page in pages}) == 1
    for path in (f"invoice/1/payments/{foreign}", f"invoice/2/payments/{own}"):
        assert (await jana.submit(f"{jana.company}/documents/{path}/delete")).status_code == 404
    assert (await eve.submit(f"{jana.company}/{HERE}/payments/{own}/delete")).status_code == 404
    form = form_in(await eve.get(f"{eve.company}/{HERE}"))
    assert (await eve.submit(f"{jana.company}/{HERE}", form)).status_code == 404
    assert (await shown(plain_api))["toBePaid"] == 120
    assert (await shown(stranger))["toBePaid"] == 120


async def test_orders_take_no_payments_and_a_forged_form_records_none(jana: Person, plain_api: Api, client: int):
    form = form_in(await jana.get(f"{jana.company}/{HERE}"))
    await fed(plain_api, client, 5, "order", dueDate=None)
    assert (await jana.submit(f"{jana.company}/documents/order/5", form)).status_code == 404
    assert (await jana.http.post(f"{jana.company}/{HERE}", data=form)).status_code == 403
    await plain_api.delete("/documents/invoice/1")
    assert (await jana.submit(f"{jana.company}/{HERE}", form)).status_code == 404
