r"""Report decisions that are not what somebody meant to write, and those about nothing.

    2026-10-30 custom "write-of" Assets:Receivable:Tmall 59.00 CNY
      by: "Li"
      key: "5116032541422009305"
      to: "Expenses:BadDebt"

below `decisions/` is an error: there is no such word, and the item would stay open in silence. So
is a decision in which a key stands twice. And where `beanclear run` found that a decision concerns
an item that nothing is about, the text says

    2026-10-30 custom "void" Assets:Receivable:Tmall
      keys: "[\\"5116032541422009305\\"]"
      decision: "93aa0c1e55d0f6ab"

and the decision, which the hash of its text names, posts nothing and is an error at its own line.
`beanclear.plugins.clearing` asks for these before it posts the others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from beancount.core.data import new_metadata

from beanclear.ledger.decision_texts import FOLDER, doubled_keys, flaw
from beanclear.ledger.vocabulary import (
    Classify,
    Explain,
    Match,
    VocabularyError,
    Void,
    WriteOff,
    from_custom,
    mark,
)
from beanclear.plugins.books import Books, DirectiveError, not_well_formed

_ABOUT_ITEMS = (Match, WriteOff, Classify, Explain)


def ill_written(books: Books, options_map: Mapping[str, Any]) -> Iterator[DirectiveError]:
    """An error for each directive below `decisions/` that is none, or says a thing twice."""
    folder = os.path.join(books.root, FOLDER, "")
    for customs in books.words.values():
        for custom in customs:
            if custom.meta["filename"].startswith(folder) and (found := flaw(custom)):
                yield not_well_formed(found, custom, books)
    for path in options_map["include"]:
        if path.startswith(folder) and path.endswith(".beancount"):
            for line, error in doubled_keys(Path(path).read_bytes()):
                yield not_well_formed(error, None, books, new_metadata(path, line))


def groundless(books: Books, void: Mapping[str, Void]) -> Iterator[DirectiveError]:
    """An error for each decision that is about an item that does not exist (any more)."""
    _ = books.say
    if not void:
        return
    for cls in _ABOUT_ITEMS:
        for custom in books.words.get(cls.word, ()):
            try:
                entry = from_custom(custom)
            except VocabularyError:
                continue  # an error of its own
            found = void.get(mark(entry)) if entry is not None else None
            if found is not None:
                message = _(
                    '"%(word)s" concerns an item that does not exist (any more): %(keys)s on '
                    "%(account)s: remove the decision, or correct its key"
                ) % {
                    "word": cls.word,
                    "keys": ", ".join(json.loads(found.keys)),
                    "account": found.account,
                }
                yield DirectiveError(custom.meta, message, custom)
