"""Home in a real Chromium: what happens slides in, the line stays, and everything can be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]
LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param(
        {"width": 360, "color_scheme": "dark", "has_touch": True, "locale": "sk-SK"}, id="dark, phone, Slovak"
    ),
]


@pytest.fixture(scope="module")
def record(served: Served) -> Callable[..., int]:
    """Records a note in the company of the demo; its id."""
    token = served.place.json("token", "create", "--company", "1", "--name", "tests", "--scope", "write")["token"]

    def record(text: str, client: int = 1) -> int:
        body = {"clientId": client, "type": "note", "metadata": {"content": text}}
        answer = httpx2.post(
            f"{served.place.api}/contact-activity-logs", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return record


@pytest.mark.parametrize("look", LOOKS)
async def test_home_is_accessible_and_fits(signed_in: SignedIn, served: Served, look: dict[str, Any]):
    page = await signed_in(**look)
    for company in served.companies:
        await page.goto(f"/c/{company}/home")
        await expect(page.locator(".live.on")).to_be_visible()
        if look["width"] < 720:
            await page.locator(".about summary").click()
        await expect(page.locator("#home-owed")).to_be_visible()
        await axe_clean(page)
        assert await fits(page)


async def test_the_chart_tells_its_numbers_to_who_does_not_see_it(signed_in: SignedIn):
    page = await signed_in()
    await page.goto("/c/1/home")
    chart = page.get_by_role("img", name="events in 12 months")
    await expect(chart).to_be_visible()
    rows = page.get_by_role("table", name="Activity by month").get_by_role("row")
    await expect(rows).to_have_count(13)
    numbers = [int(text.split()[-1].replace(",", "")) for text in (await rows.all_inner_texts())[1:]]
    name = await chart.get_attribute("aria-label") or ""
    assert int(name.split()[0].replace(",", "")) == sum(numbers)
    titles = [int(text.split(": ")[1].replace(",", "")) for text in await chart.locator("title").all_text_contents()]
    assert titles == numbers


async def test_what_happens_slides_in_and_waits_behind_a_pill_for_who_has_scrolled(
    signed_in: SignedIn, record: Callable[..., int]
):
    page = await signed_in()
    await page.goto("/c/1/home")
    await expect(page.locator(".live.on")).to_be_visible()
    event = record("Slides in")
    mine = page.locator(f"#event-{event}")
    await expect(mine).to_be_visible()
    await expect(mine.locator(".whose-is")).to_have_attribute("href", "/c/1/clients/1")
    first = page.locator("#timeline li[id]").first
    await expect(first).to_have_id(f"event-{event}")
    await page.evaluate("scrollTo(0, 600)")
    other = record("Waits")
    pill = page.locator("[data-pill]")
    await expect(pill).to_have_text("1 new")
    await expect(page.locator(f"#event-{other}")).to_have_count(0)
    await pill.click()
    await expect(page.locator(f"#event-{other}")).to_be_visible()
    await mine.locator(".when").click()
    await expect(page.locator(f"#event-{event}.lit")).to_be_visible()
    assert "/clients/1?at=" in page.url


async def test_what_was_on_the_page_is_told_when_its_reader_looks_away(signed_in: SignedIn, record: Callable[..., int]):
    page = await signed_in()
    await page.goto("/c/1/home")
    event = record("Looked at")
    await expect(page.locator(f"#event-{event}")).to_be_visible()
    async with page.expect_response("**/home/left") as told:
        await page.evaluate(
            """() => {
                Object.defineProperty(document, "visibilityState", { value: "hidden" });
                document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
            }"""
        )
    answer = await told.value
    assert answer.ok
    assert f"event={event}" in (answer.request.post_data or "")


async def test_older_events_come_as_one_scrolls(signed_in: SignedIn, record: Callable[..., int]):
    for number in range(25):
        record(f"Many {number}")
    page = await signed_in()
    await page.goto("/c/1/home")
    events = page.locator("#timeline li[id]")
    await expect(events).to_have_count(40)
    await page.locator(".more").scroll_into_view_if_needed()
    await expect(page.locator(".more")).to_have_count(0)
    assert await events.count() > 45
    days = await page.locator(".day").evaluate_all("days => days.map((day) => day.dataset.day)")
    assert days == sorted(set(days), reverse=True)


async def test_without_scripts_home_is_whole_and_goes_on(signed_in: SignedIn, new_page: SignedIn, served: Served):
    await signed_in()
    page = await new_page(java_script_enabled=False, width=360)
    await served.sign_in(page)
    await page.goto("/c/1/home")
    await expect(page.locator("#timeline li[id]")).to_have_count(40)
    await expect(page.locator("#home-owed")).to_be_visible()
    await page.locator(".more a").click()
    await expect(page.locator("h1")).to_have_text("What happened before")
    await page.get_by_role("link", name="To the newest").click()
    await expect(page.locator("h1")).to_have_text("Home")


async def test_home_leads_on_by_keyboard_alone(signed_in: SignedIn):
    page = await signed_in()
    await page.goto("/c/1/home")
    await page.get_by_role("link", name="All documents that are still to be paid").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/c/1/documents?state=open&sort=due")
    await page.goto("/c/1/home")
    await page.locator(".piles a").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("Cases")


async def test_on_a_phone_five_entries_are_at_the_bottom_and_settings_beside_who_one_is(signed_in: SignedIn):
    page = await signed_in(width=360, has_touch=True)
    await page.goto("/c/1/home")
    await expect(page.locator(".menu li:visible")).to_have_count(5)
    await page.locator(".top .drop.right summary").click()
    await page.locator(".top").get_by_role("link", name="Settings").click()
    await expect(page.locator("h1")).to_have_text("Settings")
