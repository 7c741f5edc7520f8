"""One round of a subscription: what is to be sent now is attempted, some at a time, each to its end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import Final

from msgspec import Struct

from kronika.metrics.numbers import count_delivery
from kronika.outgoing.sending import Outcome, Sender
from kronika.webhooks.signing import delivery_body, delivery_headers
from kronika.webhooks.work import Assignment, Attempt, Item, Moved, Stretch, Work

# What has not been begun by then waits for the next round: a round of a slow receiver that is cut off by a crash is
# sent again, and should be short.
_BEGIN_WITHIN_SECONDS: Final = 1.0


class Round(Struct, frozen=True):
    """What a round came to."""

    attempts: list[Attempt]
    moved: list[Moved]
    is_all: bool
    """Whether all that was to be sent was."""


async def go_round(
    assignment: Assignment,
    secret: bytes,
    *,
    at_once: int,
    pauses: Sequence[float],
    sender: Sender,
    places: asyncio.Semaphore,
    is_stopping: Callable[[], bool],
) -> Round:
    """Attempts what is to be sent, `at_once` at a time, each in one of the `places` that subscriptions share."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    queue = deque(_in_turn(assignment.work))
    attempts: list[Attempt] = []

    async def attempt(item: Item) -> Attempt:
        async with places:
            at = assignment.now + timedelta(seconds=loop.time() - began)
            body = delivery_body(item)
            headers = delivery_headers(item, body, secret, at.timestamp())
            outcome = await sender.send(assignment.url, headers, body)
        count_delivery(outcome.result, outcome.milliseconds / 1000)
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
        )

    async def go() -> None:
        while queue and loop.time() < began + _BEGIN_WITHIN_SECONDS and not is_stopping():
            attempts.append(await attempt(queue.popleft()))

    await asyncio.gather(*(go() for _ in range(min(at_once, len(queue)))))
    # By what they are and not by their change: a replay may have the same one.
    left = set(map(id, queue))
    return Round(attempts, [*_moved(assignment.work.stretches, left)], is_all=not queue)


def _in_turn(work: Work) -> Iterator[Item]:
    """One of each list after the other, so that none keeps the others waiting."""
    for row in zip_longest(work.due, *(stretch.items for stretch in work.stretches)):
        for item in row:
            if item is not None:
                yield item


def _moved(stretches: Sequence[Stretch], left: set[int]) -> Iterator[Moved]:
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
