"""Dimensions that an account requires: what `bean-check` and `beanclear check` say of a lack."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

Load = Callable[..., SimpleNamespace]

BOOKS = """
2026-01-01 open Assets:Bank CNY
2026-01-01 open Equity:Opening-Balances CNY
2026-01-01 open Expenses:Travel CNY
  dimensions: "department project"
2026-01-01 open Income:Sales:Tmall:North CNY
  dimensions: "platform shop"

2026-08-01 * "what was there"
  Expenses:Travel             1.00 CNY
  Equity:Opening-Balances    -1.00 CNY

2026-08-09 * "trip"
  department: "sales"
  Expenses:Travel           320.00 CNY
    project: "fair"
  Assets:Bank              -320.00 CNY

2026-08-10 * "its shop is in the account's name"
  Assets:Bank                 5.00 CNY
  Income:Sales:Tmall:North   -5.00 CNY
"""


def test_whoever_says_all_is_not_told_anything(load: Load) -> None:
    assert load(BOOKS).errors == []


def test_a_posting_that_lacks_a_dimension_is_an_error_at_its_line(load: Load) -> None:
    books = load(BOOKS.replace('    project: "fair"\n', ""))
    assert books.errors == [
        "PostingError: the posting on Expenses:Travel says no project: write it below the posting"
        ' or its entry, such as `project: "…"`'
    ]
    assert [place.rpartition(": ")[2] for place in books.places] == [
        "Expenses:Travel           320.00 CNY"
    ]


def test_all_that_lacks_is_named_at_once(load: Load) -> None:
    text = BOOKS.replace('    project: "fair"\n', "").replace('  department: "sales"\n', "")
    (message,) = load(text).errors
    assert message.startswith(
        "PostingError: the posting on Expenses:Travel says no department, project: "
    )


def test_an_account_cannot_require_what_is_no_dimension(load: Load) -> None:
    books = load(BOOKS.replace('"department project"', '"department, project colour"'))
    assert books.errors == [
        "PostingError: Expenses:Travel requires colour, which is no dimension: name some of shop,"
        " platform, sku, customer, supplier, department, employee, project"
    ]
    assert books.places[0].endswith("2026-01-01 open Expenses:Travel CNY")
