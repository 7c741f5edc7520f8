"""A subscription that is ours is served, round by round, until it has had nothing to be sent for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from kronika.db.news import Waiter
from kronika.db.pool import LockWaitTimeout
from kronika.errors import Unavailable
from kronika.sealing import Sealer
from kronika.webhooks.pace import Paces
from kronika.webhooks.rounds import Means, Round, go_round
from kronika.webhooks.secrets import secret_about
from kronika.webhooks.work import Assignment, Claim, Desk

# A courier stays with a subscription for a while after the last delivery: the next needs no claim then.
_LINGER_SECONDS: Final = 2.0
# Under load: what comes within so long goes in one round.
_GATHER_SECONDS: Final = 0.02
_ROUNDS_AHEAD: Final = 8
_HANGS_AFTER_SECONDS: Final = 1.0
_RECORD_PAUSES: Final = (0.1, 0.4, 1.0, 2.0, 4.0)


class Service:
    """What serving takes, the same for all subscriptions of a process."""

    def __init__(self, desk: Desk, means: Means, sealer: Sealer, *, reach: Callable[[], Awaitable[int]]) -> None:
        """`reach` asks how far the journal is final."""
        self._paces = Paces()
        self._began: dict[Claim, float] = {}
        self._desk = desk
        self._means = means
        self._sealer = sealer
        self._reach = reach

    def is_slow(self, claim: Claim) -> bool:
        """Whether it is one that keeps nobody out: it has done badly, or its round has been going on for long."""
        began = self._began.get(claim)
        hangs = began is not None and asyncio.get_running_loop().time() - began > _HANGS_AFTER_SECONDS
        return hangs or self._paces.is_slow(claim)

    async def serve(self, claim: Claim, waiter: Waiter, *, is_crowded: Callable[[], bool]) -> None:
        """Until there has been nothing for a while, it is not ours any more, or everything stops.

        `is_crowded`: others wait for the place, and it is given up after each round. Raises SealBroken, and what the
        desk raises.
        """
        loop = asyncio.get_running_loop()
        busy_at = loop.time()
        while not self._means.stopping.is_set():
            began = loop.time()
            at_once = self._paces.of(claim)
            horizon = await self._reach()
            assignment = await self._desk.assignment(claim, horizon=horizon, most=at_once * _ROUNDS_AHEAD)
            if assignment is None:
                return
            done = await self._round(claim, assignment, at_once) if assignment.work else None
            wait = _seconds_until_due(assignment, done)
            if done is not None:
                busy_at = loop.time()
                if is_crowded():
                    return
                if not done.is_all or wait <= 0:
                    continue
            elif loop.time() - busy_at >= _LINGER_SECONDS:
                return
            await waiter.wait(min(wait, busy_at + _LINGER_SECONDS - loop.time()))
            if done is not None:
                await asyncio.sleep(began + _GATHER_SECONDS - loop.time())

    async def _round(self, claim: Claim, assignment: Assignment, at_once: int) -> Round:
        secret = self._sealer.open(assignment.sealed_secret, secret_about(claim.company_id, claim.subscription_id))
        self._began[claim] = asyncio.get_running_loop().time()
        try:
            done = await go_round(assignment, secret, at_once=at_once, means=self._means)
        finally:
            del self._began[claim]
        self._paces.learn(claim, done.attempts)
        if done.attempts or done.moved:
            await self._record(claim, done)
        return done

    async def _record(self, claim: Claim, done: Round) -> None:
        """Not given up at once: what is not recorded is sent again."""
        for pause in _RECORD_PAUSES:
            try:
                await self._desk.record(claim, done.attempts, done.moved)
            except (Unavailable, LockWaitTimeout):
                await asyncio.sleep(pause)
            else:
                return
        await self._desk.record(claim, done.attempts, done.moved)


def _seconds_until_due(assignment: Assignment, done: Round | None) -> float:
    """Until something is to be sent again, or there is more to be looked through, as far as it is known."""
    seconds = float("inf")
    if assignment.next_due is not None:
        seconds = max(timedelta(), assignment.next_due - assignment.now).total_seconds()
    return min([seconds, *(attempt.pause for attempt in (done.attempts if done else ()) if attempt.pause is not None)])
