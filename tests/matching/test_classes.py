"""The keyed pass and the classes of open items, each by its smallest case and its edges."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import pytest

from beanclear.ledger import vocabulary
from beanclear.ledger.beancount_text import amount
from beanclear.ledger.records import Kind, Stage
from beanclear.ledger.vocabulary import ItemClass

if TYPE_CHECKING:
    from beanclear.ledger.reconciliation import ClearingState
    from tests.conftest import TinyBooks


def settled(tiny: TinyBooks) -> None:
    """Another order that is paid: the wallet is known to be the shop's."""
    tiny.order("OK", 1, "07-01", paid="07-01", shipped="07-01")
    tiny.wallet(Kind.SALE, 1, "07-01", "OK")


ALIPAY = {"source": "alipay", "platform": "taobao"}
PAYER = "财付通支付科技有限公司客户备付金"


def passes(state: ClearingState) -> dict[str, int]:
    """How many groups each pass closed."""
    return {matched.name: matched.count for matched in state.matched}


def paid_order(tiny: TinyBooks, amount: int = 10000, **more: object) -> None:
    tiny.order("A", amount, "07-01", paid="07-01", shipped="07-02", **more)
    tiny.covering("wechatpay/wallet")


def test_an_order_that_is_paid_is_closed(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    found = tiny.found()
    assert found.items == ()
    assert [(s.account, s.balance_minor, passes(s)) for s in found.states] == [
        ("Assets:Receivable:Shop", 0, {"key": 1})
    ]


@pytest.mark.parametrize(("as_of", "open_"), [("07-16", False), ("07-17", True)])
def test_overdue_the_day_after_it_is_due(tiny: TinyBooks, as_of: str, open_: bool) -> None:
    settled(tiny)
    paid_order(tiny)  # paid on 1 July, due on the 16th
    assert tiny.open(as_of) == ([("overdue", "A", 10000)] if open_ else [])
    (state,) = tiny.found(as_of).states
    assert (state.balance_minor, state.in_transit_minor) == (10000, 0 if open_ else 10000)


@pytest.mark.parametrize(("as_of", "open_"), [("07-18", False), ("07-19", True)])
def test_grace_moves_the_day(tiny: TinyBooks, as_of: str, open_: bool) -> None:
    settled(tiny)
    paid_order(tiny)
    chart = tiny.texts()["accounts.beancount"]
    head, mark, rest = chart.partition("open Assets:Receivable:Shop")
    tiny.write("accounts.beancount", head + mark + rest.replace("grace: 0", "grace: 2", 1))
    assert tiny.open(as_of) == ([("overdue", "A", 10000)] if open_ else [])


@pytest.mark.parametrize(
    ("received", "open_"), [(9996, 4), (9997, None), (10003, None), (10004, -4)]
)
def test_a_rest_within_tolerance_is_a_difference(
    tiny: TinyBooks, received: int, open_: int | None
) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, received, "07-02", "A")
    chart = tiny.texts()["accounts.beancount"]
    head, mark, rest = chart.partition("open Assets:Receivable:Shop")
    tiny.write(
        "accounts.beancount",
        head + mark + rest.replace("tolerance: 0.00 CNY", "tolerance: 0.03 CNY", 1),
    )
    klass = "short" if received < 10000 else "over"
    assert tiny.open() == ([] if open_ is None else [(klass, "A", open_)])
    rests = [(rest.key, rest.amount_minor, rest.day) for rest in tiny.found().rests]
    assert rests == ([("A", 10000 - received, tiny.day("07-02"))] if open_ is None else [])


def test_tolerance_closes_no_order_that_nothing_settles(tiny: TinyBooks) -> None:
    settled(tiny)
    paid_order(tiny, 2)
    chart = tiny.texts()["accounts.beancount"]
    tiny.write("accounts.beancount", chart.replace("tolerance: 0.00 CNY", "tolerance: 0.03 CNY"))
    assert tiny.open() == [("overdue", "A", 2)]


