"""A client of the API that speaks for one company."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx2

PREFIX = "/api/public/v1"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Api:
    """Requests of one company, with the token that was issued to it."""

    http: httpx2.AsyncClient
    company_id: int
    token_id: int
    token: str
    database_url: str = ""
    """Where the company is, for records that the API has no way to make as a test wants them."""

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.http.request(method, PREFIX + path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: Any, *, key: str | None = None, **options: Any) -> httpx2.Response:
        headers = options.pop("headers", {}) | ({} if key is None else {"Idempotency-Key": key})
        return await self.request("POST", path, json=body, headers=headers, **options)

    async def patch(self, path: str, body: Any, **options: Any) -> httpx2.Response:
        return await self.request("PATCH", path, json=body, **options)

    async def put(self, path: str, body: Any, **options: Any) -> httpx2.Response:
        return await self.request("PUT", path, json=body, **options)

    async def delete(self, path: str) -> httpx2.Response:
        return await self.request("DELETE", path)

    async def new_client(self, **fields: Any) -> int:
        """The id of a new client."""
        return (await self.post("/clients", {"name": f"Client {next(_numbers)}", **fields})).json()["id"]

    async def new_supplier(self, **fields: Any) -> int:
        """The id of a new supplier."""
        return (await self.post("/suppliers", {"name": f"Supplier {next(_numbers)}", **fields})).json()["id"]

    async def new_case(self, **fields: Any) -> int:
        """The id of a new business case, of a new client where none is named."""
        if not {"clientId", "supplierId"} & fields.keys():
            fields["clientId"] = await self.new_client()
        return (await self.post("/business-cases", {"name": f"Case {next(_numbers)}", **fields})).json()["id"]

    async def record(self, key: str | None = None, **fields: Any) -> httpx2.Response:
        """Records an event: a note unless the fields say otherwise."""
        body = {"type": "note", "metadata": {"content": f"Note {next(_numbers)}"}, **fields}
        return await self.post("/contact-activity-logs", body, key=key)

    async def timeline(self, **query: Any) -> Any:
        """The body of a page of a timeline."""
        return (await self.get("/contact-activity-logs", params=query)).json()


def errors_of(response: httpx2.Response) -> dict[str, list[str]]:
    """The errors of a 422, by dotted key; fails when it is none."""
    body = response.json()
    assert response.status_code == 422, body
    assert body["message"] == "The given data was invalid.", body
    return body["errors"]
