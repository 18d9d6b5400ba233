"""What the three plugins share: their errors, the chart of the loaded books, its language.

Beancount pickles errors into its load cache and Fava shows the class name as the error's type,
so each class stands at module level under a name of its own.
"""

from __future__ import annotations

import datetime
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from beancount.core import account as accounts
from beancount.core.amount import Amount
from beancount.core.data import Close, Custom, Directive, Directives, Meta, Open

from beanclear.ledger.i18n import LANGUAGES, Language, language_of_locale, translator
from beanclear.ledger.policy_text import Translate
from beanclear.ledger.vocabulary import Entry, EntryT, Located, VocabularyError, from_custom


class OpenItemError(NamedTuple):
    """An item that is past due at its account's as-of date and that nobody explained."""

    source: Meta
    message: str
    entry: Directive | None


class ReconciliationError(NamedTuple):
    """P1 does not hold: reconciliation text is missing, stale, edited or wrong."""

    source: Meta
    message: str
    entry: Directive | None


class DirectiveError(NamedTuple):
    """A directive of ours that cannot be carried out."""

    source: Meta
    message: str
    entry: Directive | None


class PostingError(NamedTuple):
    """An entry that makes a clearing account unprovable, or lacks a dimension it must say."""

    source: Meta
    message: str
    entry: Directive | None


class ClosedError(NamedTuple):
    """Something of a closed period was changed, added or removed since."""

    source: Meta
    message: str
    entry: Directive | None


class StatementError(NamedTuple):
    """Statements that leave days out or contradict each other."""

    source: Meta
    message: str
    entry: Directive | None


