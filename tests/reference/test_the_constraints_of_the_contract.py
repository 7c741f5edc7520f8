"""Every constraint of the public contract: a request that breaks just this one is told of just this field; a value at
the bound is taken, and kept.

A `null` where the contract does not name it means absent (docs/decisions/0007): only required fields refuse it.
"""

from __future__ import annotations

from typing import Any

import pytest
from support.api import errors_of
from support.contract import assert_as_contracted, crm_operations, needs_contract
from support.contract_bodies import FILES, World
from support.contract_cases import TARGETS, Case, cases, metadata_named_here

pytestmark = needs_contract


def of(*, refused: bool) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "case",
        [pytest.param(case, id=case.name) for case in cases() if bool(case.keys) == refused],
    )


def test_every_member_of_metadata_has_its_cases():
    for operation in crm_operations():
        if operation.input is not None and "metadata" in operation.input["properties"]:
            assert set(operation.input["properties"]["metadata"]["properties"]) == metadata_named_here()


def test_a_good_request_says_everything_that_the_contract_names(world: World):
    """But for the targets: only one of these can be said."""
    for operation in crm_operations():
        if operation.input is not None:
            assert set(operation.input["properties"]) - set(world.body(operation, "note")) <= set(TARGETS)


@of(refused=True)
async def test_breaking_it_is_422_on_the_field(world: World, case: Case):
    path, options = case.request(world)
    response = await world.api.request(case.operation.method, path, **options)
    assert set(errors_of(response)) == case.keys
    assert_as_contracted(case.operation, response)


@of(refused=False)
async def test_at_the_bound_it_is_taken_and_kept(world: World, case: Case):
    path, options = case.request(world)
    response = await world.api.request(case.operation.method, path, **options)
    assert str(response.status_code) == case.operation.success, response.text
    assert_as_contracted(case.operation, response)
    if not case.in_query:
        _assert_kept(options["json"], response.json())


def _assert_kept(sent: dict[str, Any], shown: dict[str, Any]) -> None:
    """What is shown under the name it was sent by is what was sent; null may have become what is inferred."""
    # Of a link, what it names is shown as that document itself is.
    shown = shown | (shown.get("relatedDocument") or {})
    for name in sent.keys() & shown.keys():
        if isinstance(sent[name], dict):
            _assert_kept(sent[name], shown[name])
        elif sent[name] is not None:
            assert shown[name] == sent[name], name


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(each, id=each.name)
        for each in crm_operations()
        if "multipart/form-data" in each.declared.get("requestBody", {}).get("content", {})
    ],
)
async def test_a_form_needs_a_file_and_one_is_enough(world: World, operation: Any):
    response = await world.api.request("POST", operation.path, files=[("other", FILES[0][1])])
    assert set(errors_of(response)) == {"files"}
    assert_as_contracted(operation, response)
    response = await world.api.request("POST", operation.path, files=FILES[:1])
    assert response.status_code == 201
    assert_as_contracted(operation, response)
