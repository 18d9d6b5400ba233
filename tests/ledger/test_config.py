"""beanclear.toml: defaults, rules by date, and errors that name the key."""

from __future__ import annotations

import datetime
import re
import tomllib
from pathlib import Path

import pytest

from beanclear.ledger import config
from beanclear.ledger.calendar import Calendar, Term
from beanclear.ledger.config import Config
from beanclear.ledger.errors import BooksError
from beanclear.ledger.fees import order_fees
from beanclear.ledger.matching_rules import RuleTable

DAY = datetime.date(2026, 7, 1)


def loaded(folder: Path, text: str) -> Config:
    path = folder / "beanclear.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = config.load(tmp_path / "beanclear.toml")
    assert found == Config()
    assert [found.recognition_on(name, DAY) for name in ("taobao", "pinduoduo", "shop")] == [
        "completed", "completed", "shipped",
    ]  # fmt: skip
    assert found.vat_rate_ppm("taobao", DAY) == 130_000
    assert found.vat_point_on("shop", DAY) == "shipped"
    assert [fee.name for fee in order_fees(found) if fee.platform == "taobao"] == [
        "基础软件服务费 0.6 %"
    ]
    assert found.rule_account("x", "y", 1) is None


def test_rules_hold_from_their_day(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        """
        [books]
        taxpayer = "small"
        [[recognition]]
        platform = "shop"
        point = "paid"
        from = 2026-07-01
        [[recognition]]
        platform = "shop"
        point = "completed"
        vat_point = "paid"
        [[vat]]
        rate_percent = "3"
        from = 2026-01-01
        [[vat]]
        platform = "shop"
        rate_percent = "0.5"
        from = 2026-07-01
        [[fees]]
        platform = "taobao"
        contains = "软件服务费"
        rate_percent = "5"
        until = 2026-06-30
        [[matching]]
        family = "alipay"
        payers = ["某某（支付）"]
        """,
    )
    before = DAY - datetime.timedelta(days=1)
    assert [found.recognition_on("shop", day) for day in (before, DAY)] == ["completed", "paid"]
    assert [found.vat_point_on("shop", day) for day in (before, DAY)] == ["paid", "paid"]
    assert [found.vat_rate_ppm("shop", day) for day in (before, DAY)] == [30_000, 5_000]
    assert found.vat_rate_ppm("shop", datetime.date(2025, 1, 1)) == 10_000
    own = order_fees(found)[0]
    assert (own.name, own.terms.last) == ("软件服务费 5 %", before)
    always = (datetime.date.min, datetime.date.max)
    assert found.rule_table.payer_families("某某(支付)有限公司") == [(*always, "alipay")]


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        """
        [[rules]]
        counterparty = "物业"
        direction = "out"
        account = "Expenses:Office:Rent"
        [[rules]]
        memo = "利息"
        account = "Expenses:Finance:Interest"
        """,
    )
    assert found.rule_account("某物业公司", None, -1) == "Expenses:Office:Rent"
    assert found.rule_account("某物业公司", None, 1) is None
    assert found.rule_account(None, "存款利息", 1) == "Expenses:Finance:Interest"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[books", "this is not valid TOML (Expected ']' at the end of a table declaration"),
        ("[book]\n", "the key book is unknown: correct or remove it"),
        ("[books]\nlanguage = 'fr'", "the key books.language must be one of 'zh', 'en'"),
        ("[books]\nconfirmed = 'yes'", "the key books.confirmed must be true or false"),
        ("[[vat]]\nrate_percent = 13", "the key vat.1.rate_percent is wrong (write the rate "),
        ("[[vat]]\nrate_percent = 'x'", 'write the rate in quotes, such as "0.6"'),
        ("[[vat]]\nrate_percent = 'nan'", "a rate is at least 0, below 100"),
        ("[[vat]]\nrate_percent = '130'", "a rate is at least 0, below 100"),
        ("[[rules]]\nmemo = 'x'", "the key rules.1.account is missing"),
        ("[[rules]]\naccount = ''", "the key rules.1.account is wrong"),
        (
            "[[vat]]\nplatform = 'jd'\nrate_percent = '13'",
            "[[vat]] names the platform 'jd'; known are",
        ),
        ("[[recognition]]\nplatform = 'shop'\npoint = 'never'", "the key recognition.1.point must"),
        ("[coverage]\n'a/b/c' = 'soon'", "the key coverage.a/b/c must be a date such"),
    ],
)
def test_errors_name_the_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BooksError) as caught:
        loaded(tmp_path, text)
    assert str(caught.value).startswith("beanclear.toml: ")
    assert message in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "beanclear.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BooksError, match="the configuration cannot be read"):
        config.load(tmp_path / "beanclear.toml")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_initial_text_explains_every_option(tmp_path: Path, language: str) -> None:
    text = config.initial_text("zh" if language == "zh" else "en", "small")
    found = loaded(tmp_path, text)
    assert (found.books.language, found.books.taxpayer) == (language, "small")
    active = re.sub(r'^# (?=\[|[a-z_]+ = |")', "", text, flags=re.MULTILINE)
    full = Config.model_validate(tomllib.loads(active))
    assert full.model_fields_set == set(Config.model_fields)


