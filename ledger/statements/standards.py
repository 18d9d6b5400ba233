"""The two Chinese standards: which codes are whose, and how one chart's codes read in the other.

小企业会计准则 (财会〔2011〕17号, appendix) and 企业会计准则 (应用指南; 财会〔2019〕6号) number
equity, cost and profit-and-loss accounts differently: 4001 is 生产成本 in one and 实收资本 in the
other. A chart of one standard in books of the other would give wrong statements without any
difference, so each code is held against the kind of account it is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import N_
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statements.definition import Standard
from beanclear.ledger.statements.general_ledger import GeneralLedger

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
      statements: names of the forms.
    """

    name: str
    classes: Mapping[str, frozenset[str]]
    profit: str
    retained: tuple[str, ...]
    result: str
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
        statements=("balance-sheet", "income-statement", "cash-flow", "equity-changes"),
    ),
}

# Codes of 小企业会计准则 that 企业会计准则 numbers otherwise; all others are the same in both.
_ENTERPRISE: Final[Mapping[str, str]] = {
    "3001": "4001", "3002": "4002", "3101": "4101", "3103": "4103", "3104": "4104",
    "4001": "5001", "4101": "5101", "4301": "5301",
    "5001": "6001", "5051": "6051", "5111": "6111", "5301": "6301", "5401": "6401",
    "5402": "6402", "5403": "6403", "5601": "6601", "5602": "6602", "5603": "6603",
    "5711": "6711", "5801": "6801",
}  # fmt: skip


def code_in(standard: Standard, code: str) -> str:
    """A code of 小企业会计准则 as `standard` numbers it; its sub-account stays."""
    level1, dot, rest = code.partition(".")
    return (_ENTERPRISE.get(level1, level1) if standard == "enterprise" else level1) + dot + rest


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
            % {"standard": _(RULES[standard].name), "accounts": ", ".join(wrong)},
            _("correct `code` in accounts.beancount, or `standard` in beanclear.toml"),
        )
