from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from beanclear.ledger.beancount_text import amount
from beanclear.ledger.policy_text import advice
from beanclear.ledger.vocabulary import ItemClass, OpenItem

Load = Callable[..., SimpleNamespace]

# 188.00 on the receivable at 2026-08-31: 60.00 in transit, 128.00 overdue and open.
BOOKS = """
2026-08-31 custom "statement" Assets:Wallet:Alipay
  source: "alipay/main/wallet"
  first: 2026-08-01
  last: 2026-08-31
  rows: 3
  grade: "proven"
  feeds: "Assets:Receivable:Tmall"

2026-09-05 custom "statement" Assets:Wallet:Alipay
  source: "taobao/main/order"
  first: 2026-08-01
  last: 2026-09-05
  rows: 3
  grade: "counted"
  feeds: "Assets:Receivable:Tmall"

2026-08-31 custom "reconciled" Assets:Receivable:Tmall 188.00 CNY

2026-08-30 custom "in-transit" Assets:Receivable:Tmall 60.00 CNY
  as-of: 2026-08-31
  count: 2

2026-08-01 custom "open-item" Assets:Receivable:Tmall 128.00 CNY
  as-of: 2026-08-31
  class: "overdue"
  key: "5116"
  at-stake: 128.00 CNY
  due: 2026-08-16
  reason: "no wallet line settles this order"
  order-id: "5116"
  trade-id: "2026080122001"
  file: "orders.csv"
  row: 12

=== journal/2026/08/orders.beancount
2026-08-01 * "orders"
  source: "taobao/main/order"
  records: 3
  Assets:Receivable:Tmall  188.00 CNY
  Income:Sales

2026-09-04 * "orders"
  source: "taobao/main/order"
  records: 1
  Assets:Receivable:Tmall  17.00 CNY
  Income:Sales
"""
OVERDUE = (
    "OpenItemError: overdue 128.00 CNY on Assets:Receivable:Tmall, 30 days old at 2026-08-31 "
    "(order 5116, trade 2026080122001, orders.csv row 12): no wallet line settles this order: "
    "import the wallet statement that pays it, or explain the delay with `beanclear decide "
    "explain 5116 --account Assets:Receivable:Tmall --until DATE`"
)
ITEM_LINE = 'main.beancount: 2026-08-01 custom "open-item" Assets:Receivable:Tmall 128.00 CNY'
RECONCILED_LINE = (
    'main.beancount: 2026-08-31 custom "reconciled" Assets:Receivable:Tmall 188.00 CNY'
)
EXPLAIN = """
2026-09-02 custom "explain" Assets:Receivable:Tmall
  by: "Li"
  key: "5116"
  until: {until}
"""


def before(text: str, more: str) -> str:
    """`more` in the top file of `text`."""
    top, rest = text.split("\n=== ", 1)
    return f"{top}\n{more}\n=== {rest}"


def edited(old: str, new: str, text: str = BOOKS) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def without(head: str, text: str = BOOKS) -> str:
    """`text` without the directive that begins with `head`."""
    (block,) = [block for block in text.split("\n\n") if block.lstrip("\n").startswith(head)]
    return text.replace(block, "")


def item(
    key: str,
    number: str,
    *,
    at_stake: str | None = None,
    as_of: str = "2026-08-31",
    klass: str = "short",
    more: str = "",
) -> str:
    return f"""
2026-08-02 custom "open-item" Assets:Receivable:Tmall {number} CNY
  as-of: {as_of}
  class: "{klass}"
  key: "{key}"
  at-stake: {at_stake or number} CNY
  due: 2026-08-16
  reason: "why"
{more}"""


# -- P1 ------------------------------------------------------------------------------------------


def test_books_that_are_proved_raise_their_open_items_only(load: Load) -> None:
    loaded = load(BOOKS)
    assert loaded.errors == [OVERDUE]
    assert loaded.places == [ITEM_LINE]


def test_an_edited_open_item_breaks_the_proof(load: Load) -> None:
    loaded = load(edited("Tmall 128.00 CNY", "Tmall 127.99 CNY"))
    assert loaded.errors[0] == (
        "ReconciliationError: Assets:Receivable:Tmall is reconciled at 2026-08-31 with 188.00 CNY, "
        "but its items in transit and open items are 187.99 CNY: run `beanclear run`, or correct "
        "what was edited"
    )
    assert loaded.places[0] == RECONCILED_LINE


