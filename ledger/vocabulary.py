"""The `custom` directives of beanclear books: the only place that writes or reads them.

Each class below is one directive. Its first value in the text is always the account, which the
clearing plugin checks; a second value, where the class has `amount`, is that amount. Everything
else is metadata whose key is the field's name with `-` for `_`; fields that are none are left
out. Free text stands in metadata only, because Fava shows values unescaped.

    2026-08-31 custom "open-item" Assets:Receivable:Tmall 128.00 CNY
      as-of: 2026-08-31
      class: "overdue"
      key: "5116032541422009305"

Generated: `statement`, `reconciled`, `in-transit`, `open-item`, `difference`, `void`.
The accountants': `match`, `write-off`, `classify`, `explain`, `close`.

Signs: an amount is what stands on (or is taken off) the clearing account, debit positive.
Importing this module imports nothing heavier than Beancount's data types.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directives

from beanclear.ledger.beancount_text import format_amount, quote
from beanclear.ledger.i18n import N_, gettext


class ItemClass(StrEnum):
    """Why an item is open. The order is the order of classification: the first that fits."""

    OPENING = "opening"  # its other side lies before the first coverage
    AMBIGUOUS = "ambiguous"  # several candidates fit equally
    DUPLICATE = "duplicate"  # the same money twice
    REFUND_MISMATCH = "refund-mismatch"  # order and wallet disagree about refunds
    FEE_VARIANCE = "fee-variance"  # a fee differs from the contracted one; leaves no balance
    ADVANCE = "advance"  # money of an order that is never a sale; leaves no balance
    CONTRADICTION = "contradiction"  # two exports tell an order differently; leaves no balance
    SHORT = "short"  # less came than was due
    OVER = "over"  # more came than was due
    OVERDUE = "overdue"  # an order that no wallet line settles
    MISSING_ORDER = "missing-order"  # a wallet line whose order no export holds
    MISSING_DEPOSIT = "missing-deposit"  # a payout that reached no bank account
    MISSING_CONVERSION = "missing-conversion"  # an exchange of currencies without its other side
    UNIDENTIFIED = "unidentified"  # a platform's deposit without a payout
    UNCATEGORISED = "uncategorised"  # a line no rule explains


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What all directives share: a date and an account."""

    word: ClassVar[str] = ""
    date: datetime.date
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry(Entry):
    """One booked statement of an account. `date` is its last row's day.

    Attributes:
      source: `<source>/<account>/<stage>`: whose statements these are; spans are joined by it.
      first, last: the complete days it covers (`last` before `first`: none).
      rows: records it holds.
      grade: `proven`, `counted` or `contradicted`.
      opening, closing: balance before its first and after its last row, where it has balances.
      quiet_days: its longest stretch of days without a row, when there is one.
      since, until: `YYYY-MM-DD HH:MM:SS` where the period it declares begins or ends within a day.
      feeds: the clearing accounts that this source feeds, separated by blanks.
      file, sha256: the file's name and the hash of the archived original.
      currency: that of its records, where the file has a statement for each of several.
      accepted_by: who booked a contradicted file by name.
      disputed: how many faults say that it and another document contradict each other.
    """

    word: ClassVar[str] = "statement"
    source: str
    first: datetime.date
    last: datetime.date
    rows: int
    grade: str
    opening: Amount | None = None
    closing: Amount | None = None
    quiet_days: int | None = None
    since: str | None = None
    until: str | None = None
    feeds: str | None = None
    file: str | None = None
    sha256: str | None = None
    currency: str | None = None
    accepted_by: str | None = None
    disputed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled(Entry):
    """A clearing account's balance at the end of `date`, its as-of date.

    `awaiting` names the side (`wallet`, `bank`) of which nothing was ever imported, so that
    nothing can be judged yet. `matched` says how many items were closed up to that day, and
    `matched_amount` what was expected and came with them; the balance holds none of it.
    """

    word: ClassVar[str] = "reconciled"
    amount: Amount
    awaiting: str | None = None
    matched: int | None = None
    matched_amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InTransit(Entry):
    """Items of one event day that are not due yet, or that a later leg closes; their sum."""

    word: ClassVar[str] = "in-transit"
    amount: Amount
    as_of: datetime.date
    count: int
    due: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem(Entry):
    """An exception that is due: `date` is its event date.

    Attributes:
      amount: what it leaves on the clearing account; zero for a check such as `fee-variance`.
      as_of: the as-of date at which it was judged.
      klass: its `ItemClass`; the metadata key is `class`.
      key: what closes it; unique within (account, as_of).
      at_stake: what is in question.
      reason: in the books' language, for a person.
      count: how many lines a bucket (`opening`) holds.
      candidates: keys that fit equally, separated by blanks.
    """

    word: ClassVar[str] = "open-item"
    amount: Amount
    as_of: datetime.date
    klass: str
    key: str
    at_stake: Amount
    due: datetime.date
    reason: str
    count: int | None = None
    order_id: str | None = None
    trade_id: str | None = None
    payout_id: str | None = None
    bank_ref: str | None = None
    counterparty: str | None = None
    file: str | None = None
    row: int | None = None
    candidates: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Entry):
    """A rest that policy closes: `amount` is moved from the clearing account to `to`."""

    word: ClassVar[str] = "difference"
    amount: Amount
    key: str
    to: str
    klass: str
    event_date: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Entry):
    """A decision, named by its `mark`, about items `keys` that are not on the account: it is none.

    `keys` is a JSON array of the keys that nothing has.
    """

    word: ClassVar[str] = "void"
    keys: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Entry):
    """What the accountants' words share: who decided and why."""

    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Decision):
    """These items of one account belong together.

    `items` is a JSON object from key to signed decimal string: what each leaves open. When the
    sum is not zero the rest goes to `to`.
    """

    word: ClassVar[str] = "match"
    items: str
    currency: str
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Decision):
    """`amount` of the item `key` is given up: it moves to `to`."""

    word: ClassVar[str] = "write-off"
    amount: Amount
    key: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify(Decision):
    """The item `key` is known now: `amount` moves to `to`."""

    word: ClassVar[str] = "classify"
    amount: Amount
    key: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Decision):
    """The item `key` is explained and raises no error until the as-of date passes `until`.

    `at_stake` is what was in question then: of an item that grew, the rest is open. Without it
    the item is explained whatever it grows to.
    """

    word: ClassVar[str] = "explain"
    key: str
    until: datetime.date
    at_stake: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Decision):
    """The period ends at `date` and is frozen. `account` is `Equity:Closed`, by convention.

    `files` is a JSON object from path (relative to the books) to sha-256 of the frozen text.
    """

    word: ClassVar[str] = "close"
    period: str
    files: str


