"""`make bench`. Ratios and medians of one run; docs/performance.md says what they mean."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.browsing import browse, sign_in
from benchmarks.cost import processor_time
from benchmarks.crowd import CASES, CONTACTS, Crowd, add_crowd, looking_around
from benchmarks.feed import Fed, feed
from benchmarks.going_out import add_backlog, drained, how_soon, sustained
from benchmarks.load import Load, creates, reads, yardstick
from benchmarks.memory import proportional_set_size
from benchmarks.searching import creates_without_and_with, searches
from benchmarks.seed import CLIENTS, Seeded, add_clients, seed
from benchmarks.server import Running, running
from benchmarks.steady import steady
from kronika.credentials import Hasher
from kronika.db.embedded import embedded_postgres

_PER_PAGE = 10
_BACKLOG = 1_000_000
_RATE = 200
"""Requests a second of the steady load."""
_SEARCHES = 20


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5, help="how often yardstick and load alternate")
    parser.add_argument("--seconds", type=int, default=8, help="of each load")
    parser.add_argument("--events", type=int, default=1_000_000, help="of the company whose timelines are read")
    parser.add_argument("--search-alone", action="store_true", help="only pages, and what the search takes and costs")
    wish = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("make bench needs wrk: apt-get install wrk")
    folder = Path(tempfile.mkdtemp(prefix="kronika-bench-"))
    folder.chmod(0o755)
    try:
        with running(folder / "data", workers=wish.workers, log=folder / "log") as server:
            _measure(server, folder / "data", wish)
        if wish.search_alone:
            return
        with running(folder / "paused", workers=wish.workers, log=folder / "log", sends_webhooks=False) as server:
            _measure_backlog(server, folder / "paused", wish)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(server: Running, data_dir: Path, wish: argparse.Namespace) -> None:
    print(
        f"idle, {wish.workers} workers: {proportional_set_size(server.process.pid):.0f} MiB (PSS, without PostgreSQL)"
    )
    company, token = server.new_company("Bench")
    hasher = Hasher((data_dir / "secret.key").read_text().strip())
    token_hash = hasher.token_hash(token)
    with embedded_postgres(data_dir) as database_url:
        print(f"seeding {wish.events:,} events …")
        with psycopg.connect(database_url, autocommit=True) as connection:
            seeded = seed(connection, company, events=wish.events)
        if not wish.search_alone:
            _measure_creates(server, database_url, token, token_hash, seeded, wish)
            _measure_pages(server, token, seeded, wish)
            _measure_going_out(server, database_url)
        _measure_words(server, data_dir, database_url, token, seeded, wish)
        _measure_feed(server, database_url, company, token, seeded, wish)
        print(f"seeding {CONTACTS:,} contacts, {CASES:,} cases …")
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SET search_path = kronika")
            crowd = add_crowd(connection, company)
        _measure_browsing(server, database_url, hasher, company, seeded)
        _measure_searches(server, data_dir, token, wish)
        if wish.search_alone:
            return
        _measure_lists(server, token, seeded, crowd)
        _measure_whole_list(server, token)


def _measure_creates(
    server: Running, database_url: str, token: str, token_hash: bytes, seeded: Seeded, wish: argparse.Namespace
) -> None:
    ratios: list[float] = []
    for pair in range(-1, wish.pairs):
        bare = yardstick(database_url, token_hash, seeded.first_client, seeded.clients, seconds=wish.seconds)
        load = creates(server.address, token, seeded.first_client, seeded.clients, salt=pair + 1, seconds=wish.seconds)
        if pair < 0:
            continue  # Warms up both.
        ratios.append(load.rate / bare)
        print(f"keyed creates {_shown(load)}; bare statement {bare:6.0f}/s; ratio {ratios[-1]:.3f}")
    print(f"keyed creates: median ratio {median(ratios):.3f}")


def _measure_pages(server: Running, token: str, seeded: Seeded, wish: argparse.Namespace) -> None:
    last = wish.events // 10 // _PER_PAGE
    address = f"{server.address}/api/public/v1/contact-activity-logs?clientId={seeded.long_client}&page="
    rates: dict[str, list[float]] = {}
    for round_number in range(-1, wish.pairs):
        for name, page in (("first", 1), ("middle", last // 2), ("last", last)):
            load = reads(f"{address}{page}", token, seconds=max(2, wish.seconds // 2))
            if round_number >= 0:
                rates.setdefault(name, []).append(load.rate)
                print(f"{name:6} page of {wish.events // 10:,} events {_shown(load)}")
    for name, found in rates.items():
        print(
            f"{name:6} page: median {median(found):.0f}/s, {median(rates['first']) / median(found):.2f} times the first"
        )


def _measure_browsing(server: Running, database_url: str, hasher: Hasher, company: int, seeded: Seeded) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        cookie = sign_in(connection, hasher, company)
        for name, page in browse(connection, server.address, cookie, company, seeded.long_client).items():
            print(f"in a browser, {name}: median {page.median:.1f} ms  p95 {page.p95:.1f} ms  {page.size:.0f} kB")


def _measure_feed(
    server: Running, database_url: str, company: int, token: str, seeded: Seeded, wish: argparse.Namespace
) -> None:
    rounds: list[Fed] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        for n in range(-1, wish.pairs):
            fed = feed(server.address, token, connection, company, seeded.first_client, seeded.clients, salt=n + 1)
            if n >= 0:
                rounds.append(fed)
                print(
                    f"documents in batches {fed.created:6.0f}/s, again unchanged {fed.unchanged:6.0f}/s; "
                    f"bare statements {fed.bare:6.0f}/s"
                )
    created, unchanged = (median(getattr(fed, name) for fed in rounds) for name in ("created", "unchanged"))
    ratio = median(fed.created / fed.bare for fed in rounds)
    print(f"documents in batches: median {created:.0f}/s, ratio {ratio:.3f}; again unchanged {unchanged:.0f}/s")


def _measure_going_out(server: Running, database_url: str) -> None:
    company, token = server.new_company("Outgoing")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        first = add_clients(connection, company)
    hook, stream = how_soon(server.address, token, first, notes=300)
    print(f"write to receiver: median {hook.median:.1f} ms  p99 {hook.p99:.1f} ms")
    print(f"write to stream:   median {stream.median:.1f} ms  p99 {stream.p99:.1f} ms")
    for rate in (100, 200, 300):
        found = sustained(server.address, token, first, CLIENTS, subscriptions=10, rate=rate, seconds=15)
        print(
            f"10 subscriptions, {found.creates:.0f} creates/s: {found.deliveries:.0f} deliveries/s,"
            f" late by median {found.late.median:.0f} ms  p99 {found.late.p99:.0f} ms"
        )
    rates = [drained(server.address, token, first, CLIENTS, at_once=4) for _ in range(3)]
    print(f"replays to 4 subscriptions, with 80 creates/s: median {median(rates):.0f} deliveries/s")


def _measure_backlog(server: Running, data_dir: Path, wish: argparse.Namespace) -> None:
    ratios: list[float] = []
    (plain, plain_token), (behind, behind_token) = server.new_company("Plain"), server.new_company("Behind")
    with embedded_postgres(data_dir) as database_url, psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        firsts = {token: add_clients(connection, who) for who, token in ((plain, plain_token), (behind, behind_token))}
        print(f"seeding a backlog of {_BACKLOG:,} deliveries …")
        add_backlog(connection, server.address, behind_token, behind, subscriptions=10, each=_BACKLOG // 10)
        for pair in range(-1, wish.pairs):
            # Rates fall while tables grow: neither of the two is always the later one.
            order = (plain_token, behind_token) if pair % 2 else (behind_token, plain_token)
            rates = {
                token: creates(
                    server.address, token, firsts[token] + 1, CLIENTS - 1, salt=pair + 1, seconds=wish.seconds
                ).rate
                for token in order
            }
            if pair >= 0:
                ratios.append(rates[behind_token] / rates[plain_token])
                print(f"creates without subscriptions {rates[plain_token]:.0f}/s, with {rates[behind_token]:.0f}/s")
    print(f"creates with a backlog of {_BACKLOG:,}: median {median(ratios):.3f} of those without subscriptions")


def _measure_words(
    server: Running, data_dir: Path, database_url: str, token: str, seeded: Seeded, wish: argparse.Namespace
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path = kronika")
        for name, long in (("short notes", False), ("notes of 33 words", True)):
            rates: list[float] = []
            costs: list[float] = []
            for pair in creates_without_and_with(
                connection, server, data_dir, token, seeded.first_client, seeded.clients, pairs=wish.pairs + 1,
                seconds=wish.seconds, long=long,
            ):  # fmt: skip
                rates.append(pair.with_words.load.rate / pair.without.load.rate)
                costs.append(pair.with_words.cost / pair.without.cost)
                for kept, found in zip(("without", "with   "), pair, strict=True):
                    print(f"creates of {name} {kept} words {_shown(found.load)}, {found.cost:.2f} ms of processors")
            print(f"{name} with words: median {median(rates[1:]):.3f} of the rate, {median(costs[1:]):.3f} of the cost")


def _measure_searches(server: Running, data_dir: Path, token: str, wish: argparse.Namespace) -> None:
    found, cost = {}, 0.0
    for seconds in (5, 30):  # The first warms up.
        before = processor_time(server.process.pid, data_dir)
        wishes = searches("/api/public/v1", wish.events)
        found = steady(server.address, token, wishes, rate=_SEARCHES, seconds=seconds)
        cost = 1000 * (processor_time(server.process.pid, data_dir) - before) / found["all"].requests
    print(
        f"{_SEARCHES} searches a second, {wish.events:,} events, {CONTACTS:,} contacts, {CASES:,} cases, "
        f"{cost:.1f} ms of processors each:"
    )
    for kind, spread in found.items():
        print(f"  {kind:30} median {spread.median:5.1f} ms  p95 {spread.p95:5.1f} ms  p99 {spread.p99:5.1f} ms")


def _measure_lists(server: Running, token: str, seeded: Seeded, crowd: Crowd) -> None:
    wishes = looking_around("/api/public/v1", seeded.first_client, crowd, seeded.long_client)
    for seconds in (5, 20):  # The first warms up.
        found = steady(server.address, token, wishes, rate=_RATE, seconds=seconds)
    print(f"{_RATE} requests a second, {CONTACTS:,} contacts:")
    for kind, spread in found.items():
        print(f"  {kind:22} median {spread.median:5.1f} ms  p95 {spread.p95:5.1f} ms  p99 {spread.p99:5.1f} ms")


def _measure_whole_list(server: Running, token: str) -> None:
    before = proportional_set_size(server.process.pid)
    started, size, peak = time.perf_counter(), 0, before
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.address}/api/public/v1/clients", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310 - our own server
        while piece := response.read(8 * 2**20):
            size += len(piece)
            peak = max(peak, proportional_set_size(server.process.pid))
    seconds = time.perf_counter() - started
    print(f"whole list of clients: {size / 2**20:.0f} MiB in {seconds:.1f} s, {peak - before:.0f} MiB more memory")


def _shown(load: Load) -> str:
    return f"{load.rate:6.0f}/s  median {load.median:5.1f} ms  p99 {load.p99:5.1f} ms"


if __name__ == "__main__":
    main()