def test_short_and_over(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.order("B", 5000, "07-01", paid="07-01", shipped="07-02")
    tiny.wallet(Kind.SALE, 9000, "07-01", "A")
    tiny.wallet(Kind.SALE, 5600, "07-01", "B")
    assert tiny.open() == [("over", "B", -600), ("short", "A", 1000)]


def test_duplicate_is_the_same_sum_twice(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 10000, "07-03", "A")
    (item,) = tiny.found().items
    assert (item.klass, item.amount_minor, item.date) == (
        ItemClass.DUPLICATE, -10000, tiny.day("07-03"),
    )  # fmt: skip


def test_two_equal_parts_are_no_duplicate(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 5000, "07-01", "A")
    tiny.wallet(Kind.SALE, 5000, "07-03", "A")
    assert tiny.open() == []


def test_refund_that_no_wallet_line_gives_back(tiny: TinyBooks) -> None:
    paid_order(tiny, refunded_minor=3000, known="07-10")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    assert tiny.open() == [("refund-mismatch", "A", -3000)]


def test_refund_that_the_export_should_have_known(tiny: TinyBooks) -> None:
    paid_order(tiny, refunded_minor=0, known="07-10")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.REFUND, -3000, "07-05", "A")
    assert tiny.open() == [("refund-mismatch", "A", 3000)]


def test_refund_after_the_last_export_is_taken_as_true(tiny: TinyBooks) -> None:
    paid_order(tiny, refunded_minor=0, known="07-10")
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.REFUND, -3000, "07-11", "A")
    assert tiny.open() == []


def test_refund_that_the_trade_bill_states_for_an_order_before_the_first_bill(
    tiny: TinyBooks,
) -> None:
    tiny.order("A", 1000, "07-01", source="wechatpay", paid="07-01")
    tiny.wallet(Kind.SALE, 1000, "07-01", "A")
    tiny.add(
        "wechatpay", Stage.ORDER, Kind.REFUND, -500, "08-20",
        order_id="OLD", refund_id="50001", platform="shop",
    )  # fmt: skip
    tiny.wallet(Kind.REFUND, -500, "08-20", refund_id="50001", platform="shop")

    assert tiny.open() == []


def test_refund_of_an_order_nobody_knows(tiny: TinyBooks) -> None:
    tiny.covering("shop/order")
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.REFUND, -500, "08-05", "Z")
    assert tiny.open() == [("refund-mismatch", "Z", 500)]


def test_missing_order(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 10000, "07-01", "A")
    tiny.wallet(Kind.SALE, 700, "08-05", "Z")
    assert tiny.open() == [("missing-order", "Z", -700)]


@pytest.mark.parametrize(("charged", "open_"), [(60, False), (61, False), (62, True), (58, True)])
def test_fee_variance_is_more_than_a_fen_of_rounding(
    tiny: TinyBooks, charged: int, open_: bool
) -> None:
    tiny.order("A", 10000, "07-01", paid="07-01", completed="07-05", platform="taobao")
    tiny.wallet(Kind.SALE, 10000, "07-05", "A", **ALIPAY)
    tiny.wallet(Kind.FEE, -charged, "07-05", "A", memo="基础软件服务费{A}扣款", **ALIPAY)
    found = tiny.found()
    items = [(item.klass.value, item.amount_minor, item.at_stake_minor) for item in found.items]
    assert items == ([("fee-variance", 0, abs(charged - 60))] if open_ else [])
    (state,) = found.states
    assert (state.balance_minor, state.open_count) == (0, int(open_))


def test_opening_is_one_bucket(tiny: TinyBooks) -> None:
    tiny.order("A", 100, "07-01", paid="07-01", completed="07-05", platform="taobao")
    tiny.wallet(Kind.SALE, 100, "07-05", "A", **ALIPAY)
    old = "20260620" + "1" * 20
    tiny.wallet(Kind.SALE, 300, "07-02", "X", trade_id=old, **ALIPAY)
    tiny.wallet(Kind.SALE, 400, "07-03", "Y", trade_id=old, **ALIPAY)
    new = "20260702" + "1" * 20
    tiny.wallet(Kind.SALE, 500, "07-04", "Z", trade_id=new, **ALIPAY)
    (bucket, missing) = tiny.found().items
    assert (bucket.klass, bucket.key, bucket.amount_minor, bucket.count) == (
        ItemClass.OPENING, "opening", -700, 2,
    )  # fmt: skip
    assert (missing.klass, missing.key) == (ItemClass.MISSING_ORDER, "Z")


