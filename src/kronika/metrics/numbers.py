"""All numbers that are counted in a process, and the functions that count."""

from __future__ import annotations

from typing import Final

from kronika.metrics.kinds import Counter, Gauge, Histogram

_REQUEST_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DELIVERY_BOUNDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS: Final = Counter(
    "kronika_requests_total", "Requests, by what they were answered.", "method", "route", "status"
)
REQUEST_SECONDS: Final = Histogram(
    "kronika_request_seconds", "From a request's head to its answer's.", "route", bounds=_REQUEST_BOUNDS
)
REQUESTS_IN_PROGRESS: Final = Gauge("kronika_requests_in_progress", "Requests whose answers are not sent to the end.")
STREAMS_OPEN: Final = Gauge("kronika_streams_open", "Live streams that are open.")

POOL_CONNECTIONS: Final = Gauge("kronika_pool_connections", "Connections to PostgreSQL, by what they do.", "state")
POOL_WAITING: Final = Gauge("kronika_pool_waiting", "Who waits for a connection, or for the turn to read.")
POOL_TAKEN: Final = Counter("kronika_pool_taken_total", "How often a connection was asked for.")
POOL_WAITS: Final = Counter("kronika_pool_waits_total", "How often none was free and it had to be waited for.")
POOL_WAIT_SECONDS: Final = Counter("kronika_pool_wait_seconds_total", "How long was waited for connections.")
POOL_FAILURES: Final = Counter("kronika_pool_failures_total", "How often none was to be had.")

DELIVERIES: Final = Counter(
    "kronika_deliveries_total", "Attempts to deliver webhooks, by what became of them.", "result"
)
DELIVERY_SECONDS: Final = Histogram(
    "kronika_delivery_seconds", "How long attempts to deliver took.", bounds=_DELIVERY_BOUNDS
)

PROCESSES: Final = Gauge("kronika_processes", "Processes that live.", "kind")
PROCESS_CPU_SECONDS: Final = Counter("kronika_process_cpu_seconds_total", "Time of the processor.", "kind")
PROCESS_RESIDENT_BYTES: Final = Gauge("kronika_process_resident_bytes", "Memory, shared pages in each process.", "kind")


def count_answer(method: str, route: str | None, status: int, seconds: float) -> None:
    """A request has its answer's head after so many seconds. `route` is the pattern of its path, never the path."""
    route = route or "none"
    REQUESTS.grow(1, method if method in _METHODS else "other", route, str(status))
    REQUEST_SECONDS.observe(seconds, route)


def count_unanswered(method: str, route: str | None) -> None:
    """A request has ended without an answer: its client has gone."""
    REQUESTS.grow(1, method if method in _METHODS else "other", route or "none", "none")


def count_delivery(result: str, seconds: float) -> None:
    """An attempt has been made; `result` is one of the sender's words. On the thread that counts."""
    DELIVERIES.grow(1, result)
    DELIVERY_SECONDS.observe(seconds)
