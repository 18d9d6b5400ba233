"""What to do about an open item: one sentence per class, with the command that does it.

The plugin's errors and `beanclear open-items` say the same words because both take them here.
The sentences go through the translation function that the caller passes, since a plugin
speaks the language of the books and a command that of the person at the terminal.
Importing this module imports nothing heavier than the vocabulary.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from beanclear.ledger.vocabulary import ItemClass, OpenItem

Translate = Callable[[str], str]
_KEY = "\0"  # stands for the key while a sentence is made; no key holds it


def advice(item: OpenItem, translate: Translate) -> str:
    """What a person can do about `item`: a clause to stand after a colon, without a full stop.

    Keys come from outside text (P10), so they are quoted for the shell they will be pasted into.
    """
    names = {
        "account": item.account,
        "key": _KEY,
        "candidates": " ".join(shlex.quote(key) for key in (item.candidates or "KEY").split()),
    }
    if item.klass == ItemClass.AMBIGUOUS and "Assets:Receivable:" in (item.candidates or ""):
        sentence = _elsewhere(translate)
    else:
        sentence = _sentence(item.klass, translate)
    told = sentence % names
    key = shlex.quote(item.key)
    if not item.key.startswith("-"):
        return told.replace(_KEY, key)
    # A key like an option is none only behind `--`, at the end of its command.
    before, _key, after = told.partition(f"{_KEY} ")
    command, tick, rest = after.partition("`")
    return f"{before}{command} -- {key}{tick}{rest}"


def _elsewhere(translate: Translate) -> str:
    """A line that may pay orders of several shops: no decision reaches from account to account."""
    _ = translate
    return _(
        "it may be of these orders: %(candidates)s; put the wallet's files into the folder of "
        "their shop, or move the money with an entry in manual/ between %(account)s and the shop's "
        "account, each posting with the key %(key)s"
    )


def _sentence(klass: str, translate: Translate) -> str:
    _ = translate
    match klass:
        case ItemClass.OPENING:
            return _(
                "import older orders or opening-items.csv, or confirm the rest with `beanclear "
                "decide classify %(key)s --account %(account)s --to Equity:Opening-Balances`"
            )
        case ItemClass.AMBIGUOUS:
            return _(
                "several items fit equally; say which belongs to it with `beanclear decide match "
                "%(key)s KEY --account %(account)s`, KEY being one of: %(candidates)s"
            )
        case ItemClass.DUPLICATE:
            return _(
                "import the file that shows the second payment going back, or say what it was "
                "with `beanclear decide classify %(key)s --account %(account)s --to ACCOUNT`"
            )
        case ItemClass.REFUND_MISMATCH:
            return _(
                "import the latest order export, or give the rest up with `beanclear decide "
                "write-off %(key)s --account %(account)s --to ACCOUNT`"
            )
        case ItemClass.FEE_VARIANCE:
            return _(
                "ask the platform to correct the fee, or accept it with `beanclear decide "
                "explain %(key)s --account %(account)s --until DATE`"
            )
        case ItemClass.ADVANCE:
            return _(
                "import the latest order export; say under [[advances]] of beanclear.toml what "
                "becomes of money that closed orders keep, or explain it with `beanclear decide "
                "explain %(key)s --account %(account)s --until DATE`"
            )
        case ItemClass.CONTRADICTION:
            return _(
                "find out which export is right and take the other one out with `beanclear "
                "documents remove NAME`, or say that the books are right with `beanclear decide "
                "explain %(key)s --account %(account)s --until DATE`"
            )
        case ItemClass.SHORT:
            return _(
                "claim the rest from the platform, or give it up with `beanclear decide "
                "write-off %(key)s --account %(account)s --to ACCOUNT`"
            )
        case ItemClass.OVER:
            return _(
                "find what was paid too much and say where it belongs with `beanclear decide "
                "classify %(key)s --account %(account)s --to ACCOUNT`"
            )
        case _:
            return _one_sided(klass, _)


def _one_sided(klass: str, translate: Translate) -> str:
    """The classes of which the other side is missing altogether."""
    _ = translate
    match klass:
        case ItemClass.OVERDUE:
            return _(
                "import the wallet statement that pays it, or explain the delay with `beanclear "
                "decide explain %(key)s --account %(account)s --until DATE`"
            )
        case ItemClass.MISSING_ORDER:
            return _(
                "import the order export that holds it, or say what it is with `beanclear "
                "decide classify %(key)s --account %(account)s --to ACCOUNT`"
            )
        case ItemClass.MISSING_DEPOSIT:
            return _(
                "import the bank statement that receives it or ask the platform; explain the "
                "delay with `beanclear decide explain %(key)s --account %(account)s --until DATE`"
            )
        case ItemClass.MISSING_CONVERSION:
            return _(
                "import the statement of the account in the other currency, or say what it is with "
                "`beanclear decide classify %(key)s --account %(account)s --to ACCOUNT`"
            )
        case ItemClass.UNIDENTIFIED:
            return _(
                "import the wallet statement that pays it out, or say what it is with `beanclear "
                "decide classify %(key)s --account %(account)s --to ACCOUNT`"
            )
        case _:
            return _(
                "say what it is with `beanclear decide classify %(key)s --account %(account)s "
                "--to ACCOUNT`"
            )


__all__ = ["Translate", "advice"]
