"""`kronika documents import`, as people run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.server import KRONIKA, Installation

HEADER = "documentType;documentId;number;issueDate;clientId;totalWithVat;currency\n"
NOTHING = {"created": 0, "updated": 0, "unchanged": 0, "refused": 0, "errors": [], "errorsLeftOut": 0}
ROW = "invoice;{0};F-{0};10.3.2026;{1};1 234,50;EUR\n"


@pytest.fixture
def running(installation: Installation) -> Installation:
    installation.start()
    return installation


def new_company(installation: Installation) -> tuple[str, dict[str, str]]:
    """The id of a new company, and headers that speak for it."""
    company = installation.json("company", "create", "Acme")["id"]
    token = installation.json("token", "create", "--company", str(company), "--name", "x", "--scope", "write")["token"]
    return str(company), {"Authorization": f"Bearer {token}"}


def new_client(installation: Installation, headers: dict[str, str]) -> int:
    return httpx2.post(f"{installation.api}/clients", json={"name": "Hotel"}, headers=headers).json()["id"]


def documents(installation: Installation, headers: dict[str, str], *ids: int) -> list[Any]:
    answers = [httpx2.get(f"{installation.api}/documents/invoice/{number}", headers=headers) for number in ids]
    return [answer.json() if answer.status_code == 200 else None for answer in answers]


def test_a_table_is_imported_beside_a_running_server_and_without_one(running: Installation, tmp_path: Path):
    _, strangers = new_company(running)
    company, own = new_company(running)
    client = new_client(running, own)
    new_client(running, strangers)
    table = tmp_path / "invoices.csv"
    table.write_text(HEADER + ROW.format(1, client) + ROW.format(2, client + 1) + ROW.format(3, client))
    command = ("documents", "import", str(table), "--company", company)

    done = running.run(*command, "--dry-run")
    assert done.returncode == 1
    assert done.stdout == "It would create 2, update 0, leave 0 unchanged and refuse 1. Nothing was written.\n"
    assert done.stderr == "line 3, clientId: This does not exist.\n"
    assert documents(running, own, 1, 2, 3) == [None] * 3

    done = running.run(*command)
    assert (done.returncode, done.stdout) == (1, "Created 2, updated 0, unchanged 0, refused 1.\n")
    assert done.stderr == "line 3, clientId: This does not exist.\n"
    assert [one and one["totalWithVat"] for one in documents(running, own, 1, 2, 3)] == [1234.5, None, 1234.5]
    assert documents(running, strangers, 1, 2, 3) == [None] * 3

    running.interrupt()
    done = running.run(*command, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == {
        "created": 0, "updated": 0, "unchanged": 2, "refused": 1, "errorsLeftOut": 0,
        "errors": [{"line": 3, "column": "clientId", "text": "This does not exist."}],
    }  # fmt: skip
    table.write_text(HEADER)
    assert running.run(*command).returncode == 0


def test_an_interrupted_import_says_how_far_it_came_and_the_next_one_does_the_rest(running: Installation):
    company, own = new_company(running)
    client = new_client(running, own)
    command = [KRONIKA, "documents", "import", "-", "--company", company]
    pipes: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    with subprocess.Popen(command, env=running.environment, start_new_session=True, **pipes) as process:
        assert process.stdin is not None
        # What fills a transaction, and a little more, which must wait for the rest of a piece.
        process.stdin.write(HEADER + "".join(ROW.format(n, client) for n in range(1, 221)))
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while documents(running, own, 200) == [None]:
            assert time.monotonic() < deadline
        # Who is impatient ends it no worse.
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "Created 200, updated 0, unchanged 0, refused 0.\n"
    assert complained == "Interrupted after line 201. Run it again to do the rest.\n"

    table = HEADER + "".join(ROW.format(n, client) for n in range(1, 251))
    again = subprocess.run(command, env=running.environment, input=table, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout) == (0, "Created 50, updated 0, unchanged 200, refused 0.\n")


def test_what_cannot_be_imported_at_all_is_one_line(lasting_installation: Installation, tmp_path: Path):
    company, _ = new_company(lasting_installation)
    table = tmp_path / "invoices.csv"
    table.write_text(HEADER)
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"\x7fELF\0\xff\x1b[31m")
    for arguments, about in {
        (str(tmp_path / "nothing.csv"),): "No such file",
        (str(tmp_path),): "Is a directory",
        (str(wrong),): "--encoding",
        (str(table), "--type", "letter"): "--type",
        (str(table), "--column", "number=\x1b[31mred"): "there is no column",
        (str(table), "--company", "99"): "company 99",
    }.items():
        done = lasting_installation.run("documents", "import", "--company", company, *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr.startswith("kronika: ")
        assert done.stderr.count("\n") == 1, done.stderr
        assert about in done.stderr
        assert "\x1b" not in done.stderr
        as_json = lasting_installation.run("documents", "import", "--company", company, *arguments, "--json")
        assert as_json.returncode == 2
        assert json.loads(as_json.stdout) == NOTHING | {"error": done.stderr.removeprefix("kronika: ").strip()}
    lasting_installation.settings["DATABASE_URL"] = "postgresql://127.0.0.1:1/kronika"
    done = lasting_installation.run("documents", "import", "--company", company, str(table), "--json")
    del lasting_installation.settings["DATABASE_URL"]
    assert (done.returncode, "database" in json.loads(done.stdout)["error"]) == (2, True)


def test_a_table_that_cannot_be_read_to_its_end_is_no_matter_of_its_rows(running: Installation, tmp_path: Path):
    company, own = new_company(running)
    client = new_client(running, own)
    table = tmp_path / "invoices.csv"
    table.write_text(HEADER + ROW.format(1, client) + '"' + ROW.format(2, client))
    command = ("documents", "import", str(table), "--company", company)
    done = running.run(*command)
    assert (done.returncode, done.stdout) == (2, "Created 1, updated 0, unchanged 0, refused 1.\n")
    assert done.stderr == (
        "line 3: A quote that begins here or later is not closed: nothing more was read.\n"
        "kronika: the file could not be read to its end\n"
    )
    done = running.run(*command, "--json")
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert (told["unchanged"], told["refused"], told["error"]) == (1, 1, "the file could not be read to its end")


def test_an_import_that_is_interrupted_before_it_begins_says_so_too(running: Installation):
    company, _ = new_company(running)
    command = [KRONIKA, "documents", "import", "-", "--company", company, "--json"]
    read, write = os.pipe()
    with subprocess.Popen(
        command, env=running.environment, stdin=read, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(read)
        # Once the pipe is drained again, it is being read.
        os.write(write, b"\n" * 65_536)
        os.write(write, b"\n")
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=30)
        os.close(write)
    assert (process.returncode, complained) == (130, "")
    assert json.loads(said) == NOTHING | {"error": "interrupted"}
