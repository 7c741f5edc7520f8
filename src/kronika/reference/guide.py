"""What holds for every operation, in a few sentences each: the front matter of the document."""

from __future__ import annotations

from kronika.errors import KeyReused, Unauthenticated
from kronika.http.paging import MOST_PER_PAGE
from kronika.input.normalise import DEEPEST
from kronika.languages import LANGUAGE_TAGS

SUMMARY = "An open, self-hosted chronicle of a company's relations."

SECTIONS: dict[str, str] = {
    "First steps": """
Kronika keeps what happened between a company and the people it works with: notes, e-mails and calls on the
timelines of clients, suppliers and business cases, and what became of the documents that an invoicing system tells it
of. This API reads and writes them. Requests and answers are JSON
with names in camelCase; a body is sent as `application/json`, only files come as a form.

How an invoicing system feeds its documents and payments, a CSV file too, is told in a guide with a complete program:
`docs/connect-your-invoicing.md` in Kronika's source.

Ids in the examples are made up: put your own in their place, and your token into the shell variable `TOKEN`.
""",
    "Authentication": f"""
Every request carries a token: `Authorization: Bearer kro_…`. Whoever operates the server issues it; it is shown
once and can be revoked at any time. A token speaks for exactly one company and sees nothing of any other.

A token of scope `read` may only look. One of scope `write` may do everything. Without a valid token the answer is
401 with `{Unauthenticated.message}`, and a `read` token that wants to write gets 403. The health checks need no
token.
""",
    "Idempotency": f"""
A create may carry an `Idempotency-Key` of your choice, 1 to 255 visible ASCII characters. The first request that
succeeds with a key stores its answer; the same request sent again does nothing and gets the same bytes, with
`Idempotency-Status: Repeated`. So when a connection breaks before the answer arrives, send the request again with
the same key: what you create exists once.

The same key with another payload is refused with 422 and `{KeyReused.message}`. A request that fails stores
nothing, so a corrected payload may keep its key. Keys belong to the company and hold for 24 hours at least.
""",
    "Rate limit": """
The requests of a company are counted together, whichever token makes them: 120 in a window of 60 seconds, unless
the operator chose another number or none. `X-RateLimit-Limit` and `X-RateLimit-Remaining` tell where you stand.
Beyond the limit the answer is 429; `Retry-After` says how many seconds to wait. Refused requests are not counted.
""",
    "Errors": """
An error is JSON with `message`, a fixed English sentence; only errors of the `Idempotency-Key` have `error`
instead. A 422 lists under `errors` every field that breaks a rule, with dots into objects and lists. An id in the
path that does not exist is a 404; in a body or query it is a 422 on its field. Nothing tells a record of another
company from one that never was.

A path that does not exist is a 404, a method that a path does not know a 405 with `Allow`. Every answer has an
`X-Request-Id`.
""",
    "Languages": f"""
`Accept-Language` selects the language of names that Kronika supplies, such as those of countries, and of the
sentences under `errors`. Known are {" ".join(f"`{tag}`" for tag in LANGUAGE_TAGS)}; forms such as `sk-SK` and
weights are understood, and anything else gives the server's default, English unless the operator chose another.
Sentences under `errors` are written in English and Slovak. `Content-Language` names the language that was selected.
""",
    "Paging": f"""
A list answers one page in `data` and describes it in `paginator`. `perPage` asks for 1 to {MOST_PER_PAGE} entries,
10 without it, and `page` counts from 1. Page addresses keep your filters. A page beyond the last one is empty and
no error.
""",
    "Values": f"""
Texts lose white space at both ends, and a text with nothing left is null. Lengths are counted after that, in
characters; a limit of 65,535 counts bytes of UTF-8. A whole number may also arrive as a string of digits, and true
or false as 1 or 0. Members that an operation does not know are ignored. Lists and objects may be nested at most
{DEEPEST} levels deep.

Amounts are exact decimals with at most two places; they are shown as numbers, and may arrive as a number or as a
string of digits like `"121.50"`. Days are written `2026-03-10`.

Times are shown to the second in the company's time zone with its offset from UTC: `2026-03-10T10:00:00+01:00`.
""",
}


def description() -> str:
    """The sections as CommonMark, a paragraph a line."""
    return "\n\n".join(f"## {title}\n\n{_unwrapped(text)}" for title, text in SECTIONS.items())


def _unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))
