"""What a scraper reads on /metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

import httpx2
from prometheus_client.parser import text_string_to_metric_families

Samples: TypeAlias = dict[tuple[str, tuple[tuple[str, str], ...]], float]

_PATIENCE_SECONDS = 15


class Scraper:
    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def samples(self) -> Samples:
        """All samples by name and sorted labels."""
        answer = httpx2.get(f"{self.address}/metrics", timeout=30)
        assert answer.status_code == 200
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples().get((name, tuple(sorted(labels.items()))))

    def wait_for(self, wanted: Callable[[Samples], bool]) -> Samples:
        """The first samples that are as wanted."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not wanted(samples := self.samples()):
            assert time.monotonic() < deadline, samples
            time.sleep(0.05)
        return samples
