"""The simulated exports are read here by other means than beanclear's importers."""

from __future__ import annotations

import csv
import datetime
import gzip
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from beanclear.cli.simulated_cases import CASES, rates_of
from beanclear.cli.simulation import Options, Truth, simulate
from beanclear.ledger import config

SEEDS = (1, 2, 3, 4, 5)
PAYERS = {
    "支付宝（中国）网络技术有限公司客户备付金": "Assets:Transit:Alipay",
    "财付通支付科技有限公司客户备付金": "Assets:Transit:WeChat",
    "上海寻梦信息技术有限公司": "Assets:Transit:Pinduoduo",
}
CLASSES = {
    "opening", "ambiguous", "duplicate", "refund-mismatch", "fee-variance", "short", "over",
    "overdue", "missing-order", "missing-deposit", "unidentified", "uncategorised",
}  # fmt: skip
Shop = tuple[Path, Truth]
Row = dict[str, str]


@pytest.fixture(scope="module", params=SEEDS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    return folder, simulate(folder, Options(seed=request.param))


def fen(text: str) -> int:
    return int(Decimal(text.strip("`\t 元") or "0") * 100)


def rows_of(text: str) -> list[Row]:
    found = csv.DictReader(io.StringIO(text))
    return [{key: (cell or "").strip("\t") for key, cell in row.items()} for row in found]


def read(path: Path, encoding: str) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode(encoding)


def alipay_bills(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.glob("2088*.csv.zip")):
        with zipfile.ZipFile(path) as archive:
            info = archive.infolist()[0]
            assert not info.flag_bits & 0x800
            name = info.filename.encode("cp437").decode("gbk")
            assert name == f"{path.name.removesuffix('.csv.zip')}_账务明细.csv"
            yield archive.read(info).decode("gb18030").split("\r\n")


def alipay_rows(folder: Path) -> list[Row]:
    return [row for lines in alipay_bills(folder) for row in rows_of("\n".join(lines[4:-5]))]


def backticked(path: Path, encoding: str) -> tuple[list[Row], list[str]]:
    lines = read(path, encoding).split("\r\n")
    assert lines[-1] == ""
    header = lines[0].split(",")
    rows = [dict(zip(header, line[1:].split(",`"), strict=True)) for line in lines[1:-3]]
    return rows, lines[-2][1:].split(",`")


def flow_rows(folder: Path) -> list[Row]:
    paths = sorted(folder.glob("1618203915fundflow*"))
    return [row for path in paths for row in backticked(path, "utf-8")[0]]


def csv_rows(folder: Path, pattern: str, encoding: str = "gb18030", skip: int = 0) -> list[Row]:
    texts = [read(path, encoding).split("\n", skip)[-1] for path in sorted(folder.glob(pattern))]
    return [row for text in texts for row in rows_of(text)]


def sheet_rows(path: Path, header: str) -> list[Row]:
    cells = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    at = next(number for number, row in enumerate(cells) if header in row)
    return [dict(zip(map(str, cells[at]), map(str, row), strict=True)) for row in cells[at + 1 :]]


def bank_rows(folder: Path) -> list[Row]:
    return [
        row for path in sorted(folder.glob("A*resp.xlsx")) for row in sheet_rows(path, "交易时间")
    ]


def latest(rows: list[Row], key: str) -> dict[str, Row]:
    """The last snapshot of each order; files sort by the day they were made."""
    return {row[key].strip('="'): row for row in rows}


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("bank", ["icbc", "ccb", "cmbc", "pingan"])
def test_equal_options_give_equal_bytes(tmp_path: Path, bank: str) -> None:
    options = Options(orders=400, seed=7, bank=bank)
    first, second = tmp_path / "first", tmp_path / "second"
    assert simulate(first, options) == simulate(second, options)
    assert digests(first) == digests(second)
    other = tmp_path / "other"
    simulate(other, Options(orders=400, seed=8, bank=bank))
    assert digests(other)["truth.json"] != digests(first)["truth.json"]


def test_alipay_totals_and_balance(shop: Shop) -> None:
    folder, truth = shop
    for lines in alipay_bills(folder):
        rows = rows_of("\n".join(lines[4:-5]))
        into = [fen(row["收入金额（+元）"]) for row in rows if fen(row["收入金额（+元）"])]
        out = [fen(row["支出金额（-元）"]) for row in rows if fen(row["支出金额（-元）"])]
        assert lines[-4] == f"#支出合计：{len(out)}笔，共{Decimal(sum(out)) / 100:.2f}元"
        assert lines[-3] == f"#收入合计：{len(into)}笔，共{Decimal(sum(into)) / 100:.2f}元"
        assert max(out) < 0
        assert len(rows) == len(into) + len(out)
    rows = alipay_rows(folder)
    assert len({row["账务流水号"] for row in rows}) == len(rows)
    moved = [fen(row["收入金额（+元）"]) + fen(row["支出金额（-元）"]) for row in rows]
    balances = [fen(row["账户余额（元）"]) for row in rows]
    for place in range(1, len(rows)):
        assert balances[place] == balances[place - 1] + moved[place]
    assert min(balances) >= 0
    assert balances[-1] == truth.balances["Assets:Wallet:Alipay:1282"]


def test_wechat_summaries_and_balance(shop: Shop) -> None:
    folder, truth = shop
    balance: int | None = None
    assert len(list(folder.glob("1618203915fundflow*.csv.gz"))) == 1
    for path in sorted(folder.glob("1618203915fundflow*")):
        rows, summary = backticked(path, "utf-8")
        sums = {"收入": [0, 0], "支出": [0, 0]}
        for row in rows:
            amount = fen(row["收支金额(元)"])
            sums[row["收支类型"]][0] += 1
            sums[row["收支类型"]][1] += amount
            signed = amount if row["收支类型"] == "收入" else -amount
            after = fen(row["账户结余(元)"])
            assert balance is None or after == balance + signed
            balance = after
        stated = [int(summary[1]), fen(summary[2])], [int(summary[3]), fen(summary[4])]
        assert stated == (sums["收入"], sums["支出"])
        assert int(summary[0]) == len(rows)
    assert balance == truth.balances["Assets:Wallet:WeChatPay"]


def test_trade_bill_summary(shop: Shop) -> None:
    for path in sorted(shop[0].glob("1618203915All*.csv")):
        rows, summary = backticked(path, "utf-8-sig")
        columns = (
            "应结订单金额",
            "退款金额",
            "充值券退款金额",
            "手续费",
            "订单金额",
            "申请退款金额",
        )
        found = [sum(fen(row[column]) for row in rows) for column in columns]
        assert [fen(cell) for cell in summary[1:]] == found
        assert int(summary[0]) == len(rows)
        assert len(rows[0]) == 27


@pytest.mark.parametrize(
    ("bank", "into", "out", "balance"),
    [
        ("icbc", "转入金额", "转出金额", "余额"),
        ("ccb", "贷方发生额（收入）", "借方发生额（支取）", "余额"),
        ("cmbc", "贷方发生额", "借方发生额", "账户余额"),
        ("pingan", "收入", "支出", "账户余额"),
    ],
)
def test_bank_balance_chains(tmp_path: Path, bank: str, into: str, out: str, balance: str) -> None:
    truth = simulate(tmp_path, Options(orders=400, bank=bank, days=70))
    patterns = ("history*", "A*resp*", "活期*", "*至*")
    paths = sorted(path for pattern in patterns for path in tmp_path.glob(pattern))
    rows = [row for path in paths for row in sheet_rows(path, "交易时间")]
    assert len(paths) == 3
    before: int | None = None
    for row in rows:
        after = fen(row[balance])
        assert before is None or after == before + fen(row[into]) - fen(row[out])
        before = after
    account = next(name for name in truth.balances if name.startswith("Assets:Bank:"))
    assert before == truth.balances[account]
    assert rows[-1]["交易时间"][:10] == "2026-08-09"
    source = next(key for key in truth.as_of if key.endswith("/bank"))
    assert truth.as_of[source] == datetime.date(2026, 8, 8)


def test_every_class_is_there_once_at_least(shop: Shop) -> None:
    truth = shop[1]
    assert {item.klass for item in truth.open_items} == CLASSES
    faults = {item.fault for item in truth.open_items}
    assert {"refund-too-much", "refund-not-paid", "refund-no-order"} <= faults
    orders = [item.order_id for item in truth.open_items if item.order_id]
    assert len(orders) == len(set(orders))


@pytest.mark.parametrize("day", [1, 9, 17, 18, 25])
def test_shortest_shops_have_every_class(tmp_path: Path, day: int) -> None:
    first = datetime.date(2026, 1, day)
    truth = simulate(tmp_path, Options(orders=400, days=65, first_day=first, seed=day))
    assert {item.klass for item in truth.open_items} == CLASSES
    faults = {item.fault for item in truth.open_items}
    assert {"refund-too-much", "refund-not-paid", "refund-no-order"} <= faults


def test_truth_file(shop: Shop) -> None:
    folder, truth = shop
    found = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert found == truth.to_json()
    assert (found["schema"], found["version"]) == ("beanclear.truth", 1)
    assert found["options"]["first_day"] == "2026-06-01"


def wallet_by_order(folder: Path) -> tuple[dict[str, int], dict[str, int], dict[str, str]]:
    """Net receipts, sums of sale lines and the payment's number, by order or sub-order."""
    net: dict[str, int] = defaultdict(int)
    sales: dict[str, int] = defaultdict(int)
    trades: dict[str, str] = {}
    for row in alipay_rows(folder):
        if row["业务类型"] in {"交易付款", "交易退款"}:
            amount = fen(row["收入金额（+元）"]) + fen(row["支出金额（-元）"])
            net[row["业务基础订单号"]] += amount
            sales[row["业务基础订单号"]] += max(amount, 0)
            trades[row["业务基础订单号"]] = row["业务流水号"]
    for row in csv_rows(folder, "微信账户账单*"):
        if row["入帐类型"].startswith("交易"):
            amount = fen(row["收入金额(元)"]) - fen(row["支出金额(元)"])
            net[row["主订单id"]] += amount
            sales[row["主订单id"]] += max(amount, 0)
            trades[row["主订单id"]] = row["支付流水号"]
    for row in csv_rows(folder, "拼多多账务明细*", skip=4):
        if row["账务类型"] in {"交易收入", "优惠券结算", "交易退款"}:
            amount = fen(row["收入金额（+元）"]) + fen(row["支出金额（-元）"])
            net[row["商户订单号"]] += amount
            sales[row["商户订单号"]] += amount if row["账务类型"] == "交易收入" else 0
            trades[row["商户订单号"]] = row["商户订单号"]
    for row in flow_rows(folder):
        if row["业务类型"] in {"交易", "退款"}:
            number = row["业务凭证号"].removeprefix("RF")
            amount = fen(row["收支金额(元)"])
            net[number] += amount if row["收支类型"] == "收入" else -amount
            sales[number] += amount if row["收支类型"] == "收入" else 0
    return net, sales, trades


def expected_by_order(folder: Path) -> dict[str, tuple[int, str]]:
    """What each order in its last snapshot is due, and the day of its claim; none, no claim."""
    due: dict[str, tuple[int, str]] = {}
    for number, row in latest(csv_rows(folder, "ExportOrderList*"), "订单编号").items():
        amount = fen(row["买家实际支付金额"]) + fen(row["天猫卡券抵扣"]) - fen(row["退款金额"])
        done = row["订单状态"] == "交易成功"
        due[number] = (amount if done else 0, row["确认收货时间"][:10])
    export = [
        row
        for path in sorted(folder.glob("orders_export*.xlsx"))
        for row in sheet_rows(path, "订单号")
    ]
    export += csv_rows(folder, "orders_export*.csv")
    for number, row in latest(export, "订单号").items():
        assert fen(row["商家实收金额(元)"]) == fen(row["用户实付金额(元)"]) + fen(
            row["平台优惠折扣(元)"]
        )
        done = row["订单状态"] == "已收货"
        due[number] = (fen(row["商家实收金额(元)"]) if done else 0, row["确认收货时间"][:10])
    for number, row in latest(csv_rows(folder, "orders-*.csv", "utf-8"), "order_id").items():
        amount = fen(row["amount"]) - fen(row["refunded"]) if row["paid_at"] else 0
        due[number] = (amount, row["paid_at"][:10])
    return due


def test_orders_and_wallets_differ_where_the_truth_says(shop: Shop) -> None:
    folder, truth = shop
    net, _, trades = wallet_by_order(folder)
    due = expected_by_order(folder)
    for row in csv_rows(folder, "宝贝明细*"):
        number, parent = row["子订单编号"], row["主订单编号"]
        if number != parent and number in net:
            net[parent] += net.pop(number)
    opening: dict[str, int] = defaultdict(int)
    left: dict[str, int] = {}
    # Pinduoduo's order export says nothing about later refunds: the wallet's are true.
    given_back: dict[str, int] = defaultdict(int)
    for row in csv_rows(folder, "拼多多账务明细*", skip=4):
        if row["账务类型"] == "交易退款":
            given_back[row["商户订单号"]] += fen(row["支出金额（-元）"])
    late = truth.options.last_day - datetime.timedelta(days=3)
    snapshot_may_miss = refunds_after_last_snapshot(folder)
    for number in {*net, *due}:
        amount, day = due.get(number, (0, ""))
        rest = amount - net[number] + (given_back[number] if number in due else 0)
        trade = trades.get(number, "")
        dated = trade[10:18] if trade.startswith("42") else trade.replace("-", "")[:8]
        if (
            number not in due
            and trade
            and (dated if "-" not in trade else "20" + dated) < "20260601"
        ):
            opening["Pinduoduo" if "-" in number else "Tmall"] += rest
        elif rest and (not day or day < late.isoformat()) and number not in snapshot_may_miss:
            left[number] = rest
    expected = {
        item.order_id: item.amount_minor
        for item in truth.open_items
        if item.order_id and item.amount_minor
    }
    assert left == expected
    buckets = {
        item.account.rsplit(":", 1)[1]: item.amount_minor
        for item in truth.open_items
        if item.klass == "opening"
    }
    assert dict(opening) == buckets


def refunds_after_last_snapshot(folder: Path) -> set[str]:
    """Orders whose wallet gave money back when no export looked at them any more."""
    made = sorted(path.stem[-12:] for path in folder.glob("ExportOrderList*"))
    seen = {
        number: stem
        for path, stem in zip(sorted(folder.glob("ExportOrderList*")), made, strict=True)
        for number in latest(rows_of(read(path, "gb18030")), "订单编号")
    }
    shop_seen = {
        row["order_id"]: path.stem[-10:].replace("-", "") + "2359"
        for path in sorted(folder.glob("orders-*.csv"))
        for row in rows_of(read(path, "utf-8"))
    }
    found = set()
    for row in alipay_rows(folder):
        number = row["业务基础订单号"]
        if row["业务类型"] == "交易退款" and number in seen:
            found |= {number} if plain(row["发生时间"]) > seen[number] else set()
    for row in csv_rows(folder, "微信账户账单*"):
        number = row["主订单id"]
        if row["入帐类型"].startswith("交易退款") and number in seen:
            found |= (
                {number} if plain(f"{row['入帐日期']} {row['入帐时间']}") > seen[number] else set()
            )
    for row in flow_rows(folder):
        number = row["业务凭证号"].removeprefix("RF")
        if row["业务类型"] == "退款" and number in shop_seen:
            found |= {number} if plain(row["记账时间"]) > shop_seen[number] else set()
    return found


def plain(stamp: str) -> str:
    return stamp.replace("-", "").replace(" ", "").replace(":", "")[:12]


def test_fees_vary_where_the_truth_says(shop: Shop) -> None:
    folder, truth = shop
    _, sales, _ = wallet_by_order(folder)
    charged: dict[str, int] = defaultdict(int)
    for row in alipay_rows(folder):
        if row["业务描述"].startswith("0030130"):
            charged[row["业务基础订单号"]] -= fen(row["支出金额（-元）"])
    for row in csv_rows(folder, "微信账户账单*"):
        if row["业务描述"] == "基础软件服务费":
            charged[row["主订单id"]] += fen(row["支出金额(元)"])
    for row in csv_rows(folder, "拼多多账务明细*", skip=4):
        if row["业务描述"].startswith("0030002"):
            charged[row["商户订单号"]] -= fen(row["支出金额（-元）"])
    for row in flow_rows(folder):
        if row["业务类型"] == "扣除交易手续费":
            charged[row["业务凭证号"]] += fen(row["收支金额(元)"])
    found = {
        number: charge - (sales[number] * 6 + 500) // 1000
        for number, charge in charged.items()
        if charge != (sales[number] * 6 + 500) // 1000
    }
    assert found == {
        item.order_id: item.at_stake_minor
        for item in truth.open_items
        if item.klass == "fee-variance"
    }


def payouts(folder: Path) -> list[tuple[str, str, int, str]]:
    """All payouts: account, day, amount and id."""
    found = [
        (
            "Assets:Transit:Alipay",
            row["发生时间"][:10],
            -fen(row["支出金额（-元）"]),
            row["账务流水号"],
        )
        for row in alipay_rows(folder)
        if row["业务类型"] == "提现"
    ]
    found += [
        ("Assets:Transit:WeChat", row["入帐日期"], fen(row["支出金额(元)"]), row["支付流水号"])
        for row in csv_rows(folder, "微信账户账单*")
        if row["入帐类型"] == "提现"
    ]
    found += [
        ("Assets:Transit:WeChat", row["记账时间"][:10], fen(row["收支金额(元)"]), row["业务凭证号"])
        for row in flow_rows(folder)
        if row["业务类型"] == "提现"
    ]
    found += [
        ("Assets:Transit:Pinduoduo", row["发生时间"][:10], -fen(row["支出金额（-元）"]), "")
        for row in csv_rows(folder, "拼多多账务明细*", skip=4)
        if row["账务类型"] == "提现"
    ]
    return found


def test_payouts_and_deposits_add_up(shop: Shop) -> None:
    folder, truth = shop
    deposits = {
        row["账户明细编号-交易流水号"]: (PAYERS[row["对方户名"]], fen(row["贷方发生额（收入）"]))
        for row in bank_rows(folder)
        if row["对方户名"] in PAYERS
    }
    matched: set[Any] = set()
    sizes = set()
    for match in truth.matches:
        sizes.add((len(match.payouts), len(match.deposits)))
        assert {deposits[reference][0] for reference in match.deposits} == {match.account}
        total = sum(deposits[reference][1] for reference in match.deposits)
        assert total == sum(payout.amount_minor for payout in match.payouts)
        matched |= {
            (match.account, payout.date.isoformat(), payout.amount_minor, payout.id or "")
            for payout in match.payouts
        }
    assert sizes == {(1, 1), (2, 1), (1, 2)}
    items = [item for item in truth.open_items if item.account.startswith("Assets:Transit")]
    open_payouts = {
        (item.account, item.date.isoformat(), item.amount_minor, item.payout_id or "")
        for item in items
        if item.bank_ref is None
    }
    unmatched = set(payouts(folder)) - matched - open_payouts
    # What is on its way at the end is recent.
    assert all(payout[1] >= "2026-08-19" for payout in unmatched)
    references = {reference for match in truth.matches for reference in match.deposits}
    open_deposits = {item.bank_ref for item in items if item.bank_ref is not None}
    assert references | open_deposits == set(deposits)
    assert not references & open_deposits


def test_suspense_is_what_no_platform_paid(shop: Shop) -> None:
    folder, truth = shop
    rows = bank_rows(folder)
    last = rows[-1]["交易时间"][:10]  # the day of the download is not whole
    found = {
        row["账户明细编号-交易流水号"]: fen(row["借方发生额（支取）"])
        - fen(row["贷方发生额（收入）"])
        for row in rows
        if row["对方户名"] not in PAYERS and row["交易时间"][:10] < last
    }
    assert found == {
        item.bank_ref: item.amount_minor
        for item in truth.open_items
        if item.klass == "uncategorised"
    }


def test_wallets_without_balance(shop: Shop) -> None:
    folder, truth = shop
    rows = csv_rows(folder, "微信账户账单*")
    total = sum(fen(row["收入金额(元)"]) - fen(row["支出金额(元)"]) for row in rows)
    assert total == truth.balances["Assets:Wallet:TmallWeChat"]
    rows = csv_rows(folder, "拼多多账务明细*", skip=4)
    total = sum(fen(row["收入金额（+元）"]) + fen(row["支出金额（-元）"]) for row in rows)
    assert total == truth.balances["Assets:Wallet:Pinduoduo"]


def test_rates_are_read() -> None:
    assert rates_of(["late=3", "run=40"]) == (("late", 3), ("run", 40))
    every = dict(rates_of(["all=2", "late=0"]))
    assert (set(every), every["late"], every["short"], every["run"]) == (set(CASES), 0, 2, 40)
    for text in ("late", "late=", "late=x", "late=-1"):
        with pytest.raises(ValueError, match="is not NAME=PERMILLE"):
            rates_of([text])


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two shops on each platform and a marketplace abroad, with every case."""
    folder = tmp_path_factory.mktemp("companies")
    rates = rates_of(["all=5"])
    return folder, simulate(folder, Options(shops=2, overseas=True, seed=6, rates=rates))


def test_every_case_comes_about(companies: Shop) -> None:
    truth = companies[1]
    assert {item.klass for item in truth.open_items} == CLASSES | {"missing-conversion"}
    shapes = {"id", "amount", "pair", "run", "subset", "negative"}
    assert {match.evidence for match in truth.matches} == shapes
    assert {len(match.payouts) for match in truth.matches} >= {1, 2, 3, 4}
    assert {risk.check for risk in truth.risks} == {
        "duplicate-settlement", "refund-above-payment", "refund-without-order",
        "refund-not-clawed-back", "completed-without-payment", "settled-before-payment",
        "repeated-bank-line", "refund-rate", "fee-rate", "late-settlement",
    }  # fmt: skip


def test_payouts_that_came_back_say_when(companies: Shop) -> None:
    for match in companies[1].returns:
        (payout,), (back,) = match.payouts, match.returned
        assert (payout.amount_minor, match.evidence) == (back.amount_minor, "return")
        assert payout.date < back.date


def test_shops_have_folders_and_accounts_of_their_own(companies: Shop) -> None:
    folder, truth = companies
    assert len(list((folder / "shop2").glob("2088*.csv.zip"))) == len(list(alipay_bills(folder)))
    assert {name for name in truth.balances if "Shop2" in name} == {
        "Assets:Wallet:Alipay-Shop2:5849", "Assets:Wallet:WeChatPay-Shop2",
        "Assets:Wallet:TmallWeChat-Shop2", "Assets:Wallet:Pinduoduo-Shop2",
    }  # fmt: skip
    assert not wallet_numbers(folder) & wallet_numbers(folder / "shop2")


def wallet_numbers(folder: Path) -> set[str]:
    """Every number of a wallet's line."""
    found = {row["资金流水单号"] for path in sorted(folder.glob("*fundflow*"))
             for row in backticked(path, "utf-8")[0]}  # fmt: skip
    found |= {row["账务流水号"] for row in alipay_rows(folder)}
    return found | {row["支付流水号"] for row in csv_rows(folder, "微信账户账单*")}


def test_lines_of_orders_are_those_of_the_files(companies: Shop) -> None:
    folder, truth = companies
    stated: dict[str, int] = defaultdict(int)
    for account, orders in truth.lines.items():
        if not account.endswith(":Globe"):
            for lines in orders.values():
                stated[account] += sum(fen for _day, fen in lines)
    pdd = sum(
        fen(row["收入金额（+元）"]) + fen(row["支出金额（-元）"])
        for row in csv_rows(folder, "拼多多账务明细*", skip=4)
        if row["账务类型"] in {"交易收入", "优惠券结算", "交易退款"}
    )
    assert stated["Assets:Receivable:Pinduoduo"] == pdd
    own = sum(
        fen(row["收支金额(元)"]) * (1 if row["收支类型"] == "收入" else -1)
        for row in flow_rows(folder)
        if row["业务类型"] in {"交易", "退款"}
    )
    assert stated["Assets:Receivable:Shop"] == own


def test_what_is_abroad_adds_up(companies: Shop) -> None:
    folder, truth = companies
    settings = config.load(folder / "beanclear.toml")
    assert [table.name for table in settings.tables] == ["globe"]
    for currency, name in (("usd", "Assets:Wallet:Globe USD"), ("cny", "Assets:Wallet:Globe")):
        rows = csv_rows(folder, f"globe-{currency}-*", "utf-8")
        assert fen(rows[-1]["Balance"]) == truth.balances[name]
        before = fen(rows[0]["Balance"]) - fen(rows[0]["Amount"])
        for row in rows:
            before += fen(row["Amount"])
            assert before == fen(row["Balance"])
    assert sum(item.currency == "USD" for item in truth.open_items) == 1


def test_without_faults_only_what_is_always_open(tmp_path: Path) -> None:
    truth = simulate(tmp_path / "some", Options(orders=500, faults=0, days=70))
    assert {item.klass for item in truth.open_items} == {"opening", "uncategorised"}
    truth = simulate(tmp_path / "clean", Options(orders=500, clean=True, days=70))
    assert truth.open_items == ()


def test_without_own_orders_the_trade_bill_is_the_order_side(tmp_path: Path) -> None:
    truth = simulate(tmp_path, Options(own_orders=False))
    assert not list(tmp_path.glob("orders-*.csv"))
    faults = {item.fault for item in truth.open_items if item.account.endswith(":Shop")}
    assert faults <= {"overdue", "fee-variance"}


def test_small_and_short_shops(tmp_path: Path) -> None:
    for orders, days in ((0, 1), (1, 3), (30, 20), (120, 65)):
        options = Options(orders=orders, days=days, faults=0 if days < 60 else 0.02)
        truth = simulate(tmp_path / f"{orders}", options)
        shops = ("tmall", "shop", "pinduoduo")
        assert sum(truth.counts[f"orders:{name}"] for name in shops) == orders


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"orders": -1}, "orders: -1 is negative"),
        ({"days": 0}, "days: 0 is not at least one"),
        ({"faults": 0.5}, "faults: 0.5 is not between 0 and 0.1"),
        (
            {"days": 30},
            "days: 30 is too short for faults to be past due; take at least 65, or faults=0",
        ),
        ({"bank": "boc"}, "bank: 'boc' is none of icbc, ccb, cmbc, pingan"),
        ({"shops": 0}, "shops: 0 is not between 1 and 9"),
        ({"rates": (("late", 1001),)}, "rate: late=1001 is not between 0 and 1000"),
        ({"rates": (("lat", 1),)}, f"rate: 'lat' is none of {', '.join(CASES)}"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        Options(**options)
    assert str(caught.value) == message
