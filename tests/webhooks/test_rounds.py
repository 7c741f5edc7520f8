"""How far a cursor goes after a round that was cut short: never past a change that was not attempted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kronika.outgoing.sending import Outcome, Sender
from kronika.webhooks.pace import FEWEST_AT_ONCE, MOST_AT_ONCE, Paces
from kronika.webhooks.rounds import go_round
from kronika.webhooks.work import Assignment, Attempt, Claim, Item, Stretch, Work

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Counting(Sender):
    """Sends nowhere; some receive it, others do not."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:  # noqa: ARG002 - a sender's
        self.sent.append(headers["webhook-id"])
        await asyncio.sleep(0)
        return Outcome("delivered", 200, 1) if len(self.sent) % 3 else Outcome("status", 500, 1)


def item(number: int, *, due: bool = False, made: int = 0) -> Item:
    where = {"delivery": number, "made": made} if due else {"position": number}
    return Item("change", UUID(int=number), "clients.created", number, NOW, **where)


@given(
    due=st.integers(0, 5),
    lengths=st.lists(st.integers(1, 8), max_size=3),
    gaps=st.integers(1, 3),
    begun=st.integers(0, 30),
    at_once=st.integers(1, 16),
)
def test_a_cursor_passes_what_was_attempted_and_nothing_else(
    due: int, lengths: list[int], gaps: int, begun: int, at_once: int
):
    stretches = [
        Stretch(n, 1000 * n + gaps * length + 50, [item(1000 * n + gaps * k) for k in range(1, length + 1)])
        for n, length in enumerate(lengths, start=1)
    ]
    work = Work([item(n, due=True) for n in range(1, due + 1)], stretches)
    sender = Counting()

    async def go() -> None:
        places = asyncio.Semaphore(100)
        done = await go_round(
            Assignment("https://example.com/", b"", NOW, None, work), b"secret", at_once=at_once, pauses=(10, 100),
            sender=sender, places=places, is_stopping=lambda: len(sender.sent) >= begun,
        )  # fmt: skip
        attempted = {attempt.change.int for attempt in done.attempts}
        assert len(attempted) == len(done.attempts) == len(sender.sent)
        assert done.is_all == (len(attempted) == due + sum(lengths))
        reaches = {moved.id: moved.reach for moved in done.moved}
        for stretch in stretches:
            positions = [item.position for item in stretch.items]
            if all(position in attempted for position in positions):
                assert reaches[stretch.id] == stretch.reach
            else:
                missing = min(position for position in positions if position not in attempted)
                before = [position for position in positions if position < missing]
                assert reaches.get(stretch.id) == (before[-1] if before else None)

    asyncio.run(go())


def outcome(milliseconds: int) -> Attempt:
    return Attempt(
        None, "change", UUID(int=1), "clients.created", 1, NOW, NOW, "timeout", None, milliseconds, False, 10
    )


def test_a_receiver_that_hangs_gets_few_at_once_until_it_answers_again():
    paces, hung, fine = Paces(), Claim(1, 1), Claim(1, 2)
    paces.learn(fine, [outcome(5)])
    paces.learn(hung, [outcome(5), outcome(10_000)])
    paces.learn(shaky := Claim(1, 3), [outcome(5), outcome(5), outcome(10_000)])
    assert (paces.of(shaky), paces.is_slow(shaky)) == (MOST_AT_ONCE // 2, False)
    assert (paces.of(hung), paces.is_slow(hung)) == (FEWEST_AT_ONCE, True)
    assert (paces.of(fine), paces.is_slow(fine)) == (MOST_AT_ONCE, False)
    widths = []
    while paces.of(hung) < MOST_AT_ONCE:
        paces.learn(hung, [outcome(5)])
        widths.append(paces.of(hung))
    assert widths == [4, 8, 16]


def test_only_so_many_slow_receivers_are_remembered():
    paces = Paces()
    for number in range(10_001):
        paces.learn(Claim(1, number), [outcome(10_000)])
    assert paces.of(Claim(1, 0)) == MOST_AT_ONCE
    assert paces.of(Claim(1, 1)) == FEWEST_AT_ONCE
