"""Every directive, written and read again, is the same; nothing in a text breaks out of it."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

import pytest
from beancount.core.amount import Amount
from beancount.core.data import Custom
from beancount.parser import parser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanclear.ledger import beancount_text, vocabulary
from beanclear.ledger.vocabulary import WORDS, Entry, VocabularyError

DAYS = st.dates(datetime.date(1970, 1, 1), datetime.date(2099, 12, 31))
AMOUNTS = st.builds(
    beancount_text.amount, st.integers(-(10**14), 10**14), st.sampled_from(["CNY", "JPY", "KWD"])
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(min_size=1).map(beancount_text.clean),
    "int": st.integers(0, 10**9),
    "datetime.date": DAYS,
    "Amount": AMOUNTS,
}


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    cls = WORDS[draw(st.sampled_from(sorted(WORDS)))]
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        wanted = str(field.type)
        if wanted.endswith(" | None") and draw(st.booleans()):
            continue
        values[field.name] = draw(VALUES[wanted.removesuffix(" | None")])
    values["account"] = draw(st.sampled_from(["Assets:Receivable:Tmall", "Assets:Bank:S-中国"]))
    return cls(**values)


def parsed(text: str) -> list[Custom]:
    found, errors, _options = parser.parse_string(text)
    assert errors == []
    customs = [entry for entry in found if isinstance(entry, Custom)]
    assert len(customs) == len(found)
    return customs


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(entries())
def test_written_and_read_again_is_the_same(entry: Entry) -> None:
    (custom,) = parsed(vocabulary.to_text(entry))
    assert vocabulary.from_custom(custom) == entry


@given(st.text(st.characters(exclude_categories=[])))
def test_no_text_breaks_out_of_its_string(text: str) -> None:
    line = f'2026-01-01 custom "x" "y"\n  key: {beancount_text.quote(text)}\n'
    (custom,) = parsed(line.encode().decode())
    assert custom.meta["key"] == beancount_text.clean(text)
    assert not set("<>\n\r\u202e\u061c\x85") & set(custom.meta["key"])


def test_cleaning_is_done_once() -> None:
    assert beancount_text.clean(" a\u202e<b>\n\x85c ") == "a ＜b＞ c"
    once = beancount_text.clean("<\u200b>")
    assert beancount_text.clean(once) == once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('custom "explain"', '"explain" needs an account as its first value'),
        ('custom "reconciled" Assets:A', '"reconciled" needs an amount as its second value'),
        ('custom "explain" Assets:A\n  by: "x"\n  key: "k"', '"explain" needs `until`'),
        (
            'custom "explain" Assets:A\n  by: "x"\n  key: "k"\n  until: "soon"',
            '"explain": `until` is not a date',
        ),
    ],
)
def test_a_directive_that_is_not_well_formed(text: str, message: str) -> None:
    (custom,) = parsed(f"2026-01-01 {text}\n")
    with pytest.raises(VocabularyError) as caught:
        vocabulary.from_custom(custom)
    assert str(caught.value) == message


def test_other_customs_are_left_alone() -> None:
    (custom,) = parsed('2026-01-01 custom "fava-option" "language" "zh"\n')
    assert vocabulary.from_custom(custom) is None


def test_amounts_keep_all_minor_digits() -> None:
    assert beancount_text.format_amount(beancount_text.amount(10000, "CNY")) == "100.00 CNY"
    assert beancount_text.format_amount(beancount_text.amount(-5, "JPY")) == "-5 JPY"
    assert beancount_text.minor(Amount(Decimal("1.5"), "KWD")) == 1500
