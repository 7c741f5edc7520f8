"""What a client sent, read as plain values: against a model that knows only the rules, not the code."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.values import WHITE, blanks, objects, read

from kronika.errors import Complaints
from kronika.input.normalise import canonical, clean_text, decode


def modelled(value: Any) -> Any:
    """Plainly: trimmed, then empty is null, whole is an integer, a long fraction is a decimal; in all depths."""
    if isinstance(value, str):
        while value and value[0] in WHITE:
            value = value[1:]
        while value and value[-1] in WHITE:
            value = value[:-1]
        return None if value == "" else value
    if isinstance(value, float) and value == int(value) and -(2**53) <= value <= 2**53:
        return int(value)
    if isinstance(value, float) and len(repr(value)) > 16:
        written = Decimal(repr(value))
        return int(written) if written == int(written) and -(2**63) <= written < 2**63 else written
    if isinstance(value, list):
        return [modelled(member) for member in value]
    if isinstance(value, dict):
        return {name: modelled(member) for name, member in value.items()}
    return value


def same(one: Any, other: Any) -> bool:
    """Plainly: whether two normalised values say the same. A boolean is no number; absent is not null."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(objects)
@example({"a": ["", " ", {"b": "\ufeff\u200b\xa0"}], "c": [-0.0, 5.0, 5.5, 2.0**53, 2.0**53 + 2, 1e300]})
def test_every_value_is_normalised_as_the_plain_model_says(value: dict[str, Any]):
    assert same(read(value), modelled(value))


@given(objects)
def test_normalising_twice_is_normalising_once(value: dict[str, Any]):
    once = read(value)
    assert same(read(as_sent(once)), once)


def as_sent(value: Any) -> Any:
    """The same with floats, which Python can write as JSON."""
    if isinstance(value, list):
        return [as_sent(member) for member in value]
    if isinstance(value, dict):
        return {name: as_sent(member) for name, member in value.items()}
    return float(value) if isinstance(value, Decimal) else value


@given(objects, objects)
@example({"a": None}, {})
@example({"a": True}, {"a": 1})
@example({"a": "1"}, {"a": 1})
@example({"a": [1, 2]}, {"a": [2, 1]})
@example({"a": {}}, {"a": []})
@example({"a": {}}, {"a": None})
@example({"a": ""}, {"a": None})
@example({"a": 1.0}, {"a": 1})
@example({"a": -0.0}, {"a": 0})
@example({"a": 1, "b": 2}, {"b": 2, "a": 1})
@example({" a": 1}, {"a": 1})
def test_two_values_have_one_canonical_form_exactly_when_they_say_the_same(one: dict[str, Any], other: dict[str, Any]):
    assert (canonical(read(one)) == canonical(read(other))) is same(modelled(one), modelled(other))


@st.composite
def respelled(draw: st.DrawFn, value: Any) -> Any:
    """The same value as another client might write it."""
    match value:
        case dict():
            shuffled = draw(st.permutations(list(value.items())))
            return {name: draw(respelled(member)) for name, member in shuffled}
        case list():
            return [draw(respelled(member)) for member in value]
        case str():
            return draw(blanks) + value + draw(blanks)
        case None:
            return draw(st.sampled_from([None, "", " \u200b"]))
        case int() if not isinstance(value, bool) and abs(value) <= 2**53:
            return draw(st.sampled_from([value, float(value)]))
        case _:
            return value


@given(st.data(), objects)
def test_a_value_that_is_spelled_in_another_way_has_the_same_canonical_form(data: st.DataObject, value: dict[str, Any]):
    assert canonical(read(data.draw(respelled(value)))) == canonical(read(value))


@given(objects)
def test_white_space_and_escapes_of_the_json_itself_say_nothing(value: dict[str, Any]):
    complaints = Complaints()
    spaced = decode(json.dumps(value, ensure_ascii=True, indent=3).encode(), complaints)
    assert not complaints
    assert canonical(spaced) == canonical(read(value))


@given(st.binary(max_size=60) | objects.map(lambda value: json.dumps(value).encode()[:-1]))
@settings(max_examples=300)
def test_any_bytes_are_an_object_or_a_complaint_and_never_an_exception(body: bytes):
    complaints = Complaints()
    value = decode(body, complaints)
    assert "body" in complaints if value is None else isinstance(value, dict)
    assert complaints or isinstance(json.loads(body), dict)


@pytest.mark.parametrize("character", WHITE)
def test_white_space_is_taken_off_both_ends_and_left_inside(character: str):
    assert clean_text(f"{character}a{character}b{character}") == f"a{character}b"
    assert clean_text(character) is None


@pytest.mark.parametrize("character", ["\u200c", "\u200d", "\u2060", "\u00ad", "\x01", "_", "ㅤ"])
def test_what_is_no_white_space_stays(character: str):
    assert clean_text(f"{character}a{character}") == f"{character}a{character}"


def test_complaints_stand_at_the_path_of_what_is_wrong():
    complaints = Complaints()
    value = decode(b'{"a": {"b": [1, "x\\u0000", {"c": 9223372036854775808}]}, "d": "\\u0000"}', complaints)
    assert value == {"a": {"b": [1, None, {"c": None}]}, "d": None}
    assert {path: [found.code for found in all_] for path, all_ in complaints.items()} == {
        "a.b.1": ["characters"],
        "a.b.2.c": ["too_large_number"],
        "d": ["characters"],
    }
