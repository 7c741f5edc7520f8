"""Bearer tokens and the secret key that protects them.

A token is `kro_`, 37 base62 characters (220 bits) and the CRC32 of what stands before, in 6 base62 characters: secret
scanners can know it, and a mistyped one costs no query. Stored is only its HMAC under a key derived from the secret
key, so neither a copy of the database nor a guess yields a token.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = "kro_"
_RANDOM_CHARACTERS = 37
_CHECK_CHARACTERS = 6
_SHAPE = re.compile(rf"{_PREFIX}[0-9A-Za-z]{{{_RANDOM_CHARACTERS + _CHECK_CHARACTERS}}}", re.ASCII)


def new_token() -> str:
    """A fresh token, shown once to whoever asked for it."""
    head = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return head + _checksum(head)


def is_well_formed(token: str) -> bool:
    """Whether the shape and the checksum are right; says nothing of whether anybody issued it."""
    return _SHAPE.fullmatch(token) is not None and _checksum(token[:-_CHECK_CHARACTERS]) == token[-_CHECK_CHARACTERS:]


def _checksum(head: str) -> str:
    number = zlib.crc32(head.encode("ascii"))
    digits = ""
    for _ in range(_CHECK_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def new_ticket() -> str:
    """256 random bits as text that a cookie or an address can hold: a session, a one-time link."""
    return secrets.token_urlsafe(32)


def masked(token: str) -> str:
    """This token, of hexadecimal digits, under a fresh random pad that stands before it: twice as long, and never the
    same. Compressed pages tell by their length what repeats in them; this does not (BREACH).
    """
    plain = bytes.fromhex(token)
    pad = secrets.token_bytes(len(plain))
    return (pad + _xor(pad, plain)).hex()


def unmasked(text: str) -> str:
    """The token that was masked; for whatever was none, something that is no token either."""
    try:
        both = bytes.fromhex(text)
    except ValueError:
        return ""
    half = len(both) // 2
    return _xor(both[:half], both[half:]).hex() if len(both) == 2 * half else ""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def new_secret_key() -> str:
    """A secret key of 256 bits, as `KRONIKA_SECRET_KEY` takes it."""
    return secrets.token_urlsafe(32)


class Hasher:
    """Keyed hashes under keys derived from the installation's secret key, one key a purpose."""

    def __init__(self, secret_key: str) -> None:
        self._token_key = _derive(secret_key, "token hash")
        self._upload_key = _derive(secret_key, "upload token hash")
        self._link_key = _derive(secret_key, "download link")
        self._session_key = _derive(secret_key, "session hash")
        self._one_time_key = _derive(secret_key, "one-time link hash")
        self._form_key = _derive(secret_key, "form token")
        self._try_key = _derive(secret_key, "sign-in try")
        self.check_value = _derive(secret_key, "installation check")
        """32 bytes kept in the database: tells whether a secret key belongs to it, and nothing else."""

    def token_hash(self, token: str) -> bytes:
        """32 bytes under which the token is stored and found."""
        return hmac.digest(self._token_key, token.encode("ascii"), "sha256")

    def upload_hash(self, token: str) -> bytes:
        """32 bytes under which an upload is stored and found by its token."""
        return hmac.digest(self._upload_key, token.encode(), "sha256")

    def session_hash(self, cookie: str) -> bytes:
        """32 bytes under which a browser's session is stored and found by its cookie."""
        return hmac.digest(self._session_key, cookie.encode(), "sha256")

    def one_time_hash(self, token: str) -> bytes:
        """32 bytes under which a one-time link is stored and found by its token."""
        return hmac.digest(self._one_time_key, token.encode(), "sha256")

    def form_token(self, cookie: str) -> str:
        """What a form must bring along that a browser with this cookie sends."""
        return hmac.digest(self._form_key, cookie.encode(), "sha256").hex()

    def try_hash(self, of: str) -> bytes:
        """32 bytes under which tries to sign in are counted, by an e-mail or an address."""
        return hmac.digest(self._try_key, of.encode(), "sha256")

    def link_signature(self, said: str) -> bytes:
        """32 bytes that only this installation can put under the words of a download address."""
        return hmac.digest(self._link_key, said.encode("ascii"), "sha256")


def _derive(secret_key: str, purpose: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"kronika {purpose}".encode(), "sha256")
