"""Databases that others have made: with another locale, another encoding, extensions that are there already."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from kronika.db.migrate import migrate, packaged_migrations
from kronika.db.owner import DatabaseError
from kronika.folding import folded, searched_words


@pytest.fixture
def made(worker_id: str) -> Iterator[Callable[[str], str]]:
    """Makes an empty database with these options; its URL."""
    server = os.environ["KRONIKA_TEST_SERVER"]
    name = f"kronika_test_kind_{worker_id}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))

    def make(options: str) -> str:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(drop)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 " + options).format(sql.Identifier(name)))
        return f"postgresql:///?{urlencode({**conninfo_to_dict(server), 'dbname': name})}"

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)


def test_folding_does_not_depend_on_what_the_locale_knows(made: Callable[[str], str]):
    url = made("LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'UTF8'")
    migrate(url)
    with psycopg.connect(url) as connection:
        for text in ("ÆGIR Œuvre ÞÓR ẞTR ĐURĐA ŁÓDŹ", "ЖУК Ёлка ЂЋЏ ІЇЄҐ Ѣ", "ΠΑΠΑΔΟΠΟΥΛΟΣ Παπαδόπουλος"):
            row = connection.execute("SELECT kronika.folded(%s)", [text]).fetchone()
            assert row == (folded(text),)


def test_a_database_that_cannot_hold_every_letter_is_refused_in_one_line(made: Callable[[str], str]):
    with pytest.raises(DatabaseError, match="encoding is LATIN2; UTF8 is needed"):
        migrate(made("LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'LATIN2'"))


def test_extensions_that_are_there_already_are_used_where_they_are(made: Callable[[str], str]):
    url = made("")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm SCHEMA public")
    migrate(url)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT array_agg(nspname::text ORDER BY extname)"
            " FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname IN ('btree_gin', 'pg_trgm')"
        ).fetchone()
    assert row == (["kronika_extensions", "public"],)


def test_what_was_there_before_the_upgrade_is_sorted_counted_and_found(
    made: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    url = made("")
    every = packaged_migrations()
    with monkeypatch.context() as earlier:
        earlier.setattr(
            "kronika.db.migrate.packaged_migrations", lambda: tuple(name for name in every if name < "0012")
        )
        migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute("INSERT INTO companies (name) VALUES ('Acme')")
        connection.execute(
            """
            WITH timeline AS (
                INSERT INTO timelines (company_id, kind) SELECT 1, 'supplier' FROM generate_series(1, 3) RETURNING id
            )
            INSERT INTO contacts (company_id, id, kind, type, name, is_vat_payer, created_at, updated_at, deleted_at)
            SELECT 1, id, 'supplier', 'company', CASE id WHEN 1 THEN repeat('㌖', 255) ELSE 'Žilina' END, false,
                clock(), clock(), CASE id WHEN 3 THEN clock() END
            FROM timeline
            """
        )
    migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = kronika; SET kronika.company_id = '1'")
        counted = connection.execute("SELECT kind::text, sum(n)::integer FROM contact_counts GROUP BY kind").fetchall()
        found = connection.execute(
            "SELECT * FROM matching_contacts(NULL, '{zilin}', '{\"{}\"}', NULL, NULL, NULL, NULL, NULL, 'name', false)"
        ).fetchall()
    assert counted == [("supplier", 2)]
    assert found == [(2,)]


def test_words_do_not_depend_on_what_the_locale_knows(made: Callable[[str], str]):
    url = made("LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'UTF8'")
    migrate(url)
    with psycopg.connect(url) as connection:
        for text in ("Žilina — „Ježko“ a.s.", "ЖУК и Сыновья № 7", "שלום, עולם", "日本語・テスト", "½…™ नमस्ते"):
            row = connection.execute("SELECT kronika.searched_words(%s)", [text]).fetchone()
            assert row == (searched_words(text),)


def test_events_that_were_there_before_the_upgrade_are_found_by_their_words_and_files(
    made: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    url = made("")
    every = packaged_migrations()
    with monkeypatch.context() as earlier:
        earlier.setattr(
            "kronika.db.migrate.packaged_migrations", lambda: tuple(name for name in every if name < "0027")
        )
        migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        connection.execute("INSERT INTO companies (name) VALUES ('Acme'), ('Stranger')")
        connection.execute(
            """
            INSERT INTO timelines (company_id, kind, deleted_at) VALUES
                (1, 'client', NULL), (1, 'client', clock()), (2, 'client', NULL)
            """
        )
        connection.execute(
            """
            INSERT INTO events (company_id, id, timeline_id, type, content, person_name, phone_number, attachments,
                                created_at, updated_at, deleted_at, created_by)
            VALUES (1, 1, 1, 'note', 'Dodávka do Žiliny', NULL, NULL, 0, clock(), clock(), NULL, 'system'),
                (1, 2, 1, 'phone_call', 'x', 'Žilinský', '+421 900', 1, clock(), clock(), NULL, 'system'),
                (1, 3, 1, 'note', 'Žilina, ale preč', NULL, NULL, 0, clock(), clock(), clock(), 'system'),
                (1, 4, 2, 'note', 'Žilina na preč', NULL, NULL, 0, clock(), clock(), NULL, 'system'),
                (2, 5, 3, 'note', 'Žilina cudzia', NULL, NULL, 0, clock(), clock(), NULL, 'system'),
                (1, 6, 1, 'note', '!!!', NULL, NULL, 0, clock(), clock(), NULL, 'system')
            """
        )
        connection.execute(
            "INSERT INTO attachments (company_id, id, event_id, storage_key, name, mime_type, size)"
            " VALUES (1, 1, 2, '1/x', 'Cenová ponuka.pdf', 'application/pdf', 1)"
        )
    migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path = kronika; SET kronika.company_id = '1'")
        for words, ids in (("{zilin}", [2, 1]), ("{cenova}", [2]), ("{421900}", [2]), ("{dodavka,zil}", [1])):
            rows = connection.execute("SELECT * FROM matching_events(%s, 100)", [words]).fetchall()
            assert [row[0] for row in rows] == ids, words
