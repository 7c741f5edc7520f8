"""Single keys in a real Chromium: along a timeline, into the composer, the list of them, and none where one types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]
NOTES = ["First", "Second", "Third"]


@pytest.fixture(scope="module")
def timeline(served: Served) -> str:
    """The page of a client with three notes, of which the last is at the top."""
    token = served.place.json("token", "create", "--company", "1", "--name", "keys", "--scope", "write")["token"]
    with httpx2.Client(base_url=served.place.api, headers={"Authorization": f"Bearer {token}"}) as api:
        client = api.post("/clients", json={"name": "Kľúče s.r.o."}).json()["id"]
        for content in NOTES:
            metadata = {"content": content}
            api.post("/contact-activity-logs", json={"clientId": client, "type": "note", "metadata": metadata})
    return f"/c/1/clients/{client}"


async def test_j_and_k_go_along_the_timeline(signed_in: SignedIn, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    focused = page.locator("#timeline li:focus .said")
    for key, note in (("j", "Third"), ("j", "Second"), ("j", "First"), ("j", "First"), ("k", "Second"), ("k", "Third")):
        await page.keyboard.press(key)
        await expect(focused).to_have_text(note)
    await page.keyboard.press("Tab")
    await page.keyboard.press("j")
    await expect(focused).to_have_text("Second")


@pytest.mark.parametrize("look", [{}, {"width": 390, "has_touch": True}], ids=["wide", "phone"])
async def test_n_e_and_c_begin_a_note_an_e_mail_and_a_call(signed_in: SignedIn, look: dict, timeline: str):
    page = await signed_in(**look)
    await page.goto(timeline)
    for key, kind, field in (("n", "note", "content"), ("e", "email", "email"), ("c", "phone_call", "personName")):
        await page.keyboard.press(key)
        await expect(page.locator(f"[name=type][value={kind}]")).to_be_checked()
        await expect(page.locator(f".composer [name={field}]")).to_be_focused()
        await expect(page.locator(f".composer [name={field}]")).to_have_value("")
        # Who types writes letters.
        await page.keyboard.type("jkne?")
        await expect(page.locator(f".composer [name={field}]")).to_have_value("jkne?")
        await page.fill(f".composer [name={field}]", "")
        await page.locator(f".composer [name={field}]").blur()


@pytest.mark.parametrize("look", [{}, {"width": 390, "color_scheme": "dark", "locale": "sk-SK"}], ids=["wide", "phone"])
async def test_a_question_mark_shows_them_all_and_escape_leads_back(signed_in: SignedIn, look: dict, timeline: str):
    page = await signed_in(**look)
    await page.goto(timeline)
    await page.keyboard.press("j")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_role("dialog").locator("kbd", has_text="j")).to_be_visible()
    await axe_clean(page)
    assert await fits(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.locator("#timeline li:focus .said")).to_have_text("Third")
    await page.goto("/keys")
    await axe_clean(page)
    assert await fits(page)


async def test_they_can_be_turned_off_and_on_again(signed_in: SignedIn, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    await page.keyboard.press("?")
    await page.get_by_role("dialog").get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("n")
    assert not await page.evaluate("document.activeElement.closest('#timeline, .composer')")
    await page.goto("/keys")
    await page.get_by_role("checkbox").check()
    await page.goto(timeline)
    await page.keyboard.press("n")
    await expect(page.locator("#c-content")).to_be_focused()
