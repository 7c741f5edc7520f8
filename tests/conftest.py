"""A real PostgreSQL for all tests, a database of its own for each worker, two companies for each test.

Tests do not roll back and do not clean up: every test has companies of its own, and that no company sees another's rows
is the very thing Kronika promises. A stranger company with rows of its own is always present.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from support.api import Api
from support.server import Installation
from support.webhooks import resolve, subscribed

from kronika.app import create_app
from kronika.companies.actions import create_company, issue_token
from kronika.companies.models import Scope
from kronika.credentials import Hasher
from kronika.db.embedded import embedded_postgres
from kronika.db.migrate import migrate
from kronika.db.owner import owner_transaction
from kronika.db.pool import Database
from kronika.hosts import AllowedHosts
from kronika.http.services import Services
from kronika.http.turns import Turns
from kronika.outgoing.sending import Sender
from kronika.settings import Settings
from kronika.storage.files import Files
from kronika.storage.local import LocalFiles

SECRET_KEY = "a secret key that only the tests have ever used"
BASE_URL = "http://kronika.test"
TEMPLATE = "kronika_test_template"
_FIRST_IDS = {
    "event_ids": 10_000_001, "business_case_statuses_id_seq": 20_000_001, "attachment_ids": 30_000_001,
    "document_ids": 40_000_001, "document_payment_ids": 50_000_001, "webhook_subscription_ids": 60_000_001,
    "webhook_delivery_ids": 70_000_001,
}  # fmt: skip
_HUGE_RATE_LIMIT = 1_000_000


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process (or the only one) starts the server and makes the template of all databases."""
    # A line a request, coloured for reading, is a fifth of the time of a test.
    structlog.configure(
        logger_factory=structlog.ReturnLoggerFactory(), processors=[structlog.processors.KeyValueRenderer()]
    )
    if hasattr(config, "workerinput"):
        return
    stack = config.stash[_CLEAN_UP] = []
    url = os.environ.get("KRONIKA_TEST_DATABASE_URL")
    if not url:
        folder = Path(tempfile.mkdtemp(prefix="kronika-test-"))
        folder.chmod(0o755)
        stack.append(lambda: shutil.rmtree(folder, ignore_errors=True))
        server = embedded_postgres(folder)
        url = server.__enter__()
        stack.append(lambda: server.__exit__(None, None, None))
        with psycopg.connect(url, autocommit=True) as connection:
            # Nothing here outlives the tests.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
    with psycopg.connect(url, autocommit=True) as connection:
        _recreate(connection, TEMPLATE)
    template = _database(url, TEMPLATE)
    migrate(template)
    with psycopg.connect(template, autocommit=True) as connection:
        # A client and an event of one id would be taken for each other in change records, and a mix-up of the two in
        # the application would go unseen.
        for sequence, start in _FIRST_IDS.items():
            connection.execute(f"ALTER SEQUENCE kronika.{sequence} RESTART WITH {start}")
    os.environ["KRONIKA_TEST_SERVER"] = url


_CLEAN_UP = pytest.StashKey[list[Callable[[], None]]]()


def pytest_unconfigure(config: pytest.Config) -> None:
    for undo in reversed(config.stash.get(_CLEAN_UP, [])):
        undo()


def _database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    parameters = {**conninfo_to_dict(url), "dbname": name}
    return f"postgresql:///?{urlencode(parameters)}"


