"""The search over a company of a million events, and what keeping their words costs a create."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psycopg

from benchmarks.cost import processor_time
from benchmarks.load import Load, creates
from benchmarks.server import Running
from benchmarks.steady import Wish

EVERY = ("delivery", "complaint", "offer", "contract", "visit", "order", "payment", "training", "repair", "return")
"""Of these words of the seed, each event has one: no two of them meet."""
ORDERS = 5000

# The words of events that were seeded without the actions. The index is made anew: one by one would take minutes.
_WORDS = """
INSERT INTO event_words (company_id, event_id, stretch, words)
SELECT company_id, id, stretch, placed_words(company_id, stretch, words) FROM (
    SELECT company_id, id, searched_words(concat_ws(' ', email, content)) AS words,
        ((row_number() OVER (ORDER BY id) - 1) / stretch_size())::integer AS stretch
    FROM events WHERE company_id = %(company)s) numbered
"""
_STRETCHES = """
INSERT INTO event_stretches (company_id, stretch, starts_id)
SELECT company_id, stretch, min(event_id) FROM event_words
WHERE company_id = %(company)s AND stretch > 0 GROUP BY company_id, stretch
"""
_DEFINITION = "SELECT pg_get_indexdef('event_words_by_word'::regclass)"
_KEEPING = "SELECT pg_get_functiondef('keep_event_words'::regproc)"
_NOT_KEEPING = """
CREATE OR REPLACE FUNCTION keep_event_words(company bigint, event bigint, words text) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN END $$
"""

_LONG_NOTE = (
    "We agreed that they take 500 pieces until the end of May, paid within 14 days of the invoice; the buyer will call "
    "next week about packaging, labels and who unloads the lorry at their new warehouse"
)


class Costing(NamedTuple):
    """`cost`: milliseconds of processors for a create, the server's and PostgreSQL's."""

    load: Load
    cost: float


class Pair(NamedTuple):
    without: Costing
    with_words: Costing


def add_words(connection: psycopg.Connection, company: int) -> None:
    """What the seeded events are found by."""
    definition = connection.execute(_DEFINITION).fetchone()
    assert definition is not None
    connection.execute("DROP INDEX event_words_by_word")
    connection.execute(_WORDS, {"company": company})
    connection.execute(_STRETCHES, {"company": company})
    connection.execute(definition[0])
    connection.execute("VACUUM ANALYZE event_words, event_stretches")


def creates_without_and_with(
    connection: psycopg.Connection,
    server: Running,
    data_dir: Path,
    token: str,
    first: int,
    clients: int,
    *,
    pairs: int,
    seconds: int,
    long: bool,
) -> Iterator[Pair]:
    """Creates while no words are kept, and while they are; neither is always the later one."""
    keeping = connection.execute(_KEEPING).fetchone()
    assert keeping is not None
    content = _LONG_NOTE if long else "Follow-up call summary"
    for pair in range(pairs):
        found: dict[bool, Costing] = {}
        for is_kept in (pair % 2 == 0, pair % 2 == 1):
            connection.execute(keeping[0] if is_kept else _NOT_KEEPING)
            salt = (2 * pair + is_kept) + (1000 if long else 2000)
            before = processor_time(server.process.pid, data_dir)
            load = creates(server.address, token, first, clients, salt=salt, seconds=seconds, content=content)
            taken = processor_time(server.process.pid, data_dir) - before
            found[is_kept] = Costing(load, 1000 * taken / (load.rate * seconds))
        yield Pair(found[False], found[True])
    connection.execute(keeping[0])


def searches(prefix: str, events: int) -> Iterator[Wish]:
    """Endlessly, what people and strangers look for."""
    chance = random.Random(11)
    path = f"{prefix}/search?query="
    odd = (
        "' OR 1=1 --",
        "a & b | !c:*",
        '"' * 200,
        "%_\\",
        "(((((",
        "שלום עולם",
        "a b c d e f g h i j k l",
        "ab cd ef gh",
    )
    while True:
        yield Wish("one event of all", f"{path}{chance.randrange(events)}")
        yield Wish("a word in each event", f"{path}summary")
        yield Wish("a word in every tenth", f"{path}{chance.choice(EVERY)}")
        yield Wish("two words, some events", f"{path}{chance.choice(EVERY)}%20job{chance.randrange(ORDERS)}")
        yield Wish("the beginning of a word", f"{path}{chance.choice(EVERY)[:3]}")
        yield Wish("a word that begins many", f"{path}job")
        yield Wish("frequent words that never meet", f"{path}{quote(' '.join(chance.sample(EVERY, 2)))}")
        yield Wish("nothing", f"{path}zzq{chance.randrange(events)}")
        yield Wish("a contact", f"{path}kovac%20{chance.randrange(1000)}")
        yield Wish("part of contacts' names", f"{path}ovac")
        yield Wish("a document", f"{path}20260{chance.randrange(10000):05}")
        yield Wish("any page", f"{path}{chance.choice(EVERY)}&page={chance.randrange(1, 50)}")
        yield Wish("odd", f"{path}{quote(chance.choice(odd))}")
        yield Wish("10,000 characters", f"{path}{'ab+' * 3333}")
