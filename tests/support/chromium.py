"""A real browser: the system's Chromium, driven by Playwright; none is downloaded."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page

from support.server import Installation

CHROMIUM = os.environ.get("KRONIKA_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NONE_HERE = "there is no Chromium on this machine: `make browser` gets one, or name one in KRONIKA_TEST_CHROMIUM"
# Without a sandbox, since the tests may run as root; and quiet, since Chromium else calls home.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
_STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = AXE_FILE_PATH.read_text(encoding="utf-8")


@dataclass
class Served:
    """A running server, its two companies, and Jana who owns both once she has followed the link."""

    place: Installation
    companies: list[int]
    link: str
    email: str = "jana@example.test"
    password: str = "a long password of hers"
    has_password: bool = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.place.port}"

    async def sign_in(self, page: Page) -> None:
        """By the link the first time, then by the form."""
        if self.has_password:
            await page.goto("/sign-in")
            await page.fill("#email", self.email)
            await page.fill("#password", self.password)
        else:
            await page.goto(self.link)
            await page.fill("#email", self.email)
            await page.fill("#name", "Jana Nováková")
            await page.fill("#new_password", self.password)
        await page.click("button.main")
        await page.wait_for_url("**/home")
        self.has_password = True


async def axe_clean(page: Page) -> None:
    """Fails, and says why, where axe finds that WCAG 2.2 AA or good practice is broken on the page as it is now."""
    # What is scrolled half under the frame is no small target.
    await page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    # Evaluated by the debugger's protocol, which a Content-Security-Policy does not hold back.
    await page.evaluate(_AXE)
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": _STANDARD}, "resultTypes": ["violations"]}
    found = await page.evaluate("options => axe.run(document, options)", options)
    told = [
        f"{rule['id']}: {rule['help']}\n    " + "\n    ".join(node["html"] for node in rule["nodes"])
        for rule in found["violations"]
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


async def fits(page: Page) -> bool:
    """Whether nothing on the page has to be pushed sideways to be seen."""
    return await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