def test_an_edited_posting_breaks_the_proof(load: Load) -> None:
    loaded = load(edited("Tmall  188.00 CNY", "Tmall  188.01 CNY"))
    assert loaded.errors == [
        "ReconciliationError: Assets:Receivable:Tmall is reconciled at 2026-08-31 with 188.00 CNY, "
        "but its postings up to that day are 188.01 CNY: run `beanclear run`, or correct what was "
        "edited",
        OVERDUE,
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (edited("Tmall 188.00 CNY", "Tmall 188.01 CNY"), 2),
        (edited("Tmall 60.00 CNY", "Tmall 60.01 CNY"), 1),
        (without('2026-08-30 custom "in-transit"'), 1),
        (without('2026-08-01 custom "open-item"'), 1),
        (edited('2026-08-01 * "orders"', '2026-09-01 * "orders"'), 1),
        (before(BOOKS, item("5117", "3.00")), 1),
    ],
)
def test_each_edit_or_dropped_line_breaks_the_proof(load: Load, text: str, count: int) -> None:
    errors = [error for error in load(text).errors if error.startswith("ReconciliationError")]
    assert len(errors) == count


def test_a_missing_reconciled_is_an_error_at_the_account(load: Load) -> None:
    loaded = load(without('2026-08-31 custom "reconciled"'))
    assert loaded.errors == [
        "ReconciliationError: Assets:Receivable:Tmall has postings up to 2026-08-31 but no "
        "`reconciled` of that day: run `beanclear run`",
        "ReconciliationError: 2 items of Assets:Receivable:Tmall belong to 2026-08-31, of which "
        "there is no `reconciled`: run `beanclear run`",
    ]
    assert loaded.places[0] == "main.beancount: 1970-01-01 open Assets:Receivable:Tmall CNY, USD"


def test_the_as_of_date_is_derived_from_the_statements(load: Load) -> None:
    loaded = load(edited("last: 2026-08-31", "last: 2026-09-03"))
    assert loaded.errors == [
        "ReconciliationError: Assets:Receivable:Tmall is reconciled at 2026-08-31, but its "
        "statements give 2026-09-03 as its as-of date: run `beanclear run`",
        OVERDUE,
    ]
    assert loaded.places[0] == RECONCILED_LINE


def test_a_gap_stops_the_as_of_date(load: Load) -> None:
    later = """
2026-09-30 custom "statement" Assets:Wallet:Alipay
  source: "alipay/main/wallet"
  first: 2026-09-03
  last: 2026-09-30
  rows: 3
  grade: "proven"
  feeds: "Assets:Receivable:Tmall"
"""
    errors = load(before(BOOKS, later)).errors
    assert [error for error in errors if error.startswith("ReconciliationError")] == []


def test_a_reconciled_account_that_no_statement_feeds_is_stale(load: Load) -> None:
    text = BOOKS.replace('  feeds: "Assets:Receivable:Tmall"\n', "")
    assert load(text).errors == [
        "ReconciliationError: Assets:Receivable:Tmall is reconciled at 2026-08-31, but no "
        "statement says it feeds this account: run `beanclear run`",
        OVERDUE,
    ]


def test_an_account_with_postings_that_no_statement_feeds_cannot_be_proved(
    doc: SimpleNamespace,
) -> None:
    """
    2026-08-01 * "paid"
      key: "P1"
      Assets:Transit:Alipay  188.00 CNY
      Income:Sales
    """
    assert doc.errors == [
        "ReconciliationError: Assets:Transit:Alipay has postings, but no statement says it feeds "
        "this account, so it cannot be proved: run `beanclear run`, or remove `clearing` from "
        "its `open`"
    ]


def test_postings_after_the_as_of_date_need_no_reconciled(load: Load) -> None:
    text = without('2026-08-31 custom "reconciled"')
    text = without('2026-08-30 custom "in-transit"', text)
    text = without('2026-08-01 custom "open-item"', text)
    assert load(edited('2026-08-01 * "orders"', '2026-09-01 * "orders"', text)).errors == []


