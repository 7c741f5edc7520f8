"""The page of the reference: all in one place, nothing from elsewhere, nothing executed."""

from __future__ import annotations

import copy
import html
import re
from html.parser import HTMLParser
from importlib.resources import files
from math import cos, radians, sin
from typing import Any

import pytest
from support.api import Api
from support.openapi import operations

from kronika.reference.page import render_page

_STYLE = (files("kronika.reference") / "static" / "style.css").read_text()
_VOID = {"meta", "link", "br", "hr", "img", "input"}


class _Page(HTMLParser):
    """Tags, ids and addresses; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "action", "srcset", "style", "data", "poster"):
                self.addresses.append(value or "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


async def _page(api: Api) -> str:
    response = await api.http.get("/docs")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


@pytest.mark.parametrize("path", ["/docs", "/docs/style.css"])
async def test_the_page_may_do_nothing_but_show_its_own_style(plain_api: Api, path: str):
    headers = (await plain_api.http.get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_the_page_loads_nothing_from_elsewhere_and_no_script(plain_api: Api):
    page = _Page(await _page(plain_api))
    assert not page.tags & {"script", "iframe", "object", "embed", "img", "form", "style", "base"}
    assert not {name for name in page.attributes if name.startswith("on")} | (page.attributes & {"style", "src"})
    assert {a for a in page.addresses if not a.startswith("#")} == {"docs/style.css", "openapi.json"}
    assert "url(" not in _STYLE
    assert "@import" not in _STYLE


async def test_the_style_is_served_as_css(plain_api: Api):
    response = await plain_api.http.get("/docs/style.css")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.text == _STYLE


async def test_every_operation_object_and_error_is_on_the_page_once(plain_api: Api, document: dict[str, Any]):
    text = await _page(plain_api)
    page = _Page(text)
    assert len(page.ids) == len(set(page.ids))
    for path, _, operation in operations(document):
        assert operation["operationId"] in page.ids
        assert html.escape(path) in text
        assert html.escape(operation["summary"], quote=False) in text
    for name in document["components"]["responses"]:
        assert f"error-{name}" in page.ids
    bodies = {
        next(iter(operation["requestBody"]["content"].values()))["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in operations(document)
        if "requestBody" in operation
    }
    for name in document["components"]["schemas"].keys() - bodies:
        assert f"object-{name}" in page.ids


async def test_every_link_within_the_page_leads_somewhere(plain_api: Api):
    page = _Page(await _page(plain_api))
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(page.ids)


async def test_the_page_says_how_to_begin(plain_api: Api):
    text = await _page(plain_api)
    for title in ("Authentication", "Idempotency", "Rate limit", "Errors", "Languages", "Paging"):
        assert f"<h2>{title}</h2>" in text


async def test_what_is_said_with_stress_is_shown_with_stress(plain_api: Api):
    text = await _page(plain_api)
    assert "<strong>An extension of Kronika</strong>" in text
    assert "**" not in text


def test_stressed_texts_stay_texts_and_stars_in_code_stay_stars(document: dict[str, Any]):
    starred = copy.deepcopy(document)
    _, _, operation = operations(starred)[0]
    operation["description"] = "**<img src=x>** and `**a**` and **b and *c*"
    text = render_page(starred)
    assert "<strong>&lt;img src=x&gt;</strong> and <code>**a**</code> and **b and *c*" in text
    assert "img" not in _Page(text).tags


def test_hostile_texts_stay_texts_wherever_they_stand(document: dict[str, Any]):
    hostile = "<script>alert(1)</script>\"'`<img src=x onerror=alert(1)>` & {{ 7*7 }}"
    spoiled = copy.deepcopy(document)
    _spoil(spoiled, hostile)
    text = render_page(spoiled)
    page = _Page(text)
    assert not page.tags & {"script", "img"}
    assert "onerror" not in page.attributes
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "49" not in re.findall(r"amp; ([^<]*)<", text)


def _spoil(value: Any, hostile: str) -> None:
    if isinstance(value, list):
        for item in value:
            _spoil(item, hostile)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in ("description", "summary", "title", "version", "url", "const", "operationId") and isinstance(
                inner, str
            ):
                value[name] = f"{inner}{hostile}"
            else:
                _spoil(inner, hostile)


def _luminance(token: str) -> float:
    """Relative luminance (WCAG 2.2) of `L% C H` in OKLCH, by the matrices of CSS Color 4."""
    lightness, chroma, hue = (float(part.rstrip("%")) for part in token.split())
    lightness /= 100
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (min(1.0, max(0.0, part)) for part in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
@pytest.mark.parametrize("writing", ["ink", "ink-soft", "accent"])
def test_every_writing_stands_out_from_every_ground(scheme: int, ground: str, writing: str):
    tokens = [re.findall(rf"--{name}: oklch\(([^)]+)\)", _STYLE)[scheme] for name in (ground, writing)]
    darker, lighter = sorted(_luminance(token) for token in tokens)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_there_are_four_sizes_of_type():
    assert set(re.findall(r"(\d+)px;", "".join(re.findall(r"--(?:small|text|title|display): \d+px;", _STYLE)))) == {
        "13", "15", "18", "24",
    }  # fmt: skip
    assert set(re.findall(r"font-size: ([^;]+);", _STYLE)) <= {
        "var(--small)", "var(--text)", "var(--title)", "var(--display)",
    }  # fmt: skip


async def test_the_names_of_operations_lead_to_them_and_those_of_nothing_nowhere(
    plain_api: Api, document: dict[str, Any]
):
    text = await _page(plain_api)
    assert '<a href="#rotateWebhookSubscriptionSecret"><code>rotateWebhookSubscriptionSecret</code></a>' in text
    for _, _, operation in operations(document):
        name = operation["operationId"]
        assert f"<code>{name}</code>" not in text.replace(f'<a href="#{name}"><code>{name}</code></a>', "")
    assert "<code>webhook-id</code>" in text


async def test_the_page_shows_what_receivers_get(plain_api: Api, document: dict[str, Any]):
    text = await _page(plain_api)
    (chapter,) = re.findall(r'<section id="webhooks".*?</section>', text, re.DOTALL)
    (received,) = re.findall(r'<article id="receiveWebhook".*?</article>', chapter, re.DOTALL)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "occurredAt", "resource"):
        assert f"<code>{name}</code>" in received
    assert "HMAC-SHA256" in chapter


async def test_a_stream_is_asked_for_without_gathering(plain_api: Api):
    text = await _page(plain_api)
    assert "curl -N http://kronika.test/api/public/v1/stream " in html.unescape(text)
    assert text.count("curl -N") == 1
