"""How what people write of users is read and judged."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from kronika.errors import Complaints
from kronika.input.fields import LONGEST_LINE, Field, choice, email, required, text
from kronika.users.models import LANGUAGES, ROLES, THEMES

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
"""Characters. As NIST SP 800-63B has it: long enough, and no rules of what is in it."""

NAME: Final[Mapping[str, Field[Any]]] = {"name": required(text(characters=LONGEST_LINE))}
PROFILE: Final = {**NAME, "language": choice(*LANGUAGES), "theme": choice(*THEMES)}
EMAIL: Final[Mapping[str, Field[Any]]] = {"email": required(email())}
INVITATION: Final = {**EMAIL, "role": required(choice(*ROLES))}
ROLE: Final[Mapping[str, Field[Any]]] = {"role": required(choice(*ROLES))}


def email_key(address: str) -> str:
    """What two spellings of one address have in common: case does not count, nor how a letter is composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address).casefold())


def judge_new_password(password: str, field: str, complaints: Complaints, *, owner: tuple[str | None, ...]) -> None:
    """Complains about one that is too short or too easily guessed. `owner`: e-mail and name of whose it is."""
    if len(password) < SHORTEST_PASSWORD:
        complaints.add(field, "password_at_least", SHORTEST_PASSWORD)
    elif len(password) > LONGEST_PASSWORD:
        complaints.add(field, "characters_at_most", LONGEST_PASSWORD)
    elif len(set(password)) == 1 or password.casefold() in {name.casefold() for name in owner if name}:
        complaints.add(field, "password_guessable")
