r"""Turn differences and the accountants' decisions into entries on the clearing accounts.

A receivable of 100.00 was settled with 99.99: policy closes the cent. An accountant gave up
another one of 5.00, and said that two items belong together. The text has

    2026-08-03 custom "difference" Assets:Receivable:Tmall 0.01 CNY
      key: "5116032541422009305"
      to: "Expenses:Clearing:Rounding"
      class: "rounding"

    2026-08-09 custom "write-off" Assets:Receivable:Tmall 5.00 CNY
      by: "Li"
      key: "5116032541422009306"
      to: "Expenses:Clearing:Losses"

    2026-08-10 custom "match" Assets:Transit:Alipay
      by: "Li"
      items: "{\"20260808PAY\": \"300.00\", \"20260809BANK\": \"-300.00\"}"
      currency: "CNY"

and the loaded books also have (debit positive: what stood on the clearing account leaves it)

    2026-08-03 * "difference 5116032541422009305" ^bc-0d5f…
      key: "5116032541422009305"
      Assets:Receivable:Tmall       -0.01 CNY
      Expenses:Clearing:Rounding     0.01 CNY

    2026-08-09 * "write-off 5116032541422009306" ^bc-93aa…
      key: "5116032541422009306"
      Assets:Receivable:Tmall       -5.00 CNY
      Expenses:Clearing:Losses       5.00 CNY

    2026-08-10 * "match 20260808PAY 20260809BANK" ^bc-7e10…
      Assets:Transit:Alipay       -300.00 CNY
        key: "20260808PAY"
      Assets:Transit:Alipay        300.00 CNY
        key: "20260809BANK"

`classify` works like `write-off`. Each entry carries the file and line of its directive, so
Beancount's errors and Fava lead there. Policy is not evaluated here: amounts and accounts stand
in the text, so that editing a tolerance never rewrites a closed month.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import (
    Directives,
    Meta,
    Posting,
    Transaction,
    entry_sortkey,
    new_metadata,
)

from beanclear.ledger.beancount_text import clean, minor
from beanclear.ledger.decision_texts import unfit_target
from beanclear.ledger.money import parse_minor, to_decimal
from beanclear.ledger.vocabulary import (
    Classify,
    Difference,
    Located,
    Match,
    Void,
    WriteOff,
    mark,
)
from beanclear.plugins.books import Books, DirectiveError, decode, plain, readable, survey
from beanclear.plugins.decisions import groundless, ill_written

__plugins__ = ("clearing",)

MOVES = (Difference, WriteOff, Classify)
Move = Difference | WriteOff | Classify


class Refused(Exception):  # noqa: N818 - a decision that cannot be carried out, not a failure
    """Why a directive makes no entry, in the books' language."""


def clearing(
    entries: Directives, options_map: Mapping[str, Any], config: str | None = None
) -> tuple[Directives, list[DirectiveError]]:
    """Post what `difference`, `write-off`, `classify` and `match` directives imply.

    Args:
      entries: the loaded directives.
      options_map: the options of the top file.
      config: the language of messages, `en` or `zh`; else that of the books.

    Returns:
      The directives with the generated entries among them, and one error for each directive
      that cannot be carried out.
    """
    books = survey(entries, options_map, config)
    _ = books.say
    found, errors = decode((*MOVES, Match), books, clearing=True)
    errors += ill_written(books, options_map)
    void = {one.decision: one for one in readable(Void, books)}
    errors += groundless(books, void)
    posted: list[Transaction] = []
    seen: dict[Any, Meta] = {}
    for located in (one for cls in found for one in found[cls]):
        if void and mark(located.entry) in void:
            continue
        try:
            _check_alone(located, seen, books)
            make = _match if isinstance(located.entry, Match) else _move
            posted.append(make(located, books))
        except Refused as refused:
            errors.append(DirectiveError(located.custom.meta, str(refused), located.custom))
    if not posted:
        return entries, errors
    return sorted([*entries, *posted], key=entry_sortkey), errors


