"""The chart: names and codes are pure functions; the owner's text is kept."""

from __future__ import annotations

import itertools
import re

import pytest
from beancount.core.account import is_valid
from hypothesis import given
from hypothesis import strategies as st

from beanclear.ledger import accounts, chart
from beanclear.ledger.chart import spec
from beanclear.ledger.errors import BooksError


def test_names() -> None:
    assert chart.wallet_account("alipay", "2088000000002512", "") == "Assets:Wallet:Alipay:2512"
    assert chart.wallet_account("wechatpay", "main", "") == "Assets:Wallet:WeChatPay"
    assert chart.wallet_account("pinduoduo", "main", "二店") == "Assets:Wallet:Pinduoduo-S-二店"
    assert chart.bank_account("ccb", "6222021234568826") == "Assets:Bank:CCB:8826"
    assert chart.bank_account("boc", "x") == "Assets:Bank:Boc:X"
    assert chart.receivable_account("taobao", "shop two") == "Assets:Receivable:Tmall:Shop-two"
    assert chart.transit_account("wechat") == "Assets:Transit:WeChat"
    assert chart.suspense_account("Assets:Bank:CCB:8826") == "Assets:Suspense:CCB:8826"
    assert chart.sales_account("shop") == "Income:Sales:Shop"
    assert chart.advances_account("pinduoduo") == "Liabilities:Advances:Pinduoduo"
    assert chart.prepaid_account("alipay") == "Assets:Prepaid:Advertising:Alipay"
    assert chart.deposit_account("pinduoduo") == "Assets:Deposits:Pinduoduo"
    assert chart.reserved_account("wechatpay") == "Assets:Reserved:WeChatPay"
    assert chart.internal_account("Assets:Wallet:Alipay") == "Assets:Internal:Alipay"


@given(st.text(), st.text(), st.text(min_size=1))
def test_any_name_gives_a_valid_account(account: str, shop: str, source: str) -> None:
    names = [
        chart.wallet_account(source, account, shop),
        chart.bank_account(source, account, shop),
        chart.receivable_account(source, shop),
    ]
    for name in [*names, chart.suspense_account(names[0])]:
        assert is_valid(name)
        assert re.fullmatch(r"\d{4}(\.\d\d){1,3}", spec(name).code)
        assert accounts.read(accounts.open_text(spec(name)))[name].spec == spec(name)


@pytest.mark.parametrize(
    ("name", "code", "chinese", "due"),
    [
        ("Assets:Wallet:Alipay:2512", "1012.01.12", "其他货币资金-支付宝-2512", None),
        ("Assets:Bank:CCB:8826", "1002.02.26", "银行存款-建设银行-8826", None),
        ("Assets:Receivable:Tmall", "1122.01", "应收账款-天猫", "completed T+15"),
        ("Assets:Receivable:Shop", "1122.03", "应收账款-自营店铺", "paid T+15"),
        ("Assets:Transit:WeChat", "1012.92", "其他货币资金-提现在途-微信支付", "payout B+5"),
        ("Assets:Suspense:PingAn", "1221.99.14", "其他应收款-待查-平安银行", "line T+0"),
        ("Assets:Deposits:Pinduoduo", "1221.01.04", "其他应收款-店铺保证金-拼多多", None),
        ("Assets:Wallet:Pinduoduo-S-二店", "1012.04.17", "其他货币资金-拼多多-二店", None),
        ("Income:Sales:Tmall", "5001.01", "主营业务收入-天猫", None),
        ("Liabilities:Tax:VAT:Output", "2221.01.02", "应交税费-应交增值税-销项税额", None),
        ("Expenses:Office:Rent", "", "Office-Rent", None),  # the catalogue knows it
    ],
)
def test_codes_and_names(name: str, code: str, chinese: str, due: str | None) -> None:
    found = spec(name)
    assert (found.code, found.chinese, found.due) == (code, chinese, due)
    assert (found.clearing is None) == (due is None)


FIXED_AND_KNOWN = [
    *chart.FIXED,
    *(chart.wallet_account(s, "main") for s in ("alipay", "wechatpay", "taobao-wechat")),
    *(chart.bank_account(s, "main") for s in ("icbc", "ccb", "cmbc", "pingan")),
    *(chart.receivable_account(p) for p in ("taobao", "pinduoduo", "shop")),
    *(chart.sales_account(p) for p in ("taobao", "pinduoduo", "shop")),
    *(chart.transit_account(f) for f in ("alipay", "wechat", "pinduoduo")),
    *(
        chart.suspense_account(chart.bank_account(s, "main"))
        for s in ("icbc", "ccb", "cmbc", "pingan")
    ),
    *(chart.suspense_account(chart.wallet_account(s, "main")) for s in ("alipay", "pinduoduo")),
]


def test_the_usual_accounts_have_codes_of_their_own() -> None:
    codes = [spec(name).code for name in FIXED_AND_KNOWN]
    assert len(set(codes)) == len(codes)


NAMES = [
    "Assets:Wallet:Alipay:2512",
    "Assets:Wallet:Alipay:3312",
    "Assets:Wallet:Alipay:9913",
    "Assets:Wallet:Alipay:5612",
    "Assets:Receivable:Tmall",
]
HEAD = "; chart of accounts\n\n"
OWN = (
    HEAD + "; ours\n2020-01-01 open Assets:Wallet:Alipay:2512   CNY, USD  ; kept\n"
    '  code: "1012.77"\n  name: "钱包"\n\n\n2020-01-01 open Expenses:Rent\n'
)


