"""People read classes, stages and kinds in their language; what is not ours stays as it is."""

from __future__ import annotations

import pytest

from beanclear.ledger.i18n import translator
from beanclear.ledger.labels import WORDS, label
from beanclear.ledger.records import Kind, Stage
from beanclear.ledger.vocabulary import ItemClass


def test_every_word_of_the_data_has_a_label() -> None:
    assert {str(word) for words in (ItemClass, Stage, Kind) for word in words} - WORDS == set()


@pytest.mark.parametrize(
    ("word", "chinese"),
    [
        ("overdue", "逾期未收"),
        (ItemClass.FEE_VARIANCE, "费用差异"),
        # The catalogue's header answers to the empty text; a label must not show it.
        ("", ""),
        ("淘宝客", "淘宝客"),
    ],
)
def test_labels_speak_chinese(word: str, chinese: str) -> None:
    assert label(word, translator("zh").gettext) == chinese


def test_in_english_a_label_is_the_word() -> None:
    assert {label(word) for word in WORDS} == WORDS
