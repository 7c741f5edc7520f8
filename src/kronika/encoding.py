"""JSON, written once and in one way."""

from __future__ import annotations

from typing import Any

import msgspec

# An amount is a number to its last digit, as no float could be.
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def json_bytes(value: Any) -> bytes:
    """The JSON of a struct or of plain values."""
    return _ENCODER.encode(value)