WORDS: dict[str, type[Entry]] = {
    cls.word: cls
    for cls in (
        StatementEntry, Reconciled, InTransit, OpenItem, Difference, Void,
        Match, WriteOff, Classify, Explain, Close,
    )
}  # fmt: skip
DECISIONS = tuple(word for word, cls in WORDS.items() if issubclass(cls, Decision))
CLOSING_ACCOUNT = "Equity:Closed"
EntryT = TypeVar("EntryT", bound=Entry)


def _format(value: Any) -> str:  # noqa: ANN401 - any type of a field
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case Amount():
            return format_amount(value)
        case datetime.date():
            return value.isoformat()
        case int():
            return str(value)
        case _:
            return quote(str(value))


def _key(name: str) -> str:
    return "class" if name == "klass" else name.replace("_", "-")


def to_text(entry: Entry) -> str:
    """The directive as Beancount text, ending in a newline."""
    head = f'{entry.date.isoformat()} custom "{entry.word}" {entry.account}'
    value = getattr(entry, "amount", None)
    if value is not None:
        head += f" {format_amount(value)}"
    lines = [head]
    for name, key, _type in _slots(entry.word):
        content = getattr(entry, name)
        if content is not None:
            lines.append(f"  {key}: {_format(content)}")
    return "\n".join(lines) + "\n"


def mark(entry: Entry) -> str:
    """What names a directive among others: a hash of its text alone."""
    return hashlib.sha256(to_text(entry).encode()).hexdigest()[:16]


