"""Banks, and what else an account can be with, in Slovakia. Their names are the same in every language."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Bank(Struct, frozen=True):
    """A bank as the API shows it; `swift` is its BIC (ISO 9362)."""

    id: int
    name: str
    swift: str


_BANKS = (
    Bank(1, "365 Bank", "POBNSKBA"),
    Bank(4, "Fio banka", "FIOZSKBA"),
    Bank(6, "ING Wholesale Banking", "INGBSKBX"),
    Bank(8, "mBank", "BREXSKBX"),
    Bank(12, "Oberbank", "OBKLSKBA"),
    Bank(13, "PayPal", "PPLXLULLXXX"),
    Bank(15, "Poštová banka", "POBNSKBA"),
    Bank(16, "Prima Banka", "KOMASK2X"),
    Bank(17, "Raiffeisen Banka", "TATRSKBX"),
    Bank(18, "Revolut", "REVOLT21XXX"),
    Bank(19, "Skrill", "SKRLGB2L"),
    Bank(20, "Slovenská sporiteľňa", "GIBASKBX"),
    Bank(23, "Tatra Banka", "TATRSKBX"),
    Bank(24, "Unicredit", "UNCRSKBX"),
    Bank(25, "VUB Banka", "SUBASKBX"),
    Bank(26, "Wise", "TRWIGB22XXX"),
    Bank(27, "Československá obchodná banka", "CEKOSKBX"),
    Bank(33, "Národná banka Slovenska", "NBSBSKBX"),
    Bank(34, "Slovenská záručná a rozvojová banka", "SLZBSKBA"),
    Bank(35, "Prvá stavebná sporiteľňa", "PRVASKBA"),
    Bank(37, "Wustenrot stavebná sporiteľňa", "WUSTSKBA"),
    Bank(38, "Komerční banka", "KOMBSKBA"),
    Bank(39, "Privatbanka", "BSLOSK22"),
    Bank(40, "Citibank Europe", "CITISKBA"),
    Bank(41, "EXIMBANKA", "EXSKSKBX"),
    Bank(42, "Štátna pokladnica", "SPSRSKBA"),
    Bank(43, "J&T BANKA", "JTBPSKBA"),
    Bank(44, "BKS Bank", "BFKKSKBB"),
    Bank(45, "Trust Pay", "TPAYSKBX"),
)
# An id is never given to another bank: accounts elsewhere hold it.
BANKS: Mapping[int, Bank] = {bank.id: bank for bank in _BANKS}
