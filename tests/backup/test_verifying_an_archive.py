"""Whatever is not byte for byte what a backup wrote is refused, before anybody looks into it."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from support.backups import unwatched

from kronika.backup.about import FORMAT, About, encode_about
from kronika.backup.archive import PIECE, read_archive, write_archive
from kronika.backup.errors import BackupError, DamagedError
from kronika.backup.verifying import verify
from kronika.credentials import Hasher
from kronika.db.migrate import packaged_migrations

_KEY = "a secret key that only the tests have ever used"
_MADE_AT = 1_790_000_000
_ABOUT = About(
    format=FORMAT,
    kronika="0.1.0",
    postgresql=18,
    migrations=list(packaged_migrations()),
    created_at="2026-11-22T10:00:00Z",
    files=2,
    secret_key="included",
    secret_check=Hasher(_KEY).check_value.hex(),
    transaction_epoch=0,
)
_FIRST, _SECOND = f"files/1/aa/{'a' * 32}", f"files/2/bb/{'b' * 32}"
_ENTRIES = {
    "about.json": encode_about(_ABOUT),
    "secret.key": _KEY.encode() + b"\n",
    "database/00000001": b"PGDMP, or so",
    "database/00000002": bytes(600),
    _FIRST: b"",
    _SECOND: b"of the stranger",
}


def _archive(entries: dict[str, bytes] | None = None) -> bytes:
    stream = io.BytesIO()
    with write_archive(stream, _MADE_AT) as writer:
        for name, content in (_ENTRIES if entries is None else entries).items():
            writer.append(name, len(content), [content])
    return stream.getvalue()


def _verified(archive: bytes) -> About:
    return verify(io.BytesIO(archive), len(archive), unwatched)


def test_a_whole_archive_says_what_it_is_of():
    assert _verified(_archive()) == _ABOUT


def test_a_flipped_bit_is_found_wherever_it_is():
    archive = bytearray(_archive())
    # Each third byte, of each header and content alike: the whole takes four seconds.
    for position in range(0, len(archive), 3):
        bit = 1 << position % 8
        archive[position] ^= bit
        with pytest.raises(BackupError):
            _verified(bytes(archive))
        archive[position] ^= bit
    assert _verified(bytes(archive)) == _ABOUT


def test_an_archive_that_was_cut_off_or_goes_on_is_refused():
    archive = _archive()
    for length in range(0, len(archive), 64):
        with pytest.raises(DamagedError):
            _verified(archive[:length])
    for more in (b"\0", bytes(512), archive):
        with pytest.raises(DamagedError, match="behind its end"):
            _verified(archive + more)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([], id="nothing"),
        pytest.param(["secret.key", "about.json"], id="the first is not the first"),
        pytest.param(["about.json"], id="no database"),
        pytest.param(["about.json", "database/00000001", _FIRST, _SECOND], id="the secret key it promises"),
        pytest.param(["about.json", "secret.key", "database/00000001", _FIRST], id="a file less"),
        pytest.param(["about.json", "secret.key", "database/00000001", _SECOND, _FIRST], id="another order"),
        pytest.param([*_ENTRIES, "files/3/cc/" + "c" * 32], id="a file more"),
    ],
)
def test_entries_must_be_the_right_ones_in_the_right_order(names: list[str]):
    with pytest.raises(DamagedError):
        _verified(_archive({name: _ENTRIES.get(name, b"more") for name in names}))


@pytest.mark.parametrize(
    "name",
    [
        "../secret.key",
        "/etc/passwd",
        "files/../../outside",
        "files/1/aa/../../../outside",
        f"files/1/aa/{'A' * 32}",
        f"files/0/aa/{'a' * 32}",
        f"files/1/aa/{'a' * 32}/",
        f"files/1/aa/{'a' * 32}\n",
        "database/1",
        "postgres/postgresql.conf",
        "long/" * 40,
        "",
    ],
)
def test_names_that_no_backup_gives_are_refused_with_whatever_checksums(name: str):
    with pytest.raises(DamagedError):
        _verified(_archive({**_ENTRIES, name: b"x"}))


@pytest.mark.parametrize(
    ("change", "format_"),
    [
        pytest.param({"type": tarfile.SYMTYPE, "linkname": "/etc"}, tarfile.GNU_FORMAT, id="symbolic link"),
        pytest.param({"type": tarfile.LNKTYPE, "linkname": "secret.key"}, tarfile.GNU_FORMAT, id="hard link"),
        pytest.param({"type": tarfile.DIRTYPE}, tarfile.GNU_FORMAT, id="folder"),
        pytest.param({"type": tarfile.CHRTYPE, "devmajor": 1}, tarfile.GNU_FORMAT, id="device"),
        pytest.param({"type": tarfile.FIFOTYPE}, tarfile.GNU_FORMAT, id="pipe"),
        pytest.param({"mode": 0o4755}, tarfile.GNU_FORMAT, id="mode"),
        pytest.param({"uid": 1000, "uname": "jana"}, tarfile.GNU_FORMAT, id="owner"),
        pytest.param({"mtime": _MADE_AT + 1}, tarfile.GNU_FORMAT, id="time"),
        pytest.param({"pax_headers": {"path": "elsewhere"}}, tarfile.PAX_FORMAT, id="other header format"),
        pytest.param({}, tarfile.USTAR_FORMAT, id="other magic"),
    ],
)
def test_entries_that_are_not_plain_files_of_ours_are_refused(change: dict[str, Any], format_: int):
    """A tar file of somebody who knows the format, with checksums that are right."""
    stream = io.BytesIO()
    sums = b""
    for name, content in _ENTRIES.items():
        stream.write(_foreign_entry(name, content, change if name == _SECOND else {}, format_))
        sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()
    stream.write(_foreign_entry("SHA256SUMS", sums, {}, tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(DamagedError):
        _verified(stream.getvalue())


def _foreign_entry(name: str, content: bytes, change: dict[str, Any], format_: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, _MADE_AT
    for attribute, value in change.items():
        setattr(entry, attribute, value)
    return (
        entry.tobuf(format_ if change or format_ == tarfile.USTAR_FORMAT else tarfile.GNU_FORMAT)
        + content
        + bytes(-len(content) % 512)
    )


def test_the_foreign_archive_is_accepted_where_nothing_is_foreign():
    foreign = b"".join(_foreign_entry(name, content, {}, tarfile.GNU_FORMAT) for name, content in _ENTRIES.items())
    assert _archive().startswith(foreign)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"format": FORMAT + 1}, "newer Kronika"),
        ({"migrations": [*packaged_migrations(), "9999.from-the-future"]}, "newer Kronika"),
        ({"postgresql": 99}, "newer Kronika"),
        ({"secret_check": "00" * 32}, "secret key"),
        ({"secret_key": "left out"}, "what it says"),
        ({"created_at": "yesterday\x1b[2J"}, "says nothing of a backup"),
        ({"created_at": "2026-11-22T10:00:00Z\n"}, "says nothing of a backup"),
        ({"files": -1}, "says nothing of a backup"),
        ({"transaction_epoch": -2}, "says nothing of a backup"),
        ({"transaction_epoch": 2**32 - 2}, "says nothing of a backup"),
    ],
)
def test_what_the_archive_says_of_itself_must_be_possible_here(change: dict[str, Any], about: str):
    archive = _archive({**_ENTRIES, "about.json": encode_about(structs.replace(_ABOUT, **change))})
    with pytest.raises(BackupError, match=about):
        _verified(archive)


def test_an_older_kronikas_backup_is_accepted():
    older = structs.replace(_ABOUT, migrations=_ABOUT.migrations[:5], postgresql=16, kronika="0.0.9")
    assert _verified(_archive({**_ENTRIES, "about.json": encode_about(older)})) == older


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1, "kronika": "x"}', b"\xff", b"x" * (2 << 20)])
def test_a_first_entry_that_says_nothing_is_refused(content: bytes):
    with pytest.raises(DamagedError):
        _verified(_archive({**_ENTRIES, "about.json": content}))


def test_an_entry_that_changes_while_it_is_written_is_a_failure():
    with (
        pytest.raises(BackupError, match="changed while it was read"),
        write_archive(io.BytesIO(), _MADE_AT) as writer,
    ):
        writer.append("about.json", 5, [b"four"])


class _Measuring(io.BytesIO):
    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.largest = max(self.largest, len(self.getbuffer()) if size is None or size < 0 else size)
        return super().read(size)


def test_however_large_an_entry_is_no_more_than_a_piece_of_it_is_in_memory():
    source = _Measuring(_archive({"about.json": bytes(3 * PIECE)}))
    assert [len(piece) for entry in read_archive(source) for piece in entry.pieces] == [PIECE] * 3
    assert source.largest == PIECE


def test_standard_tools_read_it(tmp_path: Path):
    (tmp_path / "archive.tar").write_bytes(_archive())
    subprocess.run(["tar", "-xf", "archive.tar"], cwd=tmp_path, check=True)
    assert (tmp_path / _SECOND).read_bytes() == _ENTRIES[_SECOND]
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True)
    assert checked.stdout.count(b"OK") == len(_ENTRIES)
