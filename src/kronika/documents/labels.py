"""What kinds of documents are called, in 19 languages."""

from __future__ import annotations

# The last two: receipt of goods into a warehouse, issue of goods from it.
_TYPES = (
    "invoice", "proforma", "order", "quotation", "credit-note", "received-invoice", "received-receipt",
    "warehouse-inbound-receipt", "warehouse-outbound-receipt",
)  # fmt: skip
_NAMES = {
    "sk": ("Faktúra", "Zálohová faktúra", "Objednávka", "Cenová ponuka", "Dobropis", "Prijatá faktúra",
           "Prijatý doklad", "Príjemka", "Výdajka"),
    "en": ("Invoice", "Proforma invoice", "Order", "Quotation", "Credit note", "Received invoice", "Received receipt",
           "Goods receipt", "Goods issue"),
    "cs": ("Faktura", "Zálohová faktura", "Objednávka", "Cenová nabídka", "Dobropis", "Přijatá faktura",
           "Přijatý doklad", "Příjemka", "Výdejka"),
    "de": ("Rechnung", "Proforma-Rechnung", "Bestellung", "Angebot", "Gutschrift", "Eingangsrechnung",
           "Eingangsbeleg", "Wareneingang", "Warenausgang"),
    "et": ("Arve", "Ettemaksuarve", "Tellimus", "Hinnapakkumine", "Kreeditarve", "Ostuarve", "Ostukviitung",
           "Kauba sissetulek", "Kauba väljaminek"),
    "es": ("Factura", "Factura proforma", "Pedido", "Presupuesto", "Factura rectificativa", "Factura recibida",
           "Recibo de compra", "Entrada de almacén", "Salida de almacén"),
    "fr": ("Facture", "Facture proforma", "Commande", "Devis", "Avoir", "Facture reçue", "Reçu d’achat",
           "Bon d’entrée", "Bon de sortie"),
    "hr": ("Račun", "Predračun", "Narudžba", "Ponuda", "Odobrenje", "Primljeni račun", "Primljena potvrda",
           "Primka", "Izdatnica"),
    "hu": ("Számla", "Díjbekérő", "Megrendelés", "Árajánlat", "Jóváíró számla", "Bejövő számla", "Bejövő nyugta",
           "Bevételi bizonylat", "Kiadási bizonylat"),
    "it": ("Fattura", "Fattura proforma", "Ordine", "Preventivo", "Nota di credito", "Fattura ricevuta",
           "Ricevuta di acquisto", "Carico di magazzino", "Scarico di magazzino"),
    "lt": ("Sąskaita faktūra", "Išankstinė sąskaita", "Užsakymas", "Pasiūlymas", "Kreditinė sąskaita",
           "Gauta sąskaita", "Gautas kvitas", "Prekių pajamavimas", "Prekių išdavimas"),
    "nl": ("Factuur", "Proformafactuur", "Bestelling", "Offerte", "Creditnota", "Ontvangen factuur",
           "Ontvangen bon", "Magazijnontvangst", "Magazijnuitgifte"),
    "pl": ("Faktura", "Faktura proforma", "Zamówienie", "Oferta cenowa", "Faktura korygująca", "Faktura otrzymana",
           "Paragon otrzymany", "Przyjęcie zewnętrzne", "Wydanie zewnętrzne"),
    "pt": ("Fatura", "Fatura proforma", "Pedido", "Orçamento", "Nota de crédito", "Fatura recebida",
           "Recibo de compra", "Entrada de estoque", "Saída de estoque"),
    "ro": ("Factură", "Factură proformă", "Comandă", "Ofertă de preț", "Notă de credit", "Factură primită",
           "Bon primit", "Notă de recepție", "Bon de ieșire"),
    "sr": ("Фактура", "Предрачун", "Поруџбина", "Понуда", "Књижно одобрење", "Примљена фактура", "Примљени рачун",
           "Пријемница", "Отпремница"),
    "ru": ("Счёт-фактура", "Счёт на предоплату", "Заказ", "Коммерческое предложение", "Кредит-нота",
           "Полученный счёт", "Полученный чек", "Приходная накладная", "Расходная накладная"),
    "sl": ("Račun", "Predračun", "Naročilo", "Ponudba", "Dobropis", "Prejeti račun", "Prejeto potrdilo",
           "Prevzemnica", "Izdajnica"),
    "uk": ("Рахунок-фактура", "Рахунок на передоплату", "Замовлення", "Комерційна пропозиція", "Кредит-нота",
           "Отриманий рахунок", "Отриманий чек", "Прибуткова накладна", "Видаткова накладна"),
}  # fmt: skip
_BY_LANGUAGE: dict[str, dict[str, str]] = {
    language: dict(zip(_TYPES, names, strict=True)) for language, names in _NAMES.items()
}


def type_name(document_type: str, language: str) -> str:
    """What such a document is called in this language (one of LANGUAGE_TAGS)."""
    return _BY_LANGUAGE[language][document_type]


def label(document_type: str, number: str, name: str | None, language: str) -> str:
    """A document's own name; where it has none, its kind and number: `Invoice 20260001`."""
    return name or f"{type_name(document_type, language)} {number}"
