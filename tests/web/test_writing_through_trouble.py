"""Nothing that was typed or attached is lost or sent half, whatever the network does; in a real Chromium."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import httpx2
import pytest
from playwright.async_api import FilePayload, Page, Route, expect
from support.chromium import Served
from support.files import PNG

SignedIn = Callable[..., Awaitable[Page]]
PHOTO = FilePayload(name="photo.png", mimeType="image/png", buffer=PNG)


@pytest.fixture(scope="module")
def program(served: Served) -> Iterator[httpx2.Client]:
    token = served.place.json("token", "create", "--company", "1", "--name", "tests", "--scope", "write")["token"]
    with httpx2.Client(base_url=served.place.api, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def client_id(program: httpx2.Client) -> int:
    return program.post("/clients", json={"name": "Žilina Trade s.r.o."}).json()["id"]


@pytest.fixture
async def page(signed_in: SignedIn, client_id: int) -> Page:
    page = await signed_in()
    await page.goto(f"/c/1/clients/{client_id}")
    await expect(page.locator(".live.on")).to_be_visible()
    return page


async def test_a_file_that_was_lost_on_the_way_is_sent_again_with_the_form(page: Page):
    await page.route("**/uploads", lambda route: route.abort())
    await page.set_input_files("input[type=file]", [PHOTO])
    await expect(page.locator("[data-kept] .failed")).to_contain_text("photo.png: could not be sent")
    await page.unroute("**/uploads")
    await page.fill("#c-content", "With its photo")
    await page.click("[data-send]")
    await expect(page.locator(".event", has_text="With its photo").locator("img")).to_be_visible()


async def test_a_file_that_was_refused_is_not_left_out_silently(page: Page):
    await page.set_input_files("input[type=file]", [FilePayload(name="empty.png", mimeType="image/png", buffer=b"")])
    await expect(page.locator("[data-kept] .failed")).to_contain_text("empty.png")
    await page.fill("#c-content", "Without it")
    await page.click("[data-send]")
    await expect(page.locator("[data-trouble]")).to_contain_text("Some files were not taken")
    await page.locator("[data-kept] .failed button").click()
    await page.click("[data-send]")
    await expect(page.locator(".event .said", has_text="Without it")).to_be_visible()


async def test_who_writes_on_while_a_file_is_on_its_way_is_not_cut_off(page: Page):
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/uploads", hold)
    await page.set_input_files("input[type=file]", [PHOTO])
    await page.fill("#c-content", "Half a sent")
    await page.click("[data-send]")
    await expect(page.locator("[data-trouble]")).to_contain_text("Files are still on their way")
    await page.locator("#c-content").press_sequentially("ence")
    await expect(page.locator("[data-trouble]")).to_be_hidden()
    await held[0].continue_()
    await expect(page.locator("[data-kept] input[name=kept]")).to_have_count(1)
    await expect(page.locator("#c-content")).to_have_value("Half a sentence")
    await expect(page.locator(".event")).to_have_count(0)


async def test_an_edit_without_a_network_says_so_and_its_text_comes_back(page: Page):
    await page.fill("#c-content", "As it was")
    await page.keyboard.press("Control+Enter")
    event = page.locator(".event", has_text="As it was")
    await page.route("**/edit", lambda route: route.abort())
    await event.locator("[data-edit]").click()
    await expect(event.get_by_role("alert")).to_contain_text("The server cannot be reached")
    await page.unroute("**/edit")
    await event.locator("[data-edit]").click()
    await page.fill(".edit textarea", "As it shall be")
    await page.keyboard.press("Escape")
    await page.reload()
    await page.locator(".event [data-edit]").click()
    await expect(page.locator(".edit textarea")).to_have_value("As it shall be")
    await expect(page.get_by_text("What you had begun to write is here again.")).to_be_visible()
    await page.click(".edit [data-cancel]")
    await page.locator(".event [data-edit]").click()
    await expect(page.locator(".edit textarea")).to_have_value("As it was")


async def test_who_saves_second_sees_what_the_other_wrote_and_can_save_then(
    page: Page, program: httpx2.Client, client_id: int
):
    note = {"clientId": client_id, "type": "note", "metadata": {"content": "First"}}
    made = program.post("/contact-activity-logs", json=note).json()
    event = page.locator(f"#event-{made['id']}")
    await event.locator("[data-edit]").click()
    await page.fill(".edit textarea", "Mine")
    theirs = program.patch(f"/contact-activity-logs/{made['id']}", json={"metadata": {"content": "Theirs"}})
    assert theirs.status_code == 200, theirs.text
    await page.keyboard.press("Control+Enter")
    await expect(event.locator(".said")).to_have_text("Theirs")
    await expect(page.locator(".edit textarea")).to_have_value("Mine")
    await page.keyboard.press("Control+Enter")
    await expect(event.locator(".said")).to_have_text("Mine")


async def test_what_documents_are_now_is_shown_live_and_their_changes_fold(
    page: Page, program: httpx2.Client, client_id: int
):
    def invoice(total: int) -> None:
        said = {"number": "FV-77", "issueDate": "2026-03-10", "totalWithVat": total, "currencyId": 1}
        assert program.put("/documents/invoice/77", json={**said, "clientId": client_id}).status_code in {200, 201}

    invoice(25)
    await expect(page.locator(".quiet")).to_have_count(1)
    await page.locator(".kinds label").nth(3).click()
    await page.locator(".found label").first.click()
    await page.click("[data-send]")
    card = page.locator(".document-card")
    await expect(card).to_contain_text("€25.00")
    for total in (26, 27, 99):
        invoice(total)
    await expect(card).to_contain_text("€25.00 then")
    await expect(card).to_contain_text("€99.00")
    await expect(page.locator(".fold [data-folds]")).to_have_text("3 document changes")
    await expect(page.locator(".margin")).to_contain_text("€99.00")


async def test_however_many_happen_at_once_all_are_shown(page: Page, program: httpx2.Client, client_id: int):
    invoices = [
        {
            "documentType": "invoice",
            "documentId": 7000 + number,
            "number": f"FV-{number}",
            "issueDate": "2026-03-10",
            "totalWithVat": number + 1,
            "currencyId": 1,
            "clientId": client_id,
        }
        for number in range(250)
    ]
    answer = program.post("/documents/batch", json={"documents": invoices}, timeout=30)
    assert answer.status_code == 200, answer.text
    await expect(page.locator(".fold [data-folds]")).to_have_text("250 document changes", timeout=20_000)


async def test_who_comes_back_finds_the_place_he_left(page: Page, program: httpx2.Client, client_id: int):
    for number in range(100):
        note = {"clientId": client_id, "type": "note", "metadata": {"content": f"Number {number}."}}
        assert program.post("/contact-activity-logs", json=note).status_code == 201
    await page.reload()
    while await page.get_by_text("Number 15.", exact=True).count() == 0:
        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        await page.wait_for_timeout(50)
    await page.get_by_text("Number 20.", exact=True).evaluate("one => one.scrollIntoView({block: 'start'})")
    await page.goto("/c/1/contacts")
    await page.go_back()
    await expect(page.get_by_text("Number 20.", exact=True)).to_be_in_viewport()
    await page.get_by_role("link", name="Show newer").click()
    await expect(page.get_by_text("Number 60.", exact=True)).to_be_attached()
    await expect(page.get_by_text("Number 24.", exact=True)).to_be_in_viewport()
