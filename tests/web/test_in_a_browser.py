"""In a real Chromium: by keyboard alone, in both themes and widths, and judged by axe."""

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
    pytest.param({"width": 390, "color_scheme": "dark", "has_touch": True}, id="dark, phone"),
]


async def pages_of_a_user(page: Page, served: Served) -> list[Callable[[], Awaitable[Any]]]:
    """What brings each page inside onto the screen, errors included."""
    here = f"/c/{served.companies[0]}/settings"

    async def invite() -> None:
        await page.goto(f"{here}/users")
        await page.fill("#email", "peter@example.test")
        await page.click("section[aria-labelledby=invite] .main")
        await expect(page.locator("[data-copy]")).to_be_visible()

    async def send_nothing(path: str) -> None:
        await page.goto(path)
        await page.evaluate("for (const form of document.forms) form.noValidate = true")
        await page.locator("main form .main").last.click()
        await expect(page.locator(".error").first).to_be_visible()

    return [
        lambda: page.goto(f"{here}/company"),
        lambda: page.goto("/account?done=saved"),
        lambda: send_nothing("/account"),
        invite,
        lambda: page.goto(f"{here}/users"),
        lambda: send_nothing(f"{here}/users"),
        lambda: page.goto(f"{here}/users/1/remove"),
        lambda: page.goto("/nowhere"),
    ]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_inside_is_accessible_and_fits(signed_in: SignedIn, served: Served, look: dict[str, Any]):
    page = await signed_in(**look)
    for show in await pages_of_a_user(page, served):
        await show()
        await axe_clean(page)
        assert await fits(page), page.url
    await page.click(".drop.right summary")
    await expect(page.locator(".drop.right .sheet")).to_be_visible()
    await axe_clean(page)


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_before_one_is_known_is_accessible_and_fits(
    signed_in: SignedIn, new_page: SignedIn, served: Served, look: dict[str, Any]
):
    # The first link makes her owner of companies that have none, so no guest comes before her.
    await signed_in()
    page = await new_page(**look)
    made = served.place.json(
        "user", "create", f"guest{look['width']}@example.test", "--name", "Guest", "--company", str(served.companies[0])
    )
    for path in ("/sign-in?done=signed_out", made["link"], "/link/x", "/nowhere"):
        await page.goto(path)
        await axe_clean(page)
        assert await fits(page), page.url
    await page.goto("/sign-in")
    await page.fill("#email", "nobody@example.test")
    await page.fill("#password", "wrong")
    await page.click(".main")
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("#email")).to_have_value("nobody@example.test")
    await axe_clean(page)


