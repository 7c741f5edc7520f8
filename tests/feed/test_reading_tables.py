"""How tables are read: encodings, delimiters, quotes, rows without end, and what is wrong with a whole table."""

from __future__ import annotations

import io
from typing import Any

import pytest
from support.api import Api
from support.tables_of_documents import HEADER, document, imported

from kronika.db.pool import Database
from kronika.errors import Refused
from kronika.feed.csv.options import Options, open_table
from kronika.feed.csv.reading import LONGEST_ROW


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
