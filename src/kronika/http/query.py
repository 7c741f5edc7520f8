"""Query parameters, read by the same rules as bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from kronika.errors import Complaints
from kronika.input.fields import Field, read_members
from kronika.input.normalise import clean_text


def read_query(request: Request, fields: Mapping[str, Field[Any]], complaints: Complaints) -> dict[str, Any]:
    """Every named parameter; unknown ones are ignored, of a repeated one the last counts."""
    values: dict[str, Any] = {}
    for name in fields:
        value = request.query_params.get(name)
        if value is not None and "\0" in value:
            complaints.add(name, "characters")
            value = None
        values[name] = None if value is None else clean_text(value)
    return read_members(fields, values, complaints)
