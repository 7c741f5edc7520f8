"""Documents and payments against a plain model: first step by step, then a thousand requests at once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx2
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api
from support.documents import announced, said, shown, told
from support.records import changes_of

_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_DOCUMENT = st.integers(1, 3)
_AMOUNT = st.integers(-300, 300).map(lambda cents: cents / 100)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), _DOCUMENT, _AMOUNT, st.booleans()),
        st.tuples(st.just("put"), _DOCUMENT, _AMOUNT, st.booleans()),
        st.tuples(st.just("pay"), _DOCUMENT, st.none() | _AMOUNT),
        st.tuples(st.just("pay"), _DOCUMENT, st.none() | _AMOUNT),
        st.tuples(st.just("take back"), _DOCUMENT, st.integers(0, 5)),
        st.tuples(st.just("delete"), _DOCUMENT),
    ),
    min_size=6,
    max_size=20,
)


def cents(amount: float) -> int:
    return int((Decimal(str(amount)) * 100).to_integral_exact())


@dataclass
class Paper:
    """One document as the model has it: its total and its payments, in cents, by id."""

    total: int = 0
    overdue: bool = False
    payments: dict[int, int] = field(default_factory=dict)

    @property
    def remains(self) -> int:
        return self.total - sum(self.payments.values())

    @property
    def is_open(self) -> bool:
        return self.remains < 0 if self.total < 0 else self.remains > 0

    @property
    def status(self) -> str:
        if not self.is_open:
            return "paid"
        if self.overdue:
            return "overdue"
        paid = self.total - self.remains
        return "partially_paid" if (paid < 0 if self.total < 0 else paid > 0) else "unpaid"


@dataclass
class Model:
    """What there must be, what must have been told on the timeline and announced, in this order."""

    papers: dict[int, Paper] = field(default_factory=dict)
    told: list[tuple[str, int | None]] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)

    def put(self, number: int, total: int, *, overdue: bool) -> int:
        paper = self.papers.get(number)
        if paper is None:
            self.papers[number] = Paper(total, overdue)
            self._say("document_created", total, "invoices.created")
            return 201
        if (paper.total, paper.overdue) != (total, overdue):
            paper.total, paper.overdue = total, overdue
            self._say("document_updated", total, "invoices.updated")
        return 200

    def pay(self, number: int, amount: int | None) -> int | None:
        """The amount in cents; None: it is refused."""
        paper = self.papers.get(number)
        if paper is None or amount == 0 or (amount is None and not paper.is_open):
            return None
        return paper.remains if amount is None else amount

    def paid(self, number: int, payment_id: int, amount: int) -> None:
        paper = self.papers[number]
        before = paper.is_open
        paper.payments[payment_id] = amount
        self._say("document_payment_added", amount, "document-payments.created")
        if before and not paper.is_open:
            self.announced.append("invoices.paid")

    def delete(self, number: int) -> int:
        paper = self.papers.pop(number, None)
        if paper is None:
            return 404
        self.announced += ["document-payments.deleted"] * len(paper.payments)
        self._say("document_deleted", None, "invoices.deleted")
        return 204

    def _say(self, event: str, amount: int | None, change: str) -> None:
        self.told.append((event, amount))
        self.announced.append(change)


async def take(api: Api, client_id: int, model: Model, step: tuple[Any, ...]) -> None:
    """Takes a step in the product and in the model; they must agree on how it ends."""
    match step:
        case ("put", number, total, overdue):
            body = said(client_id, totalWithVat=total, dueDate="2026-03-11" if overdue else "2999-01-01")
            answer = await api.put(f"/documents/invoice/{number}", body)
            assert answer.status_code == model.put(number, cents(total), overdue=overdue)
        case ("pay", number, amount):
            wanted = model.pay(number, None if amount is None else cents(amount))
            body = {"documentType": "invoice", "documentId": number, "amount": amount}
            answer = await api.post("/document-payments", body)
            assert answer.status_code == (422 if wanted is None else 201)
            if wanted is not None:
                assert cents(answer.json()["amount"]) == wanted
                model.paid(number, answer.json()["id"], wanted)
        case ("take back", number, which):
            payments = list(model.papers[number].payments) if number in model.papers else []
            if payments:
                payment_id = payments[which % len(payments)]
                assert (await api.delete(f"/document-payments/{payment_id}")).status_code == 204
                del model.papers[number].payments[payment_id]
                model.announced.append("document-payments.deleted")
        case ("delete", number):
            assert (await api.delete(f"/documents/invoice/{number}")).status_code == model.delete(number)
        case _:
            raise LookupError(step)


@_FEW
@given(steps=_STEPS)
async def test_any_steps_leave_documents_timeline_and_changes_as_the_model_has_them(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, steps: list[tuple[Any, ...]]
):
    # The company goes from example to example: the contact before takes its documents along.
    for client in (await plain_api.get("/clients")).json()["data"]:
        await plain_api.delete(f"/clients/{client['id']}")
    client_id, model = await plain_api.new_client(), Model()
    before, strangers = len(announced(owner, plain_api)), changes_of(owner, stranger)
    for step in steps:
        await take(plain_api, client_id, model, step)
        for number, paper in model.papers.items():
            document = await shown(plain_api, number)
            assert (cents(document["toBePaid"]), document["paymentStatus"]) == (paper.remains, paper.status)
    assert [told_of(event) for event in await told(plain_api, clientId=client_id)] == model.told
    assert [change for change, _ in announced(owner, plain_api)][before:] == model.announced
    assert changes_of(owner, stranger) == strangers


def told_of(event: dict[str, Any]) -> tuple[str, int | None]:
    amount = event.get("documentPriceSnapshot", event.get("paidAmount"))
    return event["type"], None if amount is None else cents(amount)


DOCUMENTS = 50


async def test_a_thousand_requests_at_once_agree_with_one_after_another(
    plain_api: Api, stranger: Api, owner: psycopg.Connection
):
    """What was told of a document, replayed in its order, ends where the document is."""
    chance = random.Random(4)
    clients = [await plain_api.new_client() for _ in range(5)]
    strangers = changes_of(owner, stranger)
    requests = [_request(plain_api, clients, chance) for _ in range(1000)]
    answers = await asyncio.gather(*(send for _, send in requests))
    assert {answer.status_code for answer in answers} <= {200, 201, 422}
    for (number, _), answer in zip(requests, answers, strict=True):
        if answer.status_code == 422:
            # Only this can be wrong with a payment: there was no document yet, or nothing more to pay.
            assert set(answer.json()["errors"]) <= {"documentId", "amount"}, number
    events = [event for client_id in clients for event in await told(plain_api, clientId=client_id)]
    changes = announced(owner, plain_api)
    completed = 0
    for number in range(1, DOCUMENTS + 1):
        own = [event for event in events if event["relatedDocument"]["documentId"] == number]
        payments = await _payments(plain_api, number)
        model = _replayed(own)
        document = await shown(plain_api, number)
        assert (cents(document["toBePaid"]), document["paymentStatus"]) == (
            model.papers[number].remains, model.papers[number].status,
        )  # fmt: skip
        assert Counter(payments) == Counter(model.papers[number].payments.values())
        assert cents(document["totalWithVat"]) == model.papers[number].total
        completed += model.announced.count("invoices.paid")
        for change in ("invoices.created", "invoices.updated", "invoices.paid"):
            assert changes.count((change, number)) == model.announced.count(change)
    created = sum(answer.status_code == 201 for answer in answers)
    assert created == DOCUMENTS + sum(change == "document-payments.created" for change, _ in changes)
    assert completed
    assert changes_of(owner, stranger) == strangers


def _request(api: Api, clients: list[int], chance: random.Random) -> tuple[int, Any]:
    number = chance.randrange(DOCUMENTS) + 1
    if chance.random() < 0.5:
        body = said(clients[number % len(clients)], totalWithVat=chance.randrange(1, 6))
        return number, api.put(f"/documents/invoice/{number}", body)
    amount = chance.choice([None, 0.5, 1, -0.25])
    body = {"documentType": "invoice", "documentId": number, "amount": amount}
    return number, api.post("/document-payments", body)


def _replayed(events: list[dict[str, Any]]) -> Model:
    """The model after these events of one document; each must have been possible when it was told."""
    model = Model()
    for n, event in enumerate(events):
        number = event["relatedDocument"]["documentId"]
        type_, amount = told_of(event)
        assert amount is not None
        if type_ == "document_payment_added":
            assert amount in (50, 100, -25) or amount == model.pay(number, None)
            model.paid(number, n, amount)
        else:
            status = model.put(number, amount, overdue=False)
            assert (type_, status) in {("document_created", 201), ("document_updated", 200)}
    # A put that changed nothing would not have been told.
    assert model.told == [told_of(event) for event in events]
    return model


async def _payments(api: Api, number: int) -> list[int]:
    answer: httpx2.Response = await api.get(
        "/document-payments", params={"documentType": "invoice", "documentId": number}
    )
    return [cents(payment["amount"]) for payment in answer.json()["data"]]
