from __future__ import annotations

import pytest

from kronika.feed.csv.values import DecimalMark, plain_amount, plain_day

COMMA, POINT = DecimalMark(","), DecimalMark(".")
SAID_COMMA, SAID_POINT = DecimalMark(",", is_said=True), DecimalMark(".", is_said=True)


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("5", "5"),
        ("1234.5", "1234.5"),
        ("1234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234\u202f567,8", None),
        ("1\u00a0234\u00a0567,8", "1234567.8"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("-1 234,56", "-1234.56"),
        ("\u2212 5", "-5"),
        ("+5", "+5"),
        ("0,005", "0.005"),
        ("1234.567", "1234.567"),
        ("12 34", None),
        ("1234 567", None),
        ("1.23.456", None),
        ("1,234.567,89", None),
        ("1.234 567,89", None),
        (",5", None),
        ("5,", None),
        ("1e5", None),
        ("", None),
        ("-", None),
        ("٣", None),
    ],
)
def test_what_can_only_be_one_amount_is_that_amount(cell: str, plain: str | None):
    for mark in (COMMA, POINT):
        assert plain_amount(cell, mark) == plain


@pytest.mark.parametrize(
    ("cell", "mark", "plain"),
    [
        ("1,234", COMMA, "1.234"),
        ("1,234", POINT, "1234"),
        ("1.234", COMMA, "1234"),
        ("1.234", POINT, "1.234"),
        ("1,234", SAID_POINT, "1234"),
        ("1,23", SAID_POINT, None),
        ("1234.5", SAID_COMMA, None),
        ("1.234,5", SAID_COMMA, "1234.5"),
        ("1,234,5", SAID_COMMA, None),
    ],
)
def test_what_could_be_two_amounts_is_told_apart_by_the_decimal_mark(cell: str, mark: DecimalMark, plain: str | None):
    assert plain_amount(cell, mark) == plain


def test_a_rate_has_no_thousands_unless_the_mark_was_said():
    assert plain_amount("25.134", COMMA, grouped=False) == "25.134"
    assert plain_amount("25,134", POINT, grouped=False) == "25.134"
    assert plain_amount("25.134", SAID_COMMA, grouped=False) == "25134"


@pytest.mark.parametrize("cell", ["1 234,56 €", "€1234.56", "1234,56EUR", "eur 1.234,56"])
def test_the_sign_of_its_own_currency_may_stand_beside_an_amount(cell: str):
    assert plain_amount(cell, COMMA, ("EUR", "€")) == "1234.56"
    assert plain_amount(cell, COMMA, ("CZK", "Kč")) is None


def test_a_minus_may_stand_before_the_sign():
    assert plain_amount("-€ 5", COMMA, ("EUR", "€")) == "-5"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("10.3.2026", "2026-03-10"),
        ("10. 3. 2026", "2026-03-10"),
        ("10.\u00a003.\u00a02026", "2026-03-10"),
        ("2026-03-10", "2026-03-10"),
        ("10/03/2026", "10/03/2026"),
        ("10.3.26", "10.3.26"),
    ],
)
def test_a_day_may_be_written_with_points(cell: str, day: str):
    assert plain_day(cell, None) == day
