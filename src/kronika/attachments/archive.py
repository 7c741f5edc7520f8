"""Attachments as one ZIP archive, made while it is sent: at most a piece of a file is in memory."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import IO, Final, cast
from zoneinfo import ZoneInfo

from kronika.attachments.kinds import UNKNOWN
from kronika.attachments.models import StoredAttachment
from kronika.attachments.names import archive_names
from kronika.storage.files import Files
from kronika.threads import in_thread

_COMPRESSED: Final = ("image/", "audio/", "video/", "application/vnd.")
"""Kinds that are compressed already (office documents are ZIP archives)."""
_ALSO_COMPRESSED: Final = frozenset(
    {"application/zip", "application/gzip", "application/epub+zip", "application/x-7z-compressed", "application/pdf",
     UNKNOWN}
)  # fmt: skip
_NOT_COMPRESSED: Final = frozenset({"image/bmp", "image/svg+xml", "image/tiff", "audio/wav"})
_REGULAR_FILE: Final = 0o100644 << 16
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
"""Before that ZIP has no time."""


class _Outlet:
    """What an archive writes to, without a way back; emptied after every piece."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """There is nothing between."""

    def take(self) -> bytes:
        written = bytes(self._written)
        self._written.clear()
        return written


async def archive(files: Files, attachments: Sequence[StoredAttachment], zone: ZoneInfo) -> AsyncGenerator[bytes]:
    """The pieces of the archive. Times in it are the zone's, for ZIP has none of its own.

    Raises FileMissing, Unavailable: a file cannot be read to its end.
    """
    outlet = _Outlet()
    # Where the outlet cannot seek, an entry's length follows it. Beyond 4 GiB it gets ZIP64, by its announced size.
    with zipfile.ZipFile(cast(IO[bytes], outlet), "w") as whole:
        for attachment, name in zip(attachments, archive_names(each.name for each in attachments), strict=True):
            entry = zipfile.ZipInfo(name, max(attachment.created_at.astimezone(zone).timetuple()[:6], _OLDEST))
            entry.compress_type = _method(attachment.mime_type)
            entry.external_attr = _REGULAR_FILE
            entry.file_size = attachment.size
            with whole.open(entry, "w") as target:
                async with aclosing(files.read(attachment.storage_key, 0, attachment.size)) as pieces:
                    async for piece in pieces:
                        if entry.compress_type == zipfile.ZIP_STORED:
                            target.write(piece)
                        else:
                            await in_thread(target.write, piece)
                        if written := outlet.take():
                            yield written
    if written := outlet.take():
        yield written


def _method(mime_type: str) -> int:
    packed = mime_type in _ALSO_COMPRESSED or (mime_type.startswith(_COMPRESSED) and mime_type not in _NOT_COMPRESSED)
    return zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
