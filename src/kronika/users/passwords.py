"""Passwords: hashed with Argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kronika.errors import Unavailable
from kronika.threads import in_thread

# Twice the work of OWASP's first choice (46 MiB, one pass, one lane): 80 ms of one core. More memory would cost a small
# machine more than it costs an attacker: this much times _AT_ONCE is what a worker may need for it.
_MEMORY_KIB: Final = 46 * 1024
_PASSES: Final = 2
_AT_ONCE: Final = 2
# Who waits longer had better try again: the queue behind him would only grow.
_LONGEST_WAIT_SECONDS: Final = 10

_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of nobody")


async def hash_password(password: str) -> str:
    """What is stored of it: algorithm, parameters, salt and hash in one text.

    Raises Unavailable: too many at once.
    """
    async with _place():
        return await in_thread(_hasher().hash, _normal(password))


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether it is the password of this hash. None (nobody, or nobody's yet) costs as much time, and is never right.

    Raises Unavailable: too many at once.
    """
    async with _place():
        return await in_thread(_verify, _normal(password), password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        return _hasher().verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # Keyboards differ in how they compose an accented letter (RFC 8265, section 4.2).
    return unicodedata.normalize("NFC", password)


@asynccontextmanager
async def _place() -> AsyncGenerator[None]:
    places = _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    try:
        async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
            await places.acquire()
    except TimeoutError as error:
        raise Unavailable from error
    try:
        yield
    finally:
        places.release()
