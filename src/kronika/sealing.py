"""Secrets that must be read again, kept so that a copy of the database does not tell them: AES-256-GCM.

The key is derived from the installation's secret key, which is not in the database. What a secret is for is sealed with
it (`about`): a value that somebody moved to another row, of another company or another purpose, does not open there.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# The first byte says how it is sealed, for the day when there are two ways.
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


class SealBroken(Exception):
    """Not sealed by this installation, or not for this purpose."""


class Sealer:
    """Seals under one key; an installation seals far fewer than the 2^32 values that random nonces allow."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(hmac.digest(secret_key.encode(), b"kronika sealing", "sha256"))

    def seal(self, secret: bytes, about: str) -> bytes:
        """The secret, sealed for `about`: 29 bytes more, and different each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """The secret that was sealed for `about`.

        Raises SealBroken.
        """
        head, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if head != _VERSION:
            raise SealBroken
        try:
            return self._cipher.decrypt(nonce, rest, about.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None
