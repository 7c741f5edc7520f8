"""The embedded PostgreSQL starts, is shared, stops, and survives being killed at any moment."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from kronika.db.embedded import EmbeddedError, binaries, embedded_postgres

# Says "ready", then uses the server until its standard input ends. Deaf to Ctrl-C, so that a test
# can send one to its whole group.
USER_PROCESS = """
import signal, sys
from pathlib import Path
from kronika.db.embedded import embedded_postgres
signal.signal(signal.SIGINT, lambda *_: None)
with embedded_postgres(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def new_folder() -> Generator[Path]:
    # Not tmp_path: for root it lies in a folder that PostgreSQL's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="kronika-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for place in (folder, *folder.glob("[dn]*")):
            kill_server(place)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with new_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_dir() -> Iterator[Path]:
    with new_folder() as folder:
        yield folder


@pytest.fixture
def made(shared_dir: Path) -> Iterator[Path]:
    """Give a data directory that has its cluster already: making one is most of a test's time."""
    yield shared_dir
    kill_server(shared_dir)


def server_pid(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return None


def running_pid(data_dir: Path) -> int:
    pid = server_pid(data_dir)
    assert pid is not None
    return pid


def kill_server(data_dir: Path) -> None:
    pid = server_pid(data_dir)
    if pid and pid != os.getpid():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start_user_process(data_dir: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def value(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (what text)")
        connection.execute("INSERT INTO kept VALUES ('row')")


def test_a_new_data_directory_gets_a_database_that_only_its_user_reaches(data_dir: Path) -> None:
    folder = data_dir / "new"
    with embedded_postgres(folder) as url:
        assert value(url, "SELECT current_database()") == "kronika"
        assert value(url, "SELECT current_setting('timezone')") == "UTC"
        assert value(url, "SELECT current_setting('listen_addresses')") == ""
        assert (folder / "socket").stat().st_mode & 0o777 == 0o700
        assert value(url, "SELECT current_setting('checkpoint_timeout')") == "15min"


def test_letters_outside_ascii_are_folded_and_searched(made: Path) -> None:
    with embedded_postgres(made) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        assert value(url, "SELECT upper('čľ')") == "ČĽ"
        assert value(url, "SELECT similarity('čľ', 'čľ')") == 1


def test_data_is_kept_across_a_restart(made: Path) -> None:
    with embedded_postgres(made) as url:
        write_row(url)
    with embedded_postgres(made) as url:
        assert value(url, "SELECT what FROM kept") == "row"


def test_it_runs_until_the_last_of_its_users_leaves(made: Path) -> None:
    other = start_user_process(made)
    try:
        with embedded_postgres(made) as url:
            pid = running_pid(made)
            other.communicate(b"")
            assert other.returncode == 0
            assert value(url, "SELECT 1") == 1
            assert running_pid(made) == pid
        assert server_pid(made) is None
        eventually(lambda: not is_alive(pid))
    finally:
        end(other)


def test_leaving_does_not_stop_it_for_another_user(made: Path) -> None:
    with embedded_postgres(made) as url:
        with embedded_postgres(made):
            pass
        assert value(url, "SELECT 1") == 1


def test_an_error_in_the_block_is_passed_on_and_the_server_stopped(made: Path) -> None:
    with pytest.raises(ZeroDivisionError), embedded_postgres(made):
        _ = 1 / 0
    assert server_pid(made) is None


def test_a_server_whose_owner_was_killed_is_adopted_and_later_stopped(made: Path) -> None:
    end(start_user_process(made))
    pid = running_pid(made)
    assert is_alive(pid)
    with embedded_postgres(made) as url:
        assert value(url, "SELECT 1") == 1
        assert running_pid(made) == pid
    eventually(lambda: not is_alive(pid))


def test_a_killed_server_recovers_what_was_committed(made: Path) -> None:
    with embedded_postgres(made) as url:
        write_row(url)
        with psycopg.connect(url):  # this connection's process outlives the server a little
            os.kill(running_pid(made), signal.SIGKILL)
            with embedded_postgres(made) as again:
                assert value(again, "SELECT what FROM kept") == "row"


def test_surviving_processes_of_a_killed_server_are_waited_for(made: Path) -> None:
    with embedded_postgres(made) as url, closing(psycopg.connect(url)) as connection:
        write_row(url)
        # Busy, so that it notices the death of its server only at the end.
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000)")
        time.sleep(0.2)
        os.kill(running_pid(made), signal.SIGKILL)
        (made / "postgres" / "postmaster.pid").unlink()
        with embedded_postgres(made) as again:
            assert value(again, "SELECT what FROM kept") == "row"


def test_a_process_id_that_belongs_to_another_program_now_is_overcome(made: Path) -> None:
    with embedded_postgres(made):
        pid_file = (made / "postgres" / "postmaster.pid").read_text().splitlines()
    pid_file[0] = str(os.getpid())
    (made / "postgres" / "postmaster.pid").write_text("\n".join(pid_file) + "\n")
    (made / "socket" / ".s.PGSQL.5432.lock").write_text("\n".join(pid_file[:5]) + "\n")
    with embedded_postgres(made) as url:
        assert value(url, "SELECT 1") == 1
        assert running_pid(made) != os.getpid()


def test_a_half_made_cluster_is_overcome_and_removed(data_dir: Path) -> None:
    half_made = data_dir / "postgres.new-killed"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    (data_dir / "postgres").mkdir()
    with embedded_postgres(data_dir) as url:
        assert value(url, "SELECT 1") == 1
    assert not half_made.exists()


@pytest.mark.parametrize("after", [0.2, 0.4, 0.7])
def test_a_first_start_killed_at_any_moment_is_overcome(data_dir: Path, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(after)
    end(process)
    with embedded_postgres(data_dir) as url:
        assert value(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["d" * 120, "d with space, comma, 'quote' and %41"])
def test_a_long_or_strange_path_works(data_dir: Path, name: str) -> None:
    with embedded_postgres(data_dir / name) as url:
        assert value(url, "SELECT 1") == 1
    socket_folder = Path(parse_qs(urlsplit(url).query)["host"][0])
    if data_dir not in socket_folder.parents:
        shutil.rmtree(socket_folder)


def test_a_cluster_of_another_major_version_is_refused_in_one_line(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"^[^\n]*made by PostgreSQL 15, [^\n]*$"):
        embedded_postgres(data_dir).__enter__()


def test_a_server_that_cannot_start_says_why_in_one_line(made: Path) -> None:
    with embedded_postgres(made):
        pass
    settings = made / "postgres" / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match=r"^[^\n]*no_such_setting[^\n]*$"):
        embedded_postgres(made).__enter__()
    settings.write_text("")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_folder_closed_to_the_server_is_refused_in_one_line(data_dir: Path) -> None:
    data_dir.chmod(0o700)
    with pytest.raises(EmbeddedError, match=r"^[^\n]*may not enter[^\n]*KRONIKA_DATA_DIR$"):
        embedded_postgres(data_dir / "data").__enter__()


def test_ctrl_c_in_the_terminal_does_not_end_the_server(made: Path) -> None:
    owner = start_user_process(made)
    try:
        with embedded_postgres(made) as url:
            os.killpg(owner.pid, signal.SIGINT)
            time.sleep(0.2)
            assert owner.poll() is None
            assert value(url, "SELECT 1") == 1
    finally:
        end(owner)


def test_the_tools_beside_the_server_are_found(made: Path) -> None:
    with embedded_postgres(made) as url:
        write_row(url)
        dump = subprocess.run([binaries() / "pg_dump", url], check=True, capture_output=True)
    assert b"kept" in dump.stdout
