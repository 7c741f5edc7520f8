"""How many deliveries are under way at once: of a subscription, fewer the worse its receiver does, and of all together.

Each subscription that is served has one place that it never waits for, so that no receiver can hold up another's. What
is more comes from places that all share, as long as there are any. So thousands may hang, each with its one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kronika.webhooks.work import Attempt, Claim

MOST_AT_ONCE: Final = 16
_FIRST: Final = 2
_SLOW_MILLISECONDS: Final = 1000
_MOST_REMEMBERED: Final = 10_000


class SharedPlaces:
    """Places beyond the first of each subscription. Nobody waits for one."""

    def __init__(self, places: int) -> None:
        self._free = places

    def take(self) -> bool:
        """Whether there was one, which is the caller's now."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def give(self) -> None:
        """Gives a place back."""
        self._free += 1


class Paces:
    """The paces of the subscriptions that were served last."""

    def __init__(self) -> None:
        self._known: dict[Claim, int] = {}

    def of(self, claim: Claim) -> int:
        """So many at once. Whom nobody knows begins with few: he may hang."""
        return self._known.get(claim, _FIRST)

    def is_slow(self, claim: Claim) -> bool:
        """Whether it has done so badly that it has its own place only."""
        return self.of(claim) == 1

    def learn(self, claim: Claim, attempts: Sequence[Attempt]) -> None:
        """From a round's attempts."""
        if not attempts:
            return
        slow = sum(attempt.milliseconds >= _SLOW_MILLISECONDS for attempt in attempts)
        if 2 * slow >= len(attempts):
            # At once and not by steps: each step would hold as many connections for as long again.
            pace = 1
        elif slow:
            pace = max(1, self.of(claim) // 2)
        else:
            pace = min(MOST_AT_ONCE, 2 * self.of(claim))
        self._known.pop(claim, None)
        self._known[claim] = pace
        if len(self._known) > _MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
