"""`kronika serve` and `kronika migrate`."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from typing import Annotated

import typer
from msgspec import Struct

from kronika.cli.output import AsJson, clear_errors, show
from kronika.cli.users import link_address
from kronika.credentials import Hasher
from kronika.db.embedded import embedded_postgres
from kronika.db.migrate import migrate
from kronika.db.owner import owner_transaction
from kronika.demo import Demo, prepare_demo
from kronika.server.couriers import work
from kronika.server.serve import serve
from kronika.settings import Settings, load_settings
from kronika.users.operator import prepare_first_link


class _Serving(Struct, rename="camel"):
    address: str
    data: str
    token: str | None
    sign_in: str | None


class _Working(Struct):
    data: str


class _Migrated(Struct):
    applied: list[str]


def serve_command(
    demo: Annotated[bool, typer.Option(help="Make a small company to try things on, and a token for it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the API until Ctrl-C."""
    with clear_errors():
        settings = load_settings()
        made: list[Demo] = []
        links: list[str] = []

        def on_prepared(complete: Settings) -> None:
            if demo:
                made.append(asyncio.run(prepare_demo(complete)))
            links.extend(asyncio.run(_first_links(complete)))

        def on_ready() -> None:
            example, link = made[0] if made else None, links[0] if links else None
            value = _Serving(settings.base_url, _kept_in(settings), example and example.token, link)
            show(value, as_json=as_json, text=_greeting(settings, example, link))

        serve(settings, on_prepared=on_prepared, on_ready=on_ready)
        if not as_json:
            show(None, as_json=False, text=f"Kronika has stopped. Its data is in {_kept_in(settings)}.")


def worker_command(as_json: AsJson = False) -> None:
    """Send webhooks, for a server on this machine or others with the same database, until Ctrl-C."""
    with clear_errors():
        settings = load_settings()

        def on_ready() -> None:
            show(
                _Working(_kept_in(settings)),
                as_json=as_json,
                text=f"Sending webhooks. The data is in {_kept_in(settings)}.",
            )

        work(settings, on_ready=on_ready)


def migrate_command(as_json: AsJson = False) -> None:
    """Bring the database to this version. `serve` does it too."""
    with clear_errors():
        settings = load_settings()
        where = nullcontext(settings.database_url) if settings.database_url else embedded_postgres(settings.data_dir)
        with where as database_url:
            applied = migrate(database_url)
        text = f"Applied {len(applied)}: {', '.join(applied)}" if applied else "The database is up to date."
        show(_Migrated(applied), as_json=as_json, text=text)


async def _first_links(settings: Settings) -> list[str]:
    """A link by which the first user gets in, while there is none."""
    async with owner_transaction(settings.database_url) as owner:
        token = await prepare_first_link(owner, Hasher(settings.secret_key))
    return [] if token is None else [link_address(settings.base_url, token)]


def _kept_in(settings: Settings) -> str:
    return "your PostgreSQL (KRONIKA_DATABASE_URL)" if settings.database_url else str(settings.data_dir)


def _example_note(client_id: int) -> str:
    metadata = {"content": "They accept if delivered by May."}
    return json.dumps({"clientId": client_id, "type": "note", "metadata": metadata})


def _greeting(settings: Settings, demo: Demo | None, link: str | None) -> str:
    lines = [
        "",
        f"  Kronika    {settings.base_url}",
        f"  API docs   {settings.base_url}/docs",
        f"  Data       {_kept_in(settings)}",
    ]
    if link is not None:
        lines += ["", "  Open this to sign in. It works once, within 24 hours:", "", link, ""]
    else:
        lines += [
            "",
            "  Sign in with your e-mail and password. Forgotten? `kronika user list` shows your ID,",
            "  and `kronika user reset-password ID` prints a link to set a new one.",
            "",
        ]
    if demo is not None:
        lines += [
            f"  Company    {demo.company_name}",
            f"  Token      {demo.token}",
            "",
            "  Record a note and read the timeline:",
            "",
            f"curl {settings.base_url}/api/public/v1/contact-activity-logs \\",
            f"  -H 'Authorization: Bearer {demo.token}' -H 'Content-Type: application/json' \\",
            f"  -d '{_example_note(demo.client_id)}'",
            "",
            f"curl '{settings.base_url}/api/public/v1/contact-activity-logs?clientId={demo.client_id}' \\",
            f"  -H 'Authorization: Bearer {demo.token}'",
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops it.", ""])
