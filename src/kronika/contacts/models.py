"""Clients and suppliers: one row, two faces."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from kronika.instants import local_iso8601
from kronika.lookups.countries import Country, country

ContactKind: TypeAlias = Literal["client", "supplier"]
ContactType: TypeAlias = Literal["person", "company"]
ContactSort: TypeAlias = Literal["name", "city", "zip", "countryId", "createdAt", "updatedAt"]


class NewContact(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a create says of a contact, by the names of the columns; the fields a supplier lacks stay null."""

    name: str
    type: ContactType
    is_vat_payer: bool
    subject_id: str | None = None
    tax_id: str | None = None
    vat_id: str | None = None
    email: str | None = None
    street: str | None = None
    city: str | None = None
    zip: str | None = None
    country_id: int | None = None
    delivery_street: str | None = None
    delivery_city: str | None = None
    delivery_zip: str | None = None
    delivery_country_id: int | None = None
    preferred_delivery_method_id: int | None = None
    preferred_payment_method_id: int | None = None
    preferred_currency_id: int | None = None
    preferred_language_id: int | None = None
    preferred_due_days: int | None = None
    preferred_note: str | None = None
    preferred_variable_symbol: int | None = None
    preferred_constant_symbol: int | None = None
    preferred_specific_symbol: int | None = None
    preferred_text_above_items: str | None = None
    stripe_customer_id: str | None = None
    systemeio_contact_id: int | None = None


class Contact(NewContact, frozen=True, kw_only=True):
    """A stored contact."""

    id: int
    kind: ContactKind
    created_at: datetime
    updated_at: datetime


class ContactFilter(Struct, frozen=True, kw_only=True):
    """Which contacts: all that is not None holds for them. `countries[n]` are the countries that `words[n]` names."""

    kind: ContactKind | None
    words: list[str]
    countries: list[list[int]]
    type: ContactType | None
    subject_id: str | None
    tax_id: str | None
    vat_id: str | None
    country_id: int | None


class ContactOrder(Struct, frozen=True):
    by: ContactSort
    descending: bool


class ContactWish(Struct, frozen=True):
    """Which contacts a list shows, and in which order; the id decides between equals."""

    filter: ContactFilter
    order: ContactOrder


class ClientView(Struct, frozen=True, rename="camel"):
    """A client as the API shows it."""

    id: int
    name: str
    type: ContactType
    subject_id: str | None
    tax_id: str | None
    vat_id: str | None
    is_vat_payer: bool
    email: str | None
    street: str | None
    city: str | None
    zip: str | None
    country: Country | None
    has_delivery_address: bool
    delivery_street: str | None
    delivery_city: str | None
    delivery_zip: str | None
    delivery_country: Country | None
    created_at: str
    updated_at: str
    preferred_delivery_method_id: int | None
    preferred_payment_method_id: int | None
    preferred_currency_id: int | None
    preferred_language_id: int | None
    preferred_due_days: int | None
    preferred_note: str | None
    preferred_variable_symbol: int | None
    preferred_constant_symbol: int | None
    preferred_specific_symbol: int | None
    preferred_text_above_items: str | None


class SupplierView(Struct, frozen=True, rename="camel"):
    """A supplier as the API shows it."""

    id: int
    type: ContactType
    name: str
    subject_id: str | None
    tax_id: str | None
    vat_id: str | None
    is_vat_payer: bool
    email: str | None
    street: str | None
    city: str | None
    zip: str | None
    country: Country | None


class ContactView(SupplierView, frozen=True, rename="camel"):
    """A client or a supplier in a list of both: what the two have in common, and which of them it is."""

    contact_type: ContactKind


def client_view(row: Contact, zone: ZoneInfo, language: str) -> ClientView:
    return ClientView(
        id=row.id,
        name=row.name,
        type=row.type,
        subject_id=row.subject_id,
        tax_id=row.tax_id,
        vat_id=row.vat_id,
        is_vat_payer=row.is_vat_payer,
        email=row.email,
        street=row.street,
        city=row.city,
        zip=row.zip,
        country=_country(row.country_id, language),
        has_delivery_address=any((row.delivery_street, row.delivery_city, row.delivery_zip, row.delivery_country_id)),
        delivery_street=row.delivery_street,
        delivery_city=row.delivery_city,
        delivery_zip=row.delivery_zip,
        delivery_country=_country(row.delivery_country_id, language),
        created_at=local_iso8601(row.created_at, zone),
        updated_at=local_iso8601(row.updated_at, zone),
        preferred_delivery_method_id=row.preferred_delivery_method_id,
        preferred_payment_method_id=row.preferred_payment_method_id,
        preferred_currency_id=row.preferred_currency_id,
        preferred_language_id=row.preferred_language_id,
        preferred_due_days=row.preferred_due_days,
        preferred_note=row.preferred_note,
        preferred_variable_symbol=row.preferred_variable_symbol,
        preferred_constant_symbol=row.preferred_constant_symbol,
        preferred_specific_symbol=row.preferred_specific_symbol,
        preferred_text_above_items=row.preferred_text_above_items,
    )


def supplier_view(row: Contact, language: str) -> SupplierView:
    return SupplierView(
        id=row.id,
        type=row.type,
        name=row.name,
        subject_id=row.subject_id,
        tax_id=row.tax_id,
        vat_id=row.vat_id,
        is_vat_payer=row.is_vat_payer,
        email=row.email,
        street=row.street,
        city=row.city,
        zip=row.zip,
        country=_country(row.country_id, language),
    )


def kind_view(row: Contact, zone: ZoneInfo, language: str) -> ClientView | SupplierView:
    """The face of the contact's kind."""
    return client_view(row, zone, language) if row.kind == "client" else supplier_view(row, language)


def contact_view(row: Contact, language: str) -> ContactView:
    """The face that both kinds share."""
    return ContactView(**structs.asdict(supplier_view(row, language)), contact_type=row.kind)


def _country(country_id: int | None, language: str) -> Country | None:
    return None if country_id is None else country(country_id, language)
