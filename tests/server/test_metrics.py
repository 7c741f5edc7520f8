"""/metrics of a real server: all its workers at once, on an address of its own."""

from __future__ import annotations

import http.client
import signal
from collections.abc import Iterator

import httpx2
import psycopg
import pytest
from support.kills import wait_until_ready
from support.scraping import Scraper
from support.server import Installation, free_port

from kronika import __version__
from kronika.db.embedded import embedded_postgres

_MANY = 40


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(metrics_port: int) -> Iterator[Installation]:
    installation = Installation(settings={"METRICS_ADDRESS": f"127.0.0.1:{metrics_port}"})
    installation.start()
    yield installation
    installation.clean_up()


@pytest.fixture
def scraper(server: Installation, metrics_port: int) -> Scraper:
    return Scraper(metrics_port)


@pytest.fixture
def token(server: Installation) -> str:
    company = server.json("company", "create", "Acme")["id"]
    return server.json("token", "create", "--company", str(company), "--name", "x", "--scope", "write")["token"]


def healthz(server: Installation, times: int) -> None:
    """So many requests, each on a connection of its own, so that all workers have some."""
    for _ in range(times):
        assert httpx2.get(f"http://127.0.0.1:{server.port}/healthz").status_code == 200


def counted(scraper: Scraper) -> float:
    return scraper.value("kronika_requests_total", method="GET", route="/healthz", status="200") or 0


def test_requests_to_all_workers_are_counted_and_stay_so_when_one_is_killed(server: Installation, scraper: Scraper):
    before = counted(scraper)
    healthz(server, _MANY)
    assert counted(scraper) == before + _MANY
    victim = server.workers()[0]
    victim.send_signal(signal.SIGKILL)
    victim.wait(10)
    assert counted(scraper) == before + _MANY
    assert scraper.value("kronika_processes", kind="worker") == 1
    scraper.wait_for(lambda samples: samples["kronika_processes", (("kind", "worker"),)] == 2)
    wait_until_ready(server)
    healthz(server, _MANY)
    assert counted(scraper) == before + 2 * _MANY
    assert scraper.value("kronika_request_seconds_count", route="/healthz") == before + 2 * _MANY
    assert scraper.value("kronika_request_seconds_bucket", route="/healthz", le="+Inf") == before + 2 * _MANY


def test_a_request_is_counted_by_its_route_and_status(server: Installation, scraper: Scraper, token: str):
    headers = {"Authorization": f"Bearer {token}"}
    created = httpx2.post(f"{server.api}/clients", json={"name": "Jana", "countryId": 703}, headers=headers)
    client = created.json()["id"]
    httpx2.get(f"{server.api}/clients/{client}", headers=headers)
    httpx2.get(f"{server.api}/clients/{client + 1}", headers=headers)
    httpx2.get(f"{server.api}/clients/none", headers={"Authorization": "Bearer none"})
    httpx2.put(f"{server.api}/whoami", headers=headers)
    samples = scraper.samples()
    shown = {
        (labels["method"], labels["route"].removeprefix("/api/public/v1"), labels["status"]): value
        for (name, pairs), value in samples.items()
        if name == "kronika_requests_total" and "/api/" in (labels := dict(pairs))["route"]
    }
    assert shown == {
        ("POST", "/clients", "201"): 1,
        ("GET", "/clients/{id}", "200"): 1,
        ("GET", "/clients/{id}", "404"): 1,
        ("GET", "/clients/{id}", "401"): 1,
        ("PUT", "/whoami", "405"): 1,
    }
    assert samples["kronika_requests_in_progress", ()] == 0


def test_whatever_a_client_makes_up_is_counted_in_few_series(server: Installation, scraper: Scraper):
    def make_up(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request(f"BREW{number}", f"/{number}?{number}", headers={"Host": str(number)})
        connection.getresponse().read()
        connection.request("GET", f"/api/public/v1/clients%2F{number}/x")
        connection.getresponse().read()
        connection.request(f"BREW{number}", f"/api/public/v1/clients/{number}")
        connection.getresponse().read()
        connection.close()

    make_up(0)
    few = scraper.samples()
    for number in range(1, 20):
        make_up(number)
    many = scraper.samples()
    assert many.keys() == few.keys()
    other = ("kronika_requests_total", (("method", "other"), ("route", "none"), ("status", "404")))
    assert (few[other], many[other]) == (1, 20)


def test_an_open_stream_is_seen_and_its_end_too(server: Installation, scraper: Scraper, token: str):
    with httpx2.stream(
        "GET", f"{server.api}/stream", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as stream:
        # Kept: its end would be the connection's.
        pieces = stream.iter_bytes()
        assert next(pieces).startswith(b"retry")
        assert scraper.value("kronika_streams_open") == 1
        assert scraper.value("kronika_requests_in_progress") == 1
    samples = scraper.wait_for(lambda samples: samples["kronika_streams_open", ()] == 0)
    scraper.wait_for(lambda samples: samples["kronika_requests_in_progress", ()] == 0)
    assert samples["kronika_requests_total", (
        ("method", "GET"), ("route", "/api/public/v1/stream"), ("status", "200"),
    )] == 1  # fmt: skip


def test_processes_pool_and_version_are_shown(server: Installation, scraper: Scraper):
    samples = scraper.wait_for(lambda samples: samples["kronika_pool_connections", (("state", "idle"),)] >= 4)
    assert samples["kronika_build_info", (("version", __version__),)] == 1
    assert samples["kronika_processes", (("kind", "supervisor"),)] == 1
    for kind in ("supervisor", "worker"):
        assert samples["kronika_process_cpu_seconds_total", (("kind", kind),)] > 0.1
        assert samples["kronika_process_resident_bytes", (("kind", kind),)] > 2**24
    assert samples["kronika_pool_taken_total", ()] > 0
    assert samples["kronika_pool_waiting", ()] == 0
    assert samples["kronika_database_up", ()] == 1
    assert samples["kronika_backlog_age_seconds", (("of", "changes"),)] == 0


def test_a_slow_database_holds_no_scrape_up(server: Installation, scraper: Scraper):
    healthz(server, 1)
    with (
        embedded_postgres(server.data_dir) as database_url,
        psycopg.connect(database_url) as owner,
        owner.transaction(force_rollback=True),
    ):
        owner.execute("LOCK TABLE kronika.webhook_states IN ACCESS EXCLUSIVE MODE")
        samples = scraper.samples()
    assert samples["kronika_database_up", ()] == 0
    assert not any(name == "kronika_backlog_age_seconds" for name, _ in samples)
    assert counted(scraper) > 0
    assert scraper.value("kronika_database_up") == 1


def test_the_public_address_does_not_show_them(server: Installation, scraper: Scraper):
    assert httpx2.get(f"http://127.0.0.1:{server.port}/metrics").status_code == 404
    assert scraper.samples()
