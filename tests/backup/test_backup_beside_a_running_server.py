"""A server that records without pause, two backups at once, one restored place: told once, for it takes seconds."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from support.backups import as_owner, fresh_folder, keep_file, make_tables_of_files, restored
from support.records import counts_are_right
from support.schema import dump
from support.senders import Senders
from support.server import KRONIKA, Installation

from kronika.db.embedded import begin_epoch, embedded_postgres

_EPOCH = 3
_SAMPLE = ("/whoami", "/clients", "/clients/1", "/suppliers", "/business-cases", "/contact-activity-logs?clientId=1")


@dataclass
class Story:
    source: Installation
    copy: Installation
    token: str
    strangers_token: str
    busy_client: int
    acknowledged_before: dict[str, bytes]
    files_before: dict[str, bytes]
    bodies: dict[tuple[str, str], bytes]


def test_what_a_backup_beside_a_running_server_holds_is_all_there_after_the_restore():
    source, copy = Installation(), Installation()
    # Links in bodies hold the address.
    source.settings = copy.settings = {"PUBLIC_URL": "http://kronika.test"}
    with fresh_folder() as folder:
        copy.data_dir = folder / "copy" / "data"
        try:
            story = _tell(source, copy, folder)
            _what_was_read_before_the_backup_reads_the_same_from_the_restored_place(story)
            _every_event_that_was_acknowledged_before_the_backup_is_there_once_and_counted(story)
            _a_retry_after_the_restore_gets_the_stored_answer(story)
            _what_is_new_after_the_restore_gets_a_new_id(story)
            _change_records_are_older_than_whatever_happens_after_the_restore(story)
            _a_cursor_from_after_the_backup_passes_over_nothing_that_happens_after_the_restore(story)
            _every_file_that_a_row_names_is_there_as_it_was(story)
            _the_schema_with_its_grants_and_policies_is_the_same(story)
            _what_postgresql_empties_after_a_crash_is_not_kept_and_tables_are_known_to_the_planner(story)
            _the_applications_role_sees_nothing_without_a_company(story)
        finally:
            for installation in (source, copy):
                installation.clean_up()


def _tell(source: Installation, copy: Installation, folder: Path) -> Story:
    # An old installation has seen billions of transactions: their numbers are beyond those of any new cluster.
    begin_epoch(source.data_dir, _EPOCH)
    token = source.start("--demo")["token"]
    stranger = source.json("company", "create", "Stranger")["id"]
    strangers_token = source.json("token", "create", "--company", str(stranger), "--name", "x", "--scope", "write")[
        "token"
    ]
    _post(source, strangers_token, "/clients", {"name": "Stranger's client"})
    client = _post(source, token, "/clients", {"name": "Busy"}).json()["id"]
    with (
        as_owner(source.data_dir) as owner,
        Senders(source, token, client) as senders,
        _storing_files(source.data_dir, owner) as files,
    ):
        while len(senders.acknowledged) < 20 or len(files) < 5:
            time.sleep(0.01)
        owner.execute("INSERT INTO rate_windows (company_id, started_at, hits) VALUES (1, clock(), 1)")
        bodies = {(who, path): _get(source, who, path).content for who in (token, strangers_token) for path in _SAMPLE}
        acknowledged, files_before = dict(senders.acknowledged), dict(files)
        both = [_start_backup(source, folder / name) for name in ("one.tar", "two.tar")]
        assert [process.wait(60) for process in both] == [0, 0]
        assert len(senders.acknowledged) > len(acknowledged)
    assert senders.unexpected == []
    restored(folder / "two.tar", copy.data_dir)
    copy.start()
    return Story(source, copy, token, strangers_token, client, acknowledged, files_before, bodies)


@contextmanager
def _storing_files(data_dir: Path, owner: psycopg.Connection) -> Generator[dict[str, bytes]]:
    make_tables_of_files(owner)
    stored: dict[str, bytes] = {}
    stop = threading.Event()

    def store() -> None:
        while not stop.is_set():
            content = b"content %d" % len(stored) * (len(stored) + 1)
            stored[keep_file(data_dir, owner, content, table=("uploads", "attachments")[len(stored) % 2])] = content

    thread = threading.Thread(target=store)
    thread.start()
    try:
        yield stored
    finally:
        stop.set()
        thread.join()


def _start_backup(source: Installation, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [KRONIKA, "backup", file], env=source.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _get(installation: Installation, token: str, path: str) -> httpx2.Response:
    return httpx2.get(installation.api + path, headers={"Authorization": f"Bearer {token}"})


def _post(installation: Installation, token: str, path: str, body: Any, **headers: str) -> httpx2.Response:
    return httpx2.post(installation.api + path, json=body, headers={"Authorization": f"Bearer {token}", **headers})


def _record(story: Story, key: str) -> httpx2.Response:
    body = {"clientId": story.busy_client, "type": "note", "metadata": {"content": key}}
    return _post(story.copy, story.token, "/contact-activity-logs", body, **{"Idempotency-Key": key})


def _what_was_read_before_the_backup_reads_the_same_from_the_restored_place(story: Story) -> None:
    for (token, path), body in story.bodies.items():
        assert _get(story.copy, token, path).content == body


def _every_event_that_was_acknowledged_before_the_backup_is_there_once_and_counted(story: Story) -> None:
    recorded: list[str] = []
    path = f"/contact-activity-logs?clientId={story.busy_client}&perPage=200&page="
    page = 0
    while data := _get(story.copy, story.token, f"{path}{(page := page + 1)}").json()["data"]:
        recorded += [event["metadata"]["content"] for event in data]
    assert set(story.acknowledged_before) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    assert _get(story.copy, story.token, f"{path}1").json()["paginator"]["totalResults"] == len(recorded)
    with as_owner(story.copy.data_dir) as owner:
        assert counts_are_right(owner, story.busy_client)


def _a_retry_after_the_restore_gets_the_stored_answer(story: Story) -> None:
    for key, answer in list(story.acknowledged_before.items())[:5]:
        again = _record(story, key)
        assert again.headers["idempotency-status"] == "Repeated"
        assert again.content == answer


def _what_is_new_after_the_restore_gets_a_new_id(story: Story) -> None:
    with as_owner(story.copy.data_dir) as owner:
        newest = {
            table: owner.execute(f"SELECT max(id) AS id FROM {table}").fetchone()["id"]
            for table in ("events", "timelines", "companies", "tokens")
        }
    assert _record(story, "after-the-restore").json()["id"] > newest["events"]
    assert _post(story.copy, story.token, "/clients", {"name": "New"}).json()["id"] > newest["timelines"]
    company = story.copy.json("company", "create", "New")["id"]
    assert company > newest["companies"]
    token = story.copy.json("token", "create", "--company", str(company), "--name", "x", "--scope", "read")["id"]
    assert token > newest["tokens"]


def _change_records_are_older_than_whatever_happens_after_the_restore(story: Story) -> None:
    with as_owner(story.copy.data_dir) as owner:
        row = owner.execute(
            """
            SELECT count(*) FILTER (WHERE xid < pg_snapshot_xmin(pg_current_snapshot())) AS past, count(*) AS all,
                max(xid)::text::bigint >> 32 AS epoch
            FROM changes WHERE resource_id = ANY (SELECT id FROM events WHERE content LIKE 'sender-%')
            """
        ).fetchone()
    assert row["past"] == row["all"] >= len(story.acknowledged_before)
    assert row["epoch"] == _EPOCH


def _a_cursor_from_after_the_backup_passes_over_nothing_that_happens_after_the_restore(story: Story) -> None:
    after, more = 0, True
    while more:
        read = _get(story.source, story.token, f"/changes?after={after}&limit=1000").json()
        after, more = read["next"], read["more"]
    client = _post(story.copy, story.token, "/clients", {"name": "Later"}).json()["id"]
    changes = _get(story.copy, story.token, f"/changes?after={after}").json()["data"]
    assert {"type": "client", "id": client} in [change["resource"] for change in changes]


def _every_file_that_a_row_names_is_there_as_it_was(story: Story) -> None:
    files = story.copy.data_dir / "files"
    with as_owner(story.copy.data_dir) as owner:
        named = owner.execute("SELECT storage_key FROM uploads UNION SELECT storage_key FROM attachments").fetchall()
    assert {row["storage_key"] for row in named} >= set(story.files_before)
    for row in named:
        assert (files / row["storage_key"]).is_file()
    for key, content in story.files_before.items():
        assert (files / key).read_bytes() == content
        assert (files / key).stat().st_mode & 0o777 == 0o600


def _the_schema_with_its_grants_and_policies_is_the_same(story: Story) -> None:
    with embedded_postgres(story.source.data_dir) as source, embedded_postgres(story.copy.data_dir) as copy:
        assert dump(copy) == dump(source)


def _the_applications_role_sees_nothing_without_a_company(story: Story) -> None:
    with as_owner(story.copy.data_dir) as owner:
        role = owner.execute("SELECT * FROM pg_roles WHERE rolname = 'kronika_app'").fetchone()
        assert not any(role[right] for right in ("rolsuper", "rolbypassrls", "rolcanlogin"))
        owner.execute("SET ROLE kronika_app")
        assert owner.execute("SELECT count(*) AS n FROM events").fetchone()["n"] == 0
        company = owner.execute("SELECT set_config('kronika.company_id', '1', false)").fetchone()
        assert company
        assert owner.execute("SELECT count(*) AS n FROM events").fetchone()["n"] > 0


def _what_postgresql_empties_after_a_crash_is_not_kept_and_tables_are_known_to_the_planner(story: Story) -> None:
    with as_owner(story.copy.data_dir) as owner:
        assert owner.execute("SELECT FROM rate_windows").rowcount == 0
        analyzed = owner.execute("SELECT reltuples FROM pg_class WHERE oid = 'events'::regclass").fetchone()
    assert analyzed["reltuples"] >= len(story.acknowledged_before)
