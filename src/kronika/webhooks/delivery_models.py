"""Deliveries and replays: rows, and what the API shows of them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from kronika.changes.journal import ResourceView, told
from kronika.instants import local_iso8601_exact
from kronika.outgoing.sending import Result

TEST_TYPE: Final = "webhook-subscriptions.test"
"""Of a delivery that somebody asked for to see whether they arrive. No change has it, nobody can subscribe to it."""
MOST_REPLAYS: Final = 10
"""Of a subscription, not finished."""
MOST_ASKED: Final = 1000
"""Deliveries of a subscription that were asked for one by one and have not been tried yet."""

Cause: TypeAlias = Literal["change", "replay", "test"]
State: TypeAlias = Literal["pending", "delivered", "failed"]


class Delivery(Struct, frozen=True):
    """`attempts` is JSON: a list of `Attempt`."""

    id: int
    change_id: UUID
    type: str
    resource_id: int
    occurred_at: datetime
    cause: Cause
    state: State
    attempts: str
    next_attempt_at: datetime | None
    created_at: datetime


class Attempt(Struct, frozen=True):
    at: datetime
    result: Result
    status: int | None
    milliseconds: int


class Asked(Struct, frozen=True):
    """Changes to be delivered again: those of these types (None: those that are subscribed) from the one instant up to
    the other (None: now).
    """

    begin: datetime
    end: datetime | None
    events: list[str] | None


class Replay(Struct, frozen=True):
    id: int
    occurred_from: datetime
    occurred_before: datetime
    events: list[str]


class AttemptView(Struct, frozen=True):
    number: int
    at: str
    result: Result
    status: int | None
    milliseconds: int


class DeliveryView(Struct, frozen=True, rename="camel"):
    id: int
    webhook_id: str
    type: str
    occurred_at: str
    resource: ResourceView
    cause: Cause
    state: State
    attempts: list[AttemptView]
    next_attempt_at: str | None
    created_at: str


class ReplayView(Struct, frozen=True, rename={"begin": "from", "end": "to", "subscribed_events": "subscribedEvents"}):
    id: int
    begin: str
    end: str
    subscribed_events: list[str]


_attempts = msgspec.json.Decoder(list[Attempt])


def attempts_of(delivery: Delivery) -> list[Attempt]:
    """In the order they were made."""
    return _attempts.decode(delivery.attempts)


def delivery_view(delivery: Delivery, zone: ZoneInfo) -> DeliveryView:
    change = told(delivery.change_id, delivery.type, delivery.resource_id, delivery.occurred_at)
    return DeliveryView(
        delivery.id,
        change.id,
        change.type,
        change.occurred_at,
        change.resource,
        delivery.cause,
        delivery.state,
        [
            AttemptView(
                number, local_iso8601_exact(attempt.at, zone), attempt.result, attempt.status, attempt.milliseconds
            )
            for number, attempt in enumerate(attempts_of(delivery), 1)
        ],
        None if delivery.next_attempt_at is None else local_iso8601_exact(delivery.next_attempt_at, zone),
        local_iso8601_exact(delivery.created_at, zone),
    )


def replay_view(replay: Replay, zone: ZoneInfo) -> ReplayView:
    return ReplayView(
        replay.id,
        local_iso8601_exact(replay.occurred_from, zone),
        local_iso8601_exact(replay.occurred_before, zone),
        replay.events,
    )