def _check_alone(located: Located[Any], seen: dict[Any, Meta], books: Books) -> None:
    _ = books.say
    first = seen.setdefault(located.entry, located.custom.meta)
    if first is not located.custom.meta:
        raise Refused(
            _(
                'this "%(word)s" of %(account)s stands here twice, word for word (also at '
                "%(place)s): remove one of the two"
            )
            % {
                "word": located.custom.type,
                "account": located.entry.account,
                "place": books.place(first),
            }
        )


def _move(located: Located[Move], books: Books) -> Transaction:
    entry = located.entry
    _check_target(entry, entry.to, books)
    _check_amount(entry, entry.amount, books)
    return _entry(
        located,
        f"{entry.word} {entry.key}",
        [
            _posting(located, entry.account, -entry.amount),
            _posting(located, entry.to, entry.amount),
        ],
        key=entry.key,
    )


def _match(located: Located[Match], books: Books) -> Transaction:
    _ = books.say
    entry = located.entry
    items = _items(entry, books)
    postings = []
    rest = Decimal()
    for key, number in items.items():
        value = Amount(number, entry.currency)
        _check_amount(entry, value, books)
        postings.append(_posting(located, entry.account, -value, key=key))
        rest += number
    if rest:
        if entry.to is None:
            raise Refused(
                _(
                    "the matched items leave %(rest)s: correct the items, or name the account "
                    "that takes the rest with `to`"
                )
                % {"rest": plain(Amount(rest, entry.currency))}
            )
        _check_target(entry, entry.to, books)
        _check_amount(entry, Amount(rest, entry.currency), books, entry.to)
        postings.append(_posting(located, entry.to, Amount(rest, entry.currency)))
    return _entry(located, " ".join((entry.word, *items)), postings)


def _items(entry: Match, books: Books) -> dict[str, Decimal]:
    """The items of a match: key to what each leaves open."""
    _ = books.say

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        items = json.loads(entry.items, object_pairs_hook=unique)
        amounts = {
            key: to_decimal(parse_minor(text, entry.currency), entry.currency)
            for key, text in items.items()
        }
    except (ValueError, AttributeError):
        amounts = {}
    if not amounts:
        raise Refused(
            _(
                "`items` is no JSON object from each key, once, to its amount as text: write it "
                "as `beanclear decide match` does"
            )
        )
    return amounts


def _check_target(entry: Move | Match, target: str, books: Books) -> None:
    _ = books.say
    unfit = unfit_target(entry.word, entry.account, target, books.clearing)
    if unfit is not None:
        raise Refused(
            _("%(what)s: name another account in `to`")
            % {"what": books.say(unfit.template) % unfit.values}
        )
    if not books.is_open(target, entry.date):
        raise Refused(
            _(
                "`to` names %(account)s, which is not open on %(date)s: open it in "
                "accounts.beancount, or name another account"
            )
            % {"account": target, "date": entry.date}
        )


def _check_amount(
    entry: Move | Match, value: Amount, books: Books, target: str | None = None
) -> None:
    _ = books.say
    try:
        minor(value)
    except ValueError:
        raise Refused(
            _("%(amount)s is finer than the minor unit of its currency: round it")
            % {"amount": plain(value)}
        ) from None
    for account in filter(None, (entry.account, target or entry.to)):
        if not books.takes(account, value.currency):
            raise Refused(
                _(
                    "%(account)s is not open for %(currency)s: correct the currency, or the "
                    "account's `open`"
                )
                % {"account": account, "currency": value.currency}
            )


def _posting(
    located: Located[Any], account: str, units: Amount, *, key: str | None = None
) -> Posting:
    return Posting(account, units, None, None, None, _meta(located, key))


def _meta(located: Located[Any], key: str | None) -> dict[str, Any]:
    place = located.custom.meta
    return new_metadata(place["filename"], place["lineno"], {} if key is None else {"key": key})


def _entry(
    located: Located[Any], title: str, postings: list[Posting], *, key: str | None = None
) -> Transaction:
    """The entry of one directive; its link is a hash of the directive's text alone."""
    reason = getattr(located.entry, "reason", None)
    return Transaction(
        _meta(located, key),
        located.entry.date,
        "*",
        None,
        clean(f"{title}: {reason}" if reason else title),  # Fava shows narrations unescaped
        frozenset(),
        frozenset({f"bc-{mark(located.entry)}"}),
        postings,
    )
