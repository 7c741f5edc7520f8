"""The small server of /metrics: what it answers, and that it never gets in the way."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import httpx2
import pytest
import structlog
from support.scraping import Scraper
from support.server import free_port

from kronika.metrics.numbers import count_delivery
from kronika.server import backlog, metrics
from kronika.server.metrics import serve_metrics
from kronika.settings import Settings

_PATIENCE_SECONDS = 10


def settings(port: int, database_url: str) -> Settings:
    return Settings(metrics_address=f"127.0.0.1:{port}", database_url=database_url)


@pytest.fixture
def scraper(database_url: str) -> Iterator[Scraper]:
    port = free_port()
    with serve_metrics(settings(port, database_url), "tests"):
        scraper = Scraper(port)
        until_it_listens(scraper)
        yield scraper


def until_it_listens(scraper: Scraper) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not listens(scraper):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def listens(scraper: Scraper) -> bool:
    try:
        httpx2.get(scraper.address, timeout=5)
    except httpx2.TransportError:
        return False
    return True


def said(scraper: Scraper, request: bytes) -> bytes:
    """All that is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", int(scraper.address.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_deliveries_are_counted_by_what_became_of_them(scraper: Scraper):
    before = scraper.samples()
    count_delivery("delivered", 0.02)
    count_delivery("delivered", 0.2)
    count_delivery("timeout", 10)
    after = scraper.samples()

    def more(name: str, *labels: tuple[str, str]) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert more("kronika_deliveries_total", ("result", "delivered")) == 2
    assert more("kronika_deliveries_total", ("result", "timeout")) == 1
    assert more("kronika_delivery_seconds_count") == 3
    assert more("kronika_delivery_seconds_bucket", ("le", "0.025")) == 1
    assert more("kronika_delivery_seconds_bucket", ("le", "10.0")) == 3
    assert more("kronika_delivery_seconds_sum") == pytest.approx(10.22)


def test_one_page_is_there_and_can_be_read_only(scraper: Scraper):
    assert httpx2.get(f"{scraper.address}/metrics?all=1").status_code == 200
    for path in ("/", "/metrics/", "/favicon.ico", "/metric"):
        assert httpx2.get(scraper.address + path).status_code == 404
    for method in ("POST", "HEAD", "PUT", "DELETE", "BREW"):
        answer = httpx2.request(method, f"{scraper.address}/metrics")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_scraper_that_wants_openmetrics_gets_it(scraper: Scraper):
    answer = httpx2.get(f"{scraper.address}/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    plain = httpx2.get(f"{scraper.address}/metrics", headers={"Accept": "\xff;;=,=q".encode("latin-1")})
    assert plain.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\r\n", b"GET /metrics", b"\x16\x03\x01\x00", b"GET /metrics HTTP/1.1\r\n\r\n", b"G" * 100_000],
    ids=["nothing", "no line", "half a line", "TLS", "no host", "endless"],
)
def test_what_is_no_request_is_not_answered_with_the_page(scraper: Scraper, nonsense: bytes):
    try:
        answer = said(scraper, nonsense)
    except ConnectionError:
        answer = b""
    assert answer.startswith(b"HTTP/1.1 400 ") or answer == b""
    assert scraper.samples()


def test_clients_that_say_nothing_keep_nobody_out_for_long(scraper: Scraper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(metrics, "_EXCHANGE_SECONDS", 0.2)
    port = int(scraper.address.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(metrics._MOST_AT_ONCE + 4)]
    ends = []
    for connection in silent:
        with connection:
            try:
                ends.append(connection.recv(1))
            except ConnectionError:
                ends.append(b"")
    assert ends == [b""] * len(silent)
    assert scraper.samples()


def test_an_address_that_is_taken_is_one_line_and_ours_when_it_is_free(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(metrics, "_TIDY_EVERY_SECONDS", 0.05)
    port = free_port()
    first, second = (serve_metrics(settings(port, database_url), "tests") for _ in range(2))
    with structlog.testing.capture_logs() as log, first:
        until_it_listens(Scraper(port))
        with second:
            while not any(line["event"] == "no metrics yet: cannot listen" for line in log):
                time.sleep(0.01)
            first.__exit__(None, None, None)
            until_it_listens(Scraper(port))
            assert Scraper(port).samples()
    assert [line["event"] for line in log] == ["metrics", "no metrics yet: cannot listen", "metrics"]


def test_off_is_off(database_url: str):
    with structlog.testing.capture_logs() as log, serve_metrics(Settings(metrics_address="off"), "tests"):
        assert log == []


def test_a_database_that_swallows_packets_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backlog, "_WAIT_SECONDS", 0.1)
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        swallowed = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x"
        with serve_metrics(settings(port, swallowed), "tests"):
            until_it_listens(Scraper(port))
            assert [Scraper(port).value("kronika_database_up") for _ in range(2)] == [0, 0]
            assert Scraper(port).value("kronika_processes", kind="tests") == 1


def test_a_database_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch):
    port = free_port()
    with serve_metrics(settings(port, "postgresql://127.0.0.1:1/x"), "tests"):
        until_it_listens(Scraper(port))
        assert Scraper(port).value("kronika_database_up") == 0
