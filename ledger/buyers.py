"""Buyers as keyed hashes: their orders can be found by nickname, and no nickname is kept (P10).

A nickname becomes HMAC-SHA256 with a key that belongs to one set of books and that git ignores
(`.beanclear/buyers.key`, readable by its owner only). Without the key nobody can try nicknames
against the record store, and one merchant's hashes say nothing about another's.

The hash stands in the record store alone, which is a cache of `documents/`; it never appears in
the text of the books. So the books are the same bytes with any key (P5). Where the key is lost,
as in a fresh clone, a new one is made, and the store again by reading the documents.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from beanclear.ledger.books import write_atomically
from beanclear.ledger.i18n import N_

KEY_FILE = ".beanclear/buyers.key"
_STAMP = "buyers.txt"
# Why nobody finds one.
MASKED = N_(
    "A nickname with * was masked by the platform: it names many buyers and is not kept. Ask for a"
    " number of the order."
)
_KEY_BYTES = 32
_HEX_DIGITS = 32


def normalised(nickname: str) -> str:
    """A nickname as it is compared: without blanks around it, of one width, in lower case."""
    return unicodedata.normalize("NFKC", nickname).strip().lower()


def is_masked(nickname: str) -> bool:
    """Whether a platform hid a part of it (`t**1`): it names many buyers then."""
    return "*" in nickname or "＊" in nickname


def pseudonym(nickname: str, key: bytes) -> str | None:
    """The keyed hash of a nickname; none when it is empty or masked."""
    plain = normalised(nickname)
    if not plain or is_masked(plain):
        return None
    return hmac.digest(key, plain.encode(), "sha256").hex()[:_HEX_DIGITS]


def pseudonyms(nicknames: Iterable[str | None], key: bytes) -> list[str | None]:
    """`pseudonym` of each."""
    return [None if nickname is None else pseudonym(nickname, key) for nickname in nicknames]


def fingerprint(key: bytes) -> str:
    """What tells one key from another without giving it away."""
    return hashlib.sha256(b"beanclear buyers\0" + key).hexdigest()[:16]


def read_key(root: Path) -> bytes | None:
    """The key of the books in `root`; none when there is none (yet)."""
    try:
        key = bytes.fromhex((root / KEY_FILE).read_text(encoding="ascii").strip())
    except (FileNotFoundError, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None


def ensure_key(root: Path) -> bytes:
    """The key of the books in `root`, made when there is none or it is damaged."""
    key = read_key(root)
    if key is None:
        key = secrets.token_bytes(_KEY_BYTES)
        path = root / KEY_FILE
        path.parent.mkdir(exist_ok=True)
        # The folder ignores itself, so that books with an older `.gitignore` keep the secret too.
        write_atomically(path.parent / ".gitignore", "*\n")
        write_atomically(path, key.hex() + "\n", mode=0o600)
    return key


def is_of_key(records: Path, key: bytes) -> bool:
    """Whether the record store's hashes were made with `key`."""
    try:
        return (records / _STAMP).read_text(encoding="ascii") == fingerprint(key)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def stamp(records: Path, key: bytes) -> None:
    """Note with which key the record store's hashes are made."""
    write_atomically(records / _STAMP, fingerprint(key))
