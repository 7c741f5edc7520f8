"""What is wrong with a field, in English and Slovak. Other languages read one of the two."""

from __future__ import annotations

from kronika.errors import Complaint, Complaints

TEXTS: dict[str, dict[str, str]] = {
    "json": {
        "en": "The body must be valid JSON.",
        "sk": "Telo požiadavky musí byť platný JSON.",
    },
    "json_object": {
        "en": "The body must be a JSON object.",
        "sk": "Telo požiadavky musí byť objekt JSON.",
    },
    "content_type": {
        "en": "The body must be sent as application/json.",
        "sk": "Telo požiadavky treba poslať ako application/json.",
    },
    "multipart": {
        "en": "The body must be a whole form, sent as multipart/form-data.",
        "sk": "Telo požiadavky musí byť celý formulár, poslaný ako multipart/form-data.",
    },
    "parts_at_most": {
        "en": "The form has too many parts.",
        "sk": "Formulár má priveľa častí.",
    },
    "depth": {
        "en": "The body may be nested at most {bound} levels deep.",
        "sk": "Telo požiadavky môže byť vnorené najviac do {bound} úrovní.",
    },
    "values_at_most": {
        "en": "The body may hold at most {bound} values.",
        "sk": "Telo požiadavky môže obsahovať najviac {bound} hodnôt.",
    },
    "name_characters_at_most": {
        "en": "A field's name may have at most {bound} characters.",
        "sk": "Názov poľa môže mať najviac {bound} znakov.",
    },
    "characters": {
        "en": "This contains a character that cannot be stored.",
        "sk": "Hodnota obsahuje znak, ktorý sa nedá uložiť.",
    },
    "required": {"en": "This field is required.", "sk": "Toto pole je povinné."},
    "string": {"en": "This must be a text.", "sk": "Hodnota musí byť text."},
    "integer": {"en": "This must be a whole number.", "sk": "Hodnota musí byť celé číslo."},
    "too_large_number": {"en": "This number is too large.", "sk": "Toto číslo je priveľké."},
    "number": {"en": "This must be a number.", "sk": "Hodnota musí byť číslo."},
    "decimals_at_most": {
        "en": "This may have at most {bound} decimal places.",
        "sk": "Hodnota môže mať najviac toľkoto desatinných miest: {bound}.",
    },
    "above_zero": {"en": "This must be more than 0.", "sk": "Hodnota musí byť väčšia ako 0."},
    "not_zero": {"en": "This must not be 0.", "sk": "Hodnota nesmie byť 0."},
    "date": {
        "en": "This must be a day of the calendar like 2026-03-10.",
        "sk": "Hodnota musí byť deň kalendára v tvare 2026-03-10.",
    },
    "instant": {
        "en": "This must be an instant with its offset, like 2026-03-10T10:00:00Z.",
        "sk": "Hodnota musí byť okamih aj s časovým posunom v tvare 2026-03-10T10:00:00Z.",
    },
    "boolean": {"en": "This must be true or false.", "sk": "Hodnota musí byť áno alebo nie (true, false)."},
    "object": {"en": "This must be an object.", "sk": "Hodnota musí byť objekt."},
    "array": {"en": "This must be a list.", "sk": "Hodnota musí byť zoznam."},
    "not_empty": {"en": "This list must not be empty.", "sk": "Zoznam nesmie byť prázdny."},
    "choice": {"en": "This is not one of the allowed values.", "sk": "Hodnota nie je medzi povolenými."},
    "email": {"en": "This must be a valid e-mail address.", "sk": "Hodnota musí byť platná e-mailová adresa."},
    "color": {
        "en": "This must be a colour like #22aa44.",
        "sk": "Hodnota musí byť farba v tvare #22aa44.",
    },
    "characters_at_most": {
        "en": "This may have at most {bound} characters.",
        "sk": "Hodnota môže mať najviac {bound} znakov.",
    },
    "bytes_at_most": {
        "en": "This may have at most {bound} bytes.",
        "sk": "Hodnota môže mať najviac {bound} bajtov.",
    },
    "items_at_most": {
        "en": "This may have at most {bound} items.",
        "sk": "Zoznam môže mať najviac {bound} položiek.",
    },
    "at_least": {"en": "This must be at least {bound}.", "sk": "Hodnota musí byť aspoň {bound}."},
    "at_most": {"en": "This must be at most {bound}.", "sk": "Hodnota môže byť najviac {bound}."},
    "unknown": {"en": "This does not exist.", "sk": "Taký záznam neexistuje."},
    "changed_meanwhile": {
        "en": "Somebody has changed this in the meantime.",
        "sk": "Niekto to medzitým zmenil.",
    },
    "one_target": {
        "en": "Exactly one of the fields that name what this belongs to must be sent.",
        "sk": "Treba poslať práve jedno z polí, ktoré určujú, kam to patrí.",
    },
    "at_most_one_target": {
        "en": "Only one of the fields that name whom this is about may be sent.",
        "sk": "Možno poslať len jedno z polí, ktoré určujú, koho sa to týka.",
    },
    "case_of_another": {
        "en": "This business case belongs to somebody else.",
        "sk": "Tento obchodný prípad patrí niekomu inému.",
    },
    "currency_of_payments": {
        "en": "The document has payments, so its currency cannot be changed.",
        "sk": "Doklad má úhrady, preto jeho menu nemožno zmeniť.",
    },
    "rate_required": {
        "en": "A payment in another currency than the euro needs its exchange rate.",
        "sk": "Úhrada v inej mene ako euro potrebuje menový kurz.",
    },
    "not_convertible": {
        "en": "The document has no exchange rate, so a payment in this currency cannot be converted to its own.",
        "sk": "Doklad nemá menový kurz, preto úhradu v tejto mene nemožno prepočítať na jeho menu.",
    },
    "nothing_to_pay": {
        "en": "Nothing remains to be paid: the amount must be sent.",
        "sk": "Na doklade nezostáva nič na úhradu, sumu treba uviesť.",
    },
    "payments_at_most": {
        "en": "A document may have at most {bound} payments.",
        "sk": "Doklad môže mať najviac {bound} úhrad.",
    },
    "subscriptions_at_most": {
        "en": "A company may have at most {bound} webhook subscriptions.",
        "sk": "Firma môže mať najviac {bound} odberov webhookov.",
    },
    "swept_away": {
        "en": "The journal no longer keeps what came right after this. Begin again from 0.",
        "sk": "Žurnál už neuchováva, čo nasledovalo hneď potom. Začnite znova od 0.",
    },
    "cursor_unknown": {
        "en": "No answer has given out a cursor like this. Begin again from 0.",
        "sk": "Takýto kurzor nedala žiadna odpoveď. Začnite znova od 0.",
    },
    "before_the_end": {
        "en": "The range must begin before it ends.",
        "sk": "Rozsah musí začínať skôr, ako sa končí.",
    },
    "subscription_inactive": {
        "en": "The subscription is not active, so nothing would be sent.",
        "sk": "Odber nie je aktívny, nič by sa teda neposlalo.",
    },
    "replays_at_most": {
        "en": "A subscription may have at most {bound} replays that are not finished.",
        "sk": "Odber môže mať najviac {bound} nedokončených opakovaní.",
    },
    "asked_deliveries_at_most": {
        "en": "At most {bound} deliveries that were asked for may wait to be sent.",
        "sk": "Na odoslanie môže čakať najviac {bound} vyžiadaných doručení.",
    },
    "not_for_type": {
        "en": "This field is not allowed for this type of event.",
        "sk": "Toto pole pri tomto type udalosti nie je povolené.",
    },
    "which_document": {
        "en": "Several documents begin like this: choose one.",
        "sk": "Takto sa začína viac dokladov: vyberte jeden.",
    },
    "no_such_document": {
        "en": "No document has a number like this.",
        "sk": "Žiadny doklad nemá takéto číslo.",
    },
    "saved_before": {
        "en": "An earlier version of this was saved already. Send again to save this one too.",
        "sk": "Staršia podoba tohto textu sa už uložila. Ak chcete uložiť aj túto, pošlite ju znova.",
    },
    "unchangeable": {"en": "This cannot be changed.", "sk": "Túto hodnotu nemožno zmeniť."},
    "file": {"en": "This must be a file.", "sk": "Hodnota musí byť súbor."},
    "file_empty": {"en": "This file is empty.", "sk": "Súbor je prázdny."},
    "attachments_at_most": {
        "en": "An event may have at most {bound} attachments.",
        "sk": "Udalosť môže mať najviac {bound} príloh.",
    },
    "repeated": {"en": "This was sent twice.", "sk": "Táto hodnota bola poslaná dvakrát."},
    "no_attachments": {
        "en": "This type of event takes no attachments.",
        "sk": "Tento typ udalosti nemôže mať prílohy.",
    },
    "url": {
        "en": "This must be a URL like https://hooks.example.com/kronika.",
        "sk": "Hodnota musí byť URL v tvare https://hooks.example.com/kronika.",
    },
    "url_characters": {
        "en": "A URL has no spaces, backslashes and control characters, and only ASCII: other letters are written as"
        " xn-- in its host, and percent-encoded after it.",
        "sk": "URL nemá medzery, spätné lomky ani riadiace znaky a píše sa len v ASCII: iné písmená sa v názve servera"
        " píšu ako xn-- a za ním s percentami.",
    },
    "url_credentials": {
        "en": "A URL must not contain a user name or a password.",
        "sk": "URL nesmie obsahovať meno používateľa ani heslo.",
    },
    "url_fragment": {
        "en": "A URL must not contain a fragment (#), since it is never sent.",
        "sk": "URL nesmie obsahovať fragment (#), lebo sa nikdy neposiela.",
    },
    "url_host": {
        "en": "The host must be a name without a dot at its end, or an address in its usual form.",
        "sk": "Server musí byť názov bez bodky na konci alebo adresa v obvyklom tvare.",
    },
    "url_port": {
        "en": "The port must be a number from 1 to 65535.",
        "sk": "Port musí byť číslo od 1 do 65535.",
    },
    "url_https": {"en": "The URL must begin with https://.", "sk": "URL musí začínať na https://."},
    "url_public": {
        "en": "The host must be on the public internet.",
        "sk": "Server musí byť vo verejnom internete.",
    },
    "password_at_least": {
        "en": "A password needs at least {bound} characters; a few words in a row are easy to remember.",
        "sk": "Heslo musí mať aspoň {bound} znakov; niekoľko slov za sebou sa ľahko pamätá.",
    },
    "password_guessable": {
        "en": "This password is too easy to guess.",
        "sk": "Toto heslo sa dá príliš ľahko uhádnuť.",
    },
    "password_wrong": {"en": "This is not your password.", "sk": "Toto nie je vaše heslo."},
    "name_repeated": {"en": "Type exactly the name that is shown.", "sk": "Napíšte presne to meno, ktoré je uvedené."},
    "member_already": {
        "en": "Somebody with this address is in the company already.",
        "sk": "Niekto s touto adresou už vo firme je.",
    },
    "last_owner": {
        "en": "A company needs an owner: make somebody else an owner first.",
        "sk": "Firma musí mať vlastníka: najprv urobte vlastníkom niekoho iného.",
    },
    "tokens_at_most": {
        "en": "A company may have at most {bound} tokens that are not revoked.",
        "sk": "Firma môže mať najviac {bound} tokenov, ktoré nie sú zrušené.",
    },
    "sandboxes_at_most": {
        "en": "A company may have at most {bound} sandboxes.",
        "sk": "Firma môže mať najviac {bound} skúšobných firiem.",
    },
    "sandbox_of_sandbox": {
        "en": "This company is a sandbox itself, and those have none of their own.",
        "sk": "Táto firma je sama skúšobná a tie už ďalšie nemajú.",
    },
    "local_time": {
        "en": "This must be a date and a time, like 2026-03-10 10:00.",
        "sk": "Hodnota musí byť dátum a čas v tvare 2026-03-10 10:00.",
    },
    "time_zone": {"en": "There is no such time zone.", "sk": "Také časové pásmo nie je."},
}

_SLOVAK_READERS = frozenset({"sk", "cs"})


def text_of(complaint: Complaint, language: str) -> str:
    """The sentence for a complaint, in the language that speakers of `language` read."""
    written = "sk" if language in _SLOVAK_READERS else "en"
    return TEXTS[complaint.code][written].format(bound=complaint.bound)


def texts_of(complaints: Complaints, language: str) -> dict[str, list[str]]:
    """All sentences, by dotted path."""
    return {path: [text_of(complaint, language) for complaint in found] for path, found in complaints.items()}
