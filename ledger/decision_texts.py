"""What is wrong with decisions that Beancount's parser lets pass.

    2026-08-31 custom "explain" Assets:Receivable:Tmall
      by: "Li Na"
      key: "5116032541422009305"
      by: "Wang Qiang"
      key: "5116032541422009306"

is what a merge makes of two decisions with equal first lines when both sides are kept; the parser
takes the last `by` and the last `key`, and one of the two decisions would be lost in silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterator

from beancount.core.data import Custom
from beancount.parser import lexer

from beanclear.ledger.i18n import N_
from beanclear.ledger.vocabulary import CLOSING_ACCOUNT, DECISIONS, VocabularyError

FOLDER = "decisions"


def doubled_keys(text: bytes) -> Iterator[tuple[int, VocabularyError]]:
    """Each decision in which a metadata key stands twice, with the line that it begins at."""
    line, word, before = 0, "", "EOL"
    seen: set[str] = set()
    for kind, at, _text, value in lexer.lex_iter_string(text):  # type: ignore[no-untyped-call]
        if kind == "DATE" and before == "EOL":
            line, word, seen = at, "", set()
        elif kind == "STRING" and before == "CUSTOM":
            word = value
        elif kind == "KEY" and word:
            if value in seen:
                yield line, VocabularyError(_DOUBLED, word=word, key=value)
            seen.add(value)
        before = kind


_DOUBLED = N_(
    '`%(key)s` stands twice in one "%(word)s", as when a merge melts two decisions into one'
)


def flaw(custom: Custom) -> VocabularyError | None:
    """What is wrong with a directive among decisions; none when it is one."""
    if custom.type in DECISIONS:
        by = custom.meta.get("by")
        if isinstance(by, str) and not names_somebody(by):
            return VocabularyError(N_('"%(word)s": `by` names nobody'), word=custom.type)
        return None
    similar = difflib.get_close_matches(custom.type.lower(), DECISIONS, n=1)
    if similar:
        return VocabularyError(
            N_('"%(word)s" is no decision; did you mean "%(similar)s"?'),
            word=custom.type,
            similar=similar[0],
        )
    return VocabularyError(
        N_('"%(word)s" is no decision; there are %(known)s'),
        word=custom.type,
        known=", ".join(DECISIONS),
    )


def unfit_target(
    word: str, account: str, to: str, clearing: Container[str]
) -> VocabularyError | None:
    """Why a decision about an item of `account` cannot move money to `to`; none when it can.

    `clearing` has the clearing accounts: there the money would be proven by no item.
    """
    if to == account:
        template = N_('"%(word)s" moves %(account)s to itself')
    elif to in clearing:
        template = N_(
            '"%(word)s" moves money to the clearing account %(account)s, where it belongs to no '
            "item"
        )
    elif to == CLOSING_ACCOUNT:
        template = N_('"%(word)s" moves money to %(account)s, which only stands in `close`')
    else:
        return None
    return VocabularyError(template, word=word, account=to)


def names_somebody(by: str) -> bool:
    """Whether a person can read who decided: letters or digits, and nothing that hides."""
    return by.isprintable() and any(sign.isalnum() for sign in by)
