from __future__ import annotations

from typing import Final

from msgspec import to_builtins

from kronika.companies.models import Whoami
from kronika.http.problems import API_PREFIX
from kronika.reference.operation import Chapter, Operation, Thing

CHAPTER: Final = Chapter(
    tag="Company",
    text="Which company a token speaks for.",
    operations=(
        Operation(
            id="showWhoami",
            method="get",
            path=f"{API_PREFIX}/whoami",
            summary="Show whose token this is",
            description="The quickest way to see whether a token works, and for whom.",
            success="The company of the token.",
            answer=Whoami,
            answers={"company": to_builtins(Whoami("Acme s.r.o."))},
        ),
    ),
    things=(Thing(Whoami, "The company a token speaks for.", {"name": "Its name."}),),
)
