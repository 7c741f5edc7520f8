"""What an error looks like, and what a request needs to meet one."""

from __future__ import annotations

import re
from typing import Any

import httpx2

MEBIBYTE = 1024 * 1024
JSON = {"Content-Type": "application/json"}


def is_told(response: httpx2.Response, status: int, body: dict[str, Any]) -> bool:
    assert response.headers["content-type"] == "application/json"
    assert re.fullmatch("req_[0-9a-f]{26}", response.headers["x-request-id"])
    assert response.headers["content-language"] == "en"
    assert (response.status_code, response.json()) == (status, body)
    return True
