from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx2
import psycopg
import pytest
from support.server import Installation

from kronika.db.embedded import embedded_postgres


@pytest.fixture(params=["beside a running server", "without a server"])
def place(request: pytest.FixtureRequest, installation: Installation) -> Installation:
    if request.param == "beside a running server":
        installation.start()
    return installation


def test_companies_and_tokens_are_made_listed_and_ended(place: Installation):
    company = place.json("company", "create", "Acme s.r.o.")
    assert company["name"] == "Acme s.r.o."
    assert company["sandboxOf"] is None
    sandbox = place.json("company", "create", "Acme tests", "--sandbox-of", str(company["id"]))
    assert sandbox["sandboxOf"] == company["id"]
    assert [c["id"] for c in place.json("company", "list")["companies"]] == [company["id"], sandbox["id"]]

    token = place.json("token", "create", "--company", str(company["id"]), "--name", "erp", "--scope", "read")
    assert token.keys() == {"id", "companyId", "name", "scope", "createdAt", "token"}
    assert (token["companyId"], token["name"], token["scope"]) == (company["id"], "erp", "read")
    listed = place.json("token", "list")["tokens"]
    assert [(t["id"], t["revokedAt"]) for t in listed] == [(token["id"], None)]
    assert token["token"] not in json.dumps(listed)
    assert place.json("token", "revoke", str(token["id"]))["revokedAt"] is not None
    assert place.json("migrate") == {"applied": []}


def test_a_token_works_at_once_and_stops_at_once(lasting_installation: Installation):
    installation = lasting_installation
    company = installation.json("company", "create", "Acme")["id"]
    token = installation.json("token", "create", "--company", str(company), "--name", "x", "--scope", "write")
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert httpx2.get(f"{installation.api}/whoami", headers=headers).json() == {"name": "Acme"}
    installation.json("token", "revoke", str(token["id"]))
    assert httpx2.get(f"{installation.api}/whoami", headers=headers).status_code == 401


def test_without_json_every_command_says_something_readable(lasting_installation: Installation):
    said = {
        arguments: lasting_installation.run(*arguments).stdout
        for arguments in [
            ("migrate",),
            ("company", "create", "Acme"),
            ("company", "list"),
            ("token", "create", "--company", "1", "--name", "erp", "--scope", "write"),
            ("token", "list"),
            ("token", "revoke", "1"),
            ("version",),
        ]
    }
    assert all(said.values()), said
    assert "Acme" in said["company", "list"]
    assert "kro_" in said["token", "create", "--company", "1", "--name", "erp", "--scope", "write"]
    assert "erp" in said["token", "list"]


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("company", "create", " "), "name"),
        (("company", "create", "x" * 256), "name"),
        (("company", "create", "two\nlines"), "name"),
        (("company", "create", "Acme", "--time-zone", "Mars/Olympus"), "Mars/Olympus"),
        # Names that PostgreSQL and Python understand differently.
        (("company", "create", "Acme", "--time-zone", "localtime"), "localtime"),
        (("company", "create", "Acme", "--time-zone", "CET"), "CET"),
        (("company", "create", "Acme", "--sandbox-of", "99"), "99"),
        (("token", "create", "--company", "99", "--name", "x", "--scope", "read"), "99"),
        (("token", "revoke", "99"), "99"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_failure(
    lasting_installation: Installation, arguments: tuple[str, ...], about: str
):
    done = lasting_installation.run(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert about in done.stderr


def test_a_sandbox_has_no_sandbox(lasting_installation: Installation):
    parent = lasting_installation.json("company", "create", "Acme")["id"]
    sandbox = lasting_installation.json("company", "create", "Tests", "--sandbox-of", str(parent))["id"]
    assert lasting_installation.run("company", "create", "Deeper", "--sandbox-of", str(sandbox)).returncode == 1


def test_names_are_shown_as_they_are_and_not_as_markup(lasting_installation: Installation):
    lasting_installation.json("company", "create", "[/x] [bold]B[/bold] :cat:")
    assert "[/x] [bold]B[/bold] :cat:" in lasting_installation.run("company", "list").stdout


def test_a_command_does_not_upgrade_a_database_under_a_server_that_may_be_running_on_it(installation: Installation):
    with embedded_postgres(installation.data_dir) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM kronika.migrations WHERE name = (SELECT max(name) FROM kronika.migrations)")
    done = installation.run("token", "list")
    assert done.returncode == 1
    assert "kronika migrate" in done.stderr


def test_a_database_of_a_newer_kronika_is_refused(installation: Installation):
    with embedded_postgres(installation.data_dir) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO kronika.migrations (name) VALUES ('9999.from-the-future')")
    for command in (("serve",), ("migrate",), ("token", "list")):
        done = installation.run(*command)
        assert done.returncode == 1
        assert "newer Kronika" in done.stderr


_INTERRUPTED_WHILE_IT_LOADS = """
import os, signal, sys
from kronika.cli import main

class Interrupting:
    def find_spec(self, name, *_):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
main()
"""


def test_ctrl_c_while_the_command_is_still_loading_ends_it_without_a_word():
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_WHILE_IT_LOADS], capture_output=True, text=True, check=False
    )
    # By the signal itself, which shells show as 130.
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