ReadT = TypeVar("ReadT")
PluginError = (
    OpenItemError
    | ReconciliationError
    | DirectiveError
    | PostingError
    | StatementError
    | ClosedError
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The loaded books as the plugins need them.

    Attributes:
      opens: the `open` directive of each account.
      closes: the day each closed account was closed.
      clearing: the accounts whose `open` carries `clearing`.
      root: the folder of the top file.
      words: the `custom` directives by their word.
      say: translates a message into the books' language.
    """

    opens: Mapping[str, Open]
    closes: Mapping[str, datetime.date]
    clearing: frozenset[str]
    root: str
    words: Mapping[str, Sequence[Custom]]
    say: Translate

    @property
    def journal(self) -> str:
        """What the path of each generated journal file begins with."""
        return os.path.join(self.root, "journal", "")

    def place(self, meta: Mapping[str, Any]) -> str:
        """`file:line` of a directive, below the folder of the books where it lies there."""
        path = str(meta["filename"])
        head = os.path.join(self.root, "")
        return f"{path.removeprefix(head).replace(os.sep, '/')}:{meta['lineno']}"

    def is_open(self, account: str, day: datetime.date) -> bool:
        """Whether postings on `account` are allowed on `day`."""
        opened = self.opens.get(account)
        return opened is not None and opened.date <= day <= self.closes.get(
            account, datetime.date.max
        )

    def takes(self, account: str, currency: str) -> bool:
        """Whether the `open` of `account`, if there is one, allows `currency`."""
        opened = self.opens.get(account)
        return opened is None or not opened.currencies or currency in opened.currencies


def survey(entries: Directives, options_map: Mapping[str, Any], config: str | None) -> Books:
    """Read the chart, the root folder and the language of loaded books.

    `config` is the plugin's configuration string: a language, `en` or `zh`.
    """
    opens: dict[str, Open] = {}
    closes: dict[str, datetime.date] = {}
    words: dict[str, list[Custom]] = defaultdict(list)
    for entry in entries:
        if type(entry) is Custom:
            words[entry.type].append(entry)
        elif type(entry) is Open:
            opens.setdefault(entry.account, entry)
        elif type(entry) is Close:
            closes.setdefault(entry.account, entry.date)
    option = None
    for custom in words["fava-option"]:
        values = [str(value.value) for value in custom.values]
        if values[:1] == ["language"]:
            option = values[-1]
    return Books(
        opens=opens,
        closes=closes,
        clearing=frozenset(name for name, entry in opens.items() if "clearing" in entry.meta),
        words=words,
        root=os.path.dirname(options_map["filename"]),
        say=translator(_language(config, option)).gettext,
    )


def _language(*wishes: str | None) -> Language:
    """The first wish that names a language we have (`zh_CN` names `zh`), else the locale's."""
    for wish in wishes:
        for language in LANGUAGES:
            if wish is not None and wish.lower().replace("-", "_").split("_")[0] == language:
                return language
    return language_of_locale()


def decode(
    classes: Iterable[type[Entry]], books: Books, *, clearing: bool
) -> tuple[dict[type[Entry], list[Located[Any]]], list[DirectiveError]]:
    """Read the directives of `classes`; each that is not well formed becomes an error.

    `clearing`: their account must be a clearing account.
    """
    found: dict[type[Entry], list[Located[Any]]] = {}
    errors: list[DirectiveError] = []
    for cls in classes:
        found[cls], malformed = collect(cls.word, _located, books, clearing=clearing)
        errors.extend(malformed)
    return found, errors


def _located(custom: Custom) -> Located[Any]:
    return Located(from_custom(custom), custom)


def collect(
    word: str, read: Callable[[Custom], ReadT], books: Books, *, clearing: bool
) -> tuple[list[ReadT], list[DirectiveError]]:
    """What `read` makes of the directives of one word; an error for each it cannot read."""
    found: list[ReadT] = []
    errors = []
    for custom in books.words.get(word, ()):
        try:
            entry = read(custom)
        except VocabularyError as error:
            errors.append(not_well_formed(error, custom, books))
            continue
        wrong = misplaced(custom, books, clearing=clearing)
        errors += wrong
        if not wrong:
            found.append(entry)
    return found, errors


def misplaced(custom: Custom, books: Books, *, clearing: bool) -> list[DirectiveError]:
    """The error at a directive whose first value is no account, or not the kind it needs."""
    _ = books.say
    first = custom.values[0]
    if first.dtype != accounts.TYPE:
        message = _('"%(word)s" has the text "%(text)s" for its first value: write an account') % {
            "word": custom.type,
            "text": first.value,
        }
    elif clearing and first.value not in books.clearing:
        message = _(
            '"%(word)s" names %(account)s, which is no clearing account: name one whose '
            "`open` has `clearing`"
        ) % {"word": custom.type, "account": first.value}
    else:
        return []
    return [DirectiveError(custom.meta, message, custom)]


def not_well_formed(
    error: VocabularyError, custom: Custom | None, books: Books, place: Meta | None = None
) -> DirectiveError:
    """The error at a directive that is not well formed, or at a place of its file."""
    _ = books.say
    message = _(
        "the directive is not as beanclear writes it (%(detail)s): correct this line, or "
        "run `beanclear run` when it is generated text"
    ) % {"detail": books.say(error.template) % error.values}
    return DirectiveError(place or (custom.meta if custom else {}), message, custom)


def readable(cls: type[EntryT], books: Books) -> list[EntryT]:
    """The well-formed directives of `cls`; another plugin reports those that are not."""
    found = []
    for custom in books.words.get(cls.word, ()):
        try:
            entry = from_custom(custom)
        except VocabularyError:
            continue
        if isinstance(entry, cls):
            found.append(entry)
    return found


def plain(value: Amount) -> str:
    """An amount as it stands, also one that is finer than the minor unit."""
    return f"{value.number:f} {value.currency}"


__all__ = [
    "Books",
    "ClosedError",
    "DirectiveError",
    "OpenItemError",
    "PluginError",
    "PostingError",
    "ReconciliationError",
    "StatementError",
    "collect",
    "decode",
    "misplaced",
    "not_well_formed",
    "plain",
    "readable",
    "survey",
]
