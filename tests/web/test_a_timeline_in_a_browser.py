"""The timeline in a real Chromium: writing, sending files, losing the network, seeing what others do."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits
from support.files import PDF, PNG

SignedIn = Callable[..., Awaitable[Page]]
LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param(
        {"width": 390, "color_scheme": "dark", "has_touch": True, "locale": "sk-SK"}, id="dark, phone, Slovak"
    ),
]


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    return served.place.json("token", "create", "--company", "1", "--name", "tests", "--scope", "write")["token"]


@pytest.fixture
def timeline(served: Served, token: str) -> str:
    """The page of a new client in the company of the demo."""
    headers = {"Authorization": f"Bearer {token}"}
    made = httpx2.post(f"{served.place.api}/clients", json={"name": "Žilina Trade s.r.o."}, headers=headers)
    return f"/c/1/clients/{made.json()['id']}"


async def choose(page: Page, kind: str) -> None:
    """As a hand would; on a phone it opens the sheet."""
    await page.locator(".kinds label", has=page.locator(f"[value={kind}]")).click()


async def write(page: Page, text: str) -> None:
    if await page.locator(".composer-fields").is_hidden():
        await choose(page, await page.locator("[name=type]:checked").input_value())
    await page.fill("#c-content", text)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".event .said", has_text=text)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
async def test_each_kind_is_recorded_with_its_files_and_the_page_stays_accessible(
    signed_in: SignedIn, look: dict[str, Any], timeline: str
):
    page = await signed_in(**look)
    await page.goto(timeline)
    await expect(page.locator(".live.on")).to_be_visible()
    await choose(page, "note")
    await page.set_input_files(
        "input[type=file]",
        [
            {"name": "photo.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "unwanted.txt", "mimeType": "text/plain", "buffer": b"x"},
        ],
    )
    await expect(page.locator("[data-kept] input[name=kept]")).to_have_count(3)
    await page.locator("[data-kept] li", has_text="unwanted").locator("button").click()
    await write(page, "With files")
    event = page.locator(".event", has_text="With files")
    await expect(event.locator("img")).to_have_attribute("alt", "photo.png")
    assert await event.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    await expect(event.locator(".file", has_text="contract.pdf")).to_be_visible()
    await expect(page.locator("[data-kept] li")).to_have_count(0)
    await choose(page, "email")
    await page.fill("#c-email", "buyer@example.test")
    await write(page, "By mail")
    await choose(page, "phone_call")
    await page.fill("#c-person", "Eva")
    await write(page, "By phone")
    await choose(page, "document_linked")
    await page.fill("#c-number", "2")
    await page.locator(".found label").first.click()
    await axe_clean(page)
    await page.click("[data-send]")
    await expect(page.locator(".document-card").first).to_be_visible()
    await page.locator(".event [data-edit]").nth(1).click()
    await expect(page.locator("[data-edit-form]")).to_be_visible()
    await axe_clean(page)
    assert await fits(page)


async def test_pictures_and_pdfs_are_shown_over_the_page(signed_in: SignedIn, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    files = [
        ("photo.png", "image/png", PNG),
        ("notes.txt", "text/plain", b"x"),
        ("contract.pdf", "application/pdf", PDF),
    ]
    await page.set_input_files(
        "input[type=file]", [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    )
    await expect(page.locator("[data-kept] input[name=kept]")).to_have_count(3)
    await write(page, "With files")
    await page.locator(".picture").click()
    shown = page.get_by_role("dialog", name="photo.png")
    await expect(shown.locator("img")).to_be_visible()
    await axe_clean(page)
    if await page.evaluate("navigator.pdfViewerEnabled"):
        await page.keyboard.press("ArrowRight")
        shown = page.get_by_role("dialog", name="contract.pdf")
        address = await shown.locator("iframe").get_attribute("src")
        assert address == await shown.get_by_role("link", name="Open in a new tab").get_attribute("href")
    await page.keyboard.press("Escape")
    await expect(shown).to_be_hidden()
    await expect(page.locator(".picture")).to_be_focused()
    async with page.context.expect_page() as tab:
        await page.locator(".picture").click(modifiers=["Control"])
    assert (await (await tab.value).wait_for_function("document.images.length === 1")) is not None


async def test_on_a_phone_the_composer_is_a_sheet_that_loses_nothing(signed_in: SignedIn, timeline: str):
    page = await signed_in(width=390, has_touch=True)
    await page.goto(timeline)
    content = page.locator("#c-content")
    await expect(content).to_be_hidden()
    await page.locator(".kinds label").nth(2).tap()
    await expect(page.locator("#c-person")).to_be_focused()
    await page.fill("#c-content", "They accept")
    await page.keyboard.press("Escape")
    await expect(content).to_be_hidden()
    await expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    await expect(page.locator("[value=phone_call]")).to_be_focused()
    await page.reload()
    await page.locator(".kinds label").nth(0).tap()
    await expect(content).to_have_value("They accept")
    await axe_clean(page)
    await page.get_by_role("button", name="Close").tap()
    await expect(content).to_be_hidden()
    await page.locator(".kinds label").nth(0).tap()
    await page.locator("[data-send]").tap()
    await expect(page.locator(".event .said", has_text="They accept")).to_be_visible()
    await expect(content).to_be_hidden()
    await expect(page.get_by_text("Draft", exact=True)).to_be_hidden()


async def test_what_one_writes_another_sees_at_once(signed_in: SignedIn, timeline: str):
    writer, reader = await signed_in(), await signed_in()
    for page in (writer, reader):
        await page.goto(timeline)
        await expect(page.locator(".live.on")).to_be_visible()
    await reader.fill("#c-content", "half a sentence")
    await reader.evaluate(
        "new MutationObserver((all) => { const now = Date.now();"
        " for (const one of all) for (const node of one.addedNodes) if (node.id?.startsWith('event-'))"
        " (window.seen ??= {})[node.querySelector('.said').textContent] = now; })"
        ".observe(document.getElementById('timeline'), { childList: true, subtree: true })"
    )
    # The first of a day arrives within its day.
    await write(writer, "To begin with")
    await expect(reader.locator(".event .said", has_text="To begin with")).to_be_visible()
    taken: list[float] = []
    for number in range(9):
        text = f"Written {number}"
        await writer.fill("#c-content", text)
        begun = await writer.evaluate("Date.now()")
        await writer.keyboard.press("Control+Enter")
        await expect(reader.locator(".event .said", has_text=text)).to_be_visible()
        taken.append(await reader.evaluate("text => window.seen[text]", text) - begun)
    assert statistics.median(taken) < 300, taken
    await expect(reader.locator("#c-content")).to_have_value("half a sentence")
    await expect(reader.locator("#c-content")).to_be_focused()
    # A correction and a removal arrive as well.
    event = writer.locator(".event", has_text="Written 3")
    await event.locator("[data-edit]").click()
    await event.locator("textarea").fill("Corrected")
    await event.locator("textarea").press("Control+Enter")
    await expect(reader.locator(".event .said", has_text="Corrected")).to_be_visible()
    await expect(reader.locator(".event .said", has_text="Written 3")).to_have_count(0)
    # Who has scrolled is told by a pill.
    await reader.set_viewport_size({"width": 1280, "height": 300})
    await reader.evaluate("scrollTo(0, 900)")
    for text in ("One more", "And another"):
        await write(writer, text)
    await expect(reader.locator("[data-pill]")).to_have_text("2 new")
    await expect(reader.locator(".event", has_text="One more")).to_have_count(0)
    await reader.click("[data-pill]")
    await expect(reader.locator(".event", has_text="One more")).to_be_visible()
    await expect(reader.locator("[data-pill]")).to_be_hidden()


async def test_a_draft_outlives_a_reload_and_a_failed_send_is_not_made_twice(signed_in: SignedIn, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    await page.set_input_files("input[type=file]", [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"}])
    await expect(page.locator("[data-kept] input[name=kept]")).to_have_count(1)
    await page.fill("#c-content", "Not to be lost")
    await page.reload()
    await expect(page.locator("#c-content")).to_have_value("Not to be lost")
    await expect(page.locator("[data-kept] input[name=kept]")).to_have_count(1)

    # It arrives, but its answer does not.
    async def lose(route: Any) -> None:
        await route.fetch()
        await route.abort()

    await page.route(f"**{timeline}", lose)
    await page.click("[data-send]")
    await expect(page.locator(".composer [data-trouble]")).to_contain_text("Everything is kept")
    await expect(page.locator("#c-content")).to_have_value("Not to be lost")
    await page.unroute(f"**{timeline}")
    await page.reload()
    await page.click("[data-send]")
    await expect(page.locator("#c-content")).to_have_value("")
    await page.reload()
    await expect(page.locator("#c-content")).to_have_value("")
    await expect(page.locator(".event", has_text="Not to be lost")).to_have_count(1)


async def test_the_dot_says_when_there_is_no_connection_and_what_was_missed_comes(signed_in: SignedIn, timeline: str):
    page, other = await signed_in(), await signed_in()
    for one in (page, other):
        await one.goto(timeline)
    await expect(page.locator(".live.on")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.locator(".live.off")).to_have_text("Offline")
    await page.fill("#c-content", "Typed without a network")
    await page.click("[data-send]")
    await expect(page.locator(".composer [data-trouble]")).to_contain_text("Everything is kept")
    await write(other, "Missed")
    await page.context.set_offline(False)
    await expect(page.locator(".live.on")).to_be_visible()
    await expect(page.locator(".event .said", has_text="Missed")).to_be_visible()
    await page.click("[data-send]")
    await expect(page.locator(".event .said", has_text="Typed without a network")).to_be_visible()


async def test_a_deletion_can_be_undone_and_leaving_the_page_ends_the_wait(signed_in: SignedIn, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    await write(page, "Stays")
    await write(page, "Goes")
    for text in ("Stays", "Goes"):
        await page.locator(".event", has_text=text).locator("[data-delete]").click()
        await expect(page.locator(".event", has_text=text)).to_be_hidden()
        if text == "Stays":
            await page.click(".gone-line button")
            await expect(page.locator(".event", has_text=text)).to_be_visible()
    await page.goto("/account")
    await page.goto(timeline)
    await expect(page.locator(".event", has_text="Stays")).to_be_visible()
    await expect(page.locator(".event", has_text="Goes")).to_have_count(0)


async def test_older_events_come_as_one_scrolls(signed_in: SignedIn, served: Served, timeline: str):
    page = await signed_in()
    await page.goto(timeline)
    for number in range(45):
        answer = await page.request.post(
            timeline,
            multipart={
                "form_token": await page.locator(".composer [name=form_token]").input_value(),
                "type": "note",
                "content": f"Number {number}.",
            },
            headers={"X-Part": "1"},
        )
        assert answer.ok
    await page.goto(timeline)
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(page.get_by_text("Number 0.", exact=True)).to_be_attached()
    assert await page.locator(".event .said", has_text="Number ").count() == 45


async def test_without_scripts_everything_but_the_live_parts_works(
    signed_in: SignedIn, new_page: SignedIn, served: Served, timeline: str
):
    await signed_in()
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.goto(timeline)
    await page.check("[value=phone_call]", force=True)
    await page.fill("#c-person", "Eva")
    await page.fill("#c-content", "Plainly")
    await page.set_input_files("input[type=file]", [{"name": "a.png", "mimeType": "image/png", "buffer": PNG}])
    await page.click("[data-send]")
    event = page.locator(".event", has_text="Plainly")
    await expect(event.locator("img")).to_be_visible()
    await event.locator("[data-edit]").click()
    await page.fill("textarea", "Corrected plainly")
    await page.click("main .main")
    event = page.locator(".event.lit", has_text="Corrected plainly")
    await expect(event).to_be_visible()
    await event.locator("[data-delete]").click()
    await page.click("main .bad")
    await expect(page.get_by_role("status").first).to_contain_text("Deleted.")
    await expect(page.locator(".event", has_text="Corrected plainly")).to_have_count(0)
