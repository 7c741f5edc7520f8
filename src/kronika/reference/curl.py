"""Requests as lines for a shell: they work when pasted, with a token in $TOKEN."""

from __future__ import annotations

import json
import shlex
from typing import Any
from urllib.parse import quote, urlencode

from kronika.reference.operation import FORM


def curl(base_url: str, method: str, path: str, operation: dict[str, Any], example: str | None) -> str:
    """The command for an operation of the document, with one of the examples of its body."""
    parameters = [p for p in operation["parameters"] if "example" in p]
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(str(parameter["example"]), safe=""))
    query = urlencode({p["name"]: p["example"] for p in parameters if p["in"] == "query"})
    words = [shlex.quote(base_url + path + (f"?{query}" if query else ""))]
    if operation.get("security") != []:
        words.append('-H "Authorization: Bearer $TOKEN"')
    is_form = FORM in operation.get("requestBody", {}).get("content", {})
    if is_form:
        words.append("-F files=@offer.pdf")
    if example is not None:
        if any(p.get("$ref", "").endswith("/Idempotency-Key") for p in operation["parameters"]):
            words.append("-H " + shlex.quote(f"Idempotency-Key: {operation['operationId']}-{example}"))
        body = operation["requestBody"]["content"]["application/json"]["examples"][example]["value"]
        words.append("-H 'Content-Type: application/json'")
        words.append("-d " + shlex.quote(json.dumps(body, indent=2, ensure_ascii=False)))
    is_stream = any("text/event-stream" in answer.get("content", {}) for answer in operation["responses"].values())
    verb = (
        "curl -N"
        if is_stream
        else "curl"
        if method == "get" or (method == "post" and (is_form or example is not None))
        else f"curl -X {method.upper()}"
    )
    return f"{verb} " + " \\\n  ".join(words)
