"""What can be done to business cases, and to the columns they stand in.

The order of locks is the same everywhere: the board, contacts, cases, documents, counters, timelines.
"""

from __future__ import annotations

from kronika.cases import board, queries
from kronika.cases.models import Case, Changeable, NewCase, Spot, changeable
from kronika.changes.models import Actor
from kronika.changes.queries import record_change, record_changes
from kronika.contacts.models import ContactKind
from kronika.contacts.queries import delete_contact, lock_contact_to_delete
from kronika.db.statements import Transaction
from kronika.documents.actions import free_documents_of, remove_documents_of
from kronika.errors import NotFound
from kronika.statuses.queries import delete_status, lock_board, lock_status
from kronika.timelines.queries import end_timelines


async def create_case(transaction: Transaction, new: NewCase, actor: Actor) -> Case:
    """A business case, last in its column, with its empty timeline.

    The caller has looked at contact and status, and has locked the board before (`lock_board`).
    """
    place = await board.end_of_column(transaction, new.status_id)
    case = await queries.insert_case(transaction, new, place)
    await record_change(transaction, "business-cases.created", case.id, actor)
    return case


async def case_to_change(transaction: Transaction, case_id: int) -> Case | None:
    """The case; it and the board are held until the transaction ends."""
    await lock_board(transaction)
    return await queries.find_case(transaction, case_id)


async def change_case(transaction: Transaction, case: Case, wanted: Changeable, actor: Actor) -> Case:
    """Changes a held case; in another column it stands last."""
    place = case.board_position
    if wanted.status_id != case.status_id:
        place = await board.end_of_column(transaction, wanted.status_id)
    return await _put(transaction, case, wanted, place, actor)


async def move_case(transaction: Transaction, case: Case, to: int | None, wish: int | None, actor: Actor) -> Case:
    """Puts a held case into the column `to`, at the wished place, or last: where there is no wish, and where the column
    does not reach so far.
    """
    behind = await board.end_of_column(transaction, to)
    last = behind - 1 if to == case.status_id else behind
    place = last if wish is None else min(wish, last)
    return await _put(transaction, case, Changeable(case.name, case.description, to), place, actor)


async def move_case_to(transaction: Transaction, case: Case, to: int | None, spot: Spot, actor: Actor) -> Case:
    """Puts a held case into the column `to`, where it is wanted there, or last."""
    neighbours = [it for it in (spot.before, spot.behind) if it is not None and it != case.id]
    places = await board.places_in_column(transaction, to, neighbours)
    if spot.before in places:
        place = places[spot.before]
    elif spot.behind in places:
        place = places[spot.behind] + 1
    else:
        return await move_case(transaction, case, to, spot.place, actor)
    # Where it stands before them in the same column, the gap that it leaves closes.
    is_before = to == case.status_id and case.board_position < place
    return await move_case(transaction, case, to, place - is_before, actor)


async def remove_case(transaction: Transaction, case_id: int, actor: Actor) -> None:
    """Takes a case and its timeline away; their rows stay.

    Raises NotFound.
    """
    case = await case_to_change(transaction, case_id)
    if case is None:
        raise NotFound
    await queries.lock_case_to_delete(transaction, case.id)
    await queries.delete_case(transaction, case.id)
    await _close_behind(transaction, case)
    await free_documents_of(transaction, case.id, actor)
    await record_change(transaction, "business-cases.deleted", case.id, actor)
    await end_timelines(transaction, [case.id])


async def remove_contact(transaction: Transaction, kind: ContactKind, contact_id: int, actor: Actor) -> None:
    """Takes a client or a supplier away with its documents, its cases, and the timelines of all of them; their rows
    stay.

    Raises NotFound.
    """
    await lock_board(transaction)
    contact = await lock_contact_to_delete(transaction, kind, contact_id)
    if contact is None:
        raise NotFound
    await record_change(transaction, f"{kind}s.deleted", contact_id, actor)
    gone = await _delete_cases_of(transaction, contact_id, actor)
    await remove_documents_of(transaction, contact_id, actor)
    await end_timelines(transaction, gone)
    await delete_contact(transaction, contact)


async def remove_cases_of(transaction: Transaction, contact_id: int, actor: Actor) -> None:
    """Takes all cases of a contact away, with their timelines.

    It locks the board: call it before a row of the contact is locked, or when the board is held.
    """
    await lock_board(transaction)
    await end_timelines(transaction, await _delete_cases_of(transaction, contact_id, actor))


async def _delete_cases_of(transaction: Transaction, contact_id: int, actor: Actor) -> list[int]:
    """Their ids; the board is held."""
    gone = await queries.delete_cases_of(transaction, contact_id)
    if not gone:
        return []
    await board.close_columns(transaction, [case.status_id for case in gone])
    case_ids = [case.id for case in gone]
    await record_changes(transaction, [("business-cases.deleted", case_id) for case_id in case_ids], actor)
    return case_ids


async def remove_status(transaction: Transaction, status_id: int, actor: Actor) -> None:
    """Takes a column away; its cases go, in their order, behind those without one.

    Raises NotFound.
    """
    await lock_board(transaction)
    if await lock_status(transaction, status_id) is None:
        raise NotFound
    freed = await board.free_cases(transaction, status_id)
    await delete_status(transaction, status_id)
    await record_changes(transaction, [("business-cases.updated", case_id) for case_id in freed], actor)
    await record_change(transaction, "business-case-statuses.deleted", status_id, actor)


async def _put(transaction: Transaction, case: Case, wanted: Changeable, place: int, actor: Actor) -> Case:
    """The case as wanted, at this place; where it is so already, nothing happens."""
    if wanted == changeable(case) and place == case.board_position:
        return case
    await _make_way(transaction, case, wanted.status_id, place)
    changed = await queries.update_case(transaction, case.id, wanted, place)
    await record_change(transaction, "business-cases.updated", case.id, actor)
    return changed


async def _make_way(transaction: Transaction, case: Case, to: int | None, place: int) -> None:
    """Moves the others: those between the old place and the new."""
    old = case.board_position
    if to != case.status_id:
        await _close_behind(transaction, case)
        await board.shift(transaction, to, first=place, last=board.END, by=1)
    elif place > old:
        await board.shift(transaction, to, first=old + 1, last=place, by=-1)
    elif place < old:
        await board.shift(transaction, to, first=place, last=old - 1, by=1)


async def _close_behind(transaction: Transaction, case: Case) -> None:
    await board.shift(transaction, case.status_id, first=case.board_position + 1, last=board.END, by=-1)
