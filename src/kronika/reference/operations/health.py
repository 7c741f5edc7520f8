from __future__ import annotations

from typing import Final

from msgspec import to_builtins

from kronika.http.health import Health, Readiness
from kronika.reference.operation import Also, Chapter, Operation, Thing

CHAPTER: Final = Chapter(
    tag="Health",
    text="For load balancers and monitors.",
    operations=(
        Operation(
            id="showHealth",
            method="get",
            path="/healthz",
            summary="Is the process alive?",
            description="Answers as long as the process can answer at all. It asks nothing of the database.",
            success="It is alive.",
            answer=Health,
            answers={"alive": to_builtins(Health("ok"))},
            public=True,
        ),
        Operation(
            id="showReadiness",
            method="get",
            path="/readyz",
            summary="Can it do its work?",
            description="Asks the database whether it can be reached and has the tables of this version.",
            success="It can.",
            answer=Readiness,
            answers={"ready": to_builtins(Readiness("ok", "ok", "current"))},
            also={
                503: Also(
                    "It cannot at the moment: send requests elsewhere.",
                    {
                        "noDatabase": to_builtins(Readiness("unavailable", "unreachable", "unknown")),
                        "oldTables": to_builtins(Readiness("unavailable", "ok", "pending")),
                    },
                )
            },
            public=True,
        ),
    ),
    things=(
        Thing(Health, "A sign of life.", {"status": "`ok`."}),
        Thing(
            Readiness,
            "What the process needs for its work.",
            {
                "status": "`ok`, or `unavailable`.",
                "database": "`ok`, or `unreachable`.",
                "migrations": "`current`; `pending` while the tables are older than the program; `unknown` without "
                "a database.",
            },
        ),
    ),
)
