"""Tables of documents: each row a document, as if it had been put, and safe to repeat."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from support.api import Api
from support.records import changes_of
from support.tables_of_documents import HEADER, document, imported

from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Refused, Unavailable
from kronika.feed import importing
from kronika.feed.actions import put_documents


async def test_rows_become_documents_and_the_same_table_again_leaves_no_trace(
    plain_api: Api, stranger: Api, client: int, database: Database, owner: psycopg.Connection
):
    before = await document(stranger, 1)
    table = (
        "Document type,DOCUMENT_ID,number,issueDate,dueDate,name,client,businessCaseId,totalWithVat,currencyId,"
        "currencyRate\n"
        f"invoice,1,F-1,2026-03-10,2026-03-24,Káva,36712345,{(case := await plain_api.new_case(clientId=client))},"
        "120.50,1,\n"
        "warehouse-outbound-receipt,1,V-1,2026-03-11,,,36712345,,,,\n"
        "credit-note,1,D-1,2026-03-12,,,36712345,,-20.5,5,25.134\n"
    )
    assert (await imported(database, plain_api, table)).counts == (3, 0, 0, 0)
    shown = await document(plain_api, 1)
    assert shown is not None
    assert {name: shown[name] for name in ("number", "issueDate", "dueDate", "name", "clientId", "businessCaseId")} == {
        "number": "F-1", "issueDate": "2026-03-10", "dueDate": "2026-03-24", "name": "Káva", "clientId": client,
        "businessCaseId": case,
    }  # fmt: skip
    assert (shown["totalWithVat"], shown["currency"]["symbol"]) == (120.5, "EUR")
    assert ((await document(plain_api, 1, "credit-note")) or {})["currencyRate"] == 25.134
    changes = changes_of(owner, plain_api)
    assert {change["actor"] for change in changes if "invoices" in change["type"]} == {"system"}

    assert (await imported(database, plain_api, table)).counts == (0, 0, 3, 0)
    assert changes_of(owner, plain_api) == changes
    assert (await imported(database, plain_api, table.replace("120.50", "121"))).counts == (0, 1, 2, 0)
    assert await document(stranger, 1) == before


async def test_a_refused_row_stops_no_other_and_is_told_by_line_and_column(
    plain_api: Api, client: int, database: Database
):
    strangers_case = 1
    table = (
        "id;cislo;vystavene;klient;suma;mena;pripad\n"
        "1;F-1;2026-03-10;36712345;100;EUR;\n"
        "\n"
        '2;"F\n-2";2026-02-30;Nikto;100,999;XYZ;\n'
        "x;;2026-03-10;;;;\n"
        f"4;F-4;2026-03-10;36712345;100;EUR;{strangers_case}\n"
        "5;F-5;2026-03-10\n"
        "6;F-6;2026-03-10;36712345;100;EUR;;;too much\n"
        ";;;;;;\n"
        "7;F-7;2026-03-10;36712345;100;EUR;;;\n"
    )
    columns = ["documentId=id", "number=cislo", "issueDate=vystavene", "client=klient", "totalWithVat=suma"]
    columns += ["currency=mena", "businessCaseId=pripad"]
    done = await imported(database, plain_api, table, columns=columns, document_type="invoice")
    assert done.counts == (2, 0, 0, 5)
    assert sorted(done.errors) == sorted([
        (4, "vystavene", "This must be a day of the calendar like 2026-03-10."),
        (4, "klient", "No client has this business id, tax id, VAT id or name."),
        (4, "suma", "This may have at most 2 decimal places."),
        (4, "mena", "This does not exist."),
        (6, "id", "This must be a whole number."),
        (6, "cislo", "This field is required."),
        (6, "suma", "This field is required."),
        (6, "mena", "This field is required."),
        (6, "klient", "Exactly one of the fields that name what this belongs to must be sent."),
        (7, "pripad", "This does not exist."),
        (8, None, "This row has 3 cells, the header has 7."),
        (9, None, "This row has 9 cells, the header has 7."),
    ])  # fmt: skip
    assert await document(plain_api, 1)
    assert await document(plain_api, 7)
    assert not await document(plain_api, 2)


@pytest.mark.parametrize(
    "called",
    ["36712345", "2022345678", "SK2022345678", "Hotel Panoráma a.s.", "hotel  PANORAMA A.S.", "\u00a036712345 "],
)
async def test_a_contact_is_called_by_an_id_of_its_business_or_by_its_name(
    plain_api: Api, client: int, database: Database, called: str
):
    done = await imported(database, plain_api, f"{HEADER}\ninvoice,1,F-1,2026-03-10,{called},5,EUR\n")
    assert done.errors == []
    assert ((await document(plain_api, 1)) or {}).get("clientId") == client


async def test_a_contact_must_be_one_of_its_kind_alive_and_ones_own(
    plain_api: Api, stranger: Api, client: int, database: Database
):
    await stranger.new_client(name="Only the stranger's", subjectId="11111111")
    await plain_api.new_supplier(name="A supplier", subjectId="22222222")
    await plain_api.delete(f"/clients/{await plain_api.new_client(name='Gone')}")
    # An id of one business is the name of another, and two names differ in diacritics only.
    await plain_api.new_client(name="36712345")
    await plain_api.new_client(name="Čierny Peter")
    await plain_api.new_client(name="cierny peter")
    await plain_api.new_client(name="x" * 250 + "a")
    names = [
        "Only the stranger's", "11111111", "A supplier", "22222222", "Gone", "Hotel Panoráma", "36712345",
        "čierny peter", "x" * 250, "x" * 250 + "A",
    ]  # fmt: skip
    rows = "".join(f"invoice,{n},F-{n},2026-03-10,{name},5,EUR\n" for n, name in enumerate(names, 1))
    done = await imported(database, plain_api, f"{HEADER}\n{rows}")
    none = "No client has this business id, tax id, VAT id or name."
    several = "More than one client has this business id, tax id, VAT id or name."
    assert [text for _, _, text in done.errors] == [none] * 6 + [several] * 2 + [none]
    assert done.created == 1


async def test_a_supplier_is_found_by_its_name_and_one_contact_is_wanted(
    plain_api: Api, client: int, database: Database
):
    supplier = await plain_api.new_supplier(name="Obaly Morava")
    table = (
        "documentId,number,issueDate,client,supplier,totalWithVat\n"
        "1,P-1,2026-03-10,,obaly morava,5\n2,P-2,2026-03-10,36712345,Obaly Morava,5\n"
    )
    done = await imported(database, plain_api, table, document_type="received-invoice", currency="eur")
    assert done.counts == (1, 0, 0, 1)
    assert {column for _, column, _ in done.errors} == {"client", "supplier"}
    assert ((await document(plain_api, 1, "received-invoice")) or {})["supplierId"] == supplier


async def test_a_rehearsal_tells_what_would_be_done_and_does_nothing(
    plain_api: Api, client: int, database: Database, owner: psycopg.Connection
):
    row = "invoice,{0},F-{0},2026-03-10,36712345,5,EUR\n"
    await imported(database, plain_api, f"{HEADER}\n{row.format(1)}{row.format(2)}")
    before = changes_of(owner, plain_api), await plain_api.timeline(clientId=client)
    table = f"{HEADER}\n{row.format(1)}{row.format(2).replace(',5,', ',6,')}{row.format(3)}{row.format(4)[:-4]}X\n"
    done = await imported(database, plain_api, table, rehearsal=True)
    assert done.counts == (1, 1, 1, 1)
    assert (changes_of(owner, plain_api), await plain_api.timeline(clientId=client)) == before
    assert (await imported(database, plain_api, table)).counts == done.counts


async def test_a_document_that_a_table_has_twice_is_what_the_later_row_says(
    plain_api: Api, client: int, database: Database
):
    rows = "".join(f"invoice,1,F-{n},2026-03-10,36712345,{n},EUR\n" for n in (1, 2, 2))
    assert (await imported(database, plain_api, f"{HEADER}\n{rows}")).counts == (1, 1, 1, 0)
    assert ((await document(plain_api, 1)) or {})["number"] == "F-2"


async def test_more_rows_than_fit_into_a_transaction_all_arrive(
    plain_api: Api, client: int, database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "AT_A_TIME", 3)
    rows = "".join(f"invoice,{n},F-{n},2026-03-10,36712345,{n % 7 or 'x'},EUR\n" for n in range(1, 21))
    done = await imported(database, plain_api, f"{HEADER}\n{rows}")
    assert done.counts == (18, 0, 0, 2)
    assert [line for line, _, _ in done.errors] == [8, 15]
    assert done.line == 21


async def test_a_column_may_serve_several_fields_and_what_all_rows_share_needs_none(
    plain_api: Api, client: int, database: Database
):
    table = "Číslo,Vystavené,IČO,Spolu,Mena\n20260001,10. 3. 2026,36712345,12.5,\n20260002,1.3.2026,36712345,1,usd\n"
    columns = ["documentId=Číslo", "number = Číslo", "issueDate=Vystavené", "client=IČO", "totalWithVat=Spolu"]
    done = await imported(
        database, plain_api, table, columns=[*columns, "currency=Mena"], document_type="invoice", currency="EUR"
    )
    assert done.counts == (2, 0, 0, 0)
    first, second = await document(plain_api, 20260001), await document(plain_api, 20260002)
    assert first is not None
    assert second is not None
    assert (first["number"], first["issueDate"], first["currency"]["symbol"]) == ("20260001", "2026-03-10", "EUR")
    assert second["currency"]["symbol"] == "USD"


async def test_days_are_read_by_the_format_that_was_said_and_by_no_other(
    plain_api: Api, client: int, database: Database
):
    days = ["10/03/2026", "2026-03-10", "31/02/2026"]
    rows = "".join(f"invoice,{n},F-{n},{day},36712345,5,EUR\n" for n, day in enumerate(days, 1))
    assert (await imported(database, plain_api, f"{HEADER}\n{rows}")).counts == (1, 0, 0, 2)
    done = await imported(database, plain_api, f"{HEADER}\n{rows}", date_format="%d/%m/%Y")
    assert [(line, text) for line, _, text in done.errors] == [
        (line, "This must be a day like 10/03/2026, as --date-format says.") for line in (3, 4)
    ]
    assert ((await document(plain_api, 1)) or {})["issueDate"] == "2026-03-10"


async def test_a_time_of_day_is_read_past(plain_api: Api, client: int, database: Database):
    row = "invoice,1,F-1,10/03/2026 23:59,36712345,5,EUR\n"
    assert (await imported(database, plain_api, f"{HEADER}\n{row}", date_format="%d/%m/%Y %H:%M")).created == 1
    assert ((await document(plain_api, 1)) or {})["issueDate"] == "2026-03-10"


async def test_case_does_not_matter_in_headers_that_are_named_and_in_types(
    plain_api: Api, client: int, database: Database
):
    table = "Typ;ČÍSLO;Vystavené;IČO;Suma;Mena;mena\nINVOICE;1;10.3.2026;36712345;5;EUR;x\n"
    columns = ["documentType=typ", "documentId=číslo", "number=číslo", "issueDate=VYSTAVENÉ", "client=ičo"]
    # Of headers that differ in case only, the one that was written is meant.
    done = await imported(database, plain_api, table, columns=[*columns, "totalWithVat=suma", "currency=Mena"])
    assert (done.errors, done.created) == ([], 1)


async def test_a_database_that_is_busy_for_a_moment_is_asked_again_and_one_that_stays_so_ends_the_import(
    plain_api: Api, client: int, database: Database, monkeypatch: pytest.MonkeyPatch
):
    passing = [Unavailable()]

    async def busy_at_first(*arguments: Any, **options: Any):
        if passing:
            raise passing.pop()
        return await put_documents(*arguments, **options)

    monkeypatch.setattr(importing, "put_documents", busy_at_first)
    table = f"{HEADER}\ninvoice,1,F-1,2026-03-10,36712345,5,EUR\n"
    assert (await imported(database, plain_api, table)).counts == (1, 0, 0, 0)
    passing.append(LockWaitTimeout("busy"))
    monkeypatch.setattr(importing, "_TRIES", 1)
    with pytest.raises(Refused, match="run it again"):
        await imported(database, plain_api, table)
