from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from beancount.core.data import Posting

Load = Callable[..., SimpleNamespace]


def shape(posting: Posting) -> tuple[str, str, str | None]:
    return posting.account, str(posting.units), (posting.meta or {}).get("key")


def one_error(loaded: SimpleNamespace) -> str:
    errors = [text for text in loaded.errors if not text.startswith("ReconciliationError")]
    assert len(errors) == 1
    assert loaded.generated == []
    return str(errors[0])


MOVE = """
2026-08-03 custom "write-off" {account} {amount}
  by: "Li"
  key: "K1"
  to: "{to}"
"""


def move(
    account: str = "Assets:Receivable:Tmall",
    amount: str = "5.00 CNY",
    to: str = "Expenses:Losses",
) -> str:
    return MOVE.format(account=account, amount=amount, to=to)


MATCH = """
2026-08-10 custom "match" Assets:Transit:Alipay
  by: "Li"
  items: "{items}"
  currency: "CNY"
"""


def match(items: str, to: str | None = None) -> str:
    text = MATCH.format(items=items.replace('"', '\\"'))
    return text if to is None else f'{text}  to: "{to}"\n'


def test_a_difference_moves_the_rest_to_the_account_it_names(doc: SimpleNamespace) -> None:
    """
    2026-08-03 custom "difference" Assets:Receivable:Tmall 0.01 CNY
      key: "5116"
      to: "Expenses:Rounding"
      class: "rounding"
    """
    (entry,) = doc.generated
    assert (str(entry.date), entry.flag, entry.narration, entry.meta["key"]) == (
        "2026-08-03",
        "*",
        "difference 5116",
        "5116",
    )
    assert [shape(posting) for posting in entry.postings] == [
        ("Assets:Receivable:Tmall", "-0.01 CNY", None),
        ("Expenses:Rounding", "0.01 CNY", None),
    ]


@pytest.mark.parametrize("word", ["write-off", "classify"])
def test_a_decision_moves_its_amount_with_the_reason_made_harmless(load: Load, word: str) -> None:
    text = move(amount="-5.00 CNY").replace("write-off", word) + '  reason: "<b>gone</b>"\n'
    (entry,) = load(text).generated
    assert entry.narration == f"{word} K1: ＜b＞gone＜/b＞"
    assert [shape(posting) for posting in entry.postings] == [
        ("Assets:Receivable:Tmall", "5.00 CNY", None),
        ("Expenses:Losses", "-5.00 CNY", None),
    ]


def test_a_match_takes_each_item_off_under_its_own_key(load: Load) -> None:
    (entry,) = load(match('{"P1": "300.00", "B1": "-300.00"}')).generated
    assert entry.narration == "match P1 B1"
    assert [shape(posting) for posting in entry.postings] == [
        ("Assets:Transit:Alipay", "-300.00 CNY", "P1"),
        ("Assets:Transit:Alipay", "300.00 CNY", "B1"),
    ]


def test_the_rest_of_a_match_goes_to_the_account_it_names(load: Load) -> None:
    (entry,) = load(match('{"P1": "300.00", "B1": "-299.50"}', "Expenses:Losses")).generated
    assert [shape(posting) for posting in entry.postings] == [
        ("Assets:Transit:Alipay", "-300.00 CNY", "P1"),
        ("Assets:Transit:Alipay", "299.50 CNY", "B1"),
        ("Expenses:Losses", "0.50 CNY", None),
    ]


def test_a_generated_entry_points_at_its_directive_and_its_link_depends_on_its_words_only(
    load: Load,
) -> None:
    (first,) = load(move()).generated
    (moved,) = load("\n\n\n" + move()).generated
    (other,) = load(move(amount="5.01 CNY")).generated
    assert moved.meta["lineno"] == first.meta["lineno"] + 3
    assert first.meta["filename"].endswith("main.beancount")
    assert first.links == moved.links == {"bc-" + next(iter(first.links))[3:]}
    assert first.links != other.links


def test_generated_entries_stand_in_date_order_and_fall_under_balance_assertions(
    load: Load,
) -> None:
    loaded = load(move() + "2026-08-04 balance Assets:Receivable:Tmall  -5.00 ~ 0.00 CNY\n")
    assert [text for text in loaded.errors if text.startswith("BalanceError")] == []


