"""A company of a hundred thousand contacts, some thousand cases, a million events; and what its people look at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

import psycopg

from benchmarks.steady import Wish

CONTACTS = 100_000
CASES = 10_000

_CONTACTS = """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind)
    SELECT %(company)s, CASE WHEN n %% 5 = 0 THEN 'supplier' ELSE 'client' END::timeline_kind
    FROM generate_series(1, %(contacts)s) n
    RETURNING id, kind
)
INSERT INTO contacts (company_id, id, kind, type, name, subject_id, vat_id, is_vat_payer, email, street, city, zip,
                      country_id, created_at, updated_at)
SELECT %(company)s, id, kind::text::contact_kind, CASE WHEN id %% 3 = 0 THEN 'person' ELSE 'company' END::contact_type,
    (string_to_array(%(first)s, ' '))[1 + id * 7 %% 20] || ' ' || (string_to_array(%(second)s, ' '))[1 + id * 13 %% 50]
        || ' ' || id %% 1000,
    (10000000 + id)::text, 'SK' || (2020000000 + id)::text, id %% 3 <> 0, 'contact' || id || '@example.test',
    'Hlavná ' || id %% 200, (string_to_array(%(cities)s, ' '))[1 + id * 11 %% 40],
    lpad((id * 17 %% 99999)::text, 5, '0'),
    (ARRAY[703, 703, 703, 703, 703, 703, 203, 203, 40, 348])[1 + id %% 10],
    date_trunc('second', clock()) - id %% 100000 * interval '1 minute',
    date_trunc('second', clock()) - id * 31 %% 100000 * interval '1 minute'
FROM timeline
"""
_COUNTS = """
INSERT INTO contact_counts (company_id, kind, type, country_id, slot, n)
SELECT company_id, kind, type, coalesce(country_id, 0), 0, count(*) FROM contacts
WHERE company_id = %(company)s GROUP BY 1, 2, 3, 4
ON CONFLICT (company_id, kind, type, country_id, slot) DO UPDATE SET n = excluded.n
"""
_STATUSES = """
INSERT INTO business_case_statuses (company_id, name, color, position)
SELECT %(company)s, 'Column ' || n, '#22aa44', n FROM generate_series(0, 4) n
"""
_CASES = """
WITH timeline AS (
    INSERT INTO timelines (company_id, kind) SELECT %(company)s, 'business_case' FROM generate_series(1, %(cases)s)
    RETURNING id
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM timeline
)
INSERT INTO business_cases (company_id, id, contact_id, status_id, board_position, name, description, created_at,
                            updated_at)
SELECT %(company)s, t.id, (SELECT min(id) FROM contacts WHERE company_id = %(company)s) + t.n * 7, s.id, t.n / 5,
    (string_to_array(%(second)s, ' '))[1 + t.n * 13 %% 50] || ' ' || t.n,
    'They want daily deliveries from May.', clock(), clock()
FROM numbered t JOIN business_case_statuses s ON s.company_id = %(company)s AND s.position = t.n %% 5
"""
_FIRST = (
    "Pekáreň Kaviareň Hotel Autoservis Stavby Elektro Záhrada Nábytok Tlačiareň Lekáreň "
    "Cukráreň Reštaurácia Penzión Doprava Potraviny Textil Železiarstvo Kvetinárstvo Optika Studňa"
)
_SECOND = (
    "Kováč Novák Horváth Čierny Žitný Biely Sokol Orol Ježko Lipa Dub Breza Javor Klen Topoľ Vŕba Jaseň Hrab Buk Smrek "
    "Jedľa Borovica Tis Cédrus Malý Veľký Nový Starý Horný Dolný Predný Zadný Modrý Zelený Žltý Červený Zlatý "
    "Strieborný Medený Kamenný Drevený Sklený Rýchly Tichý Veselý Šťastný Múdry Silný Mladý Svetlý"
)
_CITIES = (
    "Bratislava Košice Prešov Žilina Nitra Trnava Martin Trenčín Poprad Prievidza Zvolen Michalovce Komárno Levice "
    "Humenné Bardejov Ružomberok Pezinok Lučenec Topoľčany Čadca Rožňava Dubnica Partizánske Šaľa Hlohovec Vranov "
    "Brezno Senica Snina Galanta Detva Krupina Brno Praha Ostrava Olomouc Wien Graz Budapest"
)


class Crowd(NamedTuple):
    """The first of its cases, whose ids are consecutive; and how many clients there are."""

    first_case: int
    clients: int


def add_crowd(connection: psycopg.Connection, company: int) -> Crowd:
    values = {
        "company": company, "contacts": CONTACTS, "cases": CASES, "first": _FIRST, "second": _SECOND, "cities": _CITIES,
    }  # fmt: skip
    for statement in (_CONTACTS, _COUNTS, _STATUSES, _CASES):
        connection.execute(statement, values)
    connection.execute("VACUUM ANALYZE contacts, business_cases, business_case_statuses, timelines, contact_counts")
    row = connection.execute(
        "SELECT (SELECT min(id) FROM business_cases WHERE company_id = %(company)s),"
        " (SELECT count(*) FROM contacts WHERE company_id = %(company)s AND kind = 'client')",
        values,
    ).fetchone()
    assert row is not None
    return Crowd(*row)


def looking_around(prefix: str, first_client: int, crowd: Crowd, long_client: int) -> Iterator[Wish]:
    """Endlessly, what people look at: all kinds of lists, at any depth, and single records."""
    chance = random.Random(7)
    first, second, towns = _FIRST.split(), _SECOND.split(), _CITIES.split()
    pages = crowd.clients // 10
    while True:
        yield Wish("client", f"{prefix}/clients/{first_client + chance.randrange(900)}")
        yield Wish("case", f"{prefix}/business-cases/{crowd.first_case + chance.randrange(CASES)}")
        yield Wish("clients, first page", f"{prefix}/clients?page=1&perPage=10")
        yield Wish("clients, any page", f"{prefix}/clients?page={chance.randrange(1, pages)}&perPage=10")
        sort = chance.choice(("city", "zip", "createdAt", "updatedAt", "countryId"))
        yield Wish(
            "clients, any order", f"{prefix}/clients?page={chance.randrange(1, pages)}&sortBy={sort}&sortDirection=desc"
        )
        yield Wish("clients, filtered", f"{prefix}/clients?page={chance.randrange(1, 50)}&type=person&countryId=203")
        yield Wish("clients by subjectId", f"{prefix}/clients?page=1&subjectId={10000000 + chance.randrange(90000)}")
        word, number = quote(chance.choice(second)), chance.randrange(1000)
        yield Wish("search, name", f"{prefix}/contacts?search={word}%20{number}")
        yield Wish(
            "search, town",
            f"{prefix}/clients?page=1&search={quote(chance.choice(towns))}%20{quote(chance.choice(first))}",
        )
        yield Wish("cases, any page", f"{prefix}/business-cases?page={chance.randrange(1, CASES // 10)}")
        yield Wish("cases, search", f"{prefix}/business-cases?search={word}")
        yield Wish(
            "events, any page",
            f"{prefix}/contact-activity-logs?clientId={long_client}&page={chance.randrange(1, 9999)}",
        )
        yield Wish("countries", f"{prefix}/countries")
