"""Below the API: what the application's connections can see and do, whatever statement they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from support.api import Api
from support.deliveries import subscription_with_all
from support.documents import fed, paid
from support.files import event_with, upload
from support.people import new_session, new_user
from support.tables import company_tables, written_columns

from kronika.credentials import Hasher
from kronika.db.pool import Database

# What belongs to a user and to no company.
OWN_USER = {
    "users": "id = current_signed_in()",
    "sessions": "user_id = current_signed_in()",
    "password_links": "user_id = current_signed_in()",
}


@pytest.fixture
def application(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection as the application has them, speaking for no company yet."""
    with psycopg.connect(database_url, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET search_path = kronika; SET ROLE kronika_app")
        yield connection


@pytest.fixture
async def furnish(owner: psycopg.Connection, new_record) -> Callable[[Api], Any]:
    """Gives a company a row in every table there is."""

    async def fill(api: Api) -> None:
        client_id = await api.new_client()
        await api.new_case(clientId=client_id, statusId=await new_record(api, "statusId"))
        await api.record("a-key", clientId=client_id)
        await upload(api)
        await event_with(api, clientId=client_id)
        event = await event_with(api, clientId=client_id)
        change = {"metadata": event["metadata"], "deletedAttachmentIds": [event["attachments"][0]["id"]]}
        await api.patch(f"/contact-activity-logs/{event['id']}", change)
        await fed(api, client_id)
        await paid(api)
        subscription_with_all(api)
        company = {"company": api.company_id, "timeline": client_id}
        user_id, _, _ = new_user(owner, api.company_id)
        owner.execute(
            "INSERT INTO invitations (company_id, email, email_key, role, hash, created_by)"
            " VALUES (%s, 'x', 'x', 'member', gen_random_uuid()::text::bytea, %s)",
            [api.company_id, user_id],
        )
        owner.execute(
            "INSERT INTO home_visits (company_id, user_id, shown_id, shown_at) VALUES (%s, %s, 0, now())",
            [api.company_id, user_id],
        )
        owner.execute("INSERT INTO company_activity VALUES (%s, 'UTC', 0, '{}', '{}')", [api.company_id])
        owner.execute("INSERT INTO rate_windows VALUES (%(company)s, now(), 1)", company)
        owner.execute("INSERT INTO event_stretches VALUES (%(company)s, 1, 1)", company)
        owner.execute("INSERT INTO ended_timelines VALUES (%(company)s, %(timeline)s)", company)
        owner.execute(
            """
            INSERT INTO timeline_blocks (company_id, timeline_id, starts_at, starts_id, counts)
            VALUES (%(company)s, %(timeline)s, now(), 1, no_events())
            """,
            company,
        )
        for table in company_tables(owner):
            assert count(owner, table, api), f"this fixture does not give the company a row in {table}"

    return fill


@pytest.fixture
async def companies(plain_api: Api, stranger: Api, furnish) -> tuple[Api, Api]:
    """Ours and the stranger's, both with rows in every table."""
    await furnish(plain_api)
    await furnish(stranger)
    return plain_api, stranger


def statement(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(table=sql.Identifier(table))


def count(connection: psycopg.Connection, table: str, api: Api | None = None) -> int:
    if api is None:
        return connection.execute(statement("SELECT count(*) AS n FROM {table}", table)).fetchone()["n"]
    whose = statement("SELECT count(*) AS n FROM {table} WHERE company_id = %s", table)
    return connection.execute(whose, [api.company_id]).fetchone()["n"]


def speak_for(connection: psycopg.Connection, api: Api) -> None:
    connection.execute("SELECT set_config('kronika.company_id', %s, false)", [str(api.company_id)])


async def test_a_company_sees_all_of_its_rows_and_none_of_another_in_any_table(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection
):
    ours, theirs = companies
    speak_for(application, ours)
    for table in company_tables(owner):
        assert count(application, table, theirs) == 0, table
        assert count(application, table) == count(owner, table, ours) > 0, table


async def test_without_a_company_no_row_is_seen_in_any_table(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection
):
    tables = [*company_tables(owner), "companies"]
    assert [table for table in tables if count(application, table)] == []
    # As a transaction's setting reads once the transaction is over.
    application.execute("SELECT set_config('kronika.company_id', '', false)")
    assert [table for table in tables if count(application, table)] == []


async def test_a_search_finds_what_is_the_companys_and_without_a_company_nothing(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection
):
    ours, _ = companies
    searches = {
        "events": "matching_events('{note}', 500)",
        "contacts": "first_matching_contacts(NULL, '{client}', '{\"{}\"}', 500)",
        "business_cases": "first_matching_cases('{case}', 500)",
        "documents": "first_matching_documents('{fv1}', 500)",
    }
    for table, search in searches.items():
        ask = f"SELECT ARRAY(SELECT * FROM {search}) AS ids"
        speak_for(application, ours)
        found = application.execute(ask).fetchone()["ids"]
        whose = f"SELECT DISTINCT company_id FROM {table} WHERE id = ANY (%s)"
        assert owner.execute(whose, [found]).fetchall() == [{"company_id": ours.company_id}], table
        # As a transaction's setting reads once the transaction is over.
        application.execute("SELECT set_config('kronika.company_id', '', false)")
        assert application.execute(ask).fetchone()["ids"] == [], table


async def test_a_company_sees_of_the_companies_only_itself(companies: tuple[Api, Api], application: psycopg.Connection):
    ours, _ = companies
    speak_for(application, ours)
    assert [row["id"] for row in application.execute("SELECT id FROM companies")] == [ours.company_id]


async def test_a_row_for_another_company_cannot_be_inserted_into_any_table(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection
):
    ours, theirs = companies
    speak_for(application, ours)
    copy = sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
        " SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
    )
    for table in company_tables(owner):
        columns = sql.SQL(", ").join(map(sql.Identifier, written_columns(owner, table)))
        row = owner.execute(
            statement("SELECT to_jsonb(t) AS row FROM {table} t WHERE company_id = %s", table), [theirs.company_id]
        ).fetchone()["row"]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(copy.format(table=sql.Identifier(table), columns=columns), [Jsonb(row)])


async def test_an_own_row_cannot_be_given_to_another_company_in_any_table(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection
):
    ours, theirs = companies
    speak_for(application, ours)
    for table in company_tables(owner):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement("UPDATE {table} SET company_id = %s", table), [theirs.company_id])


