"""The words of events as the database keeps them."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kronika.folding import searched_words

# Letters that SQL's lower() folds in any locale, and everything that divides.
_LETTERS = st.sampled_from(
    [*"abzAŽčŁßÆœЖщΩς日שنम्ते9½㌖™…«»\u2018—\u00ad\u200b\u202f\u1680 \n\t.,/\\'\":&|!()<>*-_@#%🙂ªº²"]
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(_LETTERS, max_size=120))
def test_the_code_divides_words_as_the_database_does(owner: psycopg.Connection, text: str):
    row = owner.execute("SELECT searched_words(%s) AS words", [text]).fetchone()
    assert row["words"] == searched_words(text)


def test_every_character_that_divides_in_the_code_divides_in_the_database(owner: psycopg.Connection):
    every = [chr(n) for n in range(1, 0x20000) if not 0xD800 <= n < 0xE000]
    row = owner.execute(
        "SELECT array_agg(c ORDER BY place) AS dividers FROM unnest(%s::text[]) WITH ORDINALITY AS e (c, place)"
        " WHERE searched_words('a' || c || 'a') = 'a a'",
        [every],
    ).fetchone()
    assert row["dividers"] == [c for c in every if searched_words(f"a{c}a") == "a a"]


def test_words_are_cut_and_counted_alike(owner: psycopg.Connection):
    for text in ("ž" * 100 + " " + "b" * 41, " ".join(f"w{n}" for n in range(10_050)), "", "   ", "...a..."):
        row = owner.execute("SELECT searched_words(%s) AS words", [text]).fetchone()
        assert row["words"] == searched_words(text)


def test_placed_words_hold_whatever_words_can_be(owner: psycopg.Connection):
    row = owner.execute("SELECT placed_words(7, 2, 'zilina a') AS words, placed_words(7, 2, '') AS none").fetchone()
    assert row == {"words": "'7.2/a' '7.2/zilina'", "none": ""}
