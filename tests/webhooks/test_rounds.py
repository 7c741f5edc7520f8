"""How far a cursor goes after a round that was cut short: never past a change that was not attempted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kronika.outgoing.sending import Outcome, Sender
from kronika.webhooks.pace import MOST_AT_ONCE, Paces, SharedPlaces
from kronika.webhooks.rounds import Means, go_round
from kronika.webhooks.work import Assignment, Attempt, Claim, Item, Stretch, Work

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Counting(Sender):
    """Sends nowhere; some receive it, others do not, and from some time on nobody answers any more."""

    means: Means

    def __init__(self, enough: int, how: str) -> None:
        self.sent: list[str] = []
        self._enough, self._how = enough, how

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:  # noqa: ARG002 - a sender's
        self.sent.append(headers["webhook-id"])
        await asyncio.sleep(0)
        if len(self.sent) >= self._enough:
            if self._how == "cut off":
                self.means.cutting.set()
                await asyncio.Event().wait()
            self.means.stopping.set()
        if len(self.sent) % 5 == 4:
            raise RuntimeError("a mistake of ours")
        return Outcome("delivered", 200, 1) if len(self.sent) % 3 else Outcome("status", 500, 1)


def item(number: int, *, due: bool = False, made: int = 0) -> Item:
    where = {"delivery": number, "made": made} if due else {"position": number}
    return Item("change", UUID(int=number), "clients.created", number, NOW, **where)


@given(
    due=st.integers(0, 5),
    lengths=st.lists(st.integers(1, 8), max_size=3),
    gaps=st.integers(1, 3),
    end=st.tuples(st.integers(1, 30), st.sampled_from(["stopped", "cut off"])),
    at_once=st.integers(1, 16),
)
def test_a_cursor_passes_what_was_attempted_and_nothing_else(
    due: int, lengths: list[int], gaps: int, end: tuple[int, str], at_once: int
):
    stretches = [
        Stretch(n, 1000 * n + gaps * length + 50, [item(1000 * n + gaps * k) for k in range(1, length + 1)])
        for n, length in enumerate(lengths, start=1)
    ]
    work = Work([item(n, due=True) for n in range(1, due + 1)], stretches)

    async def go() -> None:
        places = SharedPlaces(5)
        sender = Counting(*end)
        means = sender.means = Means(sender, (10, 100), places)
        assignment = Assignment("https://example.com/", b"", NOW, None, work)
        done = await go_round(assignment, b"secret", at_once=at_once, means=means)
        # All places are free again.
        assert [places.take() for _ in range(6)] == [True] * 5 + [False]
        attempted = {attempt.change.int for attempt in done.attempts}
        assert len(attempted) == len(done.attempts) <= len(sender.sent) <= len(attempted) + min(at_once, 6)
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
        None, "change", UUID(int=1), "clients.created", 1, NOW, NOW, "timeout", None, milliseconds, False, 10, 0, 1, 1
    )


def test_whom_nobody_knows_begins_with_few_and_gets_more_while_it_goes_well():
    paces, claim, at_once = Paces(), Claim(1, 1), []
    for _ in range(5):
        at_once.append(paces.of(claim))
        paces.learn(claim, [outcome(5)])
    assert at_once == [2, 4, 8, 16, 16]
    # A round that came to nothing tells nothing.
    paces.learn(claim, [])
    assert paces.of(claim) == MOST_AT_ONCE


def test_a_receiver_that_hangs_has_its_own_place_only_until_it_answers_again():
    paces, hung, shaky = Paces(), Claim(1, 1), Claim(1, 2)
    for claim in (hung, shaky):
        for _ in range(4):
            paces.learn(claim, [outcome(5)])
    paces.learn(hung, [outcome(5), outcome(10_000)])
    paces.learn(shaky, [outcome(5), outcome(5), outcome(10_000)])
    assert [(paces.of(claim), paces.is_slow(claim)) for claim in (hung, shaky)] == [(1, True), (8, False)]
    paces.learn(hung, [outcome(5)])
    assert (paces.of(hung), paces.is_slow(hung)) == (2, False)


def test_only_so_many_receivers_are_remembered():
    paces = Paces()
    for number in range(10_001):
        paces.learn(Claim(1, number), [outcome(10_000)])
    assert (paces.of(Claim(1, 0)), paces.of(Claim(1, 1))) == (2, 1)
