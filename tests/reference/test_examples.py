"""Nothing in the document is made up: its examples work, and its errors happen."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from support.api import PREFIX, Api
from support.board import new_status
from support.documents import fed
from support.files import PDF, event_with
from support.openapi import assert_documented, is_endless, operations, resolved, validator
from support.routes import record_for, with_one_id

from kronika.reference.curl import curl

_PASSING = {
    "boardPosition", "id", "clientId", "supplierId", "businessCaseId", "contactId", "paymentDate", "paymentStatus",
    "companyId", "plainTextSecret",
}  # fmt: skip
_STAND_INS = {"clientId": 12, "supplierId": 21, "businessCaseId": 31, "statusId": 4}
"""The ids in the examples, of what a test must have others of. Its documents are numbered as those in the examples."""


def _declared(document: dict[str, Any], operation_id: str) -> tuple[str, str, dict[str, Any]]:
    return next(found for found in operations(document) if found[2]["operationId"] == operation_id)


def _answers(operation: dict[str, Any]) -> dict[str, Any]:
    content = next(iter(operation["responses"].values()))["content"]
    return {name: example["value"] for name, example in content["application/json"]["examples"].items()}


def _requests(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {"examples": {}})
    return {name: example["value"] for name, example in content["examples"].items()}


async def _ids(api: Api) -> dict[str, int]:
    """Real ids in the place of those in the examples; the document of the examples is there."""
    client_id = await api.new_client()
    await fed(api, client_id, 301, number="20260031", dueDate="2026-03-24")
    return {
        "clientId": client_id,
        "supplierId": await api.new_supplier(),
        "businessCaseId": await api.new_case(clientId=client_id),
        "statusId": await new_status(api, name="Negotiation"),
    }


def _real(body: dict[str, Any], ids: dict[str, int]) -> dict[str, Any]:
    return body | {name: ids[name] for name in ids if body.get(name) == _STAND_INS[name]}


def _timeless(value: Any) -> Any:
    """Without what another run, another company, or another order of tests may change."""
    if isinstance(value, dict):
        return {
            name: "…" if inner is not None and (name in _PASSING or name.endswith("At")) else _timeless(inner)
            for name, inner in value.items()
            if name not in ("client", "supplier")
        }
    return [_timeless(inner) for inner in value] if isinstance(value, list) else value


async def test_every_example_of_an_answer_fits_its_schema_to_the_last_member(document: dict[str, Any]):
    for _, _, operation in operations(document):
        for answer in operation["responses"].values():
            for content in resolved(document, answer).get("content", {}).values():
                for example in content.get("examples", {}).values():
                    validator(document, content["schema"], closed=True).validate(example["value"])


async def test_every_example_of_a_request_fits_its_schema(document: dict[str, Any]):
    for _, _, operation in operations(document):
        for example in _requests(operation).values():
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            validator(document, schema).validate(example)


async def test_every_example_of_a_create_creates_and_is_answered_as_documented(
    plain_api: Api, document: dict[str, Any]
):
    ids = await _ids(plain_api)
    for path, method, operation in operations(document):
        if method != "post" or "201" not in operation["responses"] or not _requests(operation) or "{" in path:
            continue
        assert _requests(operation).keys() == _answers(operation).keys()
        for name, body in _requests(operation).items():
            response = await plain_api.post(
                path.removeprefix(PREFIX), _real(body, ids), key=f"{operation['operationId']}-{name}"
            )
            assert response.status_code == 201, response.text
            assert_documented(document, operation, response)
            assert _timeless(response.json()) == _timeless(_answers(operation)[name])
            shown = await plain_api.get(f"{path.removeprefix(PREFIX)}/{response.json()['id']}")
            assert shown.status_code == 200
            created = response.json()
            created.pop("plainTextSecret", None)
            assert shown.json() == created
            assert_documented(document, document["paths"][f"{path}/{{id}}"]["get"], shown)


async def test_every_example_of_a_change_changes_what_was_created_and_is_answered_as_documented(
    plain_api: Api, document: dict[str, Any]
):
    ids = await _ids(plain_api)
    for path, method, operation in operations(document):
        if method not in ("patch", "put") or "{type}" in path:
            continue
        assert _requests(operation)
        assert _requests(operation).keys() == _answers(operation).keys()
        created_at = path.partition("/{id}")[0]
        creation = next(iter(_requests(document["paths"][created_at]["post"]).values()))
        for name, body in _requests(operation).items():
            created = await plain_api.post(created_at.removeprefix(PREFIX), _real(creation, ids))
            response = await plain_api.request(
                method.upper(), path.removeprefix(PREFIX).format(id=created.json()["id"]), json=_real(body, ids)
            )
            assert_documented(document, operation, response)
            assert _timeless(response.json()) == _timeless(_answers(operation)[name])


async def test_every_example_of_a_document_creates_it_and_is_no_change_the_second_time(
    plain_api: Api, document: dict[str, Any]
):
    ids = await _ids(plain_api)
    path, _, operation = _declared(document, "putDocument")
    assert _requests(operation)
    assert _requests(operation).keys() == _answers(operation).keys()
    created = operation["responses"]["201"]["content"]["application/json"]["examples"]
    for name, body in _requests(operation).items():
        where = path.removeprefix(PREFIX).format(type="invoice", id=301)
        await plain_api.delete(where)
        for status in (201, 200):
            response = await plain_api.put(where, _real(body, ids))
            assert response.status_code == status
            assert_documented(document, operation, response)
            assert _timeless(response.json()) == _timeless(_answers(operation)[name])
            assert created[name]["value"] == _answers(operation)[name]
        shown = await plain_api.get(where)
        assert shown.json() == response.json()
        assert_documented(document, document["paths"][path]["get"], shown)


async def test_every_example_of_a_batch_does_what_it_says(plain_api: Api, document: dict[str, Any]):
    ids = await _ids(plain_api)
    path, _, operation = _declared(document, "putDocuments")
    assert _requests(operation).keys() == _answers(operation).keys() == {"march"}
    documents = [_real(each, ids) for each in _requests(operation)["march"]["documents"]]
    response = await plain_api.post(path.removeprefix(PREFIX), {"documents": documents})
    assert_documented(document, operation, response)
    assert response.json() == _answers(operation)["march"]


async def test_the_examples_of_what_kronika_writes_are_what_it_writes_about_those_of_documents(
    plain_api: Api, document: dict[str, Any]
):
    client_id = (await _ids(plain_api))["clientId"]
    part = _requests(_declared(document, "createDocumentPayment")[2])["part"]
    assert (await plain_api.post("/document-payments", part)).status_code == 201
    paid, created = (await plain_api.timeline(clientId=client_id))["data"]
    _, _, operation = _declared(document, "showContactActivityLog")
    for name, event in (("documentCreated", created), ("documentPaymentAdded", paid)):
        assert _timeless(event) == _timeless(_answers(operation)[name])


async def test_the_example_of_payments_is_what_those_of_creates_make(plain_api: Api, document: dict[str, Any]):
    await _ids(plain_api)
    for body in _requests(_declared(document, "createDocumentPayment")[2]).values():
        await plain_api.post("/document-payments", body)
    path, _, operation = _declared(document, "listDocumentPayments")
    query = {p["name"]: p["example"] for p in operation["parameters"] if "example" in p}
    response = await plain_api.get(path.removeprefix(PREFIX), params=query)
    assert_documented(document, operation, response)
    assert _timeless(response.json()) == _timeless(_answers(operation)["paid"])


async def test_the_example_of_a_page_is_the_page_that_the_examples_of_events_make(
    plain_api: Api, document: dict[str, Any]
):
    client_id = await plain_api.new_client()
    _, _, creation = _declared(document, "createContactActivityLog")
    for name in ("note", "email"):
        await plain_api.record(**_real(_requests(creation)[name], {"clientId": client_id}))
    path, _, operation = _declared(document, "listContactActivityLogs")
    response = await plain_api.get(path.removeprefix(PREFIX), params={"clientId": client_id})
    assert_documented(document, operation, response)
    example = _answers(operation)["page"]
    assert _timeless(response.json()["data"]) == _timeless(example["data"])
    assert response.json()["paginator"].keys() == example["paginator"].keys()
    assert len(response.json()["paginator"]["links"]) == len(example["paginator"]["links"])


async def test_the_examples_without_a_body_are_answered_as_documented(plain_api: Api, document: dict[str, Any]):
    for operation_id in ("showWhoami", "showHealth", "showReadiness"):
        path, _, operation = _declared(document, operation_id)
        headers = {"Authorization": f"Bearer {plain_api.token}"}
        response = await plain_api.http.get(path, headers=headers)
        assert_documented(document, operation, response)
        assert response.json() in _answers(operation).values()


async def test_the_examples_of_lookups_are_how_the_real_ones_begin(plain_api: Api, document: dict[str, Any]):
    lookups = [declared for declared in operations(document) if declared[2]["tags"] == ["Lookups"]]
    assert len(lookups) == 8
    for path, _, operation in lookups:
        response = await plain_api.get(path.removeprefix(PREFIX))
        assert_documented(document, operation, response)
        real, example = response.json()["data"], _answers(operation)["english"]["data"]
        assert example == real[: len(example)]
        assert f"All {len(real)} at once" in operation["description"]
        assert (len(example) < len(real)) == (f"the first {len(example)}." in operation["description"])


class _Line:
    """A line for the shell, as curl would send it."""

    def __init__(self, text: str) -> None:
        words = shlex.split(text)
        assert words.pop(0) == "curl"
        self.method, self.address = "GET", ""
        self.headers: dict[str, str] = {}
        self.body: str | None = None
        self.form: list[tuple[str, tuple[str, bytes]]] | None = None
        while words:
            match words.pop(0):
                case "-X":
                    self.method = words.pop(0)
                case "-H":
                    name, value = words.pop(0).split(": ", 1)
                    self.headers[name] = value
                case "-d":
                    self.body, self.method = words.pop(0), self.method if self.method != "GET" else "POST"
                case "-F":
                    field, _, name = words.pop(0).partition("=@")
                    self.form, self.method = [(field, (name, PDF))], "POST"
                case word:
                    self.address = word


async def _real_path(api: Api, path: str) -> str:
    """The path with a real record in it."""
    if "{token}" in path:
        event = await event_with(api, clientId=await api.new_client())
        return path.format(token=event["attachments"][0]["url"].rpartition("/")[2])
    path = with_one_id(path)
    return path.format(id=await record_for(api, path.removeprefix(PREFIX))) if "{id}" in path else path


async def test_every_line_for_the_shell_works_when_pasted(plain_api: Api, document: dict[str, Any]):
    ids = await _ids(plain_api)
    base_url = document["servers"][0]["url"]
    for path, method, operation in operations(document):
        for example in list(_requests(operation)) or [None]:
            text = curl(base_url, method, path, operation, example)
            line = _Line(text.replace("$TOKEN", plain_api.token).replace("\\\n", " "))
            assert line.method.lower() == method
            query = line.address.partition("?")[2]
            for name, stand_in in _STAND_INS.items():
                query = query.replace(f"{name}={stand_in}", f"{name}={ids[name]}")
                line.body = line.body and line.body.replace(f'"{name}": {stand_in}', f'"{name}": {ids[name]}')
            assert line.address.startswith(base_url + path.partition("{")[0])
            if is_endless(operation):
                continue
            response = await plain_api.http.request(
                line.method,
                base_url + await _real_path(plain_api, path) + (f"?{query}" if query else ""),
                headers=line.headers,
                content=line.body and line.body.encode(),
                files=line.form,
            )
            assert str(response.status_code) == next(iter(operation["responses"]))
            assert_documented(document, operation, response)


@pytest.mark.parametrize(
    "path", ["/clients", "/suppliers", "/business-cases", "/business-case-statuses", "/contact-activity-logs"]
)
async def test_the_ways_a_create_can_fail_are_documented(
    plain_api: Api, new_api: Any, document: dict[str, Any], path: str
):
    operation = document["paths"][PREFIX + path]["post"]
    reader = await new_api(scope="read", company_id=plain_api.company_id)
    limited = await new_api(rate_limit=1)
    await limited.get("/whoami")
    for status, response in (
        (400, await plain_api.post(path, {}, key="k" * 256)),
        (401, await plain_api.http.post(PREFIX + path, json={})),
        (403, await reader.post(path, {"name": "x"})),
        (413, await plain_api.post(path, {"name": "x" * 1024 * 1024})),
        (422, await plain_api.post(path, {"name": 5, "metadata": 5})),
        (422, await plain_api.request("POST", path, content=b"{")),
        (429, await limited.post(path, {"name": "x"})),
    ):
        assert response.status_code == status
        assert_documented(document, operation, response)


async def test_the_ways_one_record_can_fail_are_documented(plain_api: Api, document: dict[str, Any]):
    for path, method, operation in operations(document):
        if "{id}" in path and operation["operationId"] != "putDocument":
            path = with_one_id(path)  # noqa: PLW2901 - the same, made whole
            missing = await plain_api.request(method.upper(), path.removeprefix(PREFIX).format(id=10**9), json={})
            assert missing.status_code == 404
            assert_documented(document, operation, missing)
            unknown = await plain_api.http.request(method.upper(), path.format(id=1))
            assert unknown.status_code == 401
            assert_documented(document, operation, unknown)


async def test_a_reused_key_is_answered_as_documented(plain_api: Api, document: dict[str, Any]):
    operation = document["paths"][f"{PREFIX}/clients"]["post"]
    await plain_api.post("/clients", {"name": "One"}, key="one")
    for body, status in (({"name": "One"}, 201), ({"name": "Two"}, 422)):
        response = await plain_api.post("/clients", body, key="one")
        assert response.status_code == status
        assert_documented(document, operation, response)