def test_a_decision_on_an_account_without_clearing_policy_is_refused(load: Load) -> None:
    loaded = load(move(account="Assets:Wallet:Alipay"))
    assert one_error(loaded) == (
        'DirectiveError: "write-off" names Assets:Wallet:Alipay, which is no clearing account: '
        "name one whose `open` has `clearing`"
    )
    assert loaded.places[0] == (
        'main.beancount: 2026-08-03 custom "write-off" Assets:Wallet:Alipay 5.00 CNY'
    )


def test_text_in_place_of_the_account_is_refused(load: Load) -> None:
    assert one_error(load(move(account='"Assets:Receivable:Tmall"'))) == (
        'DirectiveError: "write-off" has the text "Assets:Receivable:Tmall" for its first value: '
        "write an account"
    )


def test_a_malformed_directive_is_an_error_at_its_line(load: Load) -> None:
    loaded = load('\n2026-08-03 custom "write-off" Assets:Receivable:Tmall\n  by: "Li"\n')
    assert one_error(loaded) == (
        'DirectiveError: the directive is not as beanclear writes it ("write-off" needs an amount '
        "as its second value): correct this line, or run `beanclear run` when it is generated text"
    )
    assert loaded.places[0] == (
        'main.beancount: 2026-08-03 custom "write-off" Assets:Receivable:Tmall'
    )


@pytest.mark.parametrize("to", ["Expenses:Unheard", "Expenses:Losses"])
def test_a_target_that_is_not_open_on_that_day_is_refused(load: Load, to: str) -> None:
    assert one_error(load(move(to=to).replace("2026-08-03", "2025-08-03"))) == (
        f"DirectiveError: `to` names {to}, which is not open on 2025-08-03: open it in "
        "accounts.beancount, or name another account"
    )


def test_a_target_that_was_closed_is_refused(load: Load) -> None:
    loaded = load(move() + "2026-08-01 close Expenses:Losses\n")
    assert one_error(loaded).startswith("DirectiveError: `to` names Expenses:Losses, which is not")


def test_a_move_to_the_same_account_is_refused(load: Load) -> None:
    assert one_error(load(move(to="Assets:Receivable:Tmall"))) == (
        'DirectiveError: "write-off" moves Assets:Receivable:Tmall to itself: name another '
        "account in `to`"
    )


def test_an_amount_finer_than_the_minor_unit_is_refused(load: Load) -> None:
    assert one_error(load(move(amount="5.001 CNY"))) == (
        "DirectiveError: 5.001 CNY is finer than the minor unit of its currency: round it"
    )


@pytest.mark.parametrize(
    ("amount", "account", "currency"),
    [
        ("5.00 EUR", "Assets:Receivable:Tmall", "EUR"),
        ("5.00 USD", "Expenses:Losses", "USD"),
    ],
)
def test_a_currency_that_an_account_does_not_take_is_refused(
    load: Load, amount: str, account: str, currency: str
) -> None:
    assert one_error(load(move(amount=amount))) == (
        f"DirectiveError: {account} is not open for {currency}: correct the currency, or the "
        "account's `open`"
    )


def test_a_decision_that_stands_twice_is_carried_out_once(load: Load) -> None:
    loaded = load(move() + move())
    assert len(loaded.generated) == 1
    assert loaded.errors[0] == (
        'DirectiveError: this "write-off" of Assets:Receivable:Tmall stands here twice, word for '
        "word (also at main.beancount:14): remove one of the two"
    )


def test_a_match_with_a_rest_and_no_target_is_refused(load: Load) -> None:
    assert one_error(load(match('{"P1": "300.00", "B1": "-299.50"}'))) == (
        "DirectiveError: the matched items leave 0.50 CNY: correct the items, or name the account "
        "that takes the rest with `to`"
    )


def test_the_rest_of_a_match_may_not_go_to_a_clearing_account(load: Load) -> None:
    loaded = load(match('{"P1": "300.00", "B1": "-299.50"}', "Assets:Receivable:Tmall"))
    assert one_error(loaded) == (
        'DirectiveError: "match" moves money to the clearing account Assets:Receivable:Tmall, '
        "where it belongs to no item: name another account in `to`"
    )


@pytest.mark.parametrize(
    "items",
    [
        "{}",
        "[]",
        "no JSON",
        '{"P1": "3x"}',
        '{"P1": 3.00}',
        '{"P1": "0.001"}',
        '{"P1": "3.00", "P1": "-3.00"}',
    ],
)
def test_items_that_are_no_amounts_by_key_are_refused(load: Load, items: str) -> None:
    assert one_error(load(match(items))) == (
        "DirectiveError: `items` is no JSON object from each key, once, to its amount as text: "
        "write it as `beanclear decide match` does"
    )
