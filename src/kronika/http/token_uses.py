"""Which tokens are in use: remembered in the process, and written for all of them at once, so that no request waits.

What a process has not written when it is killed is not known; the token's next use is.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from msgspec import Struct

from kronika.db.pool import Database

_EVERY_SECONDS: Final = 60
_LAST_SECONDS: Final = 2
_KEEP: Final = "SELECT keep_token_uses(%(hashes)s::bytea[]) AS kept"

_log = structlog.get_logger("kronika")


class _Kept(Struct, frozen=True):
    kept: int


class TokenUses:
    """Hashes of tokens that have let a request in and are not written yet: never more than there are tokens."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def note(self, token_hash: bytes) -> None:
        """The token of this hash, which there is, has been used."""
        self._seen.add(token_hash)

    async def write(self, database: Database) -> int:
        """Writes what has been seen since the last time; how many tokens had not been written for an hour.

        Raises as `Database.call` does, and forgets nothing then.
        """
        seen, self._seen = self._seen, set()
        if not seen:
            return 0
        try:
            return (await database.call(_Kept, _KEEP, {"hashes": list(seen)})).kept
        except BaseException:
            self._seen |= seen
            raise

    async def write_forever(self, database: Database) -> None:
        """Writes every minute until it is cancelled, and then once more."""
        try:
            while True:
                await asyncio.sleep(_EVERY_SECONDS)
                await self._try(database)
        finally:
            # A database that does not answer must not hold up the end of the process.
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._try(database)

    async def _try(self, database: Database) -> None:
        try:
            await self.write(database)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next minute is another try
            _log.warning("uses of tokens not written", error=type(error).__name__)