def test_every_currency_is_proved(load: Load) -> None:
    loaded = load(
        BOOKS + '\n2026-08-05 * "orders"\n  key: "7"\n'
        "  Assets:Receivable:Tmall  9.00 USD\n  Income:Sales\n"
    )
    assert loaded.errors[0] == (
        "ReconciliationError: Assets:Receivable:Tmall is reconciled at 2026-08-31 with 0 USD, but "
        "its postings up to that day are 9.00 USD: run `beanclear run`, or correct what was edited"
    )


def test_two_reconciled_of_one_day_are_an_error(load: Load) -> None:
    more = '\n2026-08-31 custom "reconciled" Assets:Receivable:Tmall 188.00 CNY\n'
    assert load(before(BOOKS, more)).errors == [
        "ReconciliationError: Assets:Receivable:Tmall is reconciled twice at 2026-08-31 in one "
        "currency: run `beanclear run`",
        OVERDUE,
    ]


def test_items_of_a_day_that_is_not_reconciled_are_an_error(load: Load) -> None:
    loaded = load(before(BOOKS, item("9", "1.00", as_of="2026-07-31")))
    assert loaded.errors[0] == (
        "ReconciliationError: 1 items of Assets:Receivable:Tmall belong to 2026-07-31, of which "
        "there is no `reconciled`: run `beanclear run`"
    )


# -- closed periods ------------------------------------------------------------------------------

CLOSED = """
2026-08-10 custom "close" Equity:Closed
  by: "Li"
  period: "2026-08"
  files: "{}"
"""


def test_a_closed_period_is_proved_and_its_open_items_are_history(load: Load) -> None:
    more = CLOSED + '\n2026-08-10 custom "reconciled" Assets:Receivable:Tmall 188.00 CNY\n'
    more += item("5116", "188.00", as_of="2026-08-10")
    assert load(before(BOOKS, more)).errors == [OVERDUE]
    wrong = more.replace("Tmall 188.00", "Tmall 187.00")
    assert len(load(before(BOOKS, wrong)).errors) == 2


@pytest.mark.parametrize("closed", ["2026-08-31", "2026-09-02"])
def test_statements_may_end_before_a_frozen_reconciliation(load: Load, closed: str) -> None:
    text = BOOKS.replace("  last: 2026-08-31", "  last: 2026-08-28")
    text = edited('2026-08-31 custom "statement"', '2026-08-28 custom "statement"', text)
    text = text.replace("as-of: 2026-08-31", f"as-of: {closed}")
    text = text.replace('2026-08-31 custom "reconciled"', f'{closed} custom "reconciled"')
    stale = [error for error in load(text).errors if "as its as-of date" in error]
    assert len(stale) == 1
    frozen = before(text, CLOSED.replace("2026-08-10", closed))
    assert [error for error in load(frozen).errors if not error.startswith("OpenItem")] == []


# -- open items ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("until", "silent"), [("2026-08-30", False), ("2026-08-31", True)])
def test_explain_silences_an_item_until_the_as_of_date_passes(
    load: Load, until: str, silent: bool
) -> None:
    errors = load(before(BOOKS, EXPLAIN.format(until=until))).errors
    assert errors == ([] if silent else [OVERDUE])


def test_explain_silences_its_own_key_only(load: Load) -> None:
    other = EXPLAIN.format(until="2026-12-31").replace("5116", "5117")
    assert load(before(BOOKS, other)).errors == [OVERDUE]


def test_explain_names_a_clearing_account(load: Load) -> None:
    other = EXPLAIN.format(until="2026-12-31").replace("Receivable:Tmall", "Wallet:Alipay")
    assert load(before(BOOKS, other)).errors == [
        'DirectiveError: "explain" names Assets:Wallet:Alipay, which is no clearing account: name '
        "one whose `open` has `clearing`",
        OVERDUE,
    ]


def test_an_account_that_awaits_a_side_is_proved_and_raises_nothing_else(load: Load) -> None:
    waiting = edited("Tmall 188.00 CNY", 'Tmall 188.00 CNY\n  awaiting: "wallet"')
    assert load(waiting).errors == []
    assert len(load(edited("Tmall 60.00 CNY", "Tmall 60.01 CNY", waiting)).errors) == 1


