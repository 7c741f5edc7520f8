"""The courier of a process: finds subscriptions that have something to be sent, and serves each until it has nothing.

Any number of processes may have one. A subscription is one courier's at a time; who dies is followed by another when
his claims end. What was sent and not recorded is then sent again: a receiver knows it by its `webhook-id`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from kronika.db.horizon import Horizon
from kronika.db.news import Waiter
from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Unavailable
from kronika.outgoing.sending import Sender
from kronika.sealing import SealBroken, Sealer
from kronika.webhooks.pace import Paces
from kronika.webhooks.rounds import Round, go_round
from kronika.webhooks.secrets import secret_about
from kronika.webhooks.work import Assignment, Claim, Desk

CLAIM_SECONDS: Final = 6.0
"""After so long the claims of a process that died are anybody's."""

_KEEP_EVERY: Final = 2.0
_LOOK_EVERY: Final = 1.0
# A courier stays with a subscription for a while after the last delivery: the next needs no claim then.
_LINGER_SECONDS: Final = 2.0
# Under load: what comes within so long goes in one round.
_GATHER_SECONDS: Final = 0.02
_MOST_CLAIMS: Final = 500
_ROUNDS_AHEAD: Final = 8
# After news of a company brought nothing to claim, since another process serves it, it is not asked for again so long.
_OTHERS_SERVE_SECONDS: Final = 0.25
_STOP_SECONDS: Final = 5.0
# After so long it is looked whether a secret that did not open has been rotated.
_SEALED_SECONDS: Final = 30.0
_RECORD_PAUSES: Final = (0.1, 0.4, 1.0, 2.0, 4.0)

_log = structlog.get_logger("kronika")


