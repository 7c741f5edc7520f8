"""Change records: what happened to which resource, and who did it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

ActorKind: TypeAlias = Literal["token", "user", "system"]


class Actor(Struct, frozen=True):
    """Who does something. `id` is null for the system."""

    kind: ActorKind
    id: int | None


SYSTEM = Actor("system", None)


def token_actor(token_id: int) -> Actor:
    return Actor("token", token_id)
