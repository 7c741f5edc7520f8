"""How goods go to a client."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

DELIVERY_METHOD_IDS = range(1, 7)

# Not specified, post, courier, personal collection, freight, pick-up point.
_NAMES = {
    "sk": ("Neurčený", "Pošta", "Kuriér", "Osobný odber", "Nákladná doprava", "Výdajné miesto"),
    "en": ("Unspecified", "Post", "Courier", "Personal collection", "Freight", "Pick-up point"),
    "cs": ("Neurčeno", "Pošta", "Kurýr", "Osobní odběr", "Nákladní doprava", "Výdejní místo"),
    "de": ("Nicht angegeben", "Post", "Kurier", "Selbstabholung", "Spedition", "Abholstelle"),
    "et": ("Määramata", "Post", "Kuller", "Ise järele tulemine", "Kaubavedu", "Väljastuspunkt"),
    "es": ("Sin especificar", "Correo", "Mensajería", "Recogida en persona", "Transporte de mercancías",
           "Punto de recogida"),
    "fr": ("Non précisé", "Poste", "Coursier", "Retrait sur place", "Transport de fret", "Point de retrait"),
    "hr": ("Nije određeno", "Pošta", "Kurir", "Osobno preuzimanje", "Teretni prijevoz", "Mjesto preuzimanja"),
    "hu": ("Nincs megadva", "Posta", "Futárszolgálat", "Személyes átvétel", "Fuvarozás", "Átvételi pont"),
    "it": ("Non specificato", "Posta", "Corriere", "Ritiro di persona", "Trasporto merci", "Punto di ritiro"),
    "lt": ("Nenurodyta", "Paštas", "Kurjeris", "Atsiėmimas vietoje", "Krovinių vežimas", "Atsiėmimo punktas"),
    "nl": ("Niet opgegeven", "Post", "Koerier", "Zelf afhalen", "Vrachtvervoer", "Afhaalpunt"),
    "pl": ("Nie określono", "Poczta", "Kurier", "Odbiór osobisty", "Transport towarowy", "Punkt odbioru"),
    "pt": ("Não especificado", "Correio", "Courier", "Retirada no local", "Transporte de carga", "Ponto de retirada"),
    "ro": ("Nespecificat", "Poștă", "Curier", "Ridicare personală", "Transport de marfă", "Punct de ridicare"),
    "sr": ("Није наведено", "Пошта", "Курир", "Лично преузимање", "Теретни превоз", "Место преузимања"),
    "ru": ("Не указан", "Почта", "Курьер", "Самовывоз", "Грузоперевозка", "Пункт выдачи"),
    "sl": ("Ni določeno", "Pošta", "Kurir", "Osebni prevzem", "Tovorni prevoz", "Prevzemno mesto"),
    "uk": ("Не вказано", "Пошта", "Курʼєр", "Самовивіз", "Вантажне перевезення", "Пункт видачі"),
}  # fmt: skip


class DeliveryMethod(Struct, frozen=True):
    """A delivery method as the API shows it; `name` is localized."""

    id: int
    name: str


@cache
def delivery_methods(language: str) -> Mapping[int, DeliveryMethod]:
    """All delivery methods by id, named in this language (one of LANGUAGE_TAGS)."""
    names = zip(DELIVERY_METHOD_IDS, _NAMES[language], strict=True)
    return {number: DeliveryMethod(number, name) for number, name in names}