def test_opening_items_csv_clears_by_key(tiny: TinyBooks) -> None:
    test_opening_is_one_bucket(tiny)
    tiny.add("opening", Stage.ORDER, Kind.SALE, 300, "07-01", order_id="X", platform="taobao")
    items = [(i.klass.value, i.key, i.amount_minor) for i in tiny.found().items]
    assert items == [("opening", "opening", -400), ("missing-order", "Z", -500)]
    assert ("06-30", "Equity:Opening-Balances", -300) in tiny.postings("Equity")


def payout(tiny: TinyBooks, amount: int, day: str, **more: str) -> None:
    tiny.wallet(Kind.PAYOUT, -amount, day, **more)


def test_a_payout_and_its_deposit(tiny: TinyBooks) -> None:
    payout(tiny, 900, "07-01")
    tiny.bank(900, "07-03", PAYER)
    (state,) = tiny.found().states
    assert (state.account, state.balance_minor, passes(state)) == (
        "Assets:Transit:WeChat", 0, {"amount": 1},
    )  # fmt: skip


@pytest.mark.parametrize(("as_of", "open_"), [("07-08", False), ("07-09", True)])
def test_missing_deposit_after_five_business_days(tiny: TinyBooks, as_of: str, open_: bool) -> None:
    payout(tiny, 900, "07-01", record_id="P")  # a Wednesday: B+5 is Wednesday 8 July
    tiny.bank(77, "07-02", PAYER)
    found = [item for item in tiny.open(as_of) if item[1] == "P"]
    assert found == ([("missing-deposit", "P", 900)] if open_ else [])


def test_unidentified_and_uncategorised(tiny: TinyBooks) -> None:
    tiny.covering("wechatpay/wallet")
    payout(tiny, 900, "09-01", record_id="P")
    tiny.bank(55, "07-02", PAYER, record_id="D")
    tiny.bank(66, "07-02", "某某公司", record_id="L")
    assert tiny.open("08-31") == [("uncategorised", "L", -66), ("unidentified", "D", -55)]


@pytest.mark.parametrize(("as_of", "open_"), [("07-01", False), ("07-02", True)])
def test_a_line_that_nobody_knows_is_open_on_its_own_day(
    tiny: TinyBooks, as_of: str, open_: bool
) -> None:
    tiny.bank(66, "07-02", "某某公司", record_id="L")
    assert tiny.open(as_of) == ([("uncategorised", "L", -66)] if open_ else [])


def test_ambiguous_goes_before_missing_deposit(tiny: TinyBooks) -> None:
    payout(tiny, 900, "07-01", record_id="P1")
    payout(tiny, 900, "07-02", record_id="P2")
    tiny.bank(900, "07-03", PAYER, record_id="D")
    assert tiny.open() == [
        ("ambiguous", "P1", 900), ("ambiguous", "P2", 900), ("ambiguous", "D", -900),
    ]  # fmt: skip
    assert [item.candidates for item in tiny.found().items] == [("D",), ("D",), ("P1", "P2")]


def test_a_reference_with_a_rest_is_short_or_over(tiny: TinyBooks) -> None:
    for number, came in ((1, 890), (2, 910)):
        payout(tiny, 900, "07-01", payout_id=f"TX2026070{number}")
        tiny.bank(came, "07-03", PAYER, f"提现 TX2026070{number}")
    assert tiny.open() == [("short", "TX20260701", 10), ("over", "TX20260702", -10)]


def returned(tiny: TinyBooks, amount: int, day: str, **more: str) -> None:
    tiny.wallet(Kind.PAYOUT_RETURN, amount, day, **more)


def transit(tiny: TinyBooks) -> tuple[int, dict[str, int]]:
    """The rest of the transit account, and how many groups each pass closed on it."""
    (state,) = (s for s in tiny.found().states if s.account == "Assets:Transit:WeChat")
    return state.balance_minor, passes(state)


def test_a_payout_that_comes_back_needs_no_deposit(tiny: TinyBooks) -> None:
    tiny.covering("ccb/bank")
    payout(tiny, 1000, "07-01")
    returned(tiny, 1000, "07-02")
    assert tiny.open() == []
    assert transit(tiny) == (0, {"return": 1})
    assert tiny.postings("Income") == []


def test_a_payout_that_comes_back_and_is_tried_again(tiny: TinyBooks) -> None:
    payout(tiny, 1000, "07-01")
    returned(tiny, 1000, "07-02")
    payout(tiny, 1000, "07-03")
    tiny.bank(1000, "07-06", PAYER)
    assert tiny.open() == []
    assert transit(tiny) == (0, {"amount": 1, "return": 1})
    assert sum(one[2] for one in tiny.postings("Assets:Bank")) == 1000


