"""All commands."""

from __future__ import annotations

import typer

from kronika import __version__
from kronika.cli.backup import backup_command, restore_command
from kronika.cli.documents import documents_app
from kronika.cli.operator import company_app, token_app
from kronika.cli.output import AsJson, show
from kronika.cli.server import migrate_command, serve_command, worker_command
from kronika.cli.users import user_app

app = typer.Typer(
    help="Kronika: an open, self-hosted chronicle of a company's relations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(company_app, name="company")
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")
app.add_typer(documents_app, name="documents")
app.command("serve")(serve_command)
app.command("worker")(worker_command)
app.command("migrate")(migrate_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)


@app.command("version")
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    show({"version": __version__}, as_json=as_json, text=__version__)
