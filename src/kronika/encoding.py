"""JSON, written once and in one way."""

from __future__ import annotations

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def json_bytes(value: Any) -> bytes:
    """The JSON of a struct or of plain values."""
    return _ENCODER.encode(value)
