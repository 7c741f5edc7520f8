"""One round of a subscription: what is to be sent now is attempted, some at a time, each to its end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

import structlog
from msgspec import Struct, field

from kronika.metrics.numbers import count_delivery
from kronika.outgoing.sending import Outcome, Sender
from kronika.webhooks.pace import SharedPlaces
from kronika.webhooks.signing import delivery_body, delivery_headers
from kronika.webhooks.work import Assignment, Attempt, Item, Moved, Stretch, Work

# What has not been begun by then waits for the next round, which knows the secret and the address of then. And a round
# that is cut off by a crash is sent again: it should be short.
_BEGIN_WITHIN_SECONDS: Final = 0.25
# So many deliveries of a process are begun at a time, each for as long as a quick receiver takes. Those who take longer
# only wait, which costs nothing; but hundreds that answer at once would keep the API waiting for its turn.
_BEGINNING: Final = 32
_BEGINNING_SECONDS: Final = 0.05

_log = structlog.get_logger("kronika")


class Round(Struct, frozen=True):
    """What a round came to."""

    attempts: list[Attempt]
    moved: list[Moved]
    is_all: bool
    """Whether all that was to be sent was."""


class Means(Struct, frozen=True):
    """What all rounds of a process share. `pauses`: seconds from each failed attempt to the next."""

    sender: Sender
    pauses: Sequence[float]
    places: SharedPlaces
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing is begun any more."""
    cutting: asyncio.Event = field(default_factory=asyncio.Event)
    """What is under way is cut off, and the round ends with what there is."""
    beginning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_BEGINNING))


async def go_round(assignment: Assignment, secret: bytes, *, at_once: int, means: Means) -> Round:
    """Attempts what is to be sent, one at a time, and up to `at_once` as there are shared places."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    queue = deque(_in_turn(assignment.work))
    # By what they are and not by their change: a replay may have the same one.
    left = {id(item): item for item in queue}
    attempts: list[Attempt] = []

    async def go() -> None:
        while queue and loop.time() < began + _BEGIN_WITHIN_SECONDS and not means.stopping.is_set():
            item = queue.popleft()
            async with means.beginning:
                at = assignment.now + timedelta(seconds=loop.time() - began)
                sending = asyncio.create_task(_send(item, assignment.url, secret, at, means.sender))
                try:
                    await asyncio.wait({sending}, timeout=_BEGINNING_SECONDS)
                except asyncio.CancelledError:
                    sending.cancel()
                    raise
            # Cancelled with us from here on.
            outcome = await sending
            attempts.append(_attempt(item, at, outcome, means.pauses))
            del left[id(item)]

    runners = [asyncio.create_task(go())]
    while len(runners) < min(at_once, len(left)) and means.places.take():
        runners.append(asyncio.create_task(go()))
        # A task that is cancelled before its first step never comes to its own `finally`.
        runners[-1].add_done_callback(lambda _: means.places.give())
    cutting = asyncio.create_task(means.cutting.wait())
    try:
        whole = asyncio.gather(*runners, return_exceptions=True)
        await asyncio.wait([whole, cutting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (cutting, *runners):
            task.cancel()
        await asyncio.gather(cutting, *runners, return_exceptions=True)
    return Round(attempts, [*_moved(assignment.work.stretches, left)], is_all=not left)


async def _send(item: Item, url: str, secret: bytes, at: datetime, sender: Sender) -> Outcome:
    try:
        body = delivery_body(item)
        outcome = await sender.send(url, delivery_headers(item, body, secret, at.timestamp()), body)
    except Exception:  # noqa: BLE001 - one delivery must not end those beside it, nor be tried for ever
        _log.exception("webhook not sent", change=str(item.change))
        outcome = Outcome("not_sent", None, 0)
    count_delivery(outcome.result, outcome.milliseconds / 1000)
    return outcome


def _attempt(item: Item, at: datetime, outcome: Outcome, pauses: Sequence[float]) -> Attempt:
    return Attempt(
        item.delivery,
        item.cause,
        item.change,
        item.type,
        item.resource,
        item.occurred,
        at,
        outcome.result,
        outcome.status,
        outcome.milliseconds,
        outcome.delivered,
        _pause(item, outcome, pauses),
        item.made,
        item.stretch,
        item.position,
    )


def _in_turn(work: Work) -> Iterator[Item]:
    """One of each list after the other, so that none keeps the others waiting."""
    for row in zip_longest(work.due, *(stretch.items for stretch in work.stretches)):
        for item in row:
            if item is not None:
                yield item


def _moved(stretches: Sequence[Stretch], left: Container[int]) -> Iterator[Moved]:
    """How far each cursor goes: to the last change before the first that is left."""
    for stretch in stretches:
        reach = None
        for item in stretch.items:
            if id(item) in left:
                break
            reach = item.position
        else:
            reach = stretch.reach
        if reach is not None:
            yield Moved(stretch.id, reach)


def _pause(item: Item, outcome: Outcome, pauses: Sequence[float]) -> float | None:
    """Seconds until the next attempt. A test is attempted once."""
    if outcome.delivered or item.cause == "test" or item.made >= len(pauses):
        return None
    return pauses[item.made]
