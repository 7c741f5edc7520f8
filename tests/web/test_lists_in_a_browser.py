"""Contacts and cases in a real Chromium: a list that follows what is written, and pages judged by axe."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param(
        {"width": 390, "color_scheme": "dark", "has_touch": True, "locale": "sk-SK"}, id="dark, phone, Slovak"
    ),
]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_contacts_and_cases_is_accessible_and_fits(
    signed_in: SignedIn, served: Served, look: dict[str, Any]
):
    page = await signed_in(**look)
    here = f"/c/{served.companies[0]}"

    async def judge() -> None:
        await axe_clean(page)
        assert await fits(page), page.url

    async def first_of(path: str) -> str:
        await page.goto(path)
        await judge()
        return await page.locator("a.over").first.get_attribute("href") or ""

    contact, case = await first_of(f"{here}/contacts"), await first_of(f"{here}/cases")
    for path in (
        f"{here}/contacts?kind=supplier&search=nothing+like+it",
        contact,
        f"{contact}/edit",
        f"{contact}/delete",
        case,
        f"{case}/edit",
        f"{case}/delete",
        f"{here}/cases?clientId={contact.rpartition('/')[2]}",
        f"{here}/cases/new?search=a",
        f"{here}/cases/new?clientId={contact.rpartition('/')[2]}",
        f"/c/{served.companies[1]}/cases",
    ):
        await page.goto(path)
        await judge()
    await page.goto(f"{contact}/edit")
    await page.evaluate("for (const form of document.forms) form.noValidate = true")
    await page.fill("#name", "")
    await page.fill("#email", "nobody")
    await page.click("main form .main")
    await expect(page.locator(".error")).to_have_count(2)
    await expect(page.locator("#name")).to_be_focused()
    await judge()


async def test_the_list_follows_what_is_written_and_so_does_its_address(signed_in: SignedIn, served: Served):
    page = await signed_in()
    here = f"/c/{served.companies[0]}/contacts"
    await page.goto(here)
    names = page.locator("a.over")
    all_names = await names.all_inner_texts()
    assert len(all_names) > 1
    await expect(page.locator("[data-plain]")).to_be_hidden()
    await page.click("#search")
    await page.keyboard.type("jezk")
    await expect(names).to_have_text(["Kaviareň U Ježka s.r.o."])
    await expect(page).to_have_url(re.compile(r"\?search=jezk$"))
    await expect(page.locator("#told")).to_have_text("1 found.")
    await expect(page.locator("#tabs .count").first).to_have_text("1")
    await expect(page.locator("#search")).to_be_focused()
    await names.click()
    await expect(page.locator("h1")).to_have_text("Kaviareň U Ježka s.r.o.")
    await page.go_back()
    await expect(page.locator("#search")).to_have_value("jezk")
    await expect(names).to_have_count(1)
    await page.fill("#search", "")
    await expect(names).to_have_text(all_names)
    await page.select_option("#sort", "name-desc")
    await expect(names).to_have_text(all_names[::-1])
    # Where the server does not answer, what is there stays, and it is said.
    await page.route("**/contacts?*", lambda route: route.abort())
    await page.fill("#search", "zuz")
    await expect(page.get_by_text("The server did not answer.")).to_be_visible()
    await expect(names).to_have_text(all_names[::-1])
    await page.unroute("**/contacts?*")
    await page.press("#search", "Enter")
    await expect(names).to_have_text(["Zuzana Kováčová"])
    await expect(page.get_by_text("The server did not answer.")).to_have_count(0)


async def test_a_session_that_has_ended_leads_from_the_list_to_signing_in(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(f"/c/{served.companies[0]}/contacts")
    await page.context.clear_cookies()
    await page.fill("#search", "zuz")
    await page.wait_for_url(re.compile(r"/sign-in\?next="))


async def test_without_scripts_a_contact_is_found_made_and_deleted(
    signed_in: SignedIn, new_page: SignedIn, served: Served
):
    await signed_in()
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.goto(f"/c/{served.companies[1]}/contacts?kind=supplier")
    await page.click(".head .main")
    await page.fill("#name", "Čierna Mať s.r.o.")
    await page.select_option("#countryId", label="Czechia")
    await page.click("main form .main")
    await expect(page.get_by_role("status").filter(has_text="Added")).to_be_visible()
    await page.goto(f"/c/{served.companies[1]}/contacts?kind=supplier")
    await page.fill("#search", "cierna mat")
    await page.click("[data-plain]")
    await page.click("a.over")
    await page.locator(".subject").get_by_role("link", name="Edit").click()
    await expect(page.locator("#countryId")).to_have_value("203")
    await page.click("text=Delete the supplier")
    await page.fill("#name", "Čierna Mať s.r.o.")
    await page.click("main form .bad")
    await expect(page.get_by_role("status").first).to_have_text(re.compile("Deleted"))
