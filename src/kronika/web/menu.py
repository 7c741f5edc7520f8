"""What the menu names. An entry is one line here, a text in each language, and an icon of the sprite."""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """`path` is what follows `/c/7`; `text` a key of the catalogue, `icon` a symbol of icons.svg."""

    path: str
    text: str
    icon: str = ""
    owners_only: bool = False
    also: tuple[str, ...] = ()
    """What else it is the entry of."""
    is_wide: bool = False
    """On a phone it stands beside who you are: more than five do not fit at the bottom."""


MENU: Final = (
    Entry("/home", "menu.home", "home"),
    Entry("/contacts", "menu.contacts", "contacts", also=("/clients", "/suppliers")),
    Entry("/cases", "menu.cases", "cases"),
    Entry("/documents", "menu.documents", "documents"),
    Entry("/integrations", "menu.integrations", "integrations", owners_only=True),
    Entry("/settings", "menu.settings", "settings", is_wide=True),
)
"""In this order, at the left and on a phone at the bottom."""

START: Final = next(entry for entry in MENU if not entry.owners_only)
"""Where `/` leads: the first that is everybody's."""

INTEGRATIONS: Final = (
    Entry("/integrations/tokens", "menu.tokens"),
    Entry("/integrations/webhooks", "menu.webhooks"),
    Entry("/integrations/sandboxes", "menu.sandboxes"),
)
"""The pages of the integrations, as tabs."""

SETTINGS: Final = (
    Entry("/settings/company", "menu.company"),
    Entry("/settings/users", "menu.users", owners_only=True),
)
"""The pages of the settings, as tabs."""