def test_coverage_is_written_beside_comments(tmp_path: Path) -> None:
    path = tmp_path / "beanclear.toml"
    path.write_text('# ours\n[books]  # kept\nlanguage = "en"\n')
    config.set_coverage(path, "alipay/main/wallet", DAY)
    config.set_coverage(path, "ccb/8826/bank", DAY)
    config.set_coverage(path, "alipay/main/wallet", DAY)
    assert path.read_text().startswith('# ours\n[books]  # kept\nlanguage = "en"\n')
    assert config.load(path).coverage == {"alipay/main/wallet": DAY, "ccb/8826/bank": DAY}
    path.write_text("[books")
    with pytest.raises(BooksError, match="this is not valid TOML"):
        config.set_coverage(path, "x", DAY)


def test_coverage_makes_the_file(tmp_path: Path) -> None:
    config.set_coverage(tmp_path / "beanclear.toml", "a/b/bank", DAY)
    assert (tmp_path / "beanclear.toml").read_text() == '[coverage]\n"a/b/bank" = 2026-07-01\n'


def test_assumptions_are_said_until_confirmed(tmp_path: Path) -> None:
    assert config.assumptions(Config(), ["shop"]) == [
        "the taxpayer is a general taxpayer",
        "a sale of shop is income when it is shipped, or when it is paid if no shipping date is "
        "known, its prices contain 13 % VAT",
        "what closed orders of shop keep is income with VAT on the day it was closed; their "
        "advances are open items after 90 days",
    ]
    paid = loaded(tmp_path, '[[recognition]]\nplatform="shop"\npoint="completed"\nvat_point="paid"')
    assert config.assumptions(paid, ["shop"])[-2] == "the VAT of shop is due when it is paid"
    rules = loaded(tmp_path, '[[advances]]\nkept = "open"\n[[advances]]\nplatform = "shop"\n'
                             'kept = "untaxed"\nlongest_days = 30')  # fmt: skip
    assert config.assumptions(rules, ["shop", "taobao"])[-2:] == [
        "what closed orders of shop keep is income without VAT on the day it was closed; their "
        "advances are open items after 30 days",
        "what closed orders of taobao keep is an open item; their advances are open items after "
        "90 days",
    ]
    assert config.assumptions(loaded(tmp_path, "[books]\nconfirmed = true")) == []


@pytest.mark.parametrize(
    ("counterparty", "family"),
    [
        ("支付宝（中国）网络技术有限公司（客户备付金）", "alipay"),
        ("支付宝(中国)网络技术有限公司", "alipay"),
        ("财付通支付科技有限公司[客户备付金]", "wechat"),
        ("上海寻梦信息技术有限公司", "pinduoduo"),
        ("某某贸易有限公司", None),
        ("", None),
        (None, None),
    ],
)
def test_payers(counterparty: str | None, family: str | None) -> None:
    found = RuleTable().payer_families(counterparty)
    assert found == ([(datetime.date.min, datetime.date.max, family)] if family else [])


def test_business_days_of_china() -> None:
    calendar = Calendar()
    # 1–7 October 2025 were free, and the 8th; Sunday 28 September was worked.
    assert not calendar.is_business_day(datetime.date(2025, 10, 1))
    assert calendar.is_business_day(datetime.date(2025, 9, 28))
    assert calendar.add_business_days(datetime.date(2025, 9, 30), 1) == datetime.date(2025, 10, 9)
    assert calendar.add_business_days(datetime.date(2025, 10, 1), 0) == datetime.date(2025, 10, 9)
    assert not calendar.estimated(datetime.date(2025, 10, 1))
    with pytest.raises(ValueError, match="forwards"):
        calendar.add_business_days(DAY, -1)


def test_years_without_a_calendar_have_weekends_only() -> None:
    calendar = Calendar(
        holidays=[datetime.date(2050, 10, 3)], workdays=[datetime.date(2050, 10, 1)]
    )
    assert calendar.estimated(datetime.date(2050, 10, 4))
    assert not calendar.estimated(datetime.date(2050, 10, 3))
    assert calendar.is_business_day(datetime.date(2050, 10, 1))  # a Saturday
    assert not calendar.is_business_day(datetime.date(2050, 10, 2))
    assert not calendar.is_business_day(datetime.date(2050, 10, 3))
    assert calendar.is_business_day(datetime.date(2050, 10, 4))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("completed T+15", (2025, 10, 15)),
        ("payout  B+1", (2025, 10, 9)),
        ("line T+0", (2025, 9, 30)),
    ],
)
def test_terms(text: str, due: tuple[int, int, int]) -> None:
    term = Term.parse(text)
    assert str(term) == " ".join(text.split())
    assert term.due(datetime.date(2025, 9, 30), Calendar()) == datetime.date(*due)


@pytest.mark.parametrize("text", ["", "T+5", "payout", "payout X+5", "payout B-5", "payout B+5000"])
def test_a_term_that_is_not_understood(text: str) -> None:
    with pytest.raises(BooksError, match=r'the term .* is not understood: .* "payout B\+5"'):
        Term.parse(text)
