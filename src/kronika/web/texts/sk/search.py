"""The search: Slovak."""

from __future__ import annotations

TEXTS: dict[str, str | dict[str, str]] = {
    "search.title": "Vyhľadávanie",
    "search.everywhere": "Hľadať všade",
    "search.do": "Hľadať",
    "search.lead": "Kontakty, prípady, doklady a každé slovo na časových osiach. Na veľkosti písmen a diakritike nezáleží a stačí začiatok slova.",
    "search.below": "Výsledky sú nižšie. Vyberte si šípkami.",
    "search.failed": "Server neodpovedal. Stlačením klávesu Enter to skúsite znova.",
    "search.all": "Všetky výsledky pre „{search}“",
    "search.everything": "Všetky výsledky",
    "search.group_contacts": "Kontakty",
    "search.group_cases": "Prípady",
    "search.group_documents": "Doklady",
    "search.group_events": "Časové osi",
    "search.more_contacts": "Všetky nájdené kontakty",
    "search.more_cases": "Všetky nájdené prípady",
    "search.more_documents": "Všetky nájdené doklady",
    "search.more_events": "Všetko nájdené na časových osiach",
    "search.kind_client": "Klient",
    "search.kind_supplier": "Dodávateľ",
    "search.case": "Prípad",
    "search.most": {
        "one": "V zozname je iba {n} výsledok. Ďalším slovom hľadanie spresníte.",
        "few": "V zozname sú iba prvé {n} výsledky. Ďalším slovom hľadanie spresníte.",
        "many": "V zozname je iba prvých {n} výsledku. Ďalším slovom hľadanie spresníte.",
        "other": "V zozname je iba prvých {n} výsledkov. Ďalším slovom hľadanie spresníte.",
    },
}