@pytest.mark.parametrize("change", ["UPDATE {table} SET company_id = company_id", "DELETE FROM {table}"])
async def test_no_statement_touches_a_row_of_another_company_in_any_table(
    companies: tuple[Api, Api], owner: psycopg.Connection, application: psycopg.Connection, change: str
):
    ours, theirs = companies
    speak_for(application, ours)
    for table in company_tables(owner):
        kept = count(owner, table, theirs)
        try:
            touched = application.execute(
                statement(f"{change} WHERE company_id = %s", table), [theirs.company_id]
            ).rowcount
        except psycopg.errors.InsufficientPrivilege:
            touched = 0
        assert touched == 0, table
        assert count(owner, table, theirs) == kept, table


def test_every_table_with_a_company_has_row_level_security_and_a_policy_for_the_application(
    owner: psycopg.Connection,
):
    secured = owner.execute(
        """
        SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.schemaname = 'kronika' AND p.tablename = c.relname
        WHERE c.relnamespace = 'kronika'::regnamespace AND c.relrowsecurity
            AND p.roles = '{kronika_app}' AND p.cmd = 'ALL' AND p.qual LIKE '%current_company()%'
        """
    )
    assert {row["relname"] for row in secured} == {*company_tables(owner), "companies"}


def test_no_policy_lets_more_through_than_the_rows_of_one_company(owner: psycopg.Connection):
    policies = owner.execute("SELECT tablename, qual, with_check FROM pg_policies WHERE schemaname = 'kronika'")
    for policy in policies:
        table = policy["tablename"]
        own = {"companies": "id = current_company()", **OWN_USER}
        for condition in (policy["qual"], policy["with_check"]):
            assert condition in {None, f"({own.get(table, 'company_id = current_company()')})"}, policy


