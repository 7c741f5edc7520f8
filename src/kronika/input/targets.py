"""`clientId`, `supplierId`, `businessCaseId`: exactly one of them says what a thing belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kronika.errors import Complaints
from kronika.input.normalise import Json


def judge_one_target(payload: Mapping[str, Json], fields: Collection[str], complaints: Complaints) -> None:
    """Complains on the fields concerned: on all when none is sent, on those sent when there are several."""
    sent = _sent(payload, fields, complaints)
    if len(sent) != 1:
        for name in sent or fields:
            if name not in complaints:
                complaints.add(name, "one_target")


def judge_at_most_one_target(payload: Mapping[str, Json], fields: Collection[str], complaints: Complaints) -> None:
    """Complains on those sent when there are several."""
    sent = _sent(payload, fields, complaints)
    if len(sent) > 1:
        for name in sent:
            if name not in complaints:
                complaints.add(name, "at_most_one_target")


def _sent(payload: Mapping[str, Json], fields: Collection[str], complaints: Complaints) -> list[str]:
    # A value that could not be stored was sent, though it reads as null by now.
    return [name for name in fields if payload.get(name) is not None or name in complaints]
