"""Examples of answers, made by what makes the real ones."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from kronika.encoding import json_bytes


def as_sent(answer: Struct) -> Any:
    """An answer as a client reads it: amounts are numbers."""
    return msgspec.json.decode(json_bytes(answer))
