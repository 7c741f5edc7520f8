"""The window that streams are told from, and what is found out about its pieces."""

from __future__ import annotations

import asyncio
import random

import pytest

from kronika.changes import following
from kronika.changes.following import Window
from kronika.changes.journal import Change, Piece


def change(position: int) -> Change:
    return Change(position, *[None] * 4, 0, 0)  # type: ignore[arg-type] - of the others nothing is read


def test_whoever_joins_wherever_and_takes_whenever_is_told_all_behind_his_cursor_once(monkeypatch: pytest.MonkeyPatch):
    """Cursors lie before the window, in the middle of a piece, and ahead of the reader: another process was there."""
    monkeypatch.setattr(following, "_MOST_PIECES", 2)
    for seed in range(300):
        chance = random.Random(seed)
        window = Window(10)
        happened = [3, 5, 9]
        streams: list[_Following] = []
        for _ in range(40):
            match chance.randrange(6):
                case 0:
                    window.forget()
                case 1:
                    streams.append(_Following(max(0, window.end + chance.randint(-5, 5))))
                case 2 | 3 if streams:
                    chance.choice(streams).take(window, happened)
                case _:
                    new = [window.end + 1 + n for n in range(chance.randrange(4))]
                    happened += new
                    # The horizon may be further than the last of it.
                    window.add(Piece([*map(change, new)], window.end + len(new) + chance.randrange(3), more=False))
        for each in streams:
            while each.cursor < window.last:
                each.take(window, happened)
            assert each.seen == [position for position in happened if position > each.began], f"seed {seed}"


class _Following:
    """A stream, as a model."""

    def __init__(self, began: int) -> None:
        self.began = self.cursor = began
        self.seen: list[int] = []

    def take(self, window: Window, happened: list[int]) -> None:
        if self.cursor >= window.begin:
            piece = window.behind(self.cursor)
        else:
            found = [change(each) for each in happened if self.cursor < each <= window.end][:2]
            piece = Piece(found, found[-1].position if len(found) == 2 else window.end, more=False)
        assert piece.next >= self.cursor
        self.seen += [each.position for each in piece.changes]
        self.cursor = piece.next


async def test_what_one_finds_out_about_a_piece_all_know_though_he_has_gone_meanwhile():
    begun, may_end = asyncio.Event(), asyncio.Event()
    times = 0

    async def find(piece: Piece) -> int:
        nonlocal times
        times += 1
        begun.set()
        await may_end.wait()
        return piece.next

    piece = Piece([], 7, more=False)
    first, second = (asyncio.create_task(piece.once("what", find)) for _ in range(2))
    await begun.wait()
    first.cancel()
    await asyncio.wait([first])
    may_end.set()
    assert (await second, await piece.once("what", find), times, first.cancelled()) == (7, 7, 1, True)
