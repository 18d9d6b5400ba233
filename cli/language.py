"""Which language the person at the terminal reads, known before any help text is made."""

from __future__ import annotations

import gettext
import os
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from beanclear.ledger import i18n
from beanclear.ledger.i18n import LANGUAGES, LOCALE_FOLDER, Language

CONFIGURATION = "beanclear.toml"


def choose(asked: str | None, arguments: Iterable[str]) -> Language:
    """The language asked for, else that of the books the arguments name, else the locale's."""
    for name in (asked, books_language(arguments)):
        for language in LANGUAGES:
            if name == language:
                return language
    return i18n.language_of_locale()


def use(language: Language) -> None:
    """Speak `language`: our messages, and those of click, which asks the standard gettext."""
    i18n.use_language(language)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("beanclear", str(LOCALE_FOLDER))
    gettext.textdomain("beanclear")


def books_language(arguments: Iterable[str]) -> str | None:
    """`language` in the `[books]` table of the first books folder the arguments may mean.

    A configuration that cannot be read has no language here: the command itself will say what
    is wrong with it.
    """
    for folder in _folders(arguments):
        path = folder / CONFIGURATION
        try:
            books = tomllib.loads(path.read_text(encoding="utf-8")).get("books")
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(books, dict):
            return str(books.get("language"))
    return None


def _folders(arguments: Iterable[str]) -> Iterator[Path]:
    for argument in arguments:
        value = argument.partition("=")[2] if argument.startswith("--") else argument
        if value and "\0" not in value:
            yield Path(value)
    yield Path(os.environ.get("BEANCLEAR_BOOKS") or ".")
