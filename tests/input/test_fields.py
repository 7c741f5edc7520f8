"""What a field makes of a value that was sent, and what it complains of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.values import integers, read, texts

from kronika.errors import Complaint, Complaints
from kronika.input.fields import (
    Field,
    choice,
    color,
    email,
    flag,
    flag_word,
    identifier,
    integer,
    items,
    lookup,
    read_members,
    read_sent_members,
    required,
    text,
    unchangeable,
)  # fmt: skip

REFUSED = object()


def field_value(field: Field[Any], value: Any) -> Any:
    """What the field makes of a value, REFUSED with a complaint; never both."""
    complaints = Complaints()
    result = field.read(read({"field": value})["field"], "field", complaints)
    assert result is None or not complaints
    return REFUSED if complaints else result


def complaint_of(field: Field[Any], value: Any) -> Complaint:
    complaints = Complaints()
    assert field.read(value, "field", complaints) is None
    [(path, [complaint])] = complaints.items()
    assert path == "field"
    return complaint


@given(integers)
def test_an_integer_may_be_a_number_or_its_digits(number: int):
    assert field_value(integer(), number) == number
    assert field_value(integer(), str(number)) == number
    assert field_value(integer(), f" {number}\xa0") == number


@given(st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1))
def test_digits_outside_64_bits_are_no_integer(number: int):
    assert complaint_of(integer(), str(number)).code == "integer"


@pytest.mark.parametrize(
    "value",
    [
        "5.0",
        "5e0",
        "0x5",
        "5 5",
        "five",
        "\u0665",
        "\uff15",
        "1_000",
        "--5",
        "+",
        "-",
        "²",
        5.5,
        1e19,
        True,
        False,
        [],
        [5],
        {},
    ],
)
def test_what_is_no_integer_is_told(value: Any):
    assert complaint_of(integer(), value).code == "integer"
    assert complaint_of(identifier(), value).code == "integer"
    assert complaint_of(lookup({5}), value).code == "integer"


def test_a_whole_float_is_an_integer():
    assert field_value(integer(), 5.0) == 5
    assert field_value(lookup({5}), 5.0) == 5


@pytest.mark.parametrize(("value", "told"), [(0, None), (365, None), (-1, ("at_least", 0)), (366, ("at_most", 365))])
def test_an_integer_has_its_bounds(value: int, told: tuple[str, int] | None):
    if told is None:
        assert field_value(integer(0, 365), value) == value
    else:
        assert complaint_of(integer(0, 365), value) == told
        assert complaint_of(integer(0, 365), str(value)) == told


@pytest.mark.parametrize("value", [0, -1, "0", -(2**63)])
def test_an_identifier_below_one_is_of_nothing(value: Any):
    assert complaint_of(identifier(), value).code == "unknown"


def test_a_lookup_knows_its_ids_only():
    assert field_value(lookup({703}), "703") == 703
    assert complaint_of(lookup({703}), 704).code == "unknown"


@pytest.mark.parametrize(
    ("value", "meant"),
    [(value, True) for value in (True, 1, "1", 1.0, " 1 ")] + [(value, False) for value in (False, 0, "0", 0.0, -0.0)],
)
def test_a_flag_may_be_written_in_six_ways(value: Any, meant: bool):
    assert field_value(flag(), value) is meant


def test_a_flag_in_a_query_may_be_a_word_too():
    for value, meant in (("true", True), ("false", False), ("1", True), (" 0 ", False)):
        assert field_value(flag_word(), value) is meant
    for value in ("True", "yes", "01", "2"):
        assert complaint_of(flag_word(), value).code == "boolean"


@pytest.mark.parametrize("value", ["true", "false", "yes", "on", "01", "1.0", 2, -1, 0.5, [], [True], {}])
def test_what_is_no_flag_is_told(value: Any):
    assert complaint_of(flag(), value).code == "boolean"


@given(st.text(st.sampled_from("ažл€😀"), min_size=1, max_size=12), st.integers(1, 12))
def test_lengths_are_counted_in_characters_or_in_bytes(value: str, most: int):
    in_characters, in_bytes = text(characters=most), text(bytes_=most)
    assert field_value(in_characters, value) == (value if len(value) <= most else REFUSED)
    assert field_value(in_bytes, value) == (value if len(value.encode()) <= most else REFUSED)


def test_a_length_is_that_of_the_trimmed_text():
    assert field_value(text(characters=2), "  ab\n") == "ab"


def test_a_text_without_a_length_has_65535_bytes_at_most():
    assert field_value(text(), "a" * 65_535) == "a" * 65_535
    assert complaint_of(text(), "a" * 65_536) == ("bytes_at_most", 65_535)
    assert complaint_of(text(), "ž" * 32_768) == ("bytes_at_most", 65_535)
    assert complaint_of(text(characters=255), "ž" * 256) == ("characters_at_most", 255)


@pytest.mark.parametrize("value", [1, 1.5, True, [], ["a"], {}])
def test_what_is_no_text_is_told(value: Any):
    for field in (text(), text(characters=255), email(), choice("a")):
        assert complaint_of(field, value).code == "string"


def test_a_choice_is_one_of_its_options_to_the_letter():
    assert field_value(choice("note", "email"), " email ") == "email"
    for value in ("Note", "notes", "note,email"):
        assert complaint_of(choice("note", "email"), value).code == "choice"


LONG = ".".join(["a" * 60] * 3)


@pytest.mark.parametrize(
    "address",
    [
        "jana@example.test", "Jana.Novakova+crm@Example.COM", "o'brien@example.test", "x_1-y@sub.example.co.uk",
        "jana@žilina.sk", "žofia@example.test", "jana@xn--ilina-tib.sk", "1@example.test", f"{'a' * 64}@{LONG}.sk",
    ],
)  # fmt: skip
def test_an_address_is_kept_as_it_was_written(address: str):
    assert field_value(email(), address) == address
    assert field_value(email(), f" {address}\n") == address


@pytest.mark.parametrize(
    "address",
    [
        "jana", "jana@", "@example.test", "jana@@example.test", "jana@example..test", ".jana@example.test",
        "jana.@example.test", "jana@-example.test", "jana@exa mple.test", "jana example@example.test",
        "Jana <jana@example.test>", "jana@example.test, petra@example.test", "jana@[127.0.0.1]", "jana@example.test.",
        "jana\n@example.test", "jana@exam_ple.test", f"jana@{'a' * 64}.test", "mailto:jana@example.test;",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told(address: str):
    assert complaint_of(email(), address).code == "email"


def test_an_address_has_255_characters_at_most():
    address = f"{'a' * 64}@{'.'.join(['b' * 60] * 4)}.sk"
    assert len(address) > 255
    assert complaint_of(email(), address) == ("characters_at_most", 255)


@given(st.lists(integers.filter(bool) | st.none() | texts, max_size=5))
def test_each_item_of_a_list_is_judged_at_its_own_path(values_: list[Any]):
    complaints = Complaints()
    normalised = read({"ids": values_})["ids"]
    items(integer()).read(normalised, "ids", complaints)
    wrong = {n for n, value in enumerate(values_) if field_value(required(integer()), value) is REFUSED}
    assert complaints.keys() == {f"ids.{n}" for n in wrong}


def test_a_list_has_its_length():
    assert field_value(items(integer(), most=2), [1, 2]) == [1, 2]
    assert complaint_of(items(integer(), most=2), [1, 2, 3]) == ("items_at_most", 2)
    assert complaint_of(items(integer()), "1").code == "array"
    assert complaint_of(items(integer()), {"0": 1}).code == "array"


@pytest.mark.parametrize("nothing", [None, "", " \u200b"])
def test_only_what_is_required_must_be_there(nothing: Any):
    fields = {"name": required(text()), "note": text()}
    for value in ({}, {"name": nothing, "note": nothing}):
        complaints = Complaints()
        assert read_members(fields, read(value), complaints, "metadata") == {"name": None, "note": None}
        assert complaints == {"metadata.name": [("required", None)]}


@pytest.mark.parametrize(
    ("value", "code"),
    [("#ffff", "color"), ("fff", "color"), ("#ggg", "color"), ("#fff\n0", "color"), ("#fffffff", "characters_at_most")],
)
def test_a_colour_is_three_or_six_hex_digits(value: str, code: str):
    assert complaint_of(color(), value).code == code
    assert field_value(color(), " #0aF ") == "#0aF"
    assert field_value(color(), "#22aA44") == "#22aA44"


@pytest.mark.parametrize("value", [0, 1, "x", False, [], {}])
def test_what_cannot_be_changed_may_be_null_and_nothing_else(value: Any):
    assert field_value(unchangeable(), None) is None
    assert complaint_of(unchangeable(), value).code == "unchangeable"


def test_of_what_was_sent_null_is_told_from_absent():
    fields = {"name": required(text()), "size": integer(), "note": text()}
    complaints = Complaints()
    assert read_sent_members(fields, read({"size": "5", "note": " ", "other": 1}), complaints) == {
        "size": 5,
        "note": None,
    }
    assert read_sent_members(fields, {}, complaints) == {}
    assert not complaints
    assert read_sent_members(fields, {"name": None}, complaints) == {"name": None}
    assert {path: [told.code for told in found] for path, found in complaints.items()} == {"name": ["required"]}
