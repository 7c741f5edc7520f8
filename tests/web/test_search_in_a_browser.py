"""The search's box in a real Chromium: results as one writes, by keyboard alone, and pages judged by axe."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param({"width": 1280, "color_scheme": "dark", "locale": "sk-SK"}, id="dark, wide, Slovak"),
    pytest.param({"width": 360, "color_scheme": "light", "has_touch": True, "locale": "sk-SK"}, id="light, phone"),
    pytest.param({"width": 360, "color_scheme": "dark", "has_touch": True}, id="dark, phone"),
]


def here(served: Served, path: str = "/contacts") -> str:
    return f"/c/{served.companies[0]}{path}"


@pytest.mark.parametrize("look", LOOKS)
async def test_the_page_of_results_is_accessible_and_fits(signed_in: SignedIn, served: Served, look: dict[str, Any]):
    page = await signed_in(**look)
    for path in ("/search", "/search?q=2026", "/search?q=qqqq", "/search?q=a&in=events", f"/search?q={'w' * 255}"):
        await page.goto(here(served, path))
        await axe_clean(page)
        assert await fits(page), path


@pytest.mark.parametrize("look", LOOKS[:2])
async def test_what_hangs_below_the_box_is_accessible_and_fits(
    signed_in: SignedIn, served: Served, look: dict[str, Any]
):
    page = await signed_in(**look)
    await page.goto(here(served))
    await page.keyboard.press("/")
    await page.keyboard.type("2026")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await axe_clean(page)
    assert await fits(page)
    await page.fill("#seek", "qqqq")
    await expect(page.locator(".seek-results .nothing")).to_be_visible()
    await axe_clean(page)


async def test_by_keyboard_alone_a_result_is_found_chosen_and_opened(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    field, options = page.locator("#seek"), page.get_by_role("option")
    await page.keyboard.press("/")
    await expect(field).to_be_focused()
    await page.keyboard.type("jezk")
    await expect(options.first).to_contain_text("Kaviareň U Ježka s.r.o.")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await expect(field).to_have_role("combobox")
    await expect(page.locator("mark").first).to_have_text("Ježk")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator("#seek-all")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[aria-selected=true]")).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await expect(field).to_have_attribute("aria-activedescendant", await options.first.get_attribute("id") or "")
    await page.keyboard.press("Escape")
    await expect(options.first).to_be_hidden()
    await expect(field).to_be_focused()
    await expect(field).to_have_value("jezk")
    await page.keyboard.press("ArrowDown")
    await expect(options.first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Kaviareň U Ježka s.r.o.")


async def test_enter_without_a_choice_leads_to_all_results_and_tab_leaves_the_box(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    await page.keyboard.press("/")
    await page.keyboard.type("jezk")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("option").first).to_be_hidden()
    await page.keyboard.press("/")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/search\?q=jezk$"))
    await expect(page.locator("a.over").first).to_have_text("Kaviareň U Ježka s.r.o.")


async def test_a_slash_in_a_field_is_a_slash(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    await page.click("#search")
    await page.keyboard.type("a/b")
    await expect(page.locator("#search")).to_have_value("a/b")


async def test_a_late_answer_to_an_earlier_question_is_dropped(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    held, asked = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await held.wait()
        # Whoever asked may have gone.
        with_content = "<div role='listbox' id='seek-found' data-says='x'><a role='option' id='seek-1'>Late</a></div>"
        try:
            await route.fulfill(body=with_content, content_type="text/html")
        except Exception:  # noqa: BLE001 - it was taken back: that is what is wanted
            return

    await page.route("**/search?q=jez", late)
    await page.keyboard.press("/")
    await page.keyboard.type("jez")
    async with asyncio.timeout(10):
        await asked.wait()
    await page.keyboard.type("k")
    await expect(page.get_by_role("option").first).to_contain_text("Kaviareň")
    held.set()
    await page.unroute_all(behavior="wait")
    await expect(page.get_by_text("Late")).to_have_count(0)


async def test_where_the_server_does_not_answer_it_is_said_and_the_next_try_finds(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    await page.route("**/search?q=*", lambda route: route.abort())
    await page.keyboard.press("/")
    await page.keyboard.type("jezk")
    await expect(page.locator(".seek-results")).to_have_text("The server did not answer. Press Enter to try again.")
    await page.unroute("**/search?q=*")
    await page.keyboard.press("Backspace")
    await expect(page.get_by_role("option").first).to_contain_text("Kaviareň")


async def test_a_session_that_has_ended_leads_to_signing_in(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served))
    await page.context.clear_cookies()
    await page.keyboard.press("/")
    await page.keyboard.type("jezk")
    await page.wait_for_url(re.compile(r"/sign-in\?next="))


async def test_on_a_phone_an_icon_leads_to_a_page_whose_results_follow_what_is_written(
    signed_in: SignedIn, served: Served
):
    page = await signed_in(width=360, has_touch=True)
    await page.goto(here(served))
    await expect(page.locator("form.seek")).to_be_hidden()
    await page.tap(".seek-link")
    await expect(page.locator("#seek")).to_be_focused()
    await page.keyboard.type("jezk")
    await expect(page.locator("a.over").first).to_have_text("Kaviareň U Ježka s.r.o.")
    await expect(page).to_have_url(re.compile(r"\?q=jezk$"))


@pytest.mark.parametrize("width", [360, 720, 860, 1000])
async def test_the_search_has_its_place_however_long_names_are(signed_in: SignedIn, served: Served, width: int):
    page = await signed_in(width=width)
    await page.goto(f"/c/{served.companies[1]}/cases")
    await expect(page.locator(".live.on")).to_be_attached()
    await page.evaluate("for (const name of document.querySelectorAll('.top .cut')) name.textContent = 'W'.repeat(100)")
    assert await fits(page)
    await axe_clean(page)
    boxes = await page.locator(".top > *").evaluate_all(
        "(all) => all.map((one) => [one.getBoundingClientRect().left, one.getBoundingClientRect().right])"
    )
    assert all(after[0] >= before[1] for before, after in itertools.pairwise(boxes))
    seek = await page.locator(".seek, .seek-link").locator("visible=true").bounding_box()
    assert seek
    assert seek["width"] >= (200 if width >= 860 else 40)


async def test_what_another_writes_is_found_and_opened_at_its_place(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(here(served, "/clients/1"))
    await page.locator(".kinds label", has=page.locator("[value=note]")).click()
    await page.fill("#c-content", "Celkom ojedinelé slovo")
    await page.click("[data-send]")
    await expect(page.locator(".event").filter(has_text="ojedinelé")).to_be_visible()
    await page.goto(here(served))
    await page.keyboard.press("/")
    await page.keyboard.type("ojedinel")
    await expect(page.get_by_role("option").first).to_contain_text("Celkom ojedinelé slovo")
    await page.get_by_role("option").first.click()
    await expect(page.locator(".event").filter(has_text="ojedinelé")).to_be_in_viewport()
    await expect(page).to_have_url(re.compile(r"\?at=\d+#event-\d+$"))


async def test_without_scripts_the_box_leads_to_the_results(signed_in: SignedIn, new_page: SignedIn, served: Served):
    await signed_in()
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.goto(here(served))
    await page.fill("#seek", "jezk")
    await page.press("#seek", "Enter")
    await expect(page.locator("a.over").first).to_have_text("Kaviareň U Ježka s.r.o.")