class VocabularyError(ValueError):
    """A `custom` directive of ours that is not as this module writes it.

    `template` and `values` are its message before translation: plugins speak the books' language.
    """

    def __init__(self, template: str, **values: str) -> None:
        super().__init__(gettext(template) % values)
        self.template = template
        self.values = values


def from_custom(custom: Custom) -> Entry | None:
    """Read one directive; none when it is not one of ours.

    Raises:
      VocabularyError: when it is one of ours but a value is missing or of the wrong type.
    """
    cls = check(custom)
    if cls is None:
        return None
    found: dict[str, Any] = {"date": custom.date, "account": custom.values[0].value}
    if "amount" in cls.__dataclass_fields__:
        found["amount"] = custom.values[1].value
    for name, key, kind in _slots(cls.word):
        value = custom.meta.get(key)
        if value is not None:
            found[name] = int(value) if kind is Decimal else value
    return cls(**found)


def check(custom: Custom) -> type[Entry] | None:
    """The class of a directive of ours, once it is known to be well formed.

    Books may hold tens of thousands of open items, whose types are nearly always the same: so
    types that were found right are remembered by word.

    Raises:
      VocabularyError: when a value is missing or of the wrong type.
    """
    word = custom.type
    cls = WORDS.get(word)
    if cls is None:
        return None
    values, meta = custom.values or (), custom.meta
    # One lookup for what is nearly always right: the words of the values and of the metadata.
    shape = (word, *[type(value.value) for value in values], *meta, *map(type, meta.values()))
    if shape in _RIGHT:
        return cls
    if not values or not isinstance(values[0].value, str):
        raise VocabularyError(N_('"%(word)s" needs an account as its first value'), word=word)
    if "amount" in cls.__dataclass_fields__ and (
        len(values) < 2 or not isinstance(values[1].value, Amount)  # noqa: PLR2004 - the second value
    ):
        raise VocabularyError(N_('"%(word)s" needs an amount as its second value'), word=word)
    _check_types(word, meta)
    _RIGHT.add(shape)
    return cls


_RIGHT: set[tuple[object, ...]] = set()  # words with the keys and types of metadata that fit


@functools.cache
def _slots(word: str) -> tuple[tuple[str, str, type], ...]:
    """For each field of a directive's metadata its name, its key and its type."""
    types: dict[str, type] = {"Amount": Amount, "datetime.date": datetime.date, "int": Decimal}
    return tuple(
        (field.name, _key(field.name), types.get(str(field.type).removesuffix(" | None"), str))
        for field in dataclasses.fields(WORDS[word])
        if field.name not in {"date", "account", "amount"}
    )


_TYPE_NAMES: dict[type, str] = {
    Amount: N_('"%(word)s": `%(key)s` is not an amount'),
    datetime.date: N_('"%(word)s": `%(key)s` is not a date'),
    Decimal: N_('"%(word)s": `%(key)s` is not a number'),
    str: N_('"%(word)s": `%(key)s` is not text in quotes'),
}


def _check_types(word: str, meta: Mapping[str, Any]) -> None:
    fields = {field.name: field for field in dataclasses.fields(WORDS[word])}
    for name, key, wanted in _slots(word):
        value = meta.get(key)
        if value is None:
            if fields[name].default is dataclasses.MISSING:
                raise VocabularyError(N_('"%(word)s" needs `%(key)s`'), word=word, key=key)
        elif not isinstance(value, wanted):
            raise VocabularyError(_TYPE_NAMES[wanted], word=word, key=key)


@dataclass(frozen=True, slots=True)
class Located(Generic[EntryT]):
    """A directive with the Beancount entry it was read from, for its place in the text."""

    entry: EntryT
    custom: Custom


def read(entries: Directives, cls: type[EntryT]) -> list[Located[EntryT]]:
    """All directives of `cls` among loaded entries, in order.

    Raises:
      VocabularyError: when one of them is not well formed.
    """
    return [
        Located(entry, custom)
        for custom in entries
        if isinstance(custom, Custom)
        and custom.type == cls.word
        and isinstance(entry := from_custom(custom), cls)
    ]


def texts(entries: Iterable[Entry]) -> str:
    """Directives as text, one blank line between them."""
    return "\n".join(to_text(entry) for entry in entries)
