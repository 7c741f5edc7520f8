"""Files in an S3-compatible store, or another one that obstore knows."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from kronika.errors import Unavailable
from kronika.storage.files import LARGEST_PIECE, FileMissing, StoredFile

SCHEMES: Final = ("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss")
"""Not obstore's own folders (it does not sync them), memory (every worker has another) or bare HTTP (not S3)."""
# The smallest that S3 takes, and one at a time: this much of each running upload is in memory, twice.
_PART: Final = 5 * 1024 * 1024
_BATCH: Final = 500
_RETRIES: Final = 3
_RETRY_SECONDS: Final = 15
_CONNECT_SECONDS: Final = 5
_SILENT_SECONDS: Final = 30


class RemoteFiles:
    """A file is the object of that key below the URL's path. Endpoint and credentials come from the environment, under
    the names obstore knows (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` …).
    """

    def __init__(self, url: str) -> None:
        """Raises ValueError: that is no such URL. Does not connect."""
        try:
            self._store = from_url(
                url,
                client_options={
                    # obstore reads it too, but not where other options are given.
                    "allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true"),
                    "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
                    "read_timeout": timedelta(seconds=_SILENT_SECONDS),
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
            )
        except BaseError as error:
            raise ValueError(str(error).splitlines()[0]) from error

    async def put(self, key: str, pieces: AsyncIterable[bytes]) -> None:
        # Takes the parts back when `pieces` fails. A worker that is killed leaves them to the bucket's lifecycle rule.
        with _trouble():
            await obstore.put_async(self._store, key, pieces, chunk_size=_PART, max_concurrency=1)

    async def read(self, key: str, start: int, length: int) -> AsyncGenerator[bytes]:
        # Piece by piece and not as one stream: whoever reads slowly would hold a connection, which the store cuts.
        end = start + length
        while start < end:
            with _trouble():
                try:
                    piece = await obstore.get_range_async(
                        self._store, key, start=start, end=min(end, start + LARGEST_PIECE)
                    )
                except FileNotFoundError as error:
                    raise FileMissing(key) from error
            if not len(piece):
                raise FileMissing(key)
            start += len(piece)
            yield piece.to_bytes()

    async def delete(self, keys: Sequence[str]) -> None:
        with _trouble():
            try:
                await obstore.delete_async(self._store, list(keys))
            except FileNotFoundError:
                # S3 has no such error; others stop at it.
                for key in keys:
                    with suppress(FileNotFoundError):
                        await obstore.delete_async(self._store, key)

    async def batches(self) -> AsyncGenerator[list[StoredFile]]:
        with _trouble():
            listing = self._store.list(chunk_size=_BATCH)  # pyright: ignore[reportUnknownMemberType] - Arrow's, which is not installed
            async for batch in listing:
                yield [StoredFile(found["path"], found["last_modified"].timestamp()) for found in batch]

    async def drop_drafts(self, before: float) -> int:  # noqa: ARG002 - the store keeps parts out of sight
        return 0


@contextmanager
def _trouble() -> Generator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        raise Unavailable from error