def test_what_belongs_to_users_has_row_level_security_too_and_a_user_sees_only_his_own(
    plain_api: Api, stranger: Api, owner: psycopg.Connection, application: psycopg.Connection, hasher: Hasher
):
    ours, theirs = [new_user(owner, api.company_id)[0] for api in (plain_api, stranger)]
    for user_id in (ours, theirs):
        new_session(owner, hasher, user_id)
        owner.execute(
            "INSERT INTO password_links (hash, user_id) VALUES (gen_random_uuid()::text::bytea, %s)", [user_id]
        )
    for table in OWN_USER:
        # As a transaction's setting reads before there was one, and once it is over.
        assert count(application, table) == 0, table
        application.execute("SELECT set_config('kronika.user_id', '', false)")
        assert count(application, table) == 0, table
    application.execute("SELECT set_config('kronika.user_id', %s, false)", [str(ours)])
    for table, condition in OWN_USER.items():
        column = condition.partition(" ")[0]
        seen = application.execute(statement(f"SELECT {column} AS whose FROM {{table}}", table)).fetchall()
        assert [row["whose"] for row in seen] == [ours], table
    touched = "UPDATE users SET name = 'Mallory' WHERE id = %s", "DELETE FROM sessions WHERE user_id = %s"
    assert [application.execute(text, [theirs]).rowcount for text in touched] == [0, 0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(
            "INSERT INTO sessions (user_id, hash, user_agent, address) VALUES (%s, 'x', '', '')", [theirs]
        )


def test_the_applications_role_is_neither_owner_nor_above_the_rules(owner: psycopg.Connection):
    role = owner.execute("SELECT * FROM pg_roles WHERE rolname = 'kronika_app'").fetchone()
    powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication", "rolcanlogin")
    assert [power for power in powers if role[power]] == []
    owned = owner.execute(
        "SELECT relname FROM pg_class WHERE pg_has_role('kronika_app', relowner, 'MEMBER')"
    ).fetchall()
    assert owned == []
    memberships = owner.execute("SELECT roleid FROM pg_auth_members WHERE member = 'kronika_app'::regrole").fetchall()
    assert memberships == []


async def test_the_applications_connections_are_of_that_role(database: Database):
    asked = "SELECT current_user::text AS name"
    assert await database.call(dict, asked, {}) == {"name": "kronika_app"}
    async with database.transaction(1) as transaction:
        assert await transaction.one(dict, asked) == {"name": "kronika_app"}


def test_only_the_listed_functions_reach_across_companies(owner: psycopg.Connection):
    reaching = owner.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'kronika'::regnamespace AND prosecdef ORDER BY proname"
    )
    assert [row["proname"] for row in reaching] == [
        "claim_webhooks", "create_sandbox", "enter_sandbox", "files_due", "files_removed", "files_without_name",
        "find_link", "find_session", "find_sign_in", "find_token", "first_matching_cases", "first_matching_contacts",
        "first_matching_documents", "give_back_search_for_files", "keep_token_uses", "keep_webhooks", "leave_webhooks",
        "matching_cases", "matching_contacts", "matching_events", "names_of_users", "people_of_company",
        "put_password_link", "remove_from_company", "remove_lone_user", "sandboxes_of_company",
        "sweep_changes", "sweep_event_words", "sweep_idempotency_keys", "sweep_links", "sweep_rate_windows",
        "sweep_sessions", "sweep_sign_in_windows", "sweep_uploads", "sweep_webhook_deliveries",
        "sweep_webhook_subscriptions", "take_search_for_files", "use_first_link", "use_invitation",
        "use_password_link", "webhook_backlog", "webhook_companies",
    ]  # fmt: skip


def test_no_view_shows_what_its_owner_may_see(owner: psycopg.Connection):
    views = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'kronika'::regnamespace AND relkind IN ('v', 'm')"
    )
    assert views.fetchall() == []


def test_functions_and_tables_are_open_to_the_application_alone(owner: psycopg.Connection):
    public = owner.execute(
        """
        SELECT proname AS name FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
        WHERE pronamespace = 'kronika'::regnamespace AND a.grantee = 0
        UNION ALL
        SELECT relname FROM pg_class, aclexplode(relacl) a
        WHERE relnamespace = 'kronika'::regnamespace AND a.grantee = 0
        """
    )
    assert [row["name"] for row in public] == []
