"""Tokens and webhooks in a real Chromium: made by hand, used by a program, seen to work."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from playwright.async_api import Page, expect
from support.chromium import Served, axe_clean, fits
from support.receivers import OK, Receiver, answering, receiver

SignedIn = Callable[..., Awaitable[Page]]

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "dark"}, id="dark, wide"),
    pytest.param({"width": 390, "color_scheme": "light", "has_touch": True, "locale": "sk-SK"}, id="light, phone"),
]


def integrations(served: Served) -> str:
    return f"/c/{served.companies[0]}/integrations"


async def make_webhook(page: Page, served: Served, there: Receiver, name: str) -> None:
    """By hand, to the page that shows it."""
    await page.goto(f"{integrations(served)}/webhooks/new")
    await page.fill("#url", there.url)
    await page.fill("#name", name)
    await page.check("[value='clients.created']")
    await page.locator("form .main").last.click()
    await expect(page.locator("#secret")).to_have_value(re.compile(r"whsec_\w{43}"))
    await page.click("section .main")
    await expect(page.locator("h2").first).to_have_text(name)


async def test_a_token_is_made_copied_used_and_revoked(signed_in: SignedIn, served: Served):
    page = await signed_in(permissions=["clipboard-read", "clipboard-write"])
    await page.goto(f"/c/{served.companies[0]}/settings/company")
    await page.click("nav.menu a[href$='/integrations']")
    await page.fill("#name", "ERP")
    await page.check("[name=scope][value=write]")
    await page.click("section[aria-labelledby=create] .main")
    await page.click(".once [data-copy-button]")
    await expect(page.locator(".once [data-copy-button]")).to_have_text("Copied")
    token = await page.evaluate("navigator.clipboard.readText()")
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as program:
        made = await program.post(f"{served.place.api}/clients", json={"name": "By a program"})
        assert made.status_code == 201
        await page.click(".paste [data-copy-button]")
        commands = await page.evaluate("navigator.clipboard.readText()")
        assert commands.splitlines()[0] == f"TOKEN={token}"
        assert f"curl {served.address}/api/public/v1/whoami \\\n  -H" in commands

        await page.goto(f"{integrations(served)}/tokens")
        assert token not in await page.content()
        await page.get_by_label("Revoke ERP").click()
        await page.fill("#name", "ERP")
        await page.click(".bad")
        await expect(page.get_by_role("status")).to_contain_text("The token is revoked.")
        assert (await program.get(f"{served.place.api}/whoami")).status_code == 401


async def test_a_test_delivery_is_seen_to_arrive_by_itself(signed_in: SignedIn, served: Served):
    page = await signed_in()
    async with receiver(answering(OK)) as there:
        await make_webhook(page, served, there, "Mirror")
        await page.get_by_role("button", name="Send a test").click()
        outcome = page.locator("#test")
        await expect(outcome).to_contain_text("The test was delivered: answered 200")
        await expect(outcome).to_have_role("status")
        await expect(page.locator(".log > li")).to_contain_text("Delivered test")
        await expect(page.locator("#standing")).to_contain_text("Working")
        assert len(there.visits) == 1
        assert b"webhook-subscriptions.test" in there.visits[0].body


async def test_a_test_that_does_not_arrive_says_why_without_scripts_too(
    signed_in: SignedIn, new_page: SignedIn, served: Served
):
    await signed_in()
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    async with receiver(answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as there:
        await make_webhook(page, served, there, "Nobody")
        await page.get_by_role("button", name="Send a test").click()
        await there.visited.wait()
        outcome = page.locator("#test.bad")
        # As a reader would, until it is there.
        for _ in range(100):
            if await outcome.count():
                break
            await page.locator("[data-reload]").click()
        await expect(outcome).to_contain_text("The test was not delivered: answered 404")
        assert await page.locator("[data-all]").count() == 0


async def test_a_group_of_types_is_chosen_with_one_click(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(f"{integrations(served)}/webhooks/new")
    group = page.get_by_role("group", name="Clients")
    await group.get_by_role("button").click()
    await expect(group.locator(":checked")).to_have_count(3)
    await expect(page.locator("[name=subscribedEvents]:checked")).to_have_count(3)
    await expect(group.get_by_role("button", name="None: Clients")).to_be_visible()
    await group.get_by_label("changed").uncheck()
    await group.get_by_role("button", name="All: Clients").click()
    await group.get_by_role("button", name="None: Clients").click()
    await expect(group.locator(":checked")).to_have_count(0)


async def test_everything_is_chosen_with_one_click_and_the_groups_say_so(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(f"{integrations(served)}/webhooks/new")
    boxes = page.locator("div[data-group] [name=subscribedEvents]")
    await page.get_by_role("button", name="Select everything").click()
    await expect(page.locator("[name=subscribedEvents]:checked")).to_have_count(await boxes.count())
    await page.get_by_role("button", name="None: Clients").click()
    await page.get_by_role("button", name="Select everything").click()
    await page.get_by_role("button", name="Select nothing").click()
    await expect(page.locator("[name=subscribedEvents]:checked")).to_have_count(0)
    await expect(page.get_by_role("button", name="All: Clients")).to_be_visible()


async def test_what_is_sent_while_one_looks_appears_by_itself(signed_in: SignedIn, served: Served):
    page = await signed_in()
    async with receiver(answering(OK)) as there:
        await make_webhook(page, served, there, "Watched")
        await page.clock.install()
        await page.reload()
        await expect(page.locator("#nothing-sent")).to_be_visible()
        # A program sends a test, while nothing of what is shown is under way.
        form = {"form_token": await page.locator("[name=form_token]").first.input_value()}
        await page.request.post(f"{page.url}/test", form=form)
        await there.visited.wait()
        # Looked after five seconds, and soon again while it is under way.
        for _ in range(4):
            async with page.expect_response(page.url):
                await page.clock.fast_forward(5100)
        await expect(page.locator(".log > li")).to_contain_text("Delivered test")
        await expect(page.locator("#nothing-sent")).to_have_count(0)


async def pages_of_integrations(page: Page, served: Served, there: Receiver) -> list[Callable[[], Awaitable[Any]]]:
    """What brings each page onto the screen, errors included."""
    here = integrations(served)

    async def send(path: str, button: str, **fields: str) -> None:
        await page.goto(path)
        for field, value in fields.items():
            await page.fill(f"#{field}", value)
        await page.evaluate("for (const form of document.forms) form.noValidate = true")
        await page.locator(button).last.click()

    async def follow(link: str) -> None:
        await page.goto(f"{here}/webhooks")
        await page.locator(".rows a").last.click()
        if link:
            await page.click(f"a[href$='{link}']")

    async def all_that_was_sent() -> None:
        await follow("")
        await page.click("form[action$='/test'] button")
        await expect(page.locator("#test.good")).to_be_visible()
        await page.click(".unfold summary")

    return [
        lambda: page.goto(f"{here}/webhooks"),
        lambda: page.goto(f"{here}/tokens"),
        lambda: send(f"{here}/tokens", "main .main"),
        lambda: send(f"{here}/tokens", "main .main", name="<b>seen</b>"),
        lambda: page.goto(f"{here}/tokens/1/revoke"),
        lambda: page.goto(f"{here}/sandboxes"),
        lambda: send(f"{here}/sandboxes", "main .main", name="On trial"),
        lambda: page.goto(f"{here}/sandboxes"),
        lambda: page.goto(f"{here}/webhooks/new"),
        lambda: send(f"{here}/webhooks/new", "form .main", url="http://x"),
        lambda: make_webhook(page, served, there, "Looked at"),
        lambda: page.goto(f"{here}/webhooks"),
        all_that_was_sent,
        lambda: page.click("section[aria-labelledby=range] form:last-of-type .button"),
        *[lambda link=link: follow(link) for link in ("/edit", "/rotate-secret", "/delete")],
    ]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_is_accessible_and_fits(signed_in: SignedIn, served: Served, look: dict[str, Any]):
    page = await signed_in(**look)
    async with receiver(answering(OK)) as there:
        for show in await pages_of_integrations(page, served, there):
            await show()
            await axe_clean(page)
            assert await fits(page), page.url
