from __future__ import annotations

import io
from typing import Any

import psycopg
import pytest
from msgspec import field
from support.api import Api
from support.records import changes_of

from kronika.db.pool import Database, LockWaitTimeout
from kronika.errors import Complaint, Refused, Unavailable
from kronika.feed import importing
from kronika.feed.actions import put_documents
from kronika.feed.csv.options import Options, open_table
from kronika.feed.csv.reading import LONGEST_ROW
from kronika.feed.importing import Import, Tally, import_documents
from kronika.http.texts import text_of

HEADER = "documentType,documentId,number,issueDate,client,totalWithVat,currency"


class Imported(Tally):
    """A tally with the errors that were told: line, column, text."""

    errors: list[tuple[int, str | None, str]] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Created, updated, unchanged, refused."""
        return self.created, self.updated, self.unchanged, self.refused


def sentence(reason: Complaint | str) -> str:
    return reason if isinstance(reason, str) else text_of(reason, "en")


async def imported(database: Database, api: Api, table: str | bytes, *, rehearsal: bool = False, **options: Any):
    """What has come of a table."""
    raw = io.BytesIO(table.encode() if isinstance(table, str) else table)
    file, rules = open_table(raw, Options(**options))
    tally = Imported()
    wish = Import(
        api.company_id,
        file,
        rules,
        rehearsal,
        lambda error: tally.errors.append((error.line, error.column, sentence(error.reason))),
    )
    await import_documents(database, wish, tally)
    return tally


async def document(api: Api, document_id: int, type_: str = "invoice") -> dict[str, Any] | None:
    response = await api.get(f"/documents/{type_}/{document_id}")
    return response.json() if response.status_code == 200 else None


@pytest.fixture
async def client(plain_api: Api, stranger: Api) -> int:
    """A client, of whom the stranger has an equal one with an equal document."""
    ids = {}
    for api in (stranger, plain_api):
        ids[api] = await api.new_client(
            name="Hotel Panoráma a.s.", subjectId="36712345", taxId="2022345678", vatId="SK2022345678"
        )
    body = {"number": "S-1", "issueDate": "2026-01-01", "clientId": ids[stranger], "totalWithVat": 1, "currencyId": 1}
    for number in (1, 2):
        await stranger.put(f"/documents/invoice/{number}", body)
    return ids[plain_api]


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


@pytest.mark.parametrize(
    ("written", "encoding", "delimiter"),
    [
        ("utf-8", "utf-8", ","),
        ("utf-8-sig", "UTF_8", ";"),
        ("cp1250", "cp1250", "\t"),
        ("utf-16", "utf-16", "|"),
        ("utf-16-le", "UTF-16LE", ";"),
        ("utf-32-be", "utf_32_be", ","),
    ],
)
async def test_encodings_and_delimiters(
    *, plain_api: Api, client: int, database: Database, written: str, encoding: str, delimiter: str
):
    table = f"{HEADER},name\r\ninvoice,1,F-1,2026-03-10,36712345,5,EUR,Žltá káva\r\n".replace(",", delimiter)
    if written.endswith("e"):
        # Where the order of bytes is said, their mark is not taken off by the decoder.
        table = "\ufeff" + table.replace("documentType", '"documentType"')
    await imported(database, plain_api, table.encode(written), encoding=encoding)
    assert ((await document(plain_api, 1)) or {})["name"] == "Žltá káva"


async def test_a_row_in_another_encoding_is_refused_alone(plain_api: Api, client: int, database: Database):
    row = "invoice,{0},F-{0},2026-03-10,36712345,5,EUR,{1}\n"
    table = f"{HEADER},name\n{row.format(1, 'á')}".encode() + row.format(2, "á").encode("cp1250")
    done = await imported(database, plain_api, table + row.format(3, "nul\0").encode() + row.format(4, "á").encode())
    assert done.counts == (2, 0, 0, 2)
    assert done.errors[0][:2] == (3, "name")
    assert "--encoding" in done.errors[0][2]
    assert done.errors[1] == (4, "name", "This contains a character that cannot be stored.")


async def test_cells_of_many_lines_and_of_ten_megabytes(plain_api: Api, client: int, database: Database):
    row = 'invoice,{0},F-{0},2026-03-10,36712345,5,EUR,"{1}"\n'
    table = f"{HEADER},note\n" + row.format(1, "x\r\ny;\nz ") + row.format(2, "x" * 10_000_000) + row.format(3, "")
    done = await imported(database, plain_api, table)
    assert done.counts == (3, 0, 0, 0)
    assert done.line == 6
    done = await imported(database, plain_api, table, columns=["name=note"])
    assert done.errors == [(5, "note", "This may have at most 255 characters.")]


async def test_a_cell_of_megabytes_is_no_value_of_any_field(plain_api: Api, client: int, database: Database):
    long = "1" * 1_000_000
    header = (
        "documentType,documentId,number,issueDate,client,totalWithVat,currencyId,currencyRate,dueDate,businessCaseId"
    )
    columns = header.split(",")
    sound = ["invoice", "1", "F-1", "2026-03-10", "36712345", "5", "1", "", "", ""]
    for place, column in enumerate(columns):
        row = [*sound[:place], long, *sound[place + 1 :]]
        done = await imported(database, plain_api, f"{header}\n{','.join(row)}\n")
        assert [(line, of) for line, of, _ in done.errors] == [(2, column)]


async def test_a_quote_in_the_wrong_place_is_told_where_it_begins(plain_api: Api, client: int, database: Database):
    row = "invoice,{0},{1},2026-03-10,36712345,5,EUR\n"
    table = HEADER + "\n" + row.format(1, '"a"b"') + row.format(2, "F-2") + row.format(3, '"F-3') + row.format(4, "F-4")
    done = await imported(database, plain_api, table)
    assert done.counts == (1, 0, 0, 2)
    assert [(line, text[:22]) for line, _, text in done.errors] == [
        (2, "A quote within a cell "),
        (4, "A quote that begins he"),
    ]


async def test_a_row_without_end_is_not_read_to_its_end(plain_api: Api, client: int, database: Database):
    head = f"{HEADER}\ninvoice,1,F-1,2026-03-10,36712345,5,EUR\n".encode()
    done = await imported(database, plain_api, head + b'invoice,2,"' + b"x\n" * (LONGEST_ROW // 2))
    assert done.counts == (1, 0, 0, 1)
    assert "nothing more was read" in done.errors[0][2]


@pytest.mark.parametrize(
    ("table", "options", "about"),
    [
        (b"", {}, "empty"),
        (b"\n \n", {}, "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", {}, "--encoding"),
        (HEADER.encode("utf-16"), {}, "--encoding"),
        (b"x" * (LONGEST_ROW + 5), {}, "no text"),
        (b'"documentId,number\n', {}, "header"),
        (HEADER, {"columns": ["nubmer=number"]}, "nubmer"),
        (HEADER, {"columns": ["number"]}, "FIELD=HEADER"),
        (HEADER, {"columns": ["number=Číslo"]}, "the columns are: documentType, documentId, number"),
        (HEADER, {"columns": ["number=number", "number=client"]}, "twice"),
        (HEADER, {"columns": ["number="]}, "number"),
        (HEADER + ",number", {}, "two columns"),
        (HEADER + ",Number", {}, "several columns"),
        (HEADER + ",clientId", {}, "client and clientId"),
        (HEADER.replace(",client", ""), {}, "clientId, client, supplierId, supplier"),
        (HEADER.replace("documentType,", ""), {}, "--type"),
        (HEADER.replace(",currency", ""), {"document_type": "invoice"}, "--currency"),
        (HEADER.replace(",totalWithVat", ""), {"document_type": "invoice"}, "totalWithVat"),
        (HEADER, {"document_type": "letter"}, "--type"),
        (HEADER, {"currency": "XXX"}, "--currency"),
        (HEADER, {"encoding": "klingon"}, "encoding"),
        (HEADER, {"encoding": "base64"}, "encoding"),
        (HEADER, {"delimiter": ";;"}, "--delimiter"),
        (HEADER, {"decimal": "x"}, "--decimal"),
        (HEADER, {"date_format": "%d/%m"}, "--date-format"),
        (HEADER, {"date_format": "%"}, "--date-format"),
        (HEADER, {"date_format": "%d/%m/%Y %d"}, "--date-format"),
        (HEADER, {"date_format": "%d/%M/%Y"}, "--date-format"),
        (HEADER, {"date_format": "%d/%m/%Y %H:%M%z"}, "--date-format"),
        ("Mena,MENA," + HEADER, {"columns": ["currency=mena"]}, "several columns"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_table_as_a_whole_is_one_line(table: str | bytes, options: dict[str, Any], about: str):
    with pytest.raises(Refused) as refused:
        open_table(io.BytesIO(table.encode() if isinstance(table, str) else table), Options(**options))
    assert about in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_header_alone_is_a_table_without_rows(plain_api: Api, database: Database):
    assert (await imported(database, plain_api, HEADER)).counts == (0, 0, 0, 0)


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
