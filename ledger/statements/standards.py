"""The two Chinese standards: which codes are whose, and what their statements ask of the chart.

小企业会计准则 (财会〔2011〕17号, appendix) and 企业会计准则 (应用指南; 财会〔2019〕6号) number
equity, cost and profit-and-loss accounts differently: 4001 is 生产成本 in one and 实收资本 in the
other. A chart of one standard in books of the other would give wrong statements without any
difference, so each code is held against the kind of account it is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.general_ledger import Entry, GeneralLedger, Line
from beanclear.ledger.statements.positions import code_of

# First digit of a code → the roots of Beancount accounts that may bear it.
_ASSETS = frozenset({"Assets"})
_COSTS = frozenset({"Assets", "Expenses"})
_RESULT = frozenset({"Income", "Expenses"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the statements of one standard need to know of its chart.

    Attributes:
      name: msgid of the standard's name.
      classes: first digit of a code → roots of the accounts that may bear it.
      profit: the level-1 account 本年利润, to which a year's profit and loss is closed.
      retained: level-1 accounts of undistributed profit.
      result: first digit of profit-and-loss accounts.
      prior: of these, the account of corrections of earlier years, which are no result of this
        year; empty where there is none.
      sales, cost: level-1 accounts of operating revenue and of its cost.
      comprehensive: the account of other comprehensive income; empty where there is none.
      statements: names of the forms.
    """

    name: str
    classes: Mapping[str, frozenset[str]]
    profit: str
    retained: tuple[str, ...]
    result: str
    prior: str
    sales: tuple[str, ...]
    cost: tuple[str, ...]
    comprehensive: str
    statements: tuple[str, ...]


RULES: Final[Mapping[Standard, Rules]] = {
    "small": Rules(
        name=N_("Accounting Standard for Small Enterprises"),
        classes={
            "1": _ASSETS,
            "2": frozenset({"Liabilities"}),
            "3": frozenset({"Equity"}),
            "4": _COSTS,
            "5": _RESULT,
        },
        profit="3103",
        retained=("3103", "3104"),
        result="5",
        prior="",
        sales=("5001", "5051"),
        cost=("5401", "5402"),
        comprehensive="",
        statements=("balance-sheet", "income-statement", "cash-flow"),
    ),
    "enterprise": Rules(
        name=N_("Accounting Standards for Business Enterprises"),
        classes={
            "1": _ASSETS,
            "2": frozenset({"Liabilities"}),
            "3": frozenset({"Assets", "Liabilities"}),
            "4": frozenset({"Equity"}),
            "5": _COSTS,
            "6": _RESULT,
        },
        profit="4103",
        retained=("4103", "4104"),
        result="6",
        prior="6901",
        sales=("6001", "6051"),
        cost=("6401", "6402"),
        comprehensive="4003",
        statements=("balance-sheet", "income-statement", "cash-flow", "equity-changes"),
    ),
}


def check_chart(ledger: GeneralLedger, standard: Standard) -> None:
    """See that every coded account fits its code's class in the chosen chart.

    Raises:
      BooksError: names the accounts whose codes are of the other chart, or of none.
    """
    classes = RULES[standard].classes
    wrong = [
        f"{name} ({account.code})"
        for name, account in sorted(ledger.accounts.items())
        if account.code and name.partition(":")[0] not in classes.get(account.code[:1], frozenset())
    ]
    if wrong:
        raise BooksError(
            _("codes that the chart of %(standard)s does not give to such accounts: %(accounts)s")
            % {"standard": gettext(RULES[standard].name), "accounts": ", ".join(wrong)},
            _("correct `code` in accounts.beancount, or `standard` in beanclear.toml"),
        )


def result_of(ledger: GeneralLedger, entry: Entry, rules: Rules) -> tuple[Line, ...]:
    """The lines of an entry that are profit or loss of the year, or other comprehensive income.

    Entries on 本年利润 close the year. Those on undistributed profit take other comprehensive
    income there. Corrections of earlier years are no result of this one.
    """
    coded = [(line, code_of(ledger, line.account)) for line in entry.lines if line.amount_minor]
    codes = {code[:4] for _line, code in coded}
    year_end, taken = rules.profit in codes, not codes.isdisjoint(rules.retained)
    return tuple(
        line
        for line, code in coded
        if (code.startswith(rules.result) and code[:4] != rules.prior and not year_end)
        or (code[:4] == rules.comprehensive and not taken)
    )