class Courier:
    """Sends for as many subscriptions as it can. `run` it once; `stop` ends it in order."""

    def __init__(
        self,
        database: Database,
        horizon: Horizon,
        sender: Sender,
        sealer: Sealer,
        *,
        pauses: tuple[float, ...],
        places: int,
    ) -> None:
        """`pauses`: seconds from each failed attempt to the next. `places`: how many deliveries are under way at once,
        of all subscriptions; those whose receivers hang have as many of their own.
        """
        self._database = database
        self._horizon = horizon
        self._sender = sender
        self._sealer = sealer
        self._pauses = pauses
        self._desk = Desk(database, uuid4())
        self._paces = Paces()
        self._places = asyncio.Semaphore(places)
        self._slow_places = asyncio.Semaphore(places)
        self._serving: dict[Claim, asyncio.Task[None]] = {}
        self._claimed_again: set[Claim] = set()
        self._subscriptions: dict[int, int] = {}
        self._others_serve: dict[int, float] = {}
        self._waiters: set[Waiter] = set()
        self._news: Waiter | None = None
        self._is_stopping = False

    async def run(self) -> None:
        """Until it is stopped or cancelled."""
        keeping = asyncio.create_task(self._keep())
        try:
            with self._waiter() as waiter:
                self._news = waiter
                await self._look_out(waiter)
            if self._serving:
                await asyncio.wait([*self._serving.values()], timeout=_STOP_SECONDS)
        finally:
            keeping.cancel()
            for task in self._serving.values():
                task.cancel()
            await asyncio.gather(keeping, *self._serving.values(), return_exceptions=True)
            with suppress(Unavailable, LockWaitTimeout):
                await self._desk.leave_all()

    def stop(self) -> None:
        """No delivery is begun any more; `run` ends when those under way have been recorded, or after five seconds."""
        self._is_stopping = True
        for waiter in self._waiters:
            waiter.wake(0)

    async def _look_out(self, waiter: Waiter) -> None:
        loop = asyncio.get_running_loop()
        looked_at = -_LOOK_EVERY
        while not self._is_stopping:
            try:
                if loop.time() - looked_at >= _LOOK_EVERY:
                    looked_at = loop.time()
                    self._subscriptions = await self._desk.companies()
                    self._database.news.choose(waiter, self._subscriptions.keys())
                    if self._subscriptions:
                        await self._claim(None)
                changed = await waiter.wait(looked_at + _LOOK_EVERY - loop.time())
                if whose := [company_id for company_id in changed if self._may_be_unserved(company_id)]:
                    claimed = await self._claim(whose)
                    for company_id in set(whose) - {claim.company_id for claim in claimed}:
                        self._others_serve[company_id] = loop.time() + _OTHERS_SERVE_SECONDS
            except (Unavailable, LockWaitTimeout) as error:
                _log.warning("webhooks wait for the database", cause=type(error.__cause__).__name__)
                await asyncio.sleep(_LOOK_EVERY)

    def _may_be_unserved(self, company_id: int) -> bool:
        if self._others_serve.get(company_id, 0) > asyncio.get_running_loop().time():
            return False
        self._others_serve.pop(company_id, None)
        ours = sum(claim.company_id == company_id for claim in self._serving)
        return ours < self._subscriptions.get(company_id, 0)

    async def _claim(self, whose: list[int] | None) -> list[Claim]:
        """Takes what it can serve, and begins to."""
        most = _MOST_CLAIMS - len(self._serving)
        if most <= 0:
            return []
        horizon = await self._horizon.reach(self._database)
        claims = await self._desk.claim(seconds=CLAIM_SECONDS, most=most, horizon=horizon, whose=whose)
        for claim in claims:
            if claim in self._serving:
                # Given back or lost, and ours again before the one who serves has ended: he is to be followed.
                self._claimed_again.add(claim)
            else:
                self._serving[claim] = asyncio.create_task(self._serve(claim))
        return claims

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_EVERY)
            if self._serving:
                with suppress(Unavailable, LockWaitTimeout):
                    await self._desk.keep(seconds=CLAIM_SECONDS)

    async def _serve(self, claim: Claim) -> None:
        try:
            with self._waiter(claim.company_id) as waiter:
                await self._serve_until_idle(claim, waiter)
        except SealBroken:
            _log.error(
                "webhooks wait: the secret was sealed with another secret key, rotate it",
                company=claim.company_id,
                subscription=claim.subscription_id,
            )
            with suppress(Unavailable, LockWaitTimeout):
                await self._desk.leave(claim, seconds=_SEALED_SECONDS)
        except (Unavailable, LockWaitTimeout) as error:
            # The claim ends by itself, and then it is somebody's again.
            _log.warning("webhooks put off", subscription=claim.subscription_id, cause=type(error.__cause__).__name__)
        except Exception:  # noqa: BLE001 - one subscription must not end those of others
            _log.exception("webhooks put off", subscription=claim.subscription_id)
        finally:
            del self._serving[claim]
            if claim in self._claimed_again and not self._is_stopping:
                self._claimed_again.discard(claim)
                self._serving[claim] = asyncio.create_task(self._serve(claim))

    async def _serve_until_idle(self, claim: Claim, waiter: Waiter) -> None:
        loop = asyncio.get_running_loop()
        busy_at = began = loop.time()
        while not self._is_stopping:
            if self._paces.is_slow(claim) and self._slow_places.locked():
                await self._desk.leave(claim, seconds=_LOOK_EVERY)
                return
            began = loop.time()
            at_once = self._paces.of(claim)
            horizon = await self._horizon.reach(self._database)
            most = at_once * _ROUNDS_AHEAD
            assignment = await self._desk.assignment(claim, horizon=horizon, most=most)
            if assignment is None:
                return
            done = await self._round(claim, assignment, at_once) if assignment.work else None
            wait = _seconds_until_due(assignment, done)
            if done is not None:
                busy_at = loop.time()
                if len(self._serving) >= _MOST_CLAIMS:
                    break
                if not done.is_all or len(done.attempts) >= most:
                    continue
                wait = min(wait, _LINGER_SECONDS)
            elif loop.time() - busy_at >= _LINGER_SECONDS:
                break
            await waiter.wait(min(wait, busy_at + _LINGER_SECONDS - loop.time()))
            if done is not None:
                await asyncio.sleep(began + _GATHER_SECONDS - loop.time())
        await self._desk.leave(claim)
        # Whatever came while we were leaving.
        if self._news is not None:
            self._news.wake(claim.company_id)

    async def _round(self, claim: Claim, assignment: Assignment, at_once: int) -> Round:
        done = await go_round(
            assignment,
            self._sealer.open(assignment.sealed_secret, secret_about(claim.company_id, claim.subscription_id)),
            at_once=at_once,
            pauses=self._pauses,
            sender=self._sender,
            places=self._slow_places if self._paces.is_slow(claim) else self._places,
            is_stopping=lambda: self._is_stopping,
        )
        self._paces.learn(claim, done.attempts)
        await self._record(claim, done)
        return done

    @contextmanager
    def _waiter(self, *companies: int) -> Generator[Waiter]:
        with self._database.news.waiter(*companies) as waiter:
            self._waiters.add(waiter)
            try:
                yield waiter
            finally:
                self._waiters.discard(waiter)

    async def _record(self, claim: Claim, done: Round) -> None:
        """Not given up at once: what is not recorded is sent again."""
        if not done.attempts and not done.moved:
            return
        for pause in _RECORD_PAUSES:
            try:
                await self._desk.record(claim, done.attempts, done.moved)
            except (Unavailable, LockWaitTimeout):
                await asyncio.sleep(pause)
            else:
                return
        await self._desk.record(claim, done.attempts, done.moved)


def _seconds_until_due(assignment: Assignment, done: Round | None) -> float:
    """Until something is to be sent again, as far as it is known."""
    seconds = float("inf")
    if assignment.next_due is not None:
        seconds = max(timedelta(), assignment.next_due - assignment.now).total_seconds()
    return min([seconds, *(attempt.pause for attempt in (done.attempts if done else ()) if attempt.pause is not None)])
