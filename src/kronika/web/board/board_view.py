"""The board as pages show it: columns from left to right, and last that of cases without a status.

It shows the first cards of each column, so many that the page stays small however many cases and columns there are.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.requests import Request

from kronika.cases.column_queries import Card, column_sizes, first_cards
from kronika.db.statements import Transaction
from kronika.input.fields import parse_integer
from kronika.statuses.models import StatusView
from kronika.statuses.queries import list_statuses
from kronika.web.lists import PER_PAGE

NO_COLUMN: Final = 0
"""What stands in addresses and forms of the board for the column of cases without a status."""
STEP: Final = 50
"""How many cards a column shows, and how many more each time one asks for more."""
_LONGEST: Final = 10 * STEP
_MOST: Final = 600
_FEWEST: Final = 10


class Column(Struct, frozen=True):
    """A column, and the first of its cards; `cards` is None where they are not asked for."""

    status: StatusView | None
    size: int
    cards: list[Card] | None
    left: int | None
    """In front of which column it stands when it is moved one to the left; None: it is the first."""
    right: int | None
    """The same of the right, where NO_COLUMN says that it is the last then; None: it is the last."""

    @property
    def id(self) -> int:
        return self.status.id if self.status else NO_COLUMN

    @property
    def is_more(self) -> bool:
        return self.cards is not None and len(self.cards) < self.size

    @property
    def more_page(self) -> int:
        """The page of the list, in the order of the places, on which the cards go on."""
        return len(self.cards or []) // PER_PAGE + 1

    @property
    def is_longest(self) -> bool:
        """Whether the board shows no more of it, and the list shows the others."""
        return len(self.cards or []) >= _LONGEST


class Asked(Struct, frozen=True):
    """Of which columns cards are asked for, and how many; `rest`: of all others too."""

    lengths: dict[int, int]
    rest: bool


WHOLE: Final = Asked({}, rest=True)


def asked_columns(request: Request) -> Asked:
    """What a script asks for: `columns=3:50,0:100`, and with `rest` the others too. What is no number asks nothing."""
    lengths: dict[int, int] = {}
    for piece in request.query_params.get("columns", "").split(",")[:_MOST]:
        column, _, length = piece.partition(":")
        number, wanted = parse_integer(column), parse_integer(length)
        if number is not None and wanted is not None:
            lengths[number] = min(max(wanted, 0), _LONGEST)
    return Asked(lengths, rest="rest" in request.query_params)


async def read_board(transaction: Transaction, asked: Asked = WHOLE) -> list[Column]:
    """All columns of the board, with the cards that are asked for."""
    statuses = await list_statuses(transaction)
    sizes = await column_sizes(transaction)
    ids = [status.id for status in statuses]
    usual = min(STEP, max(_FEWEST, _MOST // (len(ids) + 1)))
    lengths = {
        column or None: max(usual, asked.lengths.get(column, 0))
        for column in [*ids, NO_COLUMN]
        if asked.rest or column in asked.lengths
    }
    cards: dict[int | None, list[Card]] = {column: [] for column in lengths}
    for card in await first_cards(transaction, lengths):
        cards[card.status_id].append(card)
    columns = [
        Column(
            status,
            sizes[status.id],
            cards.get(status.id),
            left=ids[n - 1] if n else None,
            right=None if n == len(ids) - 1 else [*ids, NO_COLUMN][n + 2],
        )
        for n, status in enumerate(statuses)
    ]
    return [*columns, Column(None, sizes[None], cards.get(None), left=None, right=None)]
