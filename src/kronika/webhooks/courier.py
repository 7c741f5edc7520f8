"""The courier of a process: finds subscriptions that have something to be sent, and has each served.

Any number of processes may have one. A subscription is one courier's at a time; who dies is followed by another when
his claims end. What was sent and not recorded is then sent again: a receiver knows it by its `webhook-id`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final
from uuid import uuid4

import structlog

from kronika.db.horizon import Horizon
from kronika.db.news import Waiter
from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Unavailable
from kronika.outgoing.sending import Sender
from kronika.sealing import SealBroken, Sealer
from kronika.webhooks.pace import SharedPlaces
from kronika.webhooks.rounds import Means
from kronika.webhooks.serving import Service
from kronika.webhooks.work import Claim, Desk

CLAIM_SECONDS: Final = 6.0
"""After so long the claims of a process that died are anybody's."""

_KEEP_EVERY: Final = 2.0
_LOOK_EVERY: Final = 1.0
# After news of a company brought nothing to claim, since another process serves it, it is not asked for again so long.
_OTHERS_SERVE_SECONDS: Final = 0.25
# What went wrong is tried again after so long, by anybody.
_TROUBLE_SECONDS: Final = 1.0
# After so long it is looked whether a secret that did not open has been rotated.
_SEALED_SECONDS: Final = 30.0
# When it stops: for attempts that are under way, for the recording of those that have ended, for letting go.
_GRACE_SECONDS: Final = 4.0
_RECORD_SECONDS: Final = 2.0
_LEAVE_SECONDS: Final = 1.0

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
        """`pauses`: seconds from each failed attempt to the next. `places`: so many subscriptions are served at once,
        as many more whose receivers hang, and so many deliveries are under way beside one of each.
        """
        self._database = database
        self._horizon = horizon
        self._places = places
        self._desk = Desk(database, uuid4())
        self._means = Means(sender, pauses, SharedPlaces(places))
        self._service = Service(self._desk, self._means, sealer, reach=self._reach)
        self._serving: dict[Claim, asyncio.Task[None]] = {}
        self._claimed_again: set[Claim] = set()
        self._subscriptions: dict[int, int] = {}
        self._others_serve: dict[int, float] = {}
        self._waiters: set[Waiter] = set()
        self._news: Waiter | None = None
        self._looking: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until it is stopped or cancelled."""
        keeping = asyncio.create_task(self._keep())
        self._looking = asyncio.create_task(self._look_out())
        try:
            if not self._means.stopping.is_set():
                await asyncio.wait([self._looking])
            await self._end(_GRACE_SECONDS)
            self._means.cutting.set()
            await self._end(_RECORD_SECONDS)
        finally:
            ending = [keeping, self._looking, *self._serving.values()]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            with suppress(Unavailable, LockWaitTimeout, TimeoutError):
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await self._desk.leave_all()

    def stop(self) -> None:
        """No delivery is begun any more. `run` ends when those under way have been recorded; after some seconds those
        that have not ended are cut off, and will be attempted anew by somebody else.
        """
        self._means.stopping.set()
        if self._looking is not None:
            self._looking.cancel()
        for waiter in self._waiters:
            waiter.wake(0)

    async def _end(self, seconds: float) -> None:
        if self._serving:
            await asyncio.wait([*self._serving.values()], timeout=seconds)

    async def _look_out(self) -> None:
        with self._waiter() as waiter:
            self._news = waiter
            looked_at = -_LOOK_EVERY
            while not self._means.stopping.is_set():
                try:
                    looked_at = await self._look(waiter, looked_at)
                except (Unavailable, LockWaitTimeout) as error:
                    _log.warning("webhooks wait for the database", cause=type(error.__cause__).__name__)
                    await asyncio.sleep(_LOOK_EVERY)
                except Exception:  # noqa: BLE001 - whatever it was, the next look is another try
                    _log.exception("webhooks: a look went wrong")
                    await asyncio.sleep(_LOOK_EVERY)

    async def _look(self, waiter: Waiter, looked_at: float) -> float:
        """Claims for all once a second, and for companies of which there are news; when the last was for all."""
        loop = asyncio.get_running_loop()
        if loop.time() - looked_at >= _LOOK_EVERY:
            looked_at = loop.time()
            self._subscriptions = await self._desk.companies()
            self._database.news.choose(waiter, self._subscriptions.keys())
            if self._subscriptions:
                await self._claim(None)
        changed = await waiter.wait(looked_at + _LOOK_EVERY - loop.time())
        ours = Counter(claim.company_id for claim in self._serving)
        if whose := [company_id for company_id in changed if self._may_be_unserved(company_id, ours[company_id])]:
            claimed = await self._claim(whose)
            for company_id in set(whose) - {claim.company_id for claim in claimed}:
                self._others_serve[company_id] = loop.time() + _OTHERS_SERVE_SECONDS
        return looked_at

    def _may_be_unserved(self, company_id: int, ours: int) -> bool:
        if self._others_serve.get(company_id, 0) > asyncio.get_running_loop().time():
            return False
        self._others_serve.pop(company_id, None)
        return ours < self._subscriptions.get(company_id, 0)

    async def _claim(self, whose: list[int] | None) -> list[Claim]:
        """Takes what it can serve, and begins to."""
        most = self._free()
        if most <= 0:
            return []
        horizon = await self._reach()
        claims = await self._desk.claim(seconds=CLAIM_SECONDS, most=most, horizon=horizon, whose=whose)
        for claim in claims:
            if claim in self._serving:
                # Given back or lost, and ours again before the one who serves has ended: he is to be followed.
                self._claimed_again.add(claim)
            else:
                self._serving[claim] = asyncio.create_task(self._serve(claim))
        return claims

    def _free(self) -> int:
        """How many more can be served. Those whose receivers hang keep nobody out."""
        free = self._places - len(self._serving)
        # Counted only where it matters: who serves asks after each round.
        return free if free > 0 else free + min(self._places, sum(map(self._service.is_slow, self._serving)))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_EVERY)
            if self._serving:
                try:
                    await self._desk.keep([*self._serving], seconds=CLAIM_SECONDS)
                except (Unavailable, LockWaitTimeout):
                    continue
                except Exception:  # noqa: BLE001 - whatever it was, the next time is another try
                    _log.exception("webhooks: claims were not prolonged")

    async def _serve(self, claim: Claim) -> None:
        pause = _TROUBLE_SECONDS
        try:
            with self._waiter(claim.company_id) as waiter:
                await self._service.serve(claim, waiter, is_crowded=lambda: self._free() <= 0)
            pause = 0.0
        except SealBroken:
            pause = _SEALED_SECONDS
            about = {"company": claim.company_id, "subscription": claim.subscription_id}
            _log.error("webhooks wait: the secret was sealed with another secret key, rotate it", **about)
        except (Unavailable, LockWaitTimeout) as error:
            _log.warning("webhooks put off", subscription=claim.subscription_id, cause=type(error.__cause__).__name__)
        except Exception:  # noqa: BLE001 - one subscription must not end those of others
            _log.exception("webhooks put off", subscription=claim.subscription_id)
        finally:
            await self._give_up(claim, pause)

    async def _give_up(self, claim: Claim, pause: float) -> None:
        try:
            # If this fails, the claim ends by itself: it is not prolonged any more.
            with suppress(Unavailable, LockWaitTimeout):
                await self._desk.leave(claim, seconds=pause)
        finally:
            del self._serving[claim]
            if claim in self._claimed_again:
                self._claimed_again.discard(claim)
                if not self._means.stopping.is_set():
                    self._serving[claim] = asyncio.create_task(self._serve(claim))
            # Whatever came while we were leaving.
            if self._news is not None:
                self._news.wake(claim.company_id)

    async def _reach(self) -> int:
        return await self._horizon.reach(self._database)

    @contextmanager
    def _waiter(self, *companies: int) -> Generator[Waiter]:
        with self._database.news.waiter(*companies) as waiter:
            self._waiters.add(waiter)
            try:
                yield waiter
            finally:
                self._waiters.discard(waiter)