def test_a_cancelled_payout_and_its_retry_on_one_day(tiny: TinyBooks) -> None:
    payout(tiny, 1000, "07-01")
    returned(tiny, 1000, "07-01")
    payout(tiny, 1000, "07-01")
    tiny.bank(1000, "07-02", PAYER)
    assert tiny.open() == []
    assert transit(tiny) == (0, {"amount": 1})


def test_a_return_belongs_to_the_wallet_that_paid(tiny: TinyBooks) -> None:
    payout(tiny, 1000, "07-01", account="1230000001", record_id="P1")
    payout(tiny, 1000, "07-01", account="1230000002", record_id="P2")
    returned(tiny, 1000, "07-02", account="1230000001", record_id="R")
    tiny.bank(77, "07-02", PAYER, record_id="D")
    assert tiny.open() == [("missing-deposit", "P2", 1000), ("unidentified", "D", -77)]
    assert transit(tiny) == (923, {"return": 1})


def test_a_return_that_names_its_payout(tiny: TinyBooks) -> None:
    payout(tiny, 1000, "07-01", payout_id="TX20260701")
    payout(tiny, 1000, "07-01", payout_id="TX20260702")
    returned(tiny, 1000, "07-20", payout_id="TX20260702")
    tiny.bank(1000, "07-02", PAYER)
    assert tiny.open() == []
    assert transit(tiny) == (0, {"amount": 1, "reference": 1})


@pytest.mark.parametrize(
    ("memo", "closed"), [("冲正", {"amount": 1, "return": 1}), ("转账", {"amount": 2})]
)
def test_a_deposit_that_the_bank_takes_back_and_pays_again(
    tiny: TinyBooks, memo: str, closed: dict[str, int]
) -> None:
    # Without a word in the memo the bank's lines still pair with the payout as equal amounts.
    payout(tiny, 1000, "07-01")
    tiny.bank(1000, "07-02", PAYER)
    tiny.bank(-1000, "07-03", PAYER, memo)
    tiny.bank(1000, "07-06", PAYER)
    assert tiny.open() == []
    assert transit(tiny) == (0, closed)


def test_a_deposit_taken_back_without_a_word_counts_as_money_that_left(tiny: TinyBooks) -> None:
    tiny.covering("wechatpay/wallet")
    tiny.bank(1000, "07-02", PAYER, record_id="D")
    tiny.bank(-1000, "07-03", PAYER, record_id="X")
    assert tiny.open() == [("unidentified", "D", -1000), ("unidentified", "X", 1000)]


def test_a_deposit_and_its_reversal_net_out(tiny: TinyBooks) -> None:
    tiny.covering("wechatpay/wallet")
    tiny.bank(1000, "07-02", PAYER, record_id="D")
    tiny.bank(-1000, "07-03", PAYER, "错账冲正", record_id="X")
    assert tiny.open() == []
    assert transit(tiny) == (0, {"return": 1})


def test_a_payout_fee_of_its_own_disturbs_nothing(tiny: TinyBooks) -> None:
    tiny.wallet(Kind.SALE, 5000, "07-01", "A")
    tiny.order("A", 5000, "07-01", paid="07-01", shipped="07-01")
    payout(tiny, 1000, "07-01")
    tiny.wallet(Kind.PAYMENT_FEE, -1, "07-01")
    returned(tiny, 1000, "07-02")
    tiny.wallet(Kind.PAYMENT_FEE_REFUND, 1, "07-02")
    payout(tiny, 1000, "07-03")
    tiny.wallet(Kind.PAYMENT_FEE, -1, "07-03")
    tiny.bank(1000, "07-06", PAYER)
    assert tiny.open() == []
    assert transit(tiny) == (0, {"amount": 1, "return": 1})
    # A withdrawal that leaves a rest: it stays in the wallet and is no item.
    assert sum(one[2] for one in tiny.postings("Assets:Wallet:WeChatPay")) == 3999
    assert sum(one[2] for one in tiny.postings("Expenses")) == 1


