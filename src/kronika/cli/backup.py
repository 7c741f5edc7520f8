"""`kronika backup` and `kronika restore`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from kronika.backup.errors import BackupError
from kronika.backup.restoring import Checked, Restored, check_backup, restore_backup
from kronika.backup.taking import Taken, stream_backup, take_backup
from kronika.cli.output import AsJson, clear_errors, complain, show
from kronika.cli.progress import readable, shown_progress
from kronika.settings import load_settings

_PIPE = Path("-")


def backup_command(
    file: Annotated[Path, typer.Argument(help="Where to, or - for a pipe.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it is there.")] = False,
    without_secret: Annotated[bool, typer.Option("--without-secret", help="Leave the secret key out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write database, files and secret key into one archive, beside a running server or without one."""
    _end_cleanly_when_told_to()
    with clear_errors(), shown_progress() as progress:
        settings, with_secret = load_settings(), not without_secret
        if file != _PIPE:
            taken = take_backup(settings, file, overwrite=overwrite, with_secret=with_secret, progress=progress)
        elif as_json or sys.stdout.isatty():
            raise BackupError("- is for a pipe, and the archive goes there")
        else:
            taken = stream_backup(settings, sys.stdout.buffer, with_secret=with_secret, progress=progress)
    if file == _PIPE:
        complain(_told_of_taken(taken))
    else:
        show(taken, as_json=as_json, text=_told_of_taken(taken))


def restore_command(
    file: Annotated[Path, typer.Argument(help="What `kronika backup` has written.")],
    verify: Annotated[bool, typer.Option("--verify", help="Only check that the backup is whole.")] = False,
    new_secret_key: Annotated[
        bool, typer.Option("--new-secret-key", help="The old one is lost or to be left: all tokens stop working.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an empty place (KRONIKA_DATA_DIR)."""
    _end_cleanly_when_told_to()
    with clear_errors(), shown_progress() as progress:
        if verify:
            checked = check_backup(file, progress)
            result, text = checked, _told_of_checked(checked)
        else:
            restored = restore_backup(load_settings(), file, new_secret_key=new_secret_key, progress=progress)
            result, text = restored, _told_of_restored(restored, new_secret_key=new_secret_key)
    show(result, as_json=as_json, text=text)


def _end_cleanly_when_told_to() -> None:
    # Whatever signal it is, it is Ctrl-C: half a backup is taken away.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def _told_of_taken(taken: Taken) -> str:
    key = "the secret key" if taken.secret_key else "no secret key: keep it elsewhere"
    name = "The backup" if taken.file == "-" else taken.file
    checked = "read again and whole" if taken.verified else "not verified: `kronika restore --verify` does it"
    lacking = f"\n{taken.left_out} files of uploads that no event has claimed were not there." if taken.left_out else ""
    return (
        f"{name}: {readable(taken.size)}, {checked}, in {taken.seconds:.1f} s.\n"
        f"Database {readable(taken.database_size)}, {_files(taken.files)} {readable(taken.files_size)}; {key}.{lacking}"
    )


def _told_of_checked(checked: Checked) -> str:
    key = "with" if checked.secret_key else "without"
    return (
        f"{checked.file} is whole: {readable(checked.size)}, {_files(checked.files)}, {key} secret key, "
        f"of {checked.created_at}, by Kronika {checked.kronika}."
    )


def _told_of_restored(restored: Restored, *, new_secret_key: bool) -> str:
    if new_secret_key:
        key = " The secret key of before was not taken over: issue new tokens."
    else:
        key = "" if restored.secret_key else " No secret key came with it: it was left out of the backup."
    return (
        f"Restored into {restored.data} what there was at {restored.created_at}, {_files(restored.files)}, "
        f"in {restored.seconds:.1f} s.{key}\nStart it with `kronika serve`; "
        "a copy to try things on with KRONIKA_WEBHOOK_SENDING=false, or it sends the webhooks that were pending."
    )


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