@pytest.mark.parametrize("start", ["", OWN.rstrip("\n")])
def test_the_order_in_which_accounts_appear_does_not_matter(start: str) -> None:
    results = set()
    for order in itertools.permutations(NAMES):
        text = start
        for name in order:
            text = accounts.ensure(text, [spec(name)])
        results.add(text)
    results.add(accounts.ensure(start, map(spec, NAMES)))
    assert len(results) == 1
    (text,) = results
    assert accounts.ensure(text, map(spec, NAMES)) == text
    codes = [found.spec.code for found in accounts.read(text).values()]
    assert len(set(codes)) == len(codes)


def test_the_owners_text_is_kept() -> None:
    text = accounts.ensure(OWN, map(spec, NAMES))
    for block in OWN.removeprefix(HEAD).rstrip("\n").split("\n\n\n"):
        assert block in text
    found = accounts.read(text)["Assets:Wallet:Alipay:2512"]
    assert (found.spec.code, found.spec.chinese) == ("1012.77", "钱包")
    assert found.currencies == {"CNY", "USD"}
    assert found.spec.clearing is None


def test_a_code_that_the_owner_changed_is_kept() -> None:
    text = accounts.ensure("", [spec(NAMES[0])]).replace("1012.01.12", "1012.01.44")
    assert '"1012.01.44"' in accounts.ensure(text, [spec(NAMES[1])])


def test_generated_block() -> None:
    assert accounts.open_text(spec("Assets:Receivable:Tmall")) == (
        "1970-01-01 open Assets:Receivable:Tmall CNY\n"
        '  code: "1122.01"\n'
        '  name: "应收账款-天猫"\n'
        '  name-en: "Receivable Tmall"\n'
        '  clearing: "order"\n'
        '  due: "completed T+15"\n'
        "  grace: 0\n"
        "  tolerance: 0.00 CNY\n"
        '  difference: "Expenses:Clearing:Rounding"\n'
    )


OPEN = "1970-01-01 open Assets:Receivable:Tmall CNY\n"
CLEARING = OPEN + '  clearing: "order"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            OPEN + "\n2026-01-01 close Assets:Receivable:Tmall\n",
            "accounts.beancount:3: the account Assets:Receivable:Tmall is closed, but documents "
            "have lines for it: remove the `close`",
        ),
        (
            OPEN.replace("CNY", "USD"),
            "accounts.beancount:1: the account Assets:Receivable:Tmall is opened without CNY: "
            "add the currency to the `open`",
        ),
        (OPEN + "2026-13-01 close\n", "accounts.beancount:2: "),
        (
            CLEARING + '  due: "soon"\n',
            "accounts.beancount:1: the term 'soon' is not understood: ",
        ),
        (
            CLEARING + '  grace: "two"\n',
            "accounts.beancount:1: the metadata `grace` is not a number of days: ",
        ),
        (
            CLEARING + "  tolerance: 0.005 CNY\n",
            "accounts.beancount:1: the metadata `tolerance` is not an amount such as 0.00 CNY: ",
        ),
        (CLEARING + "  tolerance: 1 USD\n", "accounts.beancount:1: the metadata `tolerance` is "),
        (OPEN + "  code: 1122\n", "accounts.beancount:1: the metadata `code` is not text in "),
    ],
)
def test_a_chart_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(BooksError) as caught:
        accounts.ensure(text, [spec("Assets:Receivable:Tmall")])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("order", list(itertools.permutations(["AUD", "CNY", "USD"])))
def test_an_account_in_several_currencies_whenever_they_come(order: tuple[str, ...]) -> None:
    wanted = [spec("Assets:Receivable:Tmall", currency) for currency in order]
    at_once = accounts.ensure("", wanted)
    text = ""
    for one in wanted:
        text = accounts.ensure(text, [one])
    assert text == at_once
    assert text.startswith("1970-01-01 open Assets:Receivable:Tmall CNY,AUD,USD\n")
    assert "  tolerance: 0.00 CNY\n" in text
    assert accounts.ensure(text, wanted) == text


def test_another_currency_of_an_account_whose_policy_was_changed() -> None:
    text = accounts.ensure("", [spec("Assets:Receivable:Tmall", "USD")])
    changed = text.replace("grace: 0", "grace: 3")
    assert accounts.ensure(changed, [spec("Assets:Receivable:Tmall")]) == changed.replace(
        "Tmall USD", "Tmall USD,CNY"
    )


def test_the_currency_of_the_books_comes_first() -> None:
    wanted = [spec("Assets:Wallet:X", currency) for currency in ("CNY", "USD")]
    assert " USD,CNY\n" in accounts.ensure("", wanted, first="USD")


def test_policy_is_read() -> None:
    text = CLEARING + '  due: "shipped T+7"\n  grace: 2\n  tolerance: 0.05 CNY\n'
    found = accounts.read(text)["Assets:Receivable:Tmall"].spec
    assert (found.clearing, found.due, found.grace, found.tolerance, found.difference) == (
        "order", "shipped T+7", 2, 5, chart.ROUNDING,
    )  # fmt: skip
