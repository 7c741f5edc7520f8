"""docs/operations.md lists the series that there are, with their kinds and labels."""

from __future__ import annotations

import re
from pathlib import Path

from kronika.metrics.folder import Folder
from kronika.metrics.kinds import Counter, Gauge, Number
from kronika.server.backlog import Ages
from kronika.server.exposition import Snapshot

PAGE = (
    (Path(__file__).parents[2] / "docs" / "operations.md")
    .read_text()
    .partition("\n## Metrics\n")[2]
    .partition("\n## ")[0]
)
ROW = re.compile(r"^\| `(kronika_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)


def test_every_series_is_on_the_page_and_no_other(tmp_path: Path):
    listed = {name: (kind, re.findall(r"`(\w+)`", labels)) for name, kind, labels in ROW.findall(PAGE)}
    shown = {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in Snapshot(Folder(tmp_path).totals(), Ages(0, 0)).collect()
    }
    assert {name: kind for name, (kind, _) in listed.items()} == shown
    for name, number in Number.all.items():
        kind = "counter" if isinstance(number, Counter) else "gauge" if isinstance(number, Gauge) else "histogram"
        assert listed[name] == (kind, list(number.labels))


def test_the_rules_name_series_that_there_are():
    named = set(re.findall(r"kronika_\w+", PAGE))
    listed = {name for name, *_ in ROW.findall(PAGE)}
    assert {name.removesuffix("_bucket") for name in named} == listed
