"""What happened to the demo company, told as data."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kronika.contacts.models import ContactKind, NewContact
from kronika.events.models import Email, Note, PhoneCall
from kronika.statuses.models import NewStatus
from kronika.timelines.models import TargetKind

COMPANY_NAME = "Pražiareň Lipa s.r.o."
SLOVAKIA, CZECHIA, ETHIOPIA = 703, 203, 231


class Moment(Struct, frozen=True):
    """An event, so many days ago at this time of day."""

    days_ago: int
    hour: int
    minute: int
    target: TargetKind
    whom: str
    what: Note | Email | PhoneCall


class Deal(Struct, frozen=True):
    """A business case, begun so many days ago at noon, and the column it stands in, if it stands in one."""

    days_ago: int
    whom: str
    status: str | None
    name: str
    description: str | None
    kind: ContactKind = "client"
    hour: int = 12
    minute: int = 0


def _company(name: str, **details: Any) -> NewContact:
    return NewContact(name=name, type="company", is_vat_payer="vat_id" in details, **details)


CLIENTS = {
    "hotel": _company(
        "Hotel Panoráma a.s.",
        subject_id="36712345",
        tax_id="2022345678",
        vat_id="SK2022345678",
        email="nakup@hotelpanorama.example",
        street="Kráľovo údolie 11",
        city="Bratislava",
        zip="81102",
        country_id=SLOVAKIA,
        preferred_due_days=30,
    ),
    "cafe": _company(
        "Kaviareň U Ježka s.r.o.",
        subject_id="47123456",
        email="jezko@kaviarenujezka.example",
        street="Mariánske námestie 4",
        city="Žilina",
        zip="01001",
        country_id=SLOVAKIA,
        preferred_due_days=14,
    ),
    "person": NewContact(
        name="Zuzana Kováčová",
        type="person",
        is_vat_payer=False,
        email="zuzana.kovacova@example.com",
        city="Košice",
        zip="04001",
        country_id=SLOVAKIA,
    ),
}
SUPPLIERS = {
    "green": _company(
        "Yirga Coffee Exporters",
        email="sales@yirgaexporters.example",
        city="Addis Abeba",
        country_id=ETHIOPIA,
    ),
    "bags": _company(
        "Obaly Morava spol. s r.o.",
        subject_id="25812345",
        vat_id="CZ25812345",
        email="obchod@obalymorava.example",
        city="Brno",
        zip="60200",
        country_id=CZECHIA,
    ),
}
STATUSES = {
    "asked": NewStatus("Asked", "#3b82f6"),
    "tasting": NewStatus("Tasting", "#b87a0e"),
    "offer": NewStatus("Offer sent", "#8b5cf6"),
    "won": NewStatus("Won", "#1f9d4d"),
    "lost": NewStatus("Lost", "#78808c"),
}
CASES = {
    "breakfast": Deal(
        26, "hotel", "offer", "Breakfast coffee for all three houses", "Yearly contract, about 40 kg a month."
    ),
    "terrace": Deal(34, "cafe", "tasting", "Cold brew for the terrace", "From May to September, 20 litres a week."),
    "grinder": Deal(128, "cafe", "won", "Small grinder on loan", None),
    "office": Deal(3, "person", "asked", "Beans for the office", "Asked for a price for 5 kg a month."),
    "lobby": Deal(8, "hotel", "asked", "Coffee corner in the lobby", "Machine and beans; they want to see it run."),
    "decaf": Deal(21, "hotel", "tasting", "Decaf for the restaurant", "The chef asked for it after the tasting."),
    "wedding": Deal(12, "hotel", "offer", "Espresso cart for a wedding", "120 guests, one barista, four hours."),
    "course": Deal(5, "cafe", "asked", "Barista course for two", None),
    "filters": Deal(61, "cafe", "won", "Filters and cleaning powder", "With every second delivery of beans."),
    "gifts": Deal(44, "person", "lost", "Gift boxes for Christmas", "Too late for this year; ask again in September."),
    "crop": Deal(20, "green", None, "Twenty bags of the new crop", "Reserved until Friday.", "supplier"),
    "printed": Deal(13, "bags", None, "Paper bags with the new logo", "5,000 pieces or more, three weeks.", "supplier"),
}

STORY = [
    Moment(322, 9, 30, "client", "cafe", PhoneCall(
        "Opening in the square in spring, wants a house blend for espresso.", "Jana Ježková", "041/562 11 22")),
    Moment(318, 14, 0, "client", "cafe", Note("Sent three samples. She likes it darker than we do.")),
    Moment(290, 10, 15, "supplier", "green", Email(
        "The contract for this season is attached: forty bags in two shipments.", "sales@yirgaexporters.example")),
    Moment(284, 16, 20, "supplier", "green", Note("Signed. First shipment in four weeks.")),
    Moment(251, 8, 45, "client", "cafe", Note("First delivery, 10 kg. Set the grinder up with them.")),
    Moment(248, 11, 10, "client", "cafe", PhoneCall("Happy. Next time two days earlier.", "Jana Ježková", None)),
    Moment(244, 9, 0, "supplier", "bags", Email(
        "Our new price list for paper bags is attached.", "obchod@obalymorava.example")),
    Moment(212, 13, 35, "client", "cafe", Email("Could we have 15 kg from now on?", "jezko@kaviarenujezka.example")),
    Moment(181, 10, 50, "supplier", "green", PhoneCall("The second shipment waits for a ship.", "Almaz Bekele", None)),
    Moment(176, 15, 5, "client", "cafe", Note("Told them about the delay; a Brazilian fills in.")),
    Moment(171, 9, 25, "supplier", "green", Note("The ship has left. Two weeks.")),
    Moment(149, 14, 30, "client", "cafe", PhoneCall("The Brazilian stays on the menu.", "Jana Ježková", None)),
    Moment(118, 11, 0, "supplier", "bags", Note("Asked for a sample with a valve.")),
    Moment(112, 16, 45, "supplier", "bags", PhoneCall("The sample is on its way.", "Petr Dvořák", None)),
    Moment(83, 9, 40, "client", "cafe", Note("Visited them. They want cold brew next summer.")),
    Moment(76, 13, 20, "client", "cafe", Email("Thank you for the training!", "jezko@kaviarenujezka.example")),
    Moment(55, 10, 5, "supplier", "green", Email("The new crop looks very good.", "sales@yirgaexporters.example")),
    Moment(48, 15, 55, "supplier", "green", Note("Cupped it: 87 points. Take it.")),
    Moment(41, 8, 30, "client", "cafe", PhoneCall("20 kg for the Christmas market.", "Jana Ježková", None)),
    Moment(26, 9, 12, "client", "hotel", Email(
        "Good morning, we are looking for a new roastery for our breakfast rooms. Could you send us a price list?",
        "nakup@hotelpanorama.example")),
    Moment(26, 10, 40, "client", "hotel", Note("They pay 14.20 €/kg now and are unhappy with late deliveries.")),
    Moment(25, 14, 5, "business_case", "breakfast", PhoneCall(
        "Wants to taste two blends before they decide. Tasting on Thursday at their place.",
        "Martin Benko", "+421 905 123 456")),
    Moment(22, 11, 30, "business_case", "breakfast", Note(
        "Tasting went well. The darker blend won, the chef asked about decaf.")),
    Moment(21, 8, 55, "supplier", "green", Email(
        "The new crop ships on the 12th. Twenty bags are reserved for you until Friday.",
        "sales@yirgaexporters.example")),
    Moment(20, 15, 20, "supplier", "green", Note("Reserved all twenty. Payment after the pre-shipment sample.")),
    Moment(18, 9, 45, "client", "cafe", PhoneCall(
        "Grinder makes a noise again. Promised to bring ours on Wednesday.", "Jana Ježková", "041/562 11 22")),
    Moment(16, 16, 10, "client", "cafe", Note("Lent them the small grinder until theirs is repaired.")),
    Moment(14, 10, 0, "business_case", "breakfast", Email(
        "Please find our offer attached: 12.90 €/kg at 40 kg a month, delivery every second Tuesday.",
        "nakup@hotelpanorama.example")),
    Moment(13, 13, 25, "supplier", "bags", PhoneCall(
        "Paper bags with the new logo: 5,000 pieces minimum, three weeks.", "Petr Dvořák", "+420 541 222 333")),
    Moment(9, 9, 30, "client", "person", Email(
        "Dobrý deň, dala by sa objednať pol kila mletej na moka kanvicu? Ďakujem.", "zuzana.kovacova@example.com")),
    Moment(8, 17, 45, "client", "person", Note("Sent 500 g ground for moka pot, first order, added a sample.")),
    Moment(6, 11, 15, "business_case", "breakfast", PhoneCall(
        "The board meets on Monday. Price is fine, they want a shorter notice period.",
        "Martin Benko", "+421 905 123 456")),
    Moment(5, 8, 20, "client", "cafe", Note("Grinder is back from repair, fetched ours.")),
    Moment(2, 14, 50, "supplier", "green", Email(
        "The sample left Addis Abeba this morning by courier.", "sales@yirgaexporters.example")),
    Moment(1, 10, 5, "business_case", "breakfast", Email(
        "The board agreed. Can we start on the first of the month?", "nakup@hotelpanorama.example")),
]  # fmt: skip
