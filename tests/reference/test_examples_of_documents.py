"""The example of a list of documents is what the server answers to such a request."""

from __future__ import annotations

from typing import Any

from support.api import PREFIX, Api
from support.document_lists import feed
from support.openapi import assert_documented

_PASSING = ("clientId", "createdAt", "updatedAt")


def _timeless(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name not in _PASSING} for each in documents]


async def test_the_example_of_a_page_is_answered_to_the_example_of_a_request(plain_api: Api, document: dict[str, Any]):
    operation = document["paths"][f"{PREFIX}/documents"]["get"]
    example = operation["responses"]["200"]["content"]["application/json"]["examples"]["page"]["value"]
    (wanted,) = example["data"]
    members = ("documentType", "documentId", "number", "issueDate", "totalWithVat")
    client_id = await plain_api.new_client()
    fed: dict[str, Any] = {name: wanted[name] for name in members} | {"clientId": client_id, "dueDate": "9999-12-31"}
    await feed(plain_api, fed, {**fed, "documentId": 1, "documentType": "order"})
    query = {p["name"]: p["example"] for p in operation["parameters"] if "example" in p}
    response = await plain_api.get("/documents", params=query)
    assert_documented(document, operation, response)
    assert _timeless(response.json()["data"]) == _timeless([wanted | {"dueDate": "9999-12-31"}])
    assert response.json()["paginator"].keys() == example["paginator"].keys()