def test_a_check_without_amount_shows_what_is_at_stake_and_a_key_of_its_own(load: Load) -> None:
    more = item(
        "fee 1",
        "0.00",
        at_stake="0.30",
        klass="fee-variance",
        more='  bank-ref: "B7"\n  counterparty: "ACME"\n  count: 3\n',
    )
    assert load(before(BOOKS, more)).errors[1] == (
        "OpenItemError: fee-variance 0.30 CNY on Assets:Receivable:Tmall, 29 days old at "
        "2026-08-31 (key fee 1, bank line B7, ACME, 3 lines): why: ask the platform to correct "
        "the fee, or accept it with `beanclear decide explain 'fee 1' --account "
        "Assets:Receivable:Tmall --until DATE`"
    )


def test_the_rest_after_fifty_items_is_one_error(load: Load) -> None:
    many = "".join(item(f"K{number:02}", f"{number}.00") for number in range(1, 61))
    shift = item("sum", "-1830.00")
    loaded = load(before(BOOKS, many + shift))
    assert len(loaded.errors) == 51
    assert [error.split(" on ")[0] for error in loaded.errors[:3]] == [
        "OpenItemError: short -1830.00 CNY",
        "OpenItemError: overdue 128.00 CNY",
        "OpenItemError: short 60.00 CNY",
    ]
    assert loaded.errors[50] == (
        "OpenItemError: Assets:Receivable:Tmall has 12 more open items, together 78.00 CNY: see "
        "`beanclear open-items --account Assets:Receivable:Tmall`"
    )


def test_a_malformed_item_is_an_error_and_the_others_are_still_judged(load: Load) -> None:
    loaded = load(edited("  due: 2026-08-16\n", ""))
    assert loaded.errors[0] == (
        'DirectiveError: the directive is not as beanclear writes it ("open-item" needs `due`): '
        "correct this line, or run `beanclear run` when it is generated text"
    )
    assert len(loaded.errors) == 1


def test_an_item_a_proof_cannot_read_is_an_error_and_the_proof_fails(load: Load) -> None:
    loaded = load(before(BOOKS, item("K1", "10.00")).replace('  key: "K1"\n', ""))
    assert loaded.errors[0] == (
        'DirectiveError: the directive is not as beanclear writes it ("open-item" needs `key`): '
        "correct this line, or run `beanclear run` when it is generated text"
    )


def test_every_class_has_its_own_advice_with_the_key_quoted_for_the_shell() -> None:
    def told(klass: str) -> str:
        day = datetime.date(2026, 8, 1)
        return advice(
            OpenItem(
                date=day, account="Assets:A", amount=amount(100, "CNY"), as_of=day, klass=klass,
                key="a; rm b", at_stake=amount(100, "CNY"), due=day, reason="", candidates="x y",
            ),
            str,
        )  # fmt: skip

    sentences = [told(klass) for klass in ItemClass]
    assert len(set(sentences)) == len(ItemClass)
    assert all("decide" in text and "'a; rm b'" in text for text in sentences)
    assert "KEY being one of: x y" in told("ambiguous")


# -- keys and pads -------------------------------------------------------------------------------


def test_a_posting_without_key_is_an_error_at_its_line(load: Load) -> None:
    text = before(
        edited("Tmall 188.00 CNY", "Tmall 198.00 CNY"),
        item("9", "10.00")
        + '\n2026-08-05 * "by hand"\n  Assets:Receivable:Tmall  10.00 CNY\n  Income:Sales\n',
    )
    loaded = load(text)
    assert loaded.errors[0] == (
        "PostingError: this posts on the clearing account Assets:Receivable:Tmall without saying "
        'which item it belongs to: add `key: "…"` with the order, payout or bank line to the '
        "posting"
    )
    assert loaded.places[0] == "main.beancount: Assets:Receivable:Tmall  10.00 CNY"


