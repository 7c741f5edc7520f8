"""Every complaint that the source can raise has a text in both languages, and no text is there for nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kronika
from kronika.errors import Complaint
from kronika.http.texts import TEXTS, text_of
from kronika.languages import LANGUAGE_TAGS

SOURCE = Path(kronika.__file__).parent


def codes_in(expression: ast.expr) -> Iterator[str]:
    """The code, or both codes of a choice between two."""
    match expression:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=first, orelse=second):
            yield from codes_in(first)
            yield from codes_in(second)
        case ast.Name(id="code") | ast.Attribute(attr="code"):
            return  # Passed on from where it is written out.
        case _:
            raise AssertionError(f"a code that nobody can read from the source: {ast.unparse(expression)}")


@cache
def raised() -> dict[str, set[bool]]:
    """Every code, and whether it is raised with a bound, without one, or both."""
    found: dict[str, set[bool]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case (
                    ast.Call(func=ast.Attribute(attr="add" | "_unstorable"), args=[_, code, *bound])
                    | ast.Call(func=ast.Name(id="_complaint"), args=[_, code, *bound])
                    | ast.Call(func=ast.Name(id="_UnreadableError" | "_unreadable"), args=[code, *bound])
                ):
                    for name in codes_in(code):
                        found.setdefault(name, set()).add(bool(bound))
    return found


def test_every_complaint_has_a_text_and_every_text_a_complaint():
    assert raised().keys() == TEXTS.keys()


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_is_there_in_english_and_slovak_and_they_differ(code: str):
    texts = TEXTS[code]
    assert texts.keys() == {"en", "sk"}
    assert texts["en"] != texts["sk"]
    assert all(re.fullmatch(r"[A-ZÚŠČŤŽ].+\.", text) and text == text.strip() for text in texts.values())


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_names_a_bound_exactly_where_the_complaint_has_one(code: str):
    for text in TEXTS[code].values():
        assert {"{bound}" in text} == raised()[code]
        assert re.findall(r"\{.*?\}", text) in ([], ["{bound}"])


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_reads_well_in_every_language(code: str):
    for language in LANGUAGE_TAGS:
        text = text_of(Complaint(code, 7), language)
        assert "{" not in text
        assert text == TEXTS[code]["sk" if language in {"sk", "cs"} else "en"].replace("{bound}", "7")
