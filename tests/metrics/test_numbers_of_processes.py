"""Numbers add up over processes, those that were killed included, and nothing of a run stays behind."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from kronika.metrics import ledger
from kronika.metrics.folder import Folder, run_folder
from kronika.metrics.ledger import CELLS, Ledger
from kronika.metrics.numbers import DELIVERY_SECONDS, count_delivery

_COUNTING = """
import sys
from pathlib import Path
from kronika.metrics.ledger import LEDGER
from kronika.metrics.numbers import REQUESTS_IN_PROGRESS, count_delivery
count_delivery("delivered", 0.004)
LEDGER.publish(Path(sys.argv[1]))
count_delivery("delivered", 0.04)
count_delivery("timeout", 10.5)
REQUESTS_IN_PROGRESS.grow(1)
print("counted", flush=True)
sys.stdin.read()
"""
_HOLDING = """
import sys
from kronika.metrics.folder import run_folder
with run_folder() as folder:
    print(folder.path, flush=True)
    sys.stdin.read()
"""


def started(program: str, *arguments: object) -> tuple[subprocess.Popen[str], str]:
    """A process that runs this, and the first line it said. It lives until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    with process:
        process.send_signal(signal.SIGKILL)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def folder() -> Iterator[Folder]:
    with run_folder() as folder:
        yield folder


def test_what_processes_counted_adds_up_and_outlives_a_kill(folder: Folder):
    one, _ = started(_COUNTING, folder.path)
    other, _ = started(_COUNTING, folder.path)
    try:
        alive = folder.totals()
        kill(one)
        after_one = folder.totals()
        kill(other)
        after_both = folder.totals()
    finally:
        kill(one)
        kill(other)
    for totals in (alive, after_one, after_both, folder.totals()):
        assert totals["kronika_deliveries_total", ("delivered",)] == [4]
        assert totals["kronika_deliveries_total", ("timeout",)] == [2]
        seconds = totals["kronika_delivery_seconds", ()]
        assert sum(seconds[:-1]) == 6
        assert seconds[DELIVERY_SECONDS.bounds.index(0.005)] == 2
        assert seconds[-2] == 2, "beyond the last bound"
        assert seconds[-1] == pytest.approx(2 * (0.004 + 0.04 + 10.5))
    assert [t["kronika_requests_in_progress", ()] for t in (alive, after_one)] == [[2], [1]]
    assert ("kronika_requests_in_progress", ()) not in after_both
    assert list(folder.path.iterdir()) == []


def test_a_bound_belongs_to_what_is_below_it(folder: Folder):
    before = _cells()
    for bound in DELIVERY_SECONDS.bounds:
        count_delivery("delivered", bound)
    assert [now - then for now, then in zip(_cells(), before, strict=True)][:-1] == [
        *[1] * len(DELIVERY_SECONDS.bounds), 0
    ]  # fmt: skip


def test_a_folder_goes_with_its_run_and_after_a_killed_one_with_the_next(temporary: Path):
    process, left = started(_HOLDING)
    try:
        with run_folder() as folder:
            assert Path(left).exists(), "it is in use"
        assert not folder.path.exists()
    finally:
        kill(process)
    assert Path(left).exists()
    with run_folder() as folder:
        assert list(temporary.iterdir()) == [folder.path]


def test_what_only_looks_like_a_folder_of_ours_is_left_alone(temporary: Path):
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (temporary / "kronika-metrics-link").symlink_to(elsewhere)
    (temporary / "kronika-metrics-file").touch()
    with run_folder():
        assert (elsewhere / "file").exists()
        assert (temporary / "kronika-metrics-file").exists()


def test_a_full_disk_leaves_numbers_unshown_and_nothing_broken(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    def some_of_it(_file: int, content: bytes, write=os.write) -> int:
        return write(_file, content[: len(content) // 2])

    full = Ledger()
    with monkeypatch.context() as disk:
        disk.setattr(ledger.os, "write", some_of_it)
        with pytest.raises(OSError, match="no room"):
            full.publish(folder.path)
        assert list(folder.path.iterdir()) == []
    full.publish(folder.path)
    with monkeypatch.context() as disk:
        disk.setattr(ledger.os, "write", some_of_it)
        unseen = full.place("kronika_deliveries_total", ["unseen"], 1)
    seen = full.place("kronika_deliveries_total", ["seen"], 1)
    full.cells[unseen] += 1
    full.cells[seen] += 1
    totals = folder.totals()
    assert totals["kronika_deliveries_total", ("seen",)] == [1]
    assert ("kronika_deliveries_total", ("unseen",)) not in totals


def test_more_numbers_than_there_is_room_for_are_not_shown(folder: Folder):
    small = Ledger()
    small.publish(folder.path)
    for number in range(CELLS + 10):
        small.cells[small.place("kronika_deliveries_total", [str(number)], 1)] += 1
    shown = folder.totals()
    assert CELLS / 2 < len(shown) < CELLS
    assert set(map(tuple, shown.values())) == {(1,)}


def test_numbers_of_another_version_are_left_out(folder: Folder):
    newer = Ledger()
    newer.publish(folder.path)
    newer.place("kronika_new_total", [], 1)
    newer.place("kronika_delivery_seconds", [], 3)
    newer.place("kronika_deliveries_total", ["a", "b"], 1)
    known = newer.place("kronika_requests_in_progress", [], 1)
    newer.cells[known] = 1
    assert folder.totals() == {("kronika_requests_in_progress", ()): [1]}


def test_a_file_that_is_being_made_is_not_taken_for_one_that_was_left(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    def lock_late(file: int, how: int, lock=fcntl.flock) -> None:
        assert list(folder.path.iterdir()) != []
        folder.tidy()
        lock(file, how)

    process = Ledger()
    place = process.place("kronika_deliveries_total", ["delivered"], 1)
    with monkeypatch.context() as slow:
        slow.setattr(ledger, "fcntl", SimpleNamespace(flock=lock_late, LOCK_EX=fcntl.LOCK_EX))
        process.publish(folder.path)
    process.cells[place] += 1
    assert folder.totals() == {("kronika_deliveries_total", ("delivered",)): [1]}


def _cells() -> list[float]:
    start = DELIVERY_SECONDS._places[()]
    return list(ledger.LEDGER.cells[start : start + DELIVERY_SECONDS.size])
