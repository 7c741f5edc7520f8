"""What an event must be: all rules against a plain model of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api, errors_of
from support.documents import fed
from support.event_rules import (
    BAD_EMAILS,
    CALL,
    EMAIL,
    GOOD_EMAILS,
    LINK,
    TARGETS,
    UNKNOWN_ID,
    wrong_in_a_create,
    wrong_in_a_patch,
)
from support.records import number_of_events

DOCUMENTS = {("invoice", 1), ("credit-note", 5), ("received-invoice", 1)}
"""Those the company has; the stranger has others."""

_NEVER_STORABLE = st.sampled_from(["nul\0", 2**70, -(2**64)])
_JUNK = st.sampled_from([None, "", "  ", 0, 5, -5, 1.5, 5.0, True, False, [], {}, [1], "x", "5", "document_created"])
_TEXTS = st.sampled_from(
    ["x", " x ", "a" * 255, "é" * 255, "é" * 256, "a" * 65_535, "é" * 32_768, "🐎" * 16_383]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_EMAILS = st.sampled_from([*GOOD_EMAILS, *BAD_EMAILS, f" {GOOD_EMAILS[0]}\n", "a" * 256])
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "content": _TEXTS,
    "email": _EMAILS,
    "personName": _TEXTS,
    "phoneNumber": _TEXTS,
    "documentType": st.sampled_from(["invoice", "credit-note", "received-invoice"]),
    "documentId": st.integers(-1, 10),
    "relatedDocument": st.just({}),
    "documentPriceSnapshot": st.just(121.5),
    "mood": _JUNK,
}
_METADATA = st.fixed_dictionaries(
    {}, optional={name: good | good | _JUNK | _NEVER_STORABLE for name, good in _VALUES.items()}
)
_GOOD_METADATA = st.sampled_from(
    [
        ("note", {"content": "x"}),
        ("email", EMAIL),
        ("phone_call", CALL),
        ("phone_call", CALL | {"phoneNumber": " 1 "}),
        ("document_linked", LINK),
        ("document_linked", {"documentType": "credit-note", "documentId": " 5 "}),
    ]
)
_SAID: dict[str, dict[str, Any]] = {
    "note": {"content": "x"}, "email": EMAIL, "phone_call": CALL, "document_linked": LINK,
}  # fmt: skip
_TOKENS = st.lists(st.just("token") | _JUNK | _NEVER_STORABLE, max_size=3) | st.just(["token"] * 21)
_TARGET = st.sampled_from(["own", "own", "own", "own text", "other kind", "foreign", "unknown"]) | _JUNK
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "clientId": _TARGET | _NEVER_STORABLE,
    "supplierId": _TARGET,
    "businessCaseId": _TARGET,
    "type": st.sampled_from(["note", "email", "phone_call", "document_linked", " note "]) | _JUNK,
    "metadata": _GOOD_METADATA.map(lambda good: good[1]) | _METADATA | st.just(LINK) | _JUNK,
    "attachmentUploadTokens": _JUNK | _TOKENS,
    "deletedAttachmentIds": _JUNK | st.lists(st.integers(1, 3) | _JUNK, max_size=2),
}
_WILD_BODIES = st.fixed_dictionaries({}, optional=_FIELDS)
_GOOD_BODIES = st.builds(
    lambda target, said: {target: "own", "type": said[0], "metadata": said[1]},
    st.sampled_from(sorted(TARGETS)),
    _GOOD_METADATA,
)
_ONE_FIELD = st.sampled_from(sorted(_FIELDS)).flatmap(lambda name: st.fixed_dictionaries({name: _FIELDS[name]}))
_ONE_MEMBER = st.sampled_from(sorted(_VALUES)).flatmap(
    lambda name: st.fixed_dictionaries({name: _VALUES[name] | _JUNK | _NEVER_STORABLE})
)
# Bodies that are right but for one thing, which may be right too.
_NEAR_BODIES = st.builds(lambda good, change: good | change, _GOOD_BODIES, _ONE_FIELD) | st.builds(
    lambda good, change: good | {"metadata": good["metadata"] | change}, _GOOD_BODIES, _ONE_MEMBER
)
_CORRECTIONS = st.builds(lambda said, change: (said[0], {"metadata": said[1]} | change), _GOOD_METADATA, _ONE_FIELD)
_MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Targets:
    """The targets of a company, made once, and what a random body calls by a word in place of an id."""

    def __init__(self, own: dict[str, int], foreign: dict[str, int]) -> None:
        self.own = own
        self._foreign = foreign
        self._other = dict(zip(own, [*list(own.values())[1:], own["clientId"]], strict=True))

    def put_in(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {name: self._id(name, body[name]) for name in TARGETS & body.keys()}

    def exists(self, target: str, number: int) -> bool:
        return self.own[target] == number

    def _id(self, target: str, wish: Any) -> Any:
        match wish:
            case "own":
                return self.own[target]
            case "own text":
                return f" {self.own[target]} "
            case "foreign":
                return self._foreign[target]
            case "other kind":
                return self._other[target]
            case "unknown":
                return UNKNOWN_ID
            case _:
                return wish


async def made_targets(api: Api, stranger: Api) -> Targets:
    made = [
        {"clientId": await a.new_client(), "supplierId": await a.new_supplier(), "businessCaseId": await a.new_case()}
        for a in (api, stranger)
    ]
    return Targets(*made)


@pytest.fixture
async def targets(plain_api: Api, stranger: Api) -> Targets:
    """There are documents then, too."""
    targets = await made_targets(plain_api, stranger)
    for document_type, number in DOCUMENTS:
        await fed(plain_api, targets.own["clientId"], number, document_type)
    await fed(stranger, await stranger.new_client(), 2)
    return targets


@pytest.fixture
async def counted_api(plain_api: Api, new_api: Callable[..., Awaitable[Api]]) -> Api:
    """The same company where requests are counted."""
    return await new_api(company_id=plain_api.company_id, rate_limit=1_000_000)


@_MANY
@given(body=_WILD_BODIES | _NEAR_BODIES | _GOOD_BODIES)
async def test_any_body_is_judged_as_the_plain_model_judges_it(
    plain_api: Api, counted_api: Api, targets: Targets, owner: psycopg.Connection, body: dict[str, Any]
):
    body = targets.put_in(body)
    wrong = wrong_in_a_create(body, targets.exists, DOCUMENTS)
    before = number_of_events(owner, plain_api)
    for api in (plain_api, counted_api):
        response = await api.post("/contact-activity-logs", body)
        if wrong:
            assert set(errors_of(response)) == wrong
        else:
            assert response.status_code == 201
    assert number_of_events(owner, plain_api) == before + (0 if wrong else 2)


@_MANY
@given(correction=_CORRECTIONS | st.tuples(st.sampled_from(sorted(_SAID)), _WILD_BODIES))
async def test_any_correction_is_judged_as_the_plain_model_judges_it(
    plain_api: Api, targets: Targets, correction: tuple[str, dict[str, Any]]
):
    type_, body = correction
    said = _SAID[type_]
    event = (await plain_api.record(clientId=targets.own["clientId"], type=type_, metadata=said)).json()
    body = targets.put_in(body)
    wrong = wrong_in_a_patch(type_, body, DOCUMENTS)
    response = await plain_api.patch(f"/contact-activity-logs/{event['id']}", body)
    if wrong:
        assert set(errors_of(response)) == wrong
        assert (await plain_api.get(f"/contact-activity-logs/{event['id']}")).json() == event
    else:
        assert response.status_code == 200
