"""The schema as PostgreSQL itself tells it. Run as a program, writes docs/schema.sql anew."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from kronika.db.embedded import binaries, embedded_postgres
from kronika.db.migrate import migrate

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "schema.sql"
_HEADING = (
    "-- Written by `make schema`: what the migrations in src/kronika/db/migrations make. To read, not to run.\n\n"
)


def dump(database_url: str) -> str:
    """What pg_dump says of schema kronika, without what differs from machine to machine."""
    command = [binaries() / "pg_dump", "--schema-only", "--schema=kronika", "--no-owner", f"--dbname={database_url}"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    blocks = re.split(r"\n{2,}", re.sub(r"^(--.*|\\.*|SET .*|SELECT pg_catalog.*)$", "", text, flags=re.MULTILINE))
    own = [block.strip() for block in blocks if block.strip()]
    return _HEADING + "\n\n".join(own) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with embedded_postgres(Path(folder)) as database_url:
            migrate(database_url)
            SCHEMA_FILE.write_text(dump(database_url))


if __name__ == "__main__":
    main()
