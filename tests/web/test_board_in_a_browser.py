"""The board in a real Chromium: cards by mouse, by finger and by keyboard, two people at one board."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect
from support.board_on_screen import Board, drag, middle
from support.chromium import Served, axe_clean, fits

SignedIn = Callable[..., Awaitable[Page]]
NO = "No status"

LOOKS = [
    pytest.param({"width": 1280, "color_scheme": "light"}, id="light, wide"),
    pytest.param({"width": 1280, "color_scheme": "dark", "locale": "sk-SK"}, id="dark, wide, Slovak"),
    pytest.param({"width": 360, "color_scheme": "light", "has_touch": True}, id="light, phone"),
    pytest.param(
        {"width": 360, "color_scheme": "dark", "has_touch": True, "locale": "sk-SK"}, id="dark, phone, Slovak"
    ),
]


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_of_the_board_is_accessible_and_fits(
    signed_in: SignedIn, served: Served, look: dict[str, Any]
):
    page = await signed_in(**look)
    here = f"/c/{served.companies[0]}/cases"
    await page.goto(here)
    await expect(page.locator(".live.on")).to_be_attached()

    async def judge() -> None:
        await axe_clean(page)
        assert await fits(page), page.url

    await judge()
    await page.locator(".lane-menu summary").first.click()
    await judge()
    await page.keyboard.press("Escape")
    await page.locator("[data-card]").nth(1).focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".lifted")).to_have_count(1)
    await judge()
    await page.keyboard.press("Escape")
    column = await page.locator("[data-column]").first.get_attribute("data-column")
    case = await page.locator("[data-case]").first.get_attribute("data-case")
    for path in (
        "?view=list", "/of?search=a", "/columns/new", f"/columns/{column}/edit", f"/columns/{column}/delete",
        f"/{case}/move",
    ):  # fmt: skip
        await page.goto(here + path)
        await judge()
    await page.goto(f"{here}/columns/new")
    await page.check("[value=other]")
    await page.fill("#name", "Odd")
    await page.fill("#otherColor", "mauve")
    await page.click("main .main")
    await expect(page.locator(".error")).to_have_count(1)
    await expect(page.locator("#otherColor")).to_be_focused()
    await judge()


async def test_a_card_is_dragged_by_mouse_and_dropped_where_it_was_shown(board: Board):
    page = board.page
    x, y = await middle(board.card(page, "B1"))
    await drag(page, board.card(page, "A2"), (x, y + 40))
    await expect(page.locator(".ghost")).to_have_count(1)
    await expect(board.lane(page, "B").locator("[data-card]")).to_have_text(["B1", "A2"])
    await page.mouse.up()
    await expect(page.locator(".ghost")).to_have_count(0)
    await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await expect(board.card(page, "A2").locator("[data-card]")).to_be_focused()
    await board.lasts(A=["A1", "A3"], B=["B1", "A2"])
    # Within its column, and into one without cards; a click opens it as ever.
    x, y = await middle(board.card(page, "A1"))
    await drag(page, board.card(page, "A3"), (x, y - 20))
    await page.mouse.up()
    await board.shows(page, A=["A3", "A1"])
    await drag(page, board.card(page, "A3"), await middle(board.lane(page, NO)))
    await page.mouse.up()
    await board.shows(page, A=["A1"], **{NO: ["A3"]})
    await board.lasts(A=["A1"], **{NO: ["A3"]})
    await board.card(page, "A1").click()
    await expect(page.locator("h1")).to_contain_text("A1")


async def test_escape_puts_a_dragged_card_back_and_a_shaky_click_drags_nothing(board: Board):
    page = board.page
    await drag(page, board.card(page, "A2"), await middle(board.card(page, "B1")))
    await page.keyboard.press("Escape")
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await page.mouse.up()
    await expect(page).to_have_url(re.compile(r"/cases$"))
    x, y = await middle(board.card(page, "A2"))
    await drag(page, board.card(page, "A2"), (x + 2, y + 2))
    await expect(page.locator(".ghost")).to_have_count(0)
    await page.mouse.up()
    await expect(page.locator("h1")).to_contain_text("A2")


async def test_a_finger_that_rests_on_a_card_drags_it_and_one_that_moves_at_once_does_not(board: Board):
    page = board.page
    devices = await page.context.new_cdp_session(page)

    async def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        await devices.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start, end = await middle(board.card(page, "A2")), await middle(board.card(page, "B1"))
    await touch("touchStart", *start)
    for step in range(1, 5):
        await touch("touchMove", start[0] + 30 * step, start[1] + 5)
    await touch("touchEnd")
    await expect(page.locator(".ghost")).to_have_count(0)
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await page.evaluate("document.getElementById('board').scrollLeft = 0")
    await touch("touchStart", *start)
    await expect(page.locator(".ghost")).to_have_count(1)
    for step in range(1, 6):
        await touch(
            "touchMove", start[0] + (end[0] - start[0]) * step / 5, start[1] + (end[1] - 20 - start[1]) * step / 5
        )
    await expect(board.lane(page, "B").locator("[data-card]")).to_have_text(["A2", "B1"])
    await touch("touchEnd")
    await board.shows(page, A=["A1", "A3"], B=["A2", "B1"])
    await board.lasts(A=["A1", "A3"], B=["A2", "B1"])


async def test_a_card_is_moved_by_keyboard_and_what_happens_is_said(board: Board):
    page, said = board.page, board.page.locator("[data-told]")
    focused = page.locator("[data-card]:focus")
    await board.card(page, "A1").locator("[data-card]").focus()
    await page.keyboard.press("ArrowDown")
    await expect(focused).to_have_text("A2")
    await expect(page.locator("[data-keys]")).to_be_visible()
    await page.keyboard.press("Space")
    await expect(said).to_contain_text("A2 is picked up: place 2 of 3 in A.")
    await page.keyboard.press("ArrowUp")
    await expect(said).to_have_text("Place 1 of 3 in A.")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowRight")
    await expect(said).to_have_text("Place 1 of 2 in B.")
    await page.keyboard.press("ArrowDown")
    await expect(said).to_have_text("Place 2 of 2 in B.")
    await page.keyboard.press("Space")
    await expect(said).to_have_text("A2 is put down: place 2 of 2 in B.")
    await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await expect(focused).to_have_text("A2")
    # Put back, by Escape and by going away.
    for leave in ("Escape", "Tab"):
        await board.card(page, "A2").locator("[data-card]").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press(leave)
        await expect(said).to_have_text("A2 is back where it was.")
        await board.shows(page, A=["A1", "A3"], B=["B1", "A2"])
    await board.card(page, "A2").locator("[data-card]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await board.shows(page, B=["B1"], **{NO: ["A2"]})
    await board.lasts(A=["A1", "A3"], B=["B1"], **{NO: ["A2"]})
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("A2")


async def test_two_boards_follow_each_other_and_who_holds_a_card_is_not_disturbed(board: Board, signed_in: SignedIn):
    page, other = board.page, await signed_in()
    await other.goto(board.path)
    for one in (page, other):
        await expect(one.locator(".live.on")).to_be_visible()
    await board.card(page, "A3").locator("[data-card]").focus()
    await board.card(other, "A1").locator("[data-card]").focus()
    await other.keyboard.press("Space")
    await other.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Space")
    await board.shows(page, A=["A1", "A3", "A2"], B=["B1"])
    # What the first did is told to the second, who still holds his card where he put it.
    await expect(board.lane(other, "B").locator("[data-card]")).to_have_text(["A1", "B1"])
    await other.keyboard.press("Space")
    for one in (page, other):
        await board.shows(one, A=["A3", "A2"], B=["A1", "B1"])
    await expect(board.card(page, "A3").locator("[data-card]")).to_be_focused()
    await expect(board.card(other, "A1").locator("[data-card]")).to_be_focused()
    # A menu that is open stays open.
    menu = board.lane(page, "A").locator(".lane-menu")
    await menu.locator("summary").click()
    await board.post(f"cases/{await board.card(page, 'A2').get_attribute('data-case')}/move", column="0")
    await board.shows(page, A=["A3"], **{NO: ["A2"]})
    await expect(menu).to_have_attribute("open", "")
    # Names of contacts too.
    client = await board.card(page, "A3").get_attribute("data-contact")
    await page.goto(f"/c/{board.company}/clients/{client}/edit")
    name = f"Renamed {board.company}"
    await page.fill("#name", name)
    await page.click("main form .main")
    await expect(board.card(other, "A3")).to_contain_text(name)


async def test_a_move_that_the_server_does_not_take_is_put_back_and_said(board: Board, signed_in: SignedIn):
    page = board.page
    focused = page.locator("[data-card]:focus")
    await page.route("**/move", lambda route: route.abort())
    await board.card(page, "A1").locator("[data-card]").focus()
    for key in ("Space", "ArrowRight", "Space"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-trouble]")).to_contain_text("A1 is back where it was")
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    await expect(focused).to_have_text("A1")
    await page.unroute("**/move")
    for key in ("Space", "ArrowRight", "Space"):
        await page.keyboard.press(key)
    await board.shows(page, A=["A2", "A3"], B=["A1", "B1"])
    await expect(page.locator("[data-trouble]")).to_be_hidden()
    # A case that somebody has deleted meanwhile cannot be moved, and is gone.
    await page.keyboard.press("Space")
    case = await board.card(page, "A1").get_attribute("data-case")
    await board.post(f"cases/{case}/delete", name="A1")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Space")
    await expect(page.locator("[data-trouble]")).to_contain_text("somebody has changed the board")
    await board.shows(page, A=["A2", "A3"], B=["B1"])


async def test_who_is_signed_out_is_told_so_with_a_way_on_and_a_column_is_put_back(board: Board):
    page = board.page
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    for key in ("Space", "ArrowRight", "Space"):
        await board.card(page, "A1").locator("[data-card]").press(key)
    told = "You are signed out, so {} is back where it was. Reload this page to sign in."
    await expect(page.locator("[data-trouble]")).to_have_text(told.format("A1"))
    await board.shows(page, A=["A1", "A2", "A3"], B=["B1"])
    x, y = await middle(board.lane(page, "A").locator(".called"))
    await drag(page, board.lane(page, "B").locator(".called"), (x - 10, y))
    await expect(page.locator(".lane .called")).to_have_text(["B", "A", NO])
    await page.mouse.up()
    await expect(page.locator("[data-trouble]")).to_have_text(told.format("B"))
    await expect(page.locator(".lane .called")).to_have_text(["A", "B", NO])
    await page.context.add_cookies([{**one} for one in cookies])  # type: ignore[list-item]


async def test_the_menu_leads_to_cases_as_they_were_looked_at_last(board: Board):
    page = board.page
    cases = page.locator(".menu").get_by_role("link", name="Cases")
    for view, here in (("List", "?view=list"), ("Board", "")):
        await page.locator(".switch").get_by_role("link", name=view).click()
        await page.goto(f"/c/{board.company}/contacts")
        await cases.click()
        await expect(page).to_have_url(re.compile(rf"/cases{re.escape(here)}$"))
        await expect(page.locator(".switch [aria-current]")).to_have_text(view)


async def test_without_scripts_cards_and_columns_are_moved_by_forms(board: Board, new_page: SignedIn, served: Served):
    page = await new_page(java_script_enabled=False)
    await served.sign_in(page)
    await page.goto(board.path)
    await board.card(page, "A1").locator(".handle").click()
    await page.select_option("#column", label="B")
    await page.fill("#place", "1")
    await page.click("main .main")
    await board.shows(page, A=["A2", "A3"], B=["A1", "B1"])
    await expect(page.get_by_role("status").first).to_contain_text("Moved.")
    await board.lane(page, "B").locator(".lane-menu summary").click()
    await board.lane(page, "B").get_by_role("button", name="Move left").click()
    await expect(page.locator(".lane .called")).to_have_text(["B", "A", NO])
    await page.locator(".switch").get_by_role("link", name="List").click()
    await expect(page.locator("a.over")).to_have_count(4)
