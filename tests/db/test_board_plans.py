"""What is done to a board reads and writes the cases that are concerned, however many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import psycopg
import pytest
from msgspec import Struct

from kronika.cases import actions, board
from kronika.cases.column_queries import column_sizes, columns_of_cases, first_cards
from kronika.cases.models import Case, Changeable
from kronika.changes.models import SYSTEM
from kronika.companies.actions import create_company
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database, Transaction

COLUMN = 3_000
FEW = 40
"""Cases of one contact, spread over all columns."""

# Three columns of two companies: two statuses, and none.
_SEED = (
    """
    INSERT INTO timelines (company_id, kind) SELECT company, 'client' FROM unnest(%(companies)s) company
    """,
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'client' FROM unnest(%(companies)s) company, generate_series(1, 2000)
    """,
    """
    INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at)
    SELECT company_id, id, 'client', 'person', 'x', false, clock(), clock() FROM timelines
    """,
    """
    INSERT INTO business_case_statuses (company_id, name, color, position)
    SELECT company, 'x', '#000', n FROM unnest(%(companies)s) company, generate_series(0, 1) n
    """,
    """
    INSERT INTO timelines (company_id, kind)
    SELECT company, 'business_case' FROM unnest(%(companies)s) company, generate_series(1, 3 * %(column)s)
    """,
    """
    INSERT INTO business_cases (company_id, id, contact_id, status_id, board_position, name, created_at, updated_at)
    SELECT n.company_id, n.id,
        (SELECT CASE WHEN n.n < %(few)s THEN min(c.id) ELSE max(c.id) END FROM contacts c
         WHERE c.company_id = n.company_id),
        (SELECT s.id FROM business_case_statuses s WHERE s.company_id = n.company_id AND s.position = n.n %% 3),
        n.n / 3, 'x', clock(), clock()
    FROM (SELECT company_id, id, row_number() OVER (PARTITION BY company_id ORDER BY id) - 1 AS n
          FROM timelines WHERE kind = 'business_case') n
    """,
)


class _Use(Struct):
    whole: int
    read: int
    written: int


class _Id(Struct):
    id: int


# What this transaction did so far.
_USE = """
SELECT seq_scan AS whole, idx_tup_fetch AS read, n_tup_upd AS written
FROM pg_stat_xact_user_tables WHERE relname = %(name)s
"""
_AT = """
SELECT id FROM business_cases
WHERE company_id = %(company_id)s AND board_position = %(place)s AND deleted_at IS NULL
    AND coalesce(status_id, 0) = %(status_id)s
"""


@dataclass
class Crowd:
    database: Database
    company_id: int
    contact_id: int
    """Who has FEW cases."""
    status_ids: tuple[int, int]

    async def use_of(self, place: int, status_id: int | None, act: Callable[[Transaction, Case], Awaitable[object]]):
        """What `act` does with the case at this place of this column; it is undone."""
        async with self.database.transaction(self.company_id) as transaction:
            found = await transaction.one(_Id, _AT, place=place, status_id=status_id or 0)
            case = await actions.case_to_change(transaction, found.id)
            before = await transaction.one(_Use, _USE, name="business_cases")
            await act(transaction, case)
            after = await transaction.one(_Use, _USE, name="business_cases")
            used = _Use(after.whole - before.whole, after.read - before.read, after.written - before.written)
            await transaction.rollback()
        return used

    async def reads_of(self, look: Callable[[Transaction], Awaitable[object]]) -> dict[str, _Use]:
        """What `look` reads of cases and of contacts."""
        names = ("business_cases", "contacts")
        async with self.database.transaction(self.company_id) as transaction:
            before = {name: await transaction.one(_Use, _USE, name=name) for name in names}
            await look(transaction)
            after = {name: await transaction.one(_Use, _USE, name=name) for name in names}
        return {
            name: _Use(after[name].whole - before[name].whole, after[name].read - before[name].read, 0)
            for name in names
        }


@pytest.fixture(scope="module")
async def seeded(new_database: Callable[[str], str]) -> tuple[str, int]:
    url = new_database("board")
    async with owner_transaction(url) as statements:
        companies = [(await create_company(statements, name)).id for name in ("Acme", "Stranger")]
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SET search_path = kronika")
        for statement in _SEED:
            owner.execute(statement, {"companies": companies, "column": COLUMN, "few": FEW})
        owner.execute("VACUUM ANALYZE")
    return url, companies[0]


