"""The columns of the board in a real Chromium: added, changed, moved, deleted; however wide, however long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect
from support.board_on_screen import Board, drag, middle

SignedIn = Callable[..., Awaitable[Page]]
NO = "No status"


async def test_columns_are_added_changed_moved_and_deleted_and_others_see_it(board: Board, signed_in: SignedIn):
    page, other = board.page, await signed_in()
    await other.goto(board.path)
    await expect(other.locator(".live.on")).to_be_visible()
    names = other.locator(".lane .called")
    await page.get_by_role("link", name="New column").click()
    await page.fill("#name", "C")
    await page.check("[name=color][value='#e5484d']")
    await page.click("main .main")
    await expect(names).to_have_text(["A", "B", "C", NO])
    menu = board.lane(page, "C").locator(".lane-menu")
    await menu.locator("summary").focus()
    await page.keyboard.press("Enter")
    await menu.get_by_role("button", name="Move left").focus()
    await page.keyboard.press("Enter")
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["A", "C", "B", NO])
    await expect(menu.locator("summary")).to_be_focused()
    # By mouse: a head is taken to the front.
    x, y = await middle(board.lane(page, "A").locator(".called"))
    await drag(page, board.lane(page, "C").locator(".called"), (x - 10, y))
    await page.mouse.up()
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["C", "A", "B", NO])
    await menu.locator("summary").click()
    await menu.get_by_role("link", name="Name and colour").click()
    await page.fill("#name", "Lost")
    await page.check("[name=color][value=other]")
    await page.fill("#otherColor", "#78f")
    await page.click("main .main")
    await expect(names).to_have_text(["Lost", "A", "B", NO])
    await expect(board.lane(other, "Lost").locator(".band rect")).to_have_attribute("fill", "#78f")
    await board.lane(page, "A").locator(".lane-menu summary").click()
    await board.lane(page, "A").get_by_role("link", name="Delete the column").click()
    await expect(page.get_by_text("Its 3 cases stay")).to_be_visible()
    await page.fill("#name", "A")
    await page.click("main .bad")
    for one in (page, other):
        await expect(one.locator(".lane .called")).to_have_text(["Lost", "B", NO])
        await board.shows(one, **{NO: ["A1", "A2", "A3"]})


async def test_a_column_is_moved_twice_by_its_menu_and_each_time_it_is_said(board: Board):
    page = board.page
    await board.post("cases/columns/new", name="C", color="#3b82f6")
    await page.reload()
    summary = board.lane(page, "C").locator(".lane-menu summary")
    for names, place in ((["A", "C", "B", NO], 2), (["C", "A", "B", NO], 1)):
        await summary.focus()
        await page.keyboard.press("Enter")
        await board.lane(page, "C").get_by_role("button", name="Move left").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".lane .called")).to_have_text(names)
        await expect(page.locator("[data-told]")).to_have_text(f"The column C is moved: place {place} of 3.")
        await expect(summary).to_be_focused()


async def test_a_column_is_as_wide_as_others_however_it_is_called(board: Board):
    await board.post("cases/columns/new", name="W" * 200, color="#3b82f6")
    await board.page.reload()
    widths = await board.page.locator("[data-column]").evaluate_all("(all) => all.map((one) => one.offsetWidth)")
    assert len(widths) == 4
    assert set(widths) == {widths[0]}


async def test_a_long_column_goes_on_and_stays_so_long_when_others_move_things(board: Board):
    page = board.page
    client = await board.card(page, "B1").get_attribute("data-contact") or ""
    column = await board.lane(page, "B").get_attribute("data-column") or ""
    for number in range(52):
        await board.post(f"cases/new?clientId={client}", name=f"N{number}", clientId=client, statusId=column)
    await page.goto(board.path)
    cards, more = board.lane(page, "B").locator("[data-card]"), board.lane(page, "B").locator("[data-on]")
    await expect(board.lane(page, "B").locator("[data-count]")).to_have_text("53")
    await expect(cards).to_have_count(50)
    await more.get_by_role("link").click()
    await expect(cards).to_have_count(53)
    await expect(more).to_be_hidden()
    await board.post(f"cases/{await board.card(page, 'A1').get_attribute('data-case')}/move", column=column, place="1")
    await expect(cards).to_have_count(54)
    await expect(cards.first).to_have_text("A1")
    # The end of a column is reached by its last card, which comes into sight.
    await board.card(page, "N51").locator("[data-card]").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(cards.nth(52)).to_have_text("N51")
    await expect(cards.nth(52)).to_be_in_viewport()
