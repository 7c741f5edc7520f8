"""The reference as a page for people, made from the OpenAPI document and nothing else. It needs no network."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from functools import cache
from typing import Any, cast

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from kronika.reference.curl import curl
from kronika.reference.document import openapi_document
from kronika.reference.rows import as_row, tables
from kronika.templating import new_environment

_STRESS = re.compile(r"\*\*(.+?)\*\*")


@cache
def docs_page_bytes(base_url: str) -> bytes:
    """The page of a server at this address."""
    return render_page(openapi_document(base_url)).encode()


def render_page(document: dict[str, Any]) -> str:
    """The page of any such document; whatever its texts say, they stay texts."""
    base_url = document["servers"][0]["url"]
    return (
        _environment()
        .get_template("docs.html")
        .render(
            info=document["info"],
            base_url=base_url,
            guide=_guide(document["info"]["description"]),
            chapters=[_chapter(document, tag, base_url) for tag in document["tags"]],
            operation_ids={
                operation["operationId"] for methods in document["paths"].values() for operation in methods.values()
            },
            problems=document["components"]["responses"],
            things={
                name: schema
                for name, schema in sorted(document["components"]["schemas"].items())
                if not _is_body(document, name)
            },
            headers=document["components"]["headers"],
        )
    )


@cache
def _environment() -> Environment:
    environment = new_environment("kronika.reference")
    # The stubs know the built-in filters only.
    cast(dict[str, Any], environment.filters).update(
        prose=_prose, inline=_inline, slug=_slug, pretty=_pretty, tables=tables, as_row=as_row
    )
    return environment


def _guide(description: str) -> list[dict[str, str]]:
    parts = re.split(r"^## (.+)$", description, flags=re.MULTILINE)[1:]
    return [{"title": title, "text": text} for title, text in zip(parts[::2], parts[1::2], strict=True)]


def _chapter(document: dict[str, Any], tag: dict[str, str], base_url: str) -> dict[str, Any]:
    operations = [
        _operation(document, base_url, path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    received = [
        _received(document, webhook)
        for methods in document.get("webhooks", {}).values()
        for webhook in methods.values()
        if tag["name"] in webhook["tags"]
    ]
    return {"name": tag["name"], "text": tag["description"], "received": received, "operations": operations}


def _received(document: dict[str, Any], webhook: dict[str, Any]) -> dict[str, Any]:
    """What somebody else's server gets."""
    (content,) = webhook["requestBody"]["content"].values()
    return {
        "id": webhook["operationId"],
        "summary": webhook["summary"],
        "description": webhook["description"],
        "parameters": webhook["parameters"],
        "tables": tables(_resolved(document, content["schema"])),
        "examples": content["examples"],
        "answers": webhook["responses"],
    }


def _operation(
    document: dict[str, Any], base_url: str, path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    content = next(iter(operation.get("requestBody", {}).get("content", {}).values()), None)
    requests = list(content.get("examples", ())) if content else []
    own = {status: answer for status, answer in operation["responses"].items() if "$ref" not in answer}
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation["description"],
        "parameters": [_resolved(document, parameter) for parameter in operation["parameters"]],
        "tables": tables(_resolved(document, content["schema"])) if content else [],
        "curls": {name: curl(base_url, method, path, operation, name) for name in requests or [None]},
        "answers": own,
        "problems": {
            status: answer["$ref"].rpartition("/")[2]
            for status, answer in operation["responses"].items()
            if status not in own
        },
    }


def _is_body(document: dict[str, Any], name: str) -> bool:
    """Whether a schema is that of a request: it is shown with its operation."""
    content = [
        next(iter(operation["requestBody"]["content"].values()))["schema"]["$ref"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    return f"#/components/schemas/{name}" in content


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


@pass_context
def _prose(context: Context, text: str) -> Markup:
    """Paragraphs."""
    return Markup("\n").join(Markup("<p>{}</p>").format(_inline(context, part)) for part in text.strip().split("\n\n"))


@pass_context
def _inline(context: Context, text: str) -> Markup:
    """`code` and **stress** in a text; the name of an operation leads to it."""
    parts = text.split("`")
    return Markup().join(
        _code(part, context["operation_ids"]) if number % 2 else _stressed(part) for number, part in enumerate(parts)
    )


def _code(text: str, operation_ids: Container[str]) -> Markup:
    code = Markup("<code>{}</code>").format(text)
    return Markup('<a href="#{}">{}</a>').format(text, code) if text in operation_ids else code


def _stressed(text: str) -> Markup:
    parts = _STRESS.split(text)
    return Markup().join(
        Markup("<strong>{}</strong>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
