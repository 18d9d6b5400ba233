"""`run` and `open-items`: what they print, in which form, and how they end."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from beanclear.ledger.beancount_text import amount
from beanclear.ledger.errors import Fault
from beanclear.ledger.reconciliation import Matched
from beanclear.ledger.vocabulary import OpenItem

Run = Callable[..., Result]

DAY = datetime.date(2026, 8, 31)
TMALL = "Assets:Receivable:Tmall"
FAULT = Fault(code="bad-amount", file="b.csv", row=3, what="abc is no amount", todo="export again")


def item(**changes: object) -> OpenItem:
    values: dict[str, Any] = {
        "date": datetime.date(2026, 8, 1), "account": TMALL, "amount": amount(12800, "CNY"),
        "as_of": DAY, "klass": "overdue", "key": "5116", "at_stake": amount(12800, "CNY"),
        "due": datetime.date(2026, 8, 16), "reason": "no wallet line settles this order",
        "order_id": "5116", "file": "orders.csv", "row": 7,
    }  # fmt: skip
    return OpenItem(**(values | changes))


def state(**changes: object) -> SimpleNamespace:
    values: dict[str, Any] = {
        "account": TMALL, "as_of": DAY, "balance_minor": 123418800, "currency": "CNY",
        "in_transit_minor": 123406000, "in_transit_count": 2, "open_minor": 12800,
        "open_count": 1, "matched_count": 4000, "awaiting": None,
        "matched": (Matched(name="key", count=4000, amount_minor=900),),
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


def document(**changes: object) -> SimpleNamespace:
    values: dict[str, Any] = {
        "file": "a.csv", "importer": "alipay-ledger", "source": "alipay",
        "account": "2088123412342512", "grade": "proven", "rows": 412,
        "first": datetime.date(2026, 8, 1), "last": DAY, "accepted_by": None,
        "state": "booked", "faults": (), "notes": (), "warnings": (), "left_out": 0,
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


def test_summary(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.documents = (document(),)
    pipeline.accounts = (state(),)
    pipeline.items = (item(),)
    pipeline.assumptions = ("taobao: income when completed",)
    pipeline.reminders = ("pinduoduo ends at 2026-06-30",)
    pipeline.changed = ("accounts.beancount", "journal/2026/08/alipay.beancount")
    result = run("run", books)
    assert result.exit_code == 1
    assert result.stdout == (
        "Documents\n"
        "  file   state   source  account           grade   rows  from        to\n"
        "  a.csv  booked  alipay  2088123412342512  proven   412  2026-08-01  2026-08-31\n"
        "\n"
        "Clearing accounts\n"
        "  clearing account         as of            balance            in transit"
        "            open  matched\n"
        "  Assets:Receivable:Tmall  2026-08-31  1,234,188.00 CNY  1,234,060.00 CNY (2)"
        "  128.00 CNY (1)    4,000\n"
        "\n"
        "Open items: overdue 1\n"
        "  class    clearing account         key   date        amount  at stake  days  reason\n"
        "  overdue  Assets:Receivable:Tmall  5116  2026-08-01  128.00    128.00    30"
        "  no wallet line settles this order\n"
        "\n"
    ).replace("as of            balance            in transit", "as of                balance"
              "            in transit")  # fmt: skip
    assert result.stderr == (
        "Assumed, until beanclear.toml says `confirmed = true`:\n"
        "  - taobao: income when completed\n"
        "Reminders:\n"
        "  - pinduoduo ends at 2026-06-30\n"
        "Written: accounts.beancount, journal/ (1)\n"
        "1 items are open (overdue 1).\n"
        f"Look at it in Fava: beanclear serve {books}\n"
    )


def test_only_twenty_items_are_shown(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.items = tuple(item(key=f"k{number:02d}") for number in range(25))
    result = run("run", books)
    assert sum(line.lstrip().startswith("overdue") for line in result.stdout.splitlines()) == 20
    assert "5 more: `beanclear open-items` lists all\n" in result.stderr


@pytest.mark.usefixtures("pipeline")
def test_nothing_open_is_0(run: Run, books: Path) -> None:
    result = run("run", books)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("The books were up to date; nothing changed.\nReconciled:")
    assert run("-q", "run", books).stderr == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"items": (item(),)},
        {"faults": (FAULT,)},
        {"documents": (document(state="refused"),)},
        {"check_errors": ("main.beancount:3: broken",)},
    ],
)
def test_anything_unreconciled_is_1(
    run: Run, pipeline: SimpleNamespace, books: Path, changes: dict[str, object]
) -> None:
    for name, value in changes.items():
        setattr(pipeline, name, value)
    assert run("run", books).exit_code == 1


def test_faults_go_to_stderr(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.faults = (FAULT,)
    pipeline.documents = (document(file="b.csv", state="refused", grade=None, faults=(FAULT,)),)
    result = run("-q", "run", books)
    assert result.stderr == "b.csv:3: abc is no amount: export again\n"
    assert "refused" in result.stdout


def test_json(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.documents = (document(accepted_by="Li", grade="contradicted"),)
    pipeline.accounts = (state(as_of=None, awaiting="bank"),)
    pipeline.items = (item(),)
    pipeline.faults = (FAULT,)
    pipeline.changed = ("journal/a.beancount",)
    result = run("run", books, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert list(found)[:2] == ["schema", "version"]
    assert (found["schema"], found["version"]) == ("beanclear.run", 1)
    assert found["documents"][0] == {
        "file": "a.csv", "state": "booked", "importer": "alipay-ledger", "source": "alipay",
        "account": "2088123412342512", "grade": "contradicted", "accepted_by": "Li", "rows": 412,
        "first": "2026-08-01", "last": "2026-08-31", "faults": [], "notes": [], "warnings": [],
    }  # fmt: skip
    assert found["accounts"][0] == {
        "account": TMALL, "as_of": None, "balance": "1234188.00", "currency": "CNY",
        "in_transit": {"amount": "1234060.00", "count": 2},
        "open": {"amount": "128.00", "count": 1}, "awaiting": "bank",
        "matched": {
            "count": 4000, "amount": "9.00",
            "passes": [{"pass": "key", "count": 4000, "amount": "9.00"}],
        },
    }  # fmt: skip
    assert found["faults"] == [
        {"code": "bad-amount", "file": "b.csv", "row": 3, "what": "abc is no amount",
         "todo": "export again"}
    ]  # fmt: skip
    assert found["changed"] == ["journal/a.beancount"]


def test_dry_run_prints_the_diff(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"
    result = run("run", books, "--dry-run")
    assert result.stdout == pipeline.diff
    assert result.stderr.startswith("Nothing was written: this was a dry run.\n")
    assert pipeline.asked[0][1]["dry_run"] is True


def test_options_reach_the_pipeline(
    run: Run, pipeline: SimpleNamespace, books: Path, tmp_path: Path
) -> None:
    export = tmp_path / "a.csv"
    export.write_text("x", encoding="utf-8")
    result = run(
        "run", books, export, "--accept", "a.csv", "--by", "Li", "--as-of", "2026-08-31",
        "--covers", "Assets:Bank:CCB:8826=2026-08-30", "--rebuild", "--taxpayer", "small",
        "--rebook",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    opened, options, _progress = pipeline.asked[0]
    assert opened.root == books
    assert options == {
        "files": (export,), "accept": frozenset({"a.csv"}), "by": "Li", "as_of": DAY,
        "covers": {"Assets:Bank:CCB:8826": datetime.date(2026, 8, 30)}, "rebuild": True,
        "taxpayer": "small", "dry_run": False, "lock_timeout": 10.0, "engine": None,
        "records": None, "rebook": True,
    }  # fmt: skip


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize("text", ["x", "A=2026-02-30", "=2026-08-30"])
def test_wrong_covers(run: Run, books: Path, text: str) -> None:
    result = run("run", books, "--covers", text)
    assert result.exit_code == 2
    assert result.stderr == (
        f"--covers {text} is not understood: "
        "write ACCOUNT=DATE such as Assets:Bank:CCB:8826=2026-08-31\n"
    )


def test_files_alone_belong_to_the_current_books(
    run: Run, pipeline: SimpleNamespace, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (books / "inbox" / "a.csv").write_text("x", encoding="utf-8")
    monkeypatch.chdir(books / "inbox")
    assert run("run", "a.csv").exit_code == 0
    assert pipeline.asked[0][0].root == books
    missing = run("run", "a.csv", "nowhere.csv")
    assert (missing.exit_code, missing.stderr) == (
        2, "nowhere.csv: there is no such file: check the name\n",
    )  # fmt: skip


def test_a_missing_as_of_date_is_a_dash(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.accounts = (state(as_of=None),)
    assert f"{TMALL}  -      1,234,188.00 CNY" in run("run", books).stdout


def test_open_items_json_is_the_contract(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.accounts = (state(),)
    pipeline.items = (item(candidates="a b", counterparty="=cmd"),)
    result = run("open-items", books, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "schema": "beanclear.open-items",
        "version": 1,
        "accounts": [
            {"account": TMALL, "as_of": "2026-08-31", "balance": "1234188.00", "currency": "CNY",
             "in_transit": {"amount": "1234060.00", "count": 2},
             "open": {"amount": "128.00", "count": 1}}
        ],
        "items": [
            {"account": TMALL, "class": "overdue", "amount": "128.00", "at_stake": "128.00",
             "currency": "CNY", "date": "2026-08-01", "due": "2026-08-16", "age_days": 30,
             "order_id": "5116", "payout_id": None, "trade_id": None, "bank_ref": None,
             "counterparty": "=cmd", "file": "orders.csv", "row": 7,
             "reason": "no wallet line settles this order", "candidates": ["a", "b"],
             "key": "5116", "count": 1, "explained_until": None}
        ],
    }  # fmt: skip


def test_open_items_csv_has_no_formulas(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.items = (item(counterparty="=cmd|'x'!A1", amount=amount(-500, "CNY")),)
    rows = list(csv.DictReader(io.StringIO(run("open-items", books, "--csv").stdout)))
    assert rows[0]["counterparty"] == "'=cmd|'x'!A1"
    assert rows[0]["amount"] == "-5.00"
    pipeline.items = ()
    empty = run("open-items", books, "--csv")
    assert empty.exit_code == 0
    assert empty.stdout.splitlines() == [",".join(rows[0])]


def test_open_items_filters(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.items = (
        item(), item(key="x", klass="short"), item(key="y", account="Assets:Receivable:Tmall2"),
    )  # fmt: skip
    chosen = json.loads(
        run("open-items", books, "--account", TMALL, "--class", "overdue", "--json").stdout
    )
    assert [one["key"] for one in chosen["items"]] == ["5116"]
    below = json.loads(run("open-items", books, "--account", "Assets:Receivable", "--json").stdout)
    assert len(below["items"]) == 3
    assert run("open-items", books, "--class", "opening").exit_code == 0
    assert run("open-items", books, "--csv", "--json").exit_code == 2


def test_markup_and_controls_in_text_are_text(
    run: Run, pipeline: SimpleNamespace, books: Path
) -> None:
    pipeline.items = (item(reason="[red]x[/red] \x1b[31m\u202e"),)
    assert run("open-items", books).stdout.splitlines()[-2].endswith("[red]x[/red]  [31m")


def test_open_items_says_what_to_do_once_per_class(
    run: Run, pipeline: SimpleNamespace, books: Path
) -> None:
    pipeline.items = (item(), item(key="x y"), item(key="z", klass="short"))
    assert run("open-items", books).stderr.splitlines() == [
        "What to do, class by class:",
        "  - overdue: import the wallet statement that pays it, or explain the delay with "
        "`beanclear decide explain 5116 --account Assets:Receivable:Tmall --until DATE`",
        "  - short: claim the rest from the platform, or give it up with `beanclear decide "
        "write-off z --account Assets:Receivable:Tmall --to ACCOUNT`",
    ]


def test_explained_items_are_open_but_reconciled(
    run: Run, pipeline: SimpleNamespace, books: Path
) -> None:
    pipeline.items = (item(),)
    explain = (
        '2026-08-31 custom "explain" Assets:Receivable:Tmall\n'
        '  by: "Li"\n  key: "5116"\n  until: %s\n'
    )
    file = books / "decisions" / "2026.beancount"
    for until, code in (("2026-08-30", 1), ("2026-08-31", 0)):
        file.write_text(explain % until, encoding="utf-8")
        assert run("run", books).exit_code == code
        result = run("open-items", books, "--json")
        assert result.exit_code == code
        assert json.loads(result.stdout)["items"][0]["explained_until"] == (None if code else until)
    # Whose list says which items need nothing now: a column that only such lists have.
    for command in ("run", "open-items"):
        told = run(command, books)
        assert "1 of them are explained for now." in told.stderr
        assert "  reason                             explained until\n" in told.stdout
        assert "  no wallet line settles this order  2026-08-31\n" in told.stdout


@pytest.mark.usefixtures("books")
def test_amounts_of_several_currencies_say_which(
    run: Run, pipeline: SimpleNamespace, books: Path
) -> None:
    dollars = amount(5000, "USD")
    pipeline.items = (item(), item(key="6", amount=dollars, at_stake=dollars))
    told = run("open-items", books).stdout
    assert "2026-08-01  128.00 CNY  128.00 CNY    30  no wallet" in told
    assert "2026-08-01   50.00 USD   50.00 USD    30  no wallet" in told
