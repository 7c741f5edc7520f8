"""What is marked in a text is what was looked for, with its diacritics, and nothing is lost around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kronika.folding import folded, searched_words
from kronika.search.marking import Excerpt, excerpt, spans_anywhere, spans_of_beginnings


def marked(text: str, *words: str) -> list[str]:
    return [text[begin:end] for begin, end in spans_of_beginnings(text, words)]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Dodávka do Žiliny", ["zil"], ["Žil"]),
        ("Zˇ je nic, Z\u030cilina", ["zil"], ["Z\u030cil"]),
        ("koniec cafe\u0301", ["cafe"], ["cafe\u0301"]),
        ("Straße a STRASSE", ["strass"], ["Straß", "STRASS"]),
        ("ÆGIR", ["ae"], ["Æ"]),
        ("a ab abc", ["ab"], ["ab", "ab"]),
        ("a ab abc", ["a"], ["a"]),
        ("podávka", ["davka"], []),
        ("jana.novak@example.test", ["novak", "example"], ["novak", "example"]),
        ("½ hodiny", ["hod"], ["hod"]),
        ("ŽILINA-Žilina", ["zilina"], ["ŽILINA", "Žilina"]),
        ("", ["a"], []),
        ("ďaleko", ["da", "dale"], ["ďale"]),
        ("שלום עולם", ["עול"], ["עול"]),
    ],
)
def test_beginnings_of_words_are_marked_as_they_are_written(text: str, words: list[str], found: list[str]):
    assert marked(text, *words) == found


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Kaviareň U Ježka", ["ezk", "ka"], ["Ka", "ežk"]),
        ("20260017", ["0017"], ["0017"]),
        ("2026/17", ["26/1"], ["26/1"]),
        ("Hotel", ["te"], []),
        ("aaaa", ["aaa"], ["aaa"]),
        ("Müller", ["ÜLL"], ["üll"]),
    ],
)
def test_anywhere_in_a_word_from_three_characters_on(text: str, words: list[str], found: list[str]):
    assert [text[begin:end] for begin, end in spans_anywhere(text, words)] == found


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=6), max_size=4))
def test_the_pieces_of_a_text_are_the_text_and_the_marked_ones_begin_as_a_word_does(text: str, written: list[str]):
    words = searched_words(" ".join(written)).split()
    pieces = Excerpt(text, spans_of_beginnings(text, words)).pieces()
    assert "".join(piece.text for piece in pieces) == text
    for piece in pieces:
        if piece.is_marked:
            assert any(folded(piece.text).strip().startswith(word[:1]) for word in words)
    assert "".join(piece.text for piece in Excerpt(text, spans_anywhere(text, written)).pieces()) == text


@given(st.text("ab č\n", max_size=500), st.text("abč", min_size=1, max_size=3))
def test_a_line_is_short_and_shows_the_first_mark(text: str, word: str):
    spans = spans_of_beginnings(text, [folded(word)])
    line = excerpt(text, spans)
    assert len(line.text) <= 162
    assert "\n" not in line.text
    assert bool(spans) == any(piece.is_marked for piece in line.pieces())
    for piece in line.pieces():
        if piece.is_marked:
            assert folded(piece.text) == folded(word)


def test_a_long_text_is_cut_at_words_on_both_sides():
    text = "prvé slová " * 20 + "hľadané tu " + "ďalšie slová " * 20
    line = excerpt(text, spans_of_beginnings(text, ["hladan"]))
    assert line.text.startswith("…")
    assert line.text.endswith("…")
    assert [piece.text for piece in line.pieces() if piece.is_marked] == ["hľadan"]
    assert line.text.strip("…") in text