def test_a_return_before_any_payout_stays_open(tiny: TinyBooks) -> None:
    returned(tiny, 1000, "07-01", record_id="R")
    payout(tiny, 1000, "07-02", record_id="P")
    tiny.bank(77, "07-02", PAYER, record_id="D")
    assert tiny.open() == [
        ("unidentified", "R", -1000), ("missing-deposit", "P", 1000), ("unidentified", "D", -77),
    ]  # fmt: skip


def test_a_later_leg_keeps_an_item_in_transit(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.wallet(Kind.SALE, 10000, "09-01", "A")
    assert tiny.open("08-31") == []
    (state,) = tiny.found("08-31").states
    assert (state.balance_minor, state.in_transit_minor, state.in_transit_count) == (
        10000,
        10000,
        1,
    )


def test_nothing_is_judged_while_the_other_side_never_came(tiny: TinyBooks) -> None:
    tiny.order("A", 100, "07-01", paid="07-01", shipped="07-02")
    (state,) = tiny.found().states
    assert (state.awaiting, state.in_transit_minor, tiny.open()) == ("wallet", 100, [])


def test_currencies_never_net(tiny: TinyBooks) -> None:
    settled(tiny)
    paid_order(tiny)
    chart = tiny.texts()["accounts.beancount"]
    tiny.write("accounts.beancount", re.sub(r"(open .*) CNY\n", r"\1 CNY,USD\n", chart))
    tiny.wallet(Kind.SALE, 10000, "07-01", "A", currency="USD")
    found = {(item.currency, item.klass.value, item.amount_minor) for item in tiny.found().items}
    assert found == {("CNY", "overdue", 10000), ("USD", "missing-order", -10000)}


DAY = datetime.date(2026, 8, 1)


def test_decisions_close_items(tiny: TinyBooks) -> None:
    settled(tiny)
    for key in ("A", "B", "C"):
        tiny.order(key, 100, "07-01", paid="07-01", shipped="07-02")
    tiny.covering("wechatpay/wallet")
    account = "Assets:Receivable:Shop"
    said = [
        vocabulary.WriteOff(
            date=DAY, account=account, by="Li Na", amount=amount(100, "CNY"), key="A",
            to="Expenses:BadDebt",
        ),
        vocabulary.Classify(
            date=DAY, account=account, by="Li Na", amount=amount(60, "CNY"), key="B",
            to="Expenses:BadDebt",
        ),
        vocabulary.Explain(
            date=DAY, account=account, by="Li Na", key="C", until=datetime.date(2026, 10, 1)
        ),
    ]  # fmt: skip
    tiny.write("decisions/2026.beancount", vocabulary.texts(said))
    # An explanation silences the plugin's error; the item stays.
    assert tiny.open() == [("overdue", "B", 40), ("overdue", "C", 100)]
    assert tiny.open("07-31") == [("overdue", "B", 100), ("overdue", "C", 100)]
    (state,) = tiny.found().states
    assert passes(state) == {"decision": 1, "key": 1}


def test_a_match_joins_keys_and_sends_the_rest_away(tiny: TinyBooks) -> None:
    payout(tiny, 900, "07-01", record_id="P")
    tiny.bank(890, "07-20", PAYER, record_id="D")
    said = vocabulary.Match(
        date=DAY, account="Assets:Transit:WeChat", by="Li Na",
        items='{"P": "9.00", "D": "-8.90"}', currency="CNY", to="Expenses:Finance:PaymentFees",
    )  # fmt: skip
    assert [item[0] for item in tiny.open()] == ["missing-deposit", "unidentified"]
    tiny.write("decisions/2026.beancount", vocabulary.to_text(said))
    assert tiny.open() == []
    (state,) = tiny.found().states
    assert passes(state) == {"decision": 1}


def test_a_manual_entry_with_a_key_is_a_leg(tiny: TinyBooks) -> None:
    paid_order(tiny)
    tiny.texts()
    tiny.write(
        "manual/2026.beancount",
        '2026-07-20 * "cash"\n  Assets:Receivable:Shop  -100.00 CNY\n    key: "A"\n'
        "  Assets:Cash  100.00 CNY\n",
    )
    assert tiny.open() == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_records_changes_nothing(tiny: TinyBooks, order: int) -> None:
    test_short_and_over(tiny)
    expected = tiny.found()
    for rows in tiny.records.values():
        rows.sort(key=lambda row: row.record_id, reverse=order < 0)
    assert tiny.found() == expected
