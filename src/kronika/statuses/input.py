from __future__ import annotations

from typing import Any

import msgspec

from kronika.input.fields import LONGEST_LINE, Field, color, integer, required, text
from kronika.statuses.models import NewStatus

STATUS_FIELDS: dict[str, Field[Any]] = {
    "name": required(text(characters=LONGEST_LINE)),
    "color": required(color()),
}
PLACE_FIELDS: dict[str, Field[Any]] = {"position": integer(0)}


def new_status(values: dict[str, Any]) -> NewStatus:
    """The status that fault-free values describe."""
    return msgspec.convert(values, NewStatus)