@pytest.fixture(params=["force_generic_plan", "force_custom_plan"])
async def crowd(request: pytest.FixtureRequest, seeded: tuple[str, int]) -> AsyncIterator[Crowd]:
    url, company_id = seeded
    database = Database(f"{url}&options=-c%20plan_cache_mode%3D{request.param}", connections=1)
    await database.open()
    async with database.transaction(company_id) as transaction:
        statuses = await transaction.all(
            _Id, "SELECT id FROM business_case_statuses WHERE company_id = %(company_id)s ORDER BY position"
        )
        contact = await transaction.one(_Id, "SELECT min(id) AS id FROM contacts WHERE company_id = %(company_id)s")
    yield Crowd(database, company_id, contact.id, (statuses[0].id, statuses[1].id))
    await database.close()


@pytest.mark.parametrize("with_status", [True, False])
async def test_a_short_move_touches_the_cases_between(crowd: Crowd, with_status: bool):
    column = crowd.status_ids[0] if with_status else None
    for place in (1_500, 1_490):
        use = await crowd.use_of(
            1_495, column, lambda t, case, place=place: actions.move_case(t, case, column, place, SYSTEM)
        )
        assert use.whole == 0
        assert use.written == 6
        assert use.read <= 20


@pytest.mark.parametrize("with_status", [True, False])
async def test_near_the_end_another_column_and_a_deletion_touch_the_few_behind(crowd: Crowd, with_status: bool):
    column, other = (crowd.status_ids[0], None) if with_status else (None, crowd.status_ids[0])
    place = COLUMN - 5

    async def change(transaction: Transaction, case: Case) -> None:
        await actions.change_case(transaction, case, Changeable(case.name, None, other), SYSTEM)

    async def remove(transaction: Transaction, case: Case) -> None:
        await actions.remove_case(transaction, case.id, SYSTEM)

    for act in (change, remove):
        use = await crowd.use_of(place, column, act)
        assert use.whole == 0
        assert use.written == 5
        assert use.read <= 20


async def test_the_deletion_of_a_contacts_cases_reads_their_columns_once(crowd: Crowd):
    # All of them stand at the beginning of their columns, so that the whole columns move: the worst case.
    use = await crowd.use_of(0, None, lambda t, _: actions.remove_cases_of(t, crowd.contact_id, SYSTEM))
    assert use.whole == 0
    assert use.written == 3 * COLUMN
    assert use.read <= 2 * 3 * COLUMN + 10


async def test_a_column_is_freed_without_reading_another(crowd: Crowd):
    use = await crowd.use_of(0, None, lambda t, _: actions.remove_status(t, crowd.status_ids[0], SYSTEM))
    assert use.whole == 0
    assert use.written == COLUMN
    assert use.read <= COLUMN + 10


async def test_closing_gaps_reads_a_companys_board_and_writes_what_moves(crowd: Crowd):
    for column in (crowd.status_ids[0], None):
        use = await crowd.use_of(0, None, lambda t, _, column=column: board.close_columns(t, [column]))
        assert (use.whole, use.written) == (0, 0)
        assert use.read <= 2 * 3 * COLUMN


async def test_the_board_reads_the_cards_that_it_shows_and_counts_without_counting(crowd: Crowd):
    pieces: dict[int | None, int] = {crowd.status_ids[0]: 50, crowd.status_ids[1]: 100, None: 50}

    async def look(transaction: Transaction) -> None:
        cards = await first_cards(transaction, pieces)
        for column, length in pieces.items():
            assert len([card for card in cards if card.status_id == column]) == length
        assert set((await column_sizes(transaction)).values()) == {COLUMN}

    reads = await crowd.reads_of(look)
    assert reads["business_cases"].whole == reads["contacts"].whole == 0
    assert reads["business_cases"].read <= 200 + 3 * 2
    assert reads["contacts"].read <= 200


async def test_where_changed_cases_stand_is_looked_up_case_by_case(crowd: Crowd):
    async with crowd.database.transaction(crowd.company_id) as transaction:
        cards = await first_cards(transaction, {None: 20, crowd.status_ids[0]: 20})
    ids = [card.id for card in cards]

    async def look(transaction: Transaction) -> None:
        assert set(await columns_of_cases(transaction, ids)) == {None, crowd.status_ids[0]}

    reads = await crowd.reads_of(look)
    assert (reads["business_cases"].whole, reads["business_cases"].read) == (0, 40)


async def test_a_neighbour_is_looked_up_alone(crowd: Crowd):
    column = crowd.status_ids[0]
    use = await crowd.use_of(10, column, lambda t, case: board.places_in_column(t, column, [case.id, case.id + 3]))
    assert (use.whole, use.written) == (0, 0)
    assert use.read <= 2
