"""The numbers as Prometheus reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kronika import __version__
from kronika.metrics.folder import Key
from kronika.metrics.kinds import Counter, Histogram, Number
from kronika.server.backlog import Ages

_BACKLOG_TEXT: Final = (
    "How long the oldest change, or delivery, has been waiting to be sent, whatever keeps it waiting."
)


class Snapshot(Collector):
    """What there is to show at one moment; `ages` None: the database has not said it in time."""

    def __init__(self, totals: dict[Key, list[float]], ages: Ages | None) -> None:
        self._totals = totals
        self._ages = ages

    def collect(self) -> Iterator[Metric]:
        samples: defaultdict[str, list[tuple[tuple[str, ...], list[float]]]] = defaultdict(list)
        for (name, labels), cells in sorted(self._totals.items()):
            samples[name].append((labels, cells))
        for number in Number.all.values():
            yield _family(number, samples[number.name])
        yield from self._of_the_database()
        build = GaugeMetricFamily("kronika_build_info", "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build

    def _of_the_database(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "kronika_database_up",
            "Whether the database answered this scrape in time.",
            value=int(self._ages is not None),
        )
        backlog = GaugeMetricFamily("kronika_backlog_age_seconds", _BACKLOG_TEXT, labels=["of"])
        if self._ages is not None:
            backlog.add_metric(["changes"], self._ages.change_seconds)
            backlog.add_metric(["deliveries"], self._ages.delivery_seconds)
        yield backlog

    def encoded(self, accept: str) -> tuple[bytes, str]:
        """The text, and its media type: the format that the scraper prefers of the two there are."""
        encode, media_type = choose_encoder(accept)
        return encode(self), media_type


def _family(number: Number, samples: Iterable[tuple[tuple[str, ...], list[float]]]) -> Metric:
    if isinstance(number, Histogram):
        histogram = HistogramMetricFamily(number.name, number.text, labels=number.labels)
        bounds = [*map(str, number.bounds), "+Inf"]
        for labels, cells in samples:
            histogram.add_metric(labels, list(zip(bounds, accumulate(cells[:-1]), strict=True)), cells[-1])
        return histogram
    family = CounterMetricFamily if isinstance(number, Counter) else GaugeMetricFamily
    simple = family(number.name, number.text, labels=number.labels)
    for labels, cells in samples:
        simple.add_metric(labels, cells[0])
    return simple
