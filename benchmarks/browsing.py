"""Pages of the web application in a large company, one after another: what the server takes for each."""

from __future__ import annotations

import http.client
import re
import time
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg

from kronika.credentials import Hasher, new_ticket

_VIEWS = {
    "timeline, everything": "/clients/{client}",
    "timeline, people": "/clients/{client}?show=people",
    "timeline, e-mails": "/clients/{client}?show=email",
    "timeline, files": "/clients/{client}?show=files",
    "timeline, in the middle": "/clients/{client}?before={middle}",
    "home": "/home",
}
_ROUNDS = 40


class Page(NamedTuple):
    """Milliseconds, and kB of HTML."""

    median: float
    p95: float
    size: float


def sign_in(connection: psycopg.Connection, hasher: Hasher, company: int) -> str:
    """The cookie of a new user who owns the company."""
    row = connection.execute(
        "INSERT INTO kronika.users (email, email_key, name) VALUES (%(email)s, %(email)s, 'Bench') RETURNING id",
        {"email": "bench@example.test"},
    ).fetchone()
    assert row
    connection.execute(
        "INSERT INTO kronika.memberships (company_id, user_id, role) VALUES (%s, %s, 'owner')", [company, row[0]]
    )
    cookie = new_ticket()
    connection.execute(
        "INSERT INTO kronika.sessions (user_id, hash, user_agent, address) VALUES (%s, %s, '', '')",
        [row[0], hasher.session_hash(cookie)],
    )
    return cookie


def browse(connection: psycopg.Connection, address: str, cookie: str, company: int, client: int) -> dict[str, Page]:
    """Each view, those of the client's timeline among them, and how long it took to come whole."""
    middle = connection.execute(
        "SELECT extract(epoch FROM created_at)::bigint || '-' || id FROM kronika.events"
        " WHERE company_id = %s AND timeline_id = %s ORDER BY created_at, id"
        " OFFSET (SELECT count(*) / 2 FROM kronika.events WHERE company_id = %s AND timeline_id = %s) LIMIT 1",
        [company, client, company, client],
    ).fetchone()
    assert middle
    server = http.client.HTTPConnection(urlsplit(address).netloc)
    found: dict[str, Page] = {}
    for name, view in _VIEWS.items():
        path = f"/c/{company}{view.format(client=client, middle=middle[0])}"
        taken: list[float] = []
        page = b""
        for _ in range(_ROUNDS):
            begun = time.perf_counter()
            server.request("GET", path, headers={"Cookie": f"kronika={cookie}"})
            page = server.getresponse().read()
            taken.append((time.perf_counter() - begun) * 1000)
        if not re.search(rb'id="timeline"', page):
            raise RuntimeError(page.decode())
        # The first ones wake what has never been asked.
        taken = taken[5:]
        found[name] = Page(median(taken), quantiles(taken, n=20)[-1], len(page) / 1000)
    return found