def _recreate(connection: psycopg.Connection, name: str, template: str = "template0") -> None:
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**names))
    connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[str], str]]:
    """Makes a migrated, empty database of this name for this worker, and gives its URL."""
    server = os.environ["KRONIKA_TEST_SERVER"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    made: list[str] = []

    def make(name: str, *, template: str = TEMPLATE) -> str:
        name = f"kronika_test_{worker}_{name}"
        with psycopg.connect(server, autocommit=True) as connection:
            _recreate(connection, name, template)
        made.append(name)
        return _database(server, name)

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def database_url(new_database: Callable[[str], str]) -> str:
    return new_database("main")


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connections as the application has them."""
    pool = Database(database_url, connections=8)
    await pool.open()
    yield pool
    await pool.close()


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection that sees and may do everything: to look behind the API, and to move time."""
    with psycopg.connect(database_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika")
        yield connection


@pytest.fixture(scope="session")
def secret_key() -> str:
    return SECRET_KEY


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    return Hasher(SECRET_KEY)


@pytest.fixture(scope="session")
def files_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "files"


@pytest.fixture(scope="session")
def files(files_folder: Path) -> LocalFiles:
    """Where the application keeps files."""
    store = LocalFiles(files_folder)
    store.prepare()
    return store


@pytest.fixture(scope="session")
async def http_of(database: Database, hasher: Hasher, files: Files) -> AsyncIterator[Callable[..., httpx2.AsyncClient]]:
    """Makes an HTTP client of an application with these settings; the default counts no requests."""
    made: dict[frozenset[tuple[str, object]], httpx2.AsyncClient] = {}

    def make(**settings: object) -> httpx2.AsyncClient:
        known = frozenset(settings.items())
        if known not in made:
            full = {"rate_limit": 0, "public_url": BASE_URL, "secret_key": SECRET_KEY, **settings}
            services = Services(Settings(**full), database, hasher, Turns(), files)
            allowed = AllowedHosts.parse(services.settings.webhook_allowed_hosts)
            services.__dict__["sender"] = Sender(allowed, resolve=resolve)
            app = create_app(services)
            made[known] = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE_URL)
        return made[known]

    yield make
    for client in made.values():
        await client.aclose()


@pytest.fixture(scope="session")
async def new_api(
    database_url: str, hasher: Hasher, http_of: Callable[..., httpx2.AsyncClient]
) -> Callable[..., Awaitable[Api]]:
    """Makes a company with a token, or another token for a company that is there."""

    async def make(
        *,
        scope: Scope = "write",
        company_id: int | None = None,
        time_zone: str = "Europe/Bratislava",
        **settings: object,
    ) -> Api:
        async with owner_transaction(database_url) as statements:
            if company_id is None:
                company_id = (await create_company(statements, "Acme s.r.o.", time_zone=time_zone)).id
            token = await issue_token(statements, hasher, company_id, "tests", scope)
        return Api(http_of(**settings), company_id, token.id, token.token, database_url)

    return make


@pytest.fixture
async def stranger(new_api: Callable[..., Awaitable[Api]]) -> Api:
    """Another company, with a client, a supplier, a case, an event and a subscription of its own."""
    api = await new_api()
    client_id = await api.new_client(name="Stranger's client")
    await api.new_supplier(name="Stranger's supplier")
    await api.new_case(clientId=client_id, name="Stranger's case")
    await api.record(clientId=client_id, metadata={"content": "Stranger's note"})
    await subscribed(api, name="Stranger's subscription")
    return api


@pytest.fixture(params=[0, _HUGE_RATE_LIMIT], ids=["one round trip", "counted"])
async def api(request: pytest.FixtureRequest, new_api: Callable[..., Awaitable[Api]], stranger: Api) -> Api:
    """A company of this test's own. Twice: without a rate limit the hot routes take another way than with one."""
    return await new_api(rate_limit=request.param)


@pytest.fixture
async def plain_api(new_api: Callable[..., Awaitable[Api]], stranger: Api) -> Api:
    """The same once, for what does not depend on the rate limit."""
    return await new_api()


@pytest.fixture
async def without_database(
    hasher: Hasher, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application whose database cannot be reached."""
    monkeypatch.setattr("kronika.db.pool._CONNECTION_WAIT_SECONDS", 0.2)
    database = Database(f"host={tmp_path} dbname=nothing", connections=1)
    await database.open()
    address = "http://kronika.test"
    app = create_app(Services(Settings(rate_limit=0, public_url=address), database, hasher, Turns(), files))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=address) as client:
        yield client
    await database.close()


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A place for a server of this test's own."""
    installation = Installation()
    yield installation
    installation.clean_up()


@pytest.fixture(scope="module")
def lasting_installation() -> Iterator[Installation]:
    """One for all tests of a file, with a running server."""
    installation = Installation()
    installation.start()
    yield installation
    installation.clean_up()
