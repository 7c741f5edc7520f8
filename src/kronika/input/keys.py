"""Idempotency keys, as they go into statements."""

from __future__ import annotations

from msgspec import Struct


class Key(Struct, frozen=True):
    """An idempotency key and the fingerprint of what was asked with it (SHA-256, 32 bytes)."""

    value: str
    fingerprint: bytes
