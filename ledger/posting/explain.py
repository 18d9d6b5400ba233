"""Why an item is open, in a sentence for the accountant, in the books' language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from beanclear.ledger.i18n import N_
from beanclear.ledger.money import format_minor
from beanclear.ledger.reconciliation import Item
from beanclear.ledger.vocabulary import ItemClass

REASONS: Final = {
    ItemClass.OPENING: N_(
        "%(count)d lines, %(amount)s in all, belong to orders from before the first export"
    ),
    ItemClass.AMBIGUOUS: N_("%(amount)s fits several others equally well, so none was taken"),
    ItemClass.DUPLICATE: N_("settled twice: %(expected)s was due and %(found)s came"),
    ItemClass.REFUND_MISMATCH: N_(
        "order and wallet disagree about refunds: expected %(expected)s, paid back %(found)s,"
        " %(at_stake)s apart"
    ),
    ItemClass.FEE_VARIANCE: N_("a fee of %(found)s was charged where %(expected)s was agreed"),
    ItemClass.ADVANCE: N_(
        "%(at_stake)s was paid for an order that is still no sale, which was to end by %(due)s"
    ),
    ItemClass.CONTRADICTION: N_(
        "two exports tell this order differently, and neither says that it is the later one"
    ),
    ItemClass.SHORT: N_("%(found)s came where %(expected)s was due: %(at_stake)s is missing"),
    ItemClass.OVER: N_("%(found)s came where %(expected)s was due: %(at_stake)s too much"),
    ItemClass.OVERDUE: N_("%(amount)s was due on %(due)s and no wallet line settles it"),
    ItemClass.MISSING_ORDER: N_("%(at_stake)s came for an order that no order export holds"),
    ItemClass.MISSING_DEPOSIT: N_(
        "%(amount)s left the wallet and reached no bank account by %(due)s"
    ),
    ItemClass.MISSING_CONVERSION: N_(
        "one side of an exchange of currencies, %(at_stake)s, and nothing shows the other"
    ),
    ItemClass.UNIDENTIFIED: N_("%(at_stake)s came from a platform's payer without a payout"),
    ItemClass.UNCATEGORISED: N_("no rule says what these %(at_stake)s are"),
}


# Money that the platform takes from the bank goes the other way.
_COLLECTED: Final = {
    ItemClass.MISSING_DEPOSIT: N_(
        "the platform was to take %(at_stake)s, and no bank account paid it by %(due)s"
    ),
    ItemClass.UNIDENTIFIED: N_("%(at_stake)s went to a platform, and no wallet line received it"),
}


# What two exports say of an order; the other one's file and row stand behind.
_TOLD: Final = {
    "amount": N_(
        "%(expected)s here, which is booked, and %(found)s in another export; no file says which is"
        " right"
    ),
    "refund": N_(
        "a refund of %(expected)s here, which is booked, and of %(found)s in another export; no"
        " file says which is right"
    ),
    "tax": N_(
        "a tax of %(expected)s here, which is booked, and of %(found)s in another export; no file"
        " says which is right"
    ),
    "moments": N_(
        "its days are others in another export; these are booked, and no file says which are right"
    ),
    "created": N_(
        "another export has this number with another time of creation: two orders, whose numbers"
        " have lost digits, or one of them is wrong"
    ),
    "shops": N_("the folders of two shops hold this order, and it can be of one only"),
}


# What the passes noted of an item beside its class: in place of the reason, or after it.
_NOTED: Final = {
    "several": N_("%(figure)s different sums make %(amount)s, so none was taken"),
    "chance": N_(
        "one sum makes %(amount)s, but %(figure)s such sums were to be expected by chance, so it"
        " was not taken"
    ),
    "shops": N_("%(figure)s shops have an order of this number, and nothing says whose it is"),
    "orders": N_(
        "its trade names %(figure)s orders, which do not sum to the %(amount)s, so none was taken"
    ),
    "part": N_("%(amount)s may be part of a sum that is no proof, so it was not taken"),
}
_OWN: Final = {
    "trade-bill": N_(
        "%(at_stake)s was paid back for an order that only WeChat Pay's trade bill names: import"
        " the trade bill of that day"
    ),
    "kept": N_("the order was closed and keeps %(at_stake)s of what was paid for it"),
}
_ADDED: Final = {
    "budget": N_("; the search for sums was given up after %(figure)s steps, so one may exist"),
}


def reason(item: Item, say: Callable[[str], str]) -> str:
    """The reason of one item; amounts as sizes, with their currency."""

    def money(minor: int | None) -> str:
        return f"{format_minor(abs(minor or 0), item.currency)} {item.currency}"

    against = {ItemClass.MISSING_DEPOSIT: -1, ItemClass.UNIDENTIFIED: 1}.get(item.klass, 0)
    template = REASONS[item.klass]
    if item.amount_minor * against > 0:
        template = _COLLECTED[item.klass]
    word, _separator, figure = (item.note or "").partition(":")
    if item.klass is ItemClass.AMBIGUOUS:
        template = _NOTED.get(word, template)
    elif word in _OWN:
        template = _OWN[word]
    text = say(template) + (say(_ADDED[word]) if word in _ADDED else "")
    if item.klass is ItemClass.CONTRADICTION:
        text = say(_TOLD.get(word, template))
    if item.rule is not None:
        text += " (%(rule)s)"
    return text % {
        "amount": money(item.amount_minor),
        "at_stake": money(item.at_stake_minor),
        "expected": money(item.expected_minor),
        "found": money(item.found_minor),
        "due": item.due.isoformat(),
        "count": item.count or 1,
        "figure": figure,
        "rule": item.rule,
    }
