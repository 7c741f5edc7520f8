from __future__ import annotations

import signal
import socket
import subprocess

import httpx2
import psutil
import pytest
from support.server import Installation

from kronika.credentials import new_secret_key

_IDLE_MEBIBYTES = 250


def test_an_empty_folder_is_enough_to_serve_and_a_second_start_finds_what_was_recorded(installation: Installation):
    installation.data_dir = installation.data_dir.with_name("empty")
    first = installation.start("--demo")
    headers = {"Authorization": f"Bearer {first['token']}"}
    clients = httpx2.get(f"{installation.api}/clients/1", headers=headers).json()
    assert installation.interrupt() == 0
    assert not _answers(installation.port)

    second = installation.start("--demo")
    assert httpx2.get(f"{installation.api}/clients/1", headers=headers).status_code == 401
    fresh = {"Authorization": f"Bearer {second['token']}"}
    assert httpx2.get(f"{installation.api}/clients/1", headers=fresh).json() == clients


def test_stopping_leaves_no_process_behind(installation: Installation):
    installation.start()
    processes = [*installation.workers(), installation.postmaster()]
    assert len(processes) >= 3
    assert installation.interrupt() == 0
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_termination_stops_it_as_cleanly_as_an_interrupt(installation: Installation):
    installation.start()
    assert installation.process is not None
    installation.process.send_signal(signal.SIGTERM)
    assert installation.process.wait(30) == 0
    assert not (installation.data_dir / "postgres" / "postmaster.pid").exists()
    assert installation.process.stdout is not None
    installation.process.stdout.close()


def test_an_idle_server_is_small(lasting_installation: Installation):
    assert lasting_installation.process is not None
    family = [psutil.Process(lasting_installation.process.pid), *lasting_installation.workers()]
    assert sum(process.memory_full_info().pss for process in family) / 2**20 < _IDLE_MEBIBYTES


def test_it_says_that_it_is_alive_and_ready(lasting_installation: Installation):
    address = f"http://127.0.0.1:{lasting_installation.port}"
    assert httpx2.get(f"{address}/readyz").json() == {"status": "ok", "database": "ok", "migrations": "current"}
    assert httpx2.get(f"{address}/healthz").json() == {"status": "ok"}


def test_two_servers_do_not_share_a_port_by_mistake(lasting_installation: Installation):
    other = Installation(port=lasting_installation.port)
    try:
        _refused_in_one_line(other.run("serve"), "KRONIKA_PORT")
    finally:
        other.clean_up()


def test_a_wrong_setting_is_one_line_and_a_failure(installation: Installation):
    for name, value in {
        "PORT": "http",
        "WORKERS": "0",
        "RATE_LIMIT": "-1",
        "DATABASE_URL": "mysql://nowhere",
        "PUBLIC_URL": "kronika.example",
        "SECRET_KEY": "short",
        "DEFAULT_LANGUAGE": "tlh",
        "DATA_DIR": "~nobody-of-this-name/kronika",
        "HOST": "x" * 70,
    }.items():
        installation.settings = {name: value}
        _refused_in_one_line(installation.run("serve"), f"KRONIKA_{name}")


def test_an_address_with_an_impossible_port_is_refused(installation: Installation):
    installation.settings = {"PUBLIC_URL": "http://kronika.example:99999"}
    _refused_in_one_line(installation.run("serve"), "KRONIKA_PUBLIC_URL")


def test_a_secret_key_file_without_a_key_is_refused(installation: Installation):
    (installation.data_dir / "secret.key").write_text("\n")
    _refused_in_one_line(installation.run("serve"), "secret.key")


def test_a_host_may_be_a_name_and_a_proxy_of_the_environment_does_not_matter(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    installation.settings = {"HOST": "localhost"}
    assert installation.start()["address"] == f"http://localhost:{installation.port}"


def test_the_demo_company_stays_the_same_when_its_token_was_revoked(installation: Installation):
    installation.start("--demo")
    installation.json("token", "revoke", "1")
    installation.interrupt()
    installation.start("--demo")
    assert len(installation.json("company", "list")["companies"]) == 1


def test_a_database_that_is_not_there_is_one_line_and_a_failure(installation: Installation):
    installation.settings = {"DATABASE_URL": "postgresql://127.0.0.1:1/nothing?connect_timeout=2"}
    _refused_in_one_line(installation.run("serve"), "database")


def test_a_secret_key_of_another_database_is_refused(installation: Installation):
    assert installation.run("company", "create", "Acme").returncode == 0
    installation.settings = {"SECRET_KEY": new_secret_key()}
    _refused_in_one_line(installation.run("serve"), "KRONIKA_SECRET_KEY")


def test_the_log_names_company_and_route_and_nothing_personal(installation: Installation):
    said = installation.start("--demo")
    headers = {"Authorization": f"Bearer {said['token']}", "Idempotency-Key": "very-private-key"}
    body = {"clientId": 1, "type": "email", "metadata": {"content": "Private words", "email": "jana@example.test"}}
    answer = httpx2.post(f"{installation.api}/contact-activity-logs?secret=query", json=body, headers=headers)
    assert answer.status_code == 201
    httpx2.get(f"{installation.api}/surname-in-a-path", headers=headers)
    installation.interrupt()
    log = installation.log()
    assert answer.headers["x-request-id"] in log
    assert '"company_id":1' in log
    assert '"status":201' in log
    for private in (said["token"], "very-private-key", "Private words", "jana@example.test", "secret", "surname"):
        assert private not in log


def test_a_client_that_stops_in_the_middle_of_a_body_does_not_hold_others_up(lasting_installation: Installation):
    installation = lasting_installation
    company = installation.json("company", "create", "Acme")["id"]
    said = installation.json("token", "create", "--company", str(company), "--name", "x", "--scope", "read")
    with socket.create_connection(("127.0.0.1", installation.port)) as half:
        half.sendall(
            b"POST /api/public/v1/clients HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + said["token"].encode() + b"\r\nContent-Length: 100\r\n\r\n{"
        )
        for _ in range(20):
            answer = httpx2.get(f"{installation.api}/whoami", headers={"Authorization": f"Bearer {said['token']}"})
            assert answer.status_code == 200


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refused_in_one_line(done: subprocess.CompletedProcess[str], about: str) -> None:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("kronika: ")
    assert about in done.stderr
