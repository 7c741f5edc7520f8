"""How a document is paid."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

PAYMENT_METHOD_IDS = range(1, 7)

# Bank transfer, card, PayPal, on delivery, mutual deduction of what two parties owe each other, cash.
_NAMES = {
    "sk": ("Bankový prevod", "Platobná karta", "PayPal", "Dobierka", "Vzájomný zápočet", "Hotovosť"),
    "en": ("Bank transfer", "Card", "PayPal", "Cash on delivery", "Mutual set-off", "Cash"),
    "cs": ("Bankovní převod", "Platební karta", "PayPal", "Dobírka", "Vzájemný zápočet", "Hotovost"),
    "de": ("Banküberweisung", "Kartenzahlung", "PayPal", "Nachnahme", "Verrechnung", "Barzahlung"),
    "et": ("Pangaülekanne", "Kaardimakse", "PayPal", "Lunamaks", "Tasaarveldus", "Sularaha"),
    "es": ("Transferencia bancaria", "Tarjeta", "PayPal", "Contrarreembolso", "Compensación", "Efectivo"),
    "fr": ("Virement bancaire", "Carte bancaire", "PayPal", "Contre remboursement", "Compensation", "Espèces"),
    "hr": ("Bankovni prijenos", "Kartica", "PayPal", "Pouzeće", "Kompenzacija", "Gotovina"),
    "hu": ("Banki átutalás", "Bankkártya", "PayPal", "Utánvét", "Kompenzáció", "Készpénz"),
    "it": ("Bonifico bancario", "Carta", "PayPal", "Contrassegno", "Compensazione", "Contanti"),
    "lt": ("Banko pavedimas", "Mokėjimo kortelė", "PayPal", "Mokėjimas pristatymo metu", "Tarpusavio įskaitymas",
           "Grynieji pinigai"),
    "nl": ("Bankoverschrijving", "Betaalkaart", "PayPal", "Rembours", "Verrekening", "Contant"),
    "pl": ("Przelew bankowy", "Karta płatnicza", "PayPal", "Za pobraniem", "Kompensata", "Gotówka"),
    "pt": ("Transferência bancária", "Cartão", "PayPal", "Pagamento na entrega", "Compensação", "Dinheiro"),
    "ro": ("Transfer bancar", "Card", "PayPal", "Ramburs", "Compensare", "Numerar"),
    "sr": ("Банковни трансфер", "Платна картица", "PayPal", "Поузеће", "Компензација", "Готовина"),
    "ru": ("Банковский перевод", "Банковская карта", "PayPal", "Наложенный платёж", "Взаимозачёт", "Наличные"),
    "sl": ("Bančno nakazilo", "Plačilna kartica", "PayPal", "Plačilo po povzetju", "Medsebojni pobot", "Gotovina"),
    "uk": ("Банківський переказ", "Платіжна картка", "PayPal", "Післяплата", "Взаємозалік", "Готівка"),
}  # fmt: skip


class PaymentMethod(Struct, frozen=True):
    """A payment method as the API shows it; `name` is localized."""

    id: int
    name: str


@cache
def payment_methods(language: str) -> Mapping[int, PaymentMethod]:
    """All payment methods by id, named in this language (one of LANGUAGE_TAGS)."""
    names = zip(PAYMENT_METHOD_IDS, _NAMES[language], strict=True)
    return {number: PaymentMethod(number, name) for number, name in names}
