"""How many deliveries of a subscription are under way at once: fewer, the worse its receiver does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kronika.webhooks.work import Attempt, Claim

MOST_AT_ONCE: Final = 16
FEWEST_AT_ONCE: Final = 2
_SLOW_MILLISECONDS: Final = 1000
_MOST_REMEMBERED: Final = 10_000


class Paces:
    """The paces of the subscriptions that are not at the full one.

    A receiver that hangs holds a connection for ten seconds: two at a time of each, so that thousands can hang without
    being in anybody's way. One that answers again is at the full pace after three rounds.
    """

    def __init__(self) -> None:
        self._reduced: dict[Claim, int] = {}

    def of(self, claim: Claim) -> int:
        """So many at once."""
        return self._reduced.get(claim, MOST_AT_ONCE)

    def is_slow(self, claim: Claim) -> bool:
        """Whether it has done so badly that it must not take the places of others."""
        return self.of(claim) == FEWEST_AT_ONCE

    def learn(self, claim: Claim, attempts: Sequence[Attempt]) -> None:
        """From a round's attempts."""
        slow = sum(attempt.milliseconds >= _SLOW_MILLISECONDS for attempt in attempts)
        if 2 * slow >= len(attempts) > 0:
            # At once and not by steps: each step would hold as many connections for as long again.
            width = FEWEST_AT_ONCE
        elif slow:
            width = max(FEWEST_AT_ONCE, self.of(claim) // 2)
        else:
            width = min(MOST_AT_ONCE, 2 * self.of(claim))
        self._reduced.pop(claim, None)
        if width < MOST_AT_ONCE:
            self._reduced[claim] = width
            if len(self._reduced) > _MOST_REMEMBERED:
                del self._reduced[next(iter(self._reduced))]