@pytest.mark.parametrize("place", ["transaction", "posting"])
def test_a_key_on_the_posting_or_its_transaction_will_do(load: Load, place: str) -> None:
    key = {"transaction": '  key: "1"\n', "posting": '    key: "1"\n'}
    text = (
        '\n2026-09-30 * "by hand"\n'
        + (key["transaction"] if place == "transaction" else "")
        + "  Assets:Receivable:Tmall  10.00 CNY\n"
        + (key["posting"] if place == "posting" else "")
        + "  Income:Sales\n"
    )
    assert load(before(BOOKS, text)).errors == [OVERDUE]


@pytest.mark.parametrize(
    ("file", "meta", "count"),
    [
        ("journal/2026/09/a.beancount", '  source: "a"\n  records: 3\n', 0),
        ("journal/2026/09/a.beancount", "", 1),
        ("journal/2026/09/a.beancount", '  source: "a"\n', 1),
        ("manual/a.beancount", '  source: "a"\n  records: 3\n', 1),
        ("journals.beancount", '  source: "a"\n  records: 3\n', 1),
    ],
)
def test_only_daily_summaries_in_the_journal_need_no_key(
    load: Load, file: str, meta: str, count: int
) -> None:
    text = f'\n=== {file}\n2026-09-30 * "x"\n{meta}  Assets:Receivable:Tmall  1.00 CNY\n'
    errors = load(BOOKS + text + "  Income:Sales\n").errors
    assert len([error for error in errors if error.startswith("PostingError")]) == count


@pytest.mark.parametrize(
    "accounts",
    ["Assets:Receivable:Tmall Income:Sales", "Assets:Wallet:Alipay Assets:Receivable:Tmall"],
)
def test_pad_on_a_clearing_account_is_an_error_at_its_line(load: Load, accounts: str) -> None:
    padded = accounts.split(maxsplit=1)[0]
    text = f"\n2026-10-01 pad {accounts}\n2026-10-02 balance {padded}  300.00 CNY\n"
    loaded = load(before(BOOKS, text))
    assert loaded.errors == [
        "PostingError: `pad` on the clearing account Assets:Receivable:Tmall would hide what is "
        "unexplained: remove it and book the difference with `beanclear decide`",
        OVERDUE,
    ]
    assert loaded.places[0] == f"main.beancount: 2026-10-01 pad {accounts}"


# -- host ----------------------------------------------------------------------------------------


def test_decisions_of_the_clearing_plugin_count_in_the_proof(load: Load) -> None:
    decision = """
2026-08-31 custom "write-off" Assets:Receivable:Tmall 128.00 CNY
  by: "Li"
  key: "5116"
  to: "Expenses:Losses"
"""
    text = before(without('2026-08-01 custom "open-item"'), decision)
    assert load(edited("Tmall 188.00 CNY", "Tmall 60.00 CNY", text)).errors == []


@pytest.mark.parametrize("plugin", ["clearing", "unmatched", "statements"])
def test_plugins_load_nothing_heavy(plugin: str) -> None:
    code = (
        f"import json, sys, beanclear.plugins.{plugin}\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(json.loads(done.stdout))
    heavy = {"pandas", "pyarrow", "duckdb", "pydantic", "click", "rich", "numpy", "fava", "babel"}
    assert loaded & heavy == set()
    ours = (
        f"import json, sys, beanclear.plugins.{plugin}\n"
        "print(json.dumps(sorted(n for n in sys.modules if n.startswith('beanclear.'))))"
    )
    done = subprocess.run([sys.executable, "-c", ours], capture_output=True, check=True)
    allowed = {
        "beanclear.ledger", "beanclear.ledger.beancount_text", "beanclear.ledger.collector",
        "beanclear.ledger.decision_texts", "beanclear.ledger.explanations",
        "beanclear.ledger.figures", "beanclear.ledger.frozen_words", "beanclear.ledger.i18n",
        "beanclear.ledger.labels", "beanclear.ledger.money",
        "beanclear.ledger.policy_text", "beanclear.ledger.spans", "beanclear.ledger.vocabulary",
        "beanclear.plugins", "beanclear.plugins.books", "beanclear.plugins.clearing",
        "beanclear.plugins.decisions", "beanclear.plugins.frozen", "beanclear.plugins.proof",
        "beanclear.plugins.standing", "beanclear.plugins.statements",
        "beanclear.plugins.unmatched",
    }  # fmt: skip
    assert set(json.loads(done.stdout)) - allowed == set()
