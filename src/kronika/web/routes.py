"""All pages. Every page of a company lives under `/c/{company}/`: two tabs can show two companies, and links last."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kronika.contacts.models import ContactKind
from kronika.errors import NotFound
from kronika.http.routing import resource
from kronika.users.links import PATH as LINK
from kronika.web.assets import PATH as STATIC
from kronika.web.assets import send_asset
from kronika.web.documents import document_pages as documents
from kronika.web.documents.document_list_pages import show_documents
from kronika.web.documents.document_news import document_news
from kronika.web.home import home_pages as home
from kronika.web.home.home_news import home_news
from kronika.web.integrations import delivery_pages as deliveries
from kronika.web.integrations import sandbox_pages as sandboxes
from kronika.web.integrations import token_pages as tokens
from kronika.web.integrations import webhook_pages as webhooks
from kronika.web.live import live
from kronika.web.pages import answer_trouble, page
from kronika.web.people import account_pages as account
from kronika.web.people import company_pages as company
from kronika.web.people import link_pages as links
from kronika.web.people import people_pages as people
from kronika.web.people import sign_in_pages as sign_in
from kronika.web.people.keys_page import show_keys
from kronika.web.relations import case_pages as cases
from kronika.web.relations import contact_pages as contacts
from kronika.web.relations.case_list_pages import show_cases
from kronika.web.relations.contact_list_pages import show_contacts
from kronika.web.timeline import event_pages as events
from kronika.web.timeline import timeline_pages as timeline
from kronika.web.timeline.news import timeline_news
from kronika.web.timeline.timeline_view import FOLDERS
from kronika.web.visitors import a_member, a_user, a_watching_member, an_owner, anybody

_COMPANY: Final = "/c/{company}"
_EVENT: Final = f"{_COMPANY}/events/{{id}}"
_CASES: Final = f"{_COMPANY}/cases"
_DOCUMENTS: Final = f"{_COMPANY}/documents"
_DOCUMENT: Final = f"{_DOCUMENTS}/{{type}}/{{id}}"
_USERS: Final = f"{_COMPANY}/settings/users"
_INTEGRATIONS: Final = f"{_COMPANY}/integrations"
_TOKENS: Final = f"{_INTEGRATIONS}/tokens"
_WEBHOOKS: Final = f"{_INTEGRATIONS}/webhooks"
_WEBHOOK: Final = f"{_WEBHOOKS}/{{id}}"


async def _send_asset(request: Request) -> Response:
    try:
        return await send_asset(request)
    except NotFound as problem:
        return await answer_trouble(request, problem)


def _contact_pages(kind: ContactKind) -> list[Route]:
    here = f"{_COMPANY}/{kind}s"
    return [
        page(f"{here}/new", a_member, show=partial(contacts.show_new, kind), do=partial(contacts.do_create, kind)),
        page(
            f"{here}/{{id}}/edit",
            a_member,
            show=partial(contacts.show_change, kind),
            do=partial(contacts.do_change, kind),
        ),
        page(
            f"{here}/{{id}}/delete",
            a_member,
            show=partial(contacts.show_deletion, kind),
            do=partial(contacts.do_delete, kind),
        ),
    ]


WEB_ROUTES: Final[list[Route]] = [
    page("/", a_user, show=company.show_start),
    page("/sign-in", anybody, show=sign_in.show_sign_in, do=sign_in.do_sign_in),
    page("/sign-out", anybody, do=sign_in.do_sign_out),
    page("/language", anybody, do=sign_in.do_choose_language),
    page(f"{LINK}/{{token}}", anybody, show=links.show_link, do=links.do_link),
    page("/account", a_user, show=account.show_account, do=account.do_change_profile),
    page("/account/password", a_user, do=account.do_change_password, again=account.show_account),
    page("/account/sessions/end-others", a_user, do=account.do_end_other_sessions),
    page("/account/sessions/{id}/end", a_user, do=account.do_end_session),
    page("/keys", a_user, show=show_keys),
    page(_COMPANY, a_member, show=company.show_company_start),
    page(f"{_COMPANY}/home", a_member, show=home.show_home),
    page(f"{_COMPANY}/home/events", a_member, show=home.show_these),
    page(f"{_COMPANY}/home/left", a_member, do=home.do_leave),
    page(f"{_COMPANY}/home/live", a_watching_member, show=live(home_news)),
    page(_DOCUMENTS, a_member, show=show_documents),
    page(f"{_DOCUMENTS}/live", a_watching_member, show=live(document_news)),
    page(_DOCUMENT, a_member, show=documents.show_document, do=documents.do_record_payment),
    page(
        f"{_DOCUMENT}/payments/{{payment}}/delete",
        a_member,
        show=documents.show_payment_deletion,
        do=documents.do_delete_payment,
    ),
    page(f"{_COMPANY}/contacts", a_member, show=show_contacts),
    *_contact_pages("client"),
    *_contact_pages("supplier"),
    page(_CASES, a_member, show=show_cases),
    page(f"{_CASES}/new", a_member, show=cases.show_new, do=cases.do_create),
    page(f"{_CASES}/{{id}}/edit", a_member, show=cases.show_change, do=cases.do_change),
    page(f"{_CASES}/{{id}}/delete", a_member, show=cases.show_deletion, do=cases.do_delete),
    page(f"{_COMPANY}/settings", a_member, show=company.show_settings),
    page(f"{_COMPANY}/settings/company", a_member, show=company.show_company, do=company.do_change_company),
    page(_USERS, an_owner, show=people.show_people, do=people.do_invite),
    page(f"{_USERS}/invitations/{{id}}/withdraw", an_owner, do=people.do_withdraw_invitation),
    page(f"{_USERS}/{{id}}/role", an_owner, do=people.do_change_role, again=people.show_people),
    page(f"{_USERS}/{{id}}/reset-password", an_owner, do=people.do_reset_password),
    page(f"{_USERS}/{{id}}/remove", an_owner, show=people.show_removal, do=people.do_remove),
    *(
        page(
            f"{_COMPANY}/{folder}/{{id}}",
            a_member,
            show=timeline.show_of(kind),
            do=timeline.record_of(kind),
            files=True,
        )
        for kind, folder in FOLDERS.items()
    ),
    page(f"{_COMPANY}/timelines/{{id}}", a_member, show=timeline.show_these),
    page(f"{_COMPANY}/uploads", a_member, do=timeline.do_upload, files=True),
    page(f"{_COMPANY}/linkable", a_member, show=timeline.show_linkable),
    page(f"{_COMPANY}/live", a_watching_member, show=live(timeline_news)),
    page(_EVENT, a_member, show=events.show_event),
    page(f"{_EVENT}/edit", a_member, show=events.show_edit, do=events.do_edit, files=True),
    page(f"{_EVENT}/delete", a_member, show=events.show_delete, do=events.do_delete),
    page(f"{_EVENT}/files", a_member, show=events.show_files),
    page(f"{_COMPANY}/files/{{id}}", a_member, show=events.show_file),
    page(_INTEGRATIONS, an_owner, show=tokens.show_integrations),
    page(_TOKENS, an_owner, show=tokens.show_tokens, do=tokens.do_create_token),
    page(f"{_TOKENS}/{{id}}/revoke", an_owner, show=tokens.show_revocation, do=tokens.do_revoke_token),
    page(f"{_INTEGRATIONS}/sandboxes", an_owner, show=sandboxes.show_sandboxes, do=sandboxes.do_create_sandbox),
    page(
        f"{_INTEGRATIONS}/sandboxes/{{id}}/enter",
        an_owner,
        do=sandboxes.do_enter_sandbox,
        again=sandboxes.show_sandboxes,
    ),
    page(_WEBHOOKS, an_owner, show=webhooks.show_subscriptions),
    page(f"{_WEBHOOKS}/new", an_owner, show=webhooks.show_new_subscription, do=webhooks.do_create_subscription),
    page(_WEBHOOK, an_owner, show=deliveries.show_subscription),
    page(f"{_WEBHOOK}/edit", an_owner, show=webhooks.show_subscription_form, do=webhooks.do_change_subscription),
    page(f"{_WEBHOOK}/rotate-secret", an_owner, show=webhooks.show_rotation, do=webhooks.do_rotate_secret),
    page(f"{_WEBHOOK}/delete", an_owner, show=webhooks.show_deletion, do=webhooks.do_delete_subscription),
    page(f"{_WEBHOOK}/test", an_owner, do=deliveries.do_send_test, again=deliveries.show_subscription),
    page(f"{_WEBHOOK}/replays", an_owner, do=deliveries.do_replay_range, again=deliveries.show_subscription),
    page(f"{_WEBHOOK}/replays/{{replay}}/stop", an_owner, do=deliveries.do_stop_replay),
    page(
        f"{_WEBHOOK}/deliveries/{{delivery}}/replay",
        an_owner,
        do=deliveries.do_replay_delivery,
        again=deliveries.show_subscription,
    ),
    resource(f"{STATIC}/{{version}}/{{name}}", get=_send_asset),
]
