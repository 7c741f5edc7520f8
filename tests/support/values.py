"""Any value that JSON can hold, as a client might send it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from kronika.errors import Complaints
from kronika.input.normalise import decode

# White_Space of the Unicode character database, zero-width space, byte order mark.
WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)
# These four are white space to some and not to others, and no rule is made about them.
UNDECIDED = "\x1c\x1d\x1e\x1f"

blanks = st.text(st.sampled_from(WHITE), max_size=3)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0" + UNDECIDED), max_size=8)
texts = st.tuples(blanks, words, blanks).map("".join)
names = st.sampled_from(["a", "b", "c", " a", "", "ž"]) | words
integers = st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9)
floats = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9).map(float)
values = st.recursive(
    st.none() | st.booleans() | integers | floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=5)


def read(value: dict[str, Any]) -> dict[str, Any]:
    """The value, sent as JSON and normalised; fails when there are complaints."""
    complaints = Complaints()
    normalised = decode(json.dumps(value, ensure_ascii=False).encode(), complaints)
    assert not complaints
    return normalised
