"""Documents in a real Chromium: filtered as one writes, paid, taken back, and followed live."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits
from support.couriers import until
from web.test_home_in_a_browser import LOOKS

SignedIn = Callable[..., Awaitable[Page]]
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(served: Served) -> Ask:
    """Asks the API of the company of the demo."""
    token = served.place.json("token", "create", "--company", "1", "--name", "tests", "--scope", "write")["token"]

    def ask(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx2.request(method, served.place.api + path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    return ask


@pytest.fixture
def invoice(ask: Ask, request: pytest.FixtureRequest) -> str:
    """The page of a new unpaid invoice of 121 euros."""
    number = abs(hash(request.node.name)) % 10**6 + 10**6
    said = {"number": f"T{number}", "issueDate": "2026-03-10", "dueDate": "2999-01-01", "totalWithVat": 121}
    ask("PUT", f"/documents/invoice/{number}", {**said, "currencyId": 1, "clientId": 1})
    return f"/c/1/documents/invoice/{number}"


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_documents_is_accessible_and_fits(
    signed_in: SignedIn, served: Served, look: dict[str, Any]
):
    page = await signed_in(**look)

    async def judge() -> None:
        await axe_clean(page)
        assert await fits(page), page.url

    for path in (
        "/c/1/documents", "/c/1/documents?dueFrom=2026-01-01&state=open&clientId=1", "/c/1/documents?search=nothing",
        f"/c/{served.companies[1]}/documents", "/c/1/documents/received-invoice/2007", "/c/1/documents/order/508",
        "/c/1/documents/invoice/1043",
    ):  # fmt: skip
        await page.goto(path)
        await judge()
    await page.locator(".pay summary").first.click()
    await page.locator(".other summary").click()
    await judge()
    await page.evaluate("for (const form of document.forms) form.noValidate = true")
    await page.fill("#amount", "a lot")
    await page.locator("[data-payment] .main").click()
    await expect(page.locator("#amount")).to_be_focused()
    await expect(page.locator("#amount-error")).to_be_visible()
    await judge()
    await page.goto("/c/1/documents/invoice/1043")
    await page.goto(await page.locator("[data-delete]").first.get_attribute("href") or "")
    await judge()


_OVERLAPPING = """() => [...document.querySelectorAll(".paper-list :is(th, td)")].filter((cell) => {
    const mine = cell.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(cell);
    const box = range.getBoundingClientRect();
    return box.right > mine.right + 1 && !cell.matches(".cut");
}).map((cell) => cell.textContent.trim())"""


async def test_no_word_or_sum_of_the_list_stands_upon_its_neighbour(signed_in: SignedIn, ask: Ask):
    said = {"number": "9" * 60, "issueDate": "2026-11-20", "dueDate": "2026-11-21", "currencyId": 1}
    ask("PUT", "/documents/invoice/999", {**said, "totalWithVat": 99_999_999_999.99, "clientId": 1})
    for width in (1280, 1121, 1000, 800, 720):
        page = await signed_in(width=width, locale="sk-SK")
        await page.goto("/c/1/documents")
        assert await fits(page), width
        assert await page.evaluate(_OVERLAPPING) == [], width
        # No column so narrow that its letters stand below each other.
        assert await page.locator(".paper-list th .over").last.evaluate("(one) => one.offsetWidth > 60"), width
    ask("DELETE", "/documents/invoice/999")


async def test_the_list_follows_its_filters_and_so_does_its_address(signed_in: SignedIn):
    page = await signed_in()
    await page.goto("/c/1/documents")
    numbers = page.locator("a.over")
    await page.fill("#search", "2026004")
    await expect(page).to_have_url(re.compile(r"search=2026004$"))
    await expect(numbers).to_have_count(4)
    await page.select_option("#state", "overdue")
    await expect(numbers).to_have_text(["20260042"])
    await page.locator(".spans summary").click()
    await page.fill("#issuedFrom", "2999-01-01")
    await expect(page.get_by_text("No document matches.")).to_be_visible()
    await page.get_by_role("link", name="Show everything").click()
    await expect(page.locator("#search")).to_have_value("")
    await page.select_option("#sort", "total-desc")
    await expect(numbers.first).to_have_text("FV2604417")
    await numbers.first.click()
    await expect(page.locator("h1")).to_have_text("Received invoice FV2604417")


async def test_a_payment_is_recorded_by_keyboard_and_deleted_with_a_way_back(
    signed_in: SignedIn, invoice: str, ask: Ask
):
    page = await signed_in()
    await page.goto(invoice)
    await expect(page.locator(".live.on")).to_be_visible()
    await page.locator(".pay summary").first.focus()
    await page.keyboard.press("Enter")
    await page.locator("#amount").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("21,00")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="The payment is recorded.")).to_be_visible()
    await expect(page.locator("#sums")).to_contain_text("€100.00")
    await expect(page.locator(".paid li")).to_contain_text("Recorded by you")
    await page.locator(".paid [data-delete]").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".paid [data-delete]")).to_be_focused()
    await page.locator(".paid [data-delete]").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_focused()
    # Who leaves means it.
    await page.goto("/c/1/documents")
    number = invoice.rpartition("/")[2]
    await until(lambda: ask("GET", f"/documents/invoice/{number}")["toBePaid"] == 121)
    await page.goto(invoice)
    await expect(page.locator("#sums")).to_contain_text("€0.00")
    await expect(page.locator("#trail .quiet")).to_have_count(2)


async def test_the_page_follows_what_happens_to_it_and_who_writes_goes_on_writing(
    signed_in: SignedIn, invoice: str, ask: Ask
):
    page = await signed_in()
    await page.goto(invoice)
    await expect(page.locator(".live.on")).to_be_visible()
    await page.locator(".pay summary").first.click()
    await page.fill("#amount", "7")
    number = int(invoice.rpartition("/")[2])
    ask("POST", "/document-payments", {"documentType": "invoice", "documentId": number, "amount": 50})
    await expect(page.locator("#sums")).to_contain_text("€71.00")
    await expect(page.locator(".paid li")).to_have_count(1)
    await expect(page.locator("#trail")).to_contain_text("Payment:")
    await expect(page.locator("#amount")).to_have_value("7")
    # Somebody else has paid meanwhile: he is told, and may mean it.
    await page.locator("[data-payment] .main").click()
    await expect(page.locator("[data-payment] .error").first).to_be_visible()
    await page.locator("[data-payment] .main").click()
    await expect(page.locator("#sums")).to_contain_text("€64.00")


async def test_without_scripts_a_document_is_found_and_paid(
    signed_in: SignedIn, new_page: SignedIn, served: Served, invoice: str
):
    await signed_in()
    page = await new_page(java_script_enabled=False, width=360)
    await served.sign_in(page)
    await page.goto("/c/1/documents")
    await page.fill("#search", "T" + invoice.rpartition("/")[2])
    await page.click("[data-plain]")
    await page.click("a.over")
    await page.locator(".pay summary").first.click()
    await page.locator("[data-payment] .main").click()
    await expect(page.locator("#sums")).to_contain_text("€0.00")
    await page.locator("[data-delete]").click()
    await page.click("main form .bad")
    await expect(page.get_by_role("status").filter(has_text="The payment is deleted.")).to_be_visible()


async def test_the_focus_stays_where_it_was_when_the_page_follows_and_when_a_payment_is_gone(
    signed_in: SignedIn, invoice: str, ask: Ask
):
    page = await signed_in()
    number = int(invoice.rpartition("/")[2])
    paid = {"documentType": "invoice", "documentId": number}
    for amount in (20, 30):
        ask("POST", "/document-payments", {**paid, "amount": amount})
    await page.goto(invoice)
    await expect(page.locator(".live.on")).to_be_visible()
    deletions, summary = page.locator(".paid [data-delete]"), page.locator(".pay summary").first
    kept = await deletions.last.get_attribute("href")
    await deletions.last.focus()
    third = ask("POST", "/document-payments", {**paid, "amount": 1})["id"]
    await expect(deletions).to_have_count(3)
    await expect(page.locator(f".paid [href='{kept}']")).to_be_focused()
    await summary.click()
    ask("DELETE", f"/document-payments/{third}")
    await expect(deletions).to_have_count(2)
    await expect(summary).to_be_focused()
    await expect(page.locator("#amount")).to_be_visible()
    # A deletion that fails is said where it was asked for.
    await page.route("**/delete", lambda route: route.abort())
    await deletions.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".paid [role=alert]")).to_be_visible(timeout=12_000)
    await expect(deletions.first).to_be_focused()
    await page.unroute("**/delete")
    # Once nothing can be undone, on the next of them; where there is none, on their place.
    for left in (1, 0):
        await deletions.first.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Undo")).to_be_focused()
        await expect(page.locator(".gone-line")).to_have_count(0, timeout=12_000)
        await expect(deletions).to_have_count(left)
        await page.wait_for_load_state("networkidle")
        focused = await page.evaluate("document.activeElement.matches('.paid [data-delete], #payments')")
        assert focused, left
    await expect(page.locator("#payments")).to_be_focused()


async def test_what_could_not_be_fetched_when_something_happened_is_fetched_again(
    signed_in: SignedIn, invoice: str, ask: Ask
):
    page = await signed_in()
    await page.goto(invoice)
    await expect(page.locator(".live.on")).to_be_visible()
    await page.route(f"**{invoice}", lambda route: route.abort())
    number = int(invoice.rpartition("/")[2])
    async with page.expect_event("requestfailed"):
        ask("POST", "/document-payments", {"documentType": "invoice", "documentId": number, "amount": 50})
    await page.unroute(f"**{invoice}")
    await expect(page.locator("#sums")).to_contain_text("€71.00")


async def test_on_paper_there_is_all_of_it_and_nothing_to_press(signed_in: SignedIn):
    page = await signed_in(width=794)
    for path in ("/c/1/documents/invoice/1043", "/c/1/cases?view=board", "/c/1/home"):
        await page.goto(path)
        await expect(page.locator(".live.on")).to_be_attached()
        await page.emulate_media(media="print")
        for pressed in (".button", ".handle", ".lane-menu", "summary:not(.fold *)", "input"):
            await expect(page.locator(f"main {pressed}").locator("visible=true")).to_have_count(0)
        assert await fits(page)
        await page.emulate_media(media="screen")
    await page.goto("/c/1/documents/invoice/1043")
    await page.emulate_media(media="print")
    await expect(page.locator("#facts")).to_be_visible()
    sums, facts = [await page.locator(one).bounding_box() for one in ("#sums", "#facts")]
    assert sums
    assert facts
    assert sums["width"] > 700
    assert facts["y"] > sums["y"]
