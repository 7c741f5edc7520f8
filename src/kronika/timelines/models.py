from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct

TargetKind: TypeAlias = Literal["business_case", "client", "supplier"]


class Target(Struct, frozen=True):
    """What a thing belongs to: exactly one client, supplier or business case."""

    kind: TargetKind
    id: int


TARGET_FIELDS: dict[str, TargetKind] = {
    "businessCaseId": "business_case",
    "clientId": "client",
    "supplierId": "supplier",
}


def chosen_target(values: Mapping[str, Any]) -> Target:
    """The target that fault-free values name."""
    field = next(name for name in TARGET_FIELDS if values.get(name) is not None)
    return Target(TARGET_FIELDS[field], values[field])


def field_of(target: Target) -> str:
    """The field that names such a target."""
    return next(name for name, kind in TARGET_FIELDS.items() if kind == target.kind)
