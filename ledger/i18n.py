"""Chinese and English: the language of messages, and of generated text.

Source strings are English; `locale/zh/LC_MESSAGES/beanclear.po` holds the Chinese. Text that
is written into books uses the books' language, not the reader's: call `translator(language)`
for it. Messages to the person at the terminal use `gettext`, which follows `use_language`.
"""

from __future__ import annotations

import contextlib
import functools
import gettext as _gettext
import locale
import os
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
LOCALE_FOLDER = Path(__file__).parent / "locale"

_current: Language = "en"
_spoken: ContextVar[Language | None] = ContextVar("language", default=None)


@functools.cache
def translator(language: Language) -> _gettext.NullTranslations:
    """The catalogue of `language`; English is the source itself."""
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation("beanclear", LOCALE_FOLDER, [language], fallback=True)


def use_language(language: Language) -> None:
    """Set the language of messages for this process."""
    global _current  # noqa: PLW0603 - one setting for the process, as gettext itself has
    _current = language


@contextlib.contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Messages in `language` within the block: a page's reader has a language of their own."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def current_language() -> Language:
    """The language of messages: of the block, else of this process."""
    return _spoken.get() or _current


def gettext(message: str) -> str:
    """`message` in the current language."""
    return translator(current_language()).gettext(message)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translated later"
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form for `number`, in the current language."""
    return translator(current_language()).ngettext(singular, plural, number)


def language_of_locale() -> Language:
    """Chinese when the environment's locale says so, else English."""
    name = next(
        (os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)),
        locale.getlocale()[0] or "",
    )
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