async def test_a_menu_closes_when_the_focus_goes_on(signed_in: SignedIn):
    page = await signed_in()
    menu = page.locator(".drop.right")
    await menu.locator("summary").focus()
    await page.keyboard.press("Enter")
    await menu.get_by_role("button").focus()
    await expect(menu.locator(".sheet")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(menu.locator(".sheet")).to_be_hidden()


async def test_what_a_tip_says_goes_with_escape_and_comes_again(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(f"/c/{served.companies[0]}/clients/1")
    tip = page.locator(".tip").first
    for show, leave in (
        (tip.locator("a, button").first.focus, page.locator(".skip").focus),
        (tip.hover, page.locator("h1").hover),
    ):
        for _ in range(2):
            await show()
            await expect(tip.locator(".float")).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(tip.locator(".float")).to_be_hidden()
            await leave()
            await expect(tip).not_to_have_attribute("data-quiet", "")


async def test_who_is_signed_out_meanwhile_is_told_so_by_the_dot(signed_in: SignedIn, served: Served):
    page = await signed_in()
    await page.goto(f"/c/{served.companies[0]}/clients/1")
    await expect(page.locator(".live")).to_have_text("Live")
    await page.context.clear_cookies()
    # As after a moment without a network.
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator(".live.off")).to_have_text("You are signed out")


@pytest.mark.parametrize("locale", ["en-GB", "sk-SK"])
async def test_nothing_is_cut_or_pushed_sideways_on_the_narrowest_screen(
    signed_in: SignedIn, served: Served, locale: str
):
    page = await signed_in(width=320, locale=locale, has_touch=True)
    company = f"/c/{served.companies[0]}"
    for path in ("/contacts", "/clients/1", "/settings/users", "/integrations/webhooks/new"):
        await page.goto(company + path)
        assert await fits(page), path
        cut = await page.evaluate(
            "[...document.querySelectorAll('.kinds, .filters > ul, .tabs, .menu a, .menu a span')]"
            ".filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).map((one) => one.outerHTML)"
        )
        assert cut == []


async def test_by_keyboard_alone_one_signs_in_changes_a_setting_and_signs_out(
    signed_in: SignedIn, new_page: SignedIn, served: Served
):
    await signed_in()
    page = await new_page()
    press, write = page.keyboard.press, page.keyboard.type
    await page.goto("/sign-in")
    await expect(page.locator("#email")).to_be_focused()
    await write(served.email)
    await press("Tab")
    await write(served.password)
    await press("Enter")
    await page.wait_for_url("**/home")

    await press("Tab")
    skip = page.locator(".skip")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await press("Enter")
    await expect(page.locator("#page")).to_be_focused()

    await page.goto("/account")
    for _ in range(2):
        await press("Tab")
    summary = page.locator(".drop summary").first
    await expect(summary).to_be_focused()
    await press("Enter")
    await expect(page.locator(".drop .sheet").first).to_be_visible()
    await press("Escape")
    await expect(page.locator(".drop .sheet").first).to_be_hidden()
    await expect(summary).to_be_focused()

    # Whatever the focus is on shows it.
    seen = []
    for _ in range(16):
        await press("Tab")
        seen.append(
            await page.evaluate(
                "(() => { const style = getComputedStyle(document.activeElement);"
                " return [document.activeElement.tagName, style.outlineStyle, style.outlineWidth] })()"
            )
        )
    assert {tag for tag, _, _ in seen} >= {"A", "INPUT", "SELECT", "BUTTON"}
    assert all(style == "solid" and width == "2px" for _, style, width in seen)

    await page.locator(".drop.right summary").focus()
    await press("Enter")
    sign_out = page.get_by_role("button", name="Sign out")
    for _ in range(await page.locator(".drop.right .sheet li:visible").count()):
        await press("Tab")
    await expect(sign_out).to_be_focused()
    await press("Enter")
    await page.wait_for_url("**/sign-in?done=signed_out")


async def test_a_click_elsewhere_closes_a_menu_and_one_company_leads_to_the_other(signed_in: SignedIn, served: Served):
    page = await signed_in()
    first, second = served.companies
    await page.goto(f"/c/{first}/settings/company")
    await page.click(".drop >> nth=0 >> summary")
    await page.click("h1")
    await expect(page.locator(".drop .sheet").first).to_be_hidden()
    await page.click(".drop >> nth=0 >> summary")
    await page.click("text=Žltý kôň a.s.")
    await page.wait_for_url(f"**/c/{second}/home")
    # Who comes back comes back to it.
    await page.goto("/")
    assert page.url.endswith(f"/c/{second}/home")


async def test_everything_works_without_scripts(signed_in: SignedIn, new_page: SignedIn, served: Served):
    await signed_in()
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.click(".drop.right summary")
    await page.click(".drop.right a[href='/account']")
    await page.fill("#name", "Jana Nová")
    await page.click("section[aria-labelledby=profile] .main")
    await expect(page.get_by_role("status")).to_have_text(re.compile(r"Saved\."))
    await expect(page.locator(".top .name")).to_have_text("Jana Nová")
    await page.goto(f"/c/{served.companies[0]}/settings/users")
    await page.fill("#email", "quiet@example.test")
    await page.click("section[aria-labelledby=invite] .main")
    await expect(page.locator("[data-copy]")).to_have_value(re.compile("/link/"))
    await expect(page.locator("[data-copy-button]")).to_be_hidden()


async def test_a_link_is_copied_with_one_click(signed_in: SignedIn, served: Served):
    page = await signed_in(permissions=["clipboard-read", "clipboard-write"])
    await page.goto(f"/c/{served.companies[0]}/settings/users")
    await page.fill("#email", "copied@example.test")
    await page.click("section[aria-labelledby=invite] .main")
    await page.click("[data-copy-button]")
    await expect(page.locator("[data-copy-button]")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == await page.input_value("[data-copy]")


async def test_the_appearance_is_the_systems_until_one_chooses(signed_in: SignedIn):
    page = await signed_in(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(ground)
    assert light != dark
    for theme, colour in (("light", light), ("dark", dark), ("", dark)):
        await page.goto("/account")
        await page.select_option("#theme", theme)
        await page.click("section[aria-labelledby=profile] .main")
        await expect(page.get_by_role("status")).to_be_visible()
        assert await page.evaluate(ground) == colour


async def test_a_slovak_browser_is_spoken_to_in_slovak(new_page: SignedIn):
    page = await new_page(locale="sk-SK")
    await page.goto("/sign-in")
    await expect(page.locator("h1")).to_have_text("Prihlásenie")
    await page.click("button[lang=en]")
    await expect(page.locator("h1")).to_have_text("Sign in")
    await page.reload()
    await expect(page.locator("h1")).to_have_text("Sign in")


async def test_a_name_that_is_a_program_does_not_run(signed_in: SignedIn, served: Served):
    page = await signed_in()
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    await page.goto("/account")
    name = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    await page.fill("#name", name)
    await page.click("section[aria-labelledby=profile] .main")
    await expect(page.locator(".top .name")).to_have_text(name)
    await page.goto(f"/c/{served.companies[0]}/settings/users")
    assert await page.locator("main img, main script").count() == 0
    assert asked == []
