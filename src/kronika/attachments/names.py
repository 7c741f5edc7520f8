"""Names of files, which come from anywhere: to show, for headers, and for entries of an archive."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from kronika.input.normalise import clean_text

LONGEST_NAME: Final = 255
"""Characters of a name that is kept; bytes of UTF-8 of one in an archive, which is what file systems take."""
_NAMELESS: Final = "file"
_LONGEST_EXTENSION: Final = 20
# Marks and overrides of writing direction: `invoice\u202efdp.exe` reads as `invoiceexe.pdf`.
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_NOT_IN_WINDOWS: Final = frozenset('<>:"|?*')
# Devices there, whatever follows the first dot.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³]) *(?:\.|$)", re.IGNORECASE)


def shown_name(sent: str | None) -> str:
    """The last component of what a client called its file, without what cannot be seen; shortened before its extension.

    `C:\\docs\\a.pdf` and `../../a.pdf` are `a.pdf`. What leaves nothing is `file`.
    """
    visible = "".join(
        c
        for c in unicodedata.normalize("NFC", sent or "")
        if c not in _BIDI and unicodedata.category(c) not in _INVISIBLE
    )
    name = clean_text(visible.replace("\\", "/").rpartition("/")[2]) or ""
    if not name.strip("."):
        return _NAMELESS
    stem, extension = _split(name)
    return stem[: LONGEST_NAME - len(extension)].rstrip() + extension


def disposition(name: str, *, inline: bool) -> str:
    """A Content-Disposition by RFC 6266: a plain name that any client understands, and the real one beside it."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    kind = "inline" if inline else "attachment"
    exact = quote(name, safe="!#$&+-.^_`|~", encoding="utf-8")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def archive_names(names: Iterable[str]) -> list[str]:
    """The same names as entries of one archive: each once, whatever letters are capital, each a plain file anywhere."""
    taken: set[str] = set()
    found: list[str] = []
    for name in names:
        plain = "".join("_" if c in _NOT_IN_WINDOWS else c for c in shown_name(name)).rstrip(". ") or _NAMELESS
        if _DEVICE.match(plain):
            plain = f"_{plain}"
        stem, extension = _split(plain)
        number, unique = 1, _fitted(stem, extension)
        while unique.casefold() in taken:
            number += 1
            unique = _fitted(stem, f" ({number}){extension}")
        taken.add(unique.casefold())
        found.append(unique)
    return found


def extension_of(name: str) -> str:
    """`.docx`, in small letters; empty when there is none."""
    return _split(name)[1].lower()


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not stem.strip(".") or not dot or not extension or len(extension) >= _LONGEST_EXTENSION:
        return name, ""
    return stem, dot + extension


def _fitted(stem: str, end: str) -> str:
    room = LONGEST_NAME - len(end.encode())
    fitted = stem.encode()[:room].decode(errors="ignore").rstrip() + end
    return fitted.rstrip(". ") or _NAMELESS
