"""Fee audit, delays of settlement and VAT: small tables over what `commerce` read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period
from beanclear.ledger.statements.commerce import Delay, FeeLine
from beanclear.ledger.statements.dimensions import NO_NAMES
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.positions import contained_vat
from beanclear.ledger.statements.table import Column, Kind, Row, Style, Table
from beanclear.ledger.statements.trial_balance import figures

# Upper ends of the classes of delays, in days; the last class is open.
_CLASSES: Final = (0, 1, 3, 7, 15, 30)


def fee_audit(lines: Sequence[FeeLine], period: Period, names: Names = NO_NAMES) -> list[Table]:
    """费用稽核: charged against contracted fees, by shop and rule."""
    rows = [
        Row(
            cells=(
                names.shop(line.platform, line.shop),
                line.rule or _("the rate on the bill"),
                line.ppm,
                line.orders,
                line.sold_minor,
                line.expected_minor,
                line.charged_minor,
                line.charged_minor - line.expected_minor,
                line.variances,
            ),
            currency=line.currency,
        )
        for line in lines
    ]
    return [
        Table(
            name="fee-audit",
            title=_("Fees charged against contracted rates"),
            currency=lines[0].currency if lines else "CNY",
            header=((_("Period"), period.name),),
            columns=(
                Column(name="shop", heading=_("Shop")),
                Column(name="rule", heading=_("Rule")),
                Column(name="rate", heading=_("Rate"), kind=Kind.RATE),
                Column(name="orders", heading=_("Orders"), kind=Kind.COUNT),
                Column(name="sold", heading=_("Sold"), kind=Kind.MONEY),
                Column(name="expected", heading=_("By contract"), kind=Kind.MONEY),
                Column(name="charged", heading=_("Charged"), kind=Kind.MONEY),
                Column(name="difference", heading=_("Difference"), kind=Kind.MONEY),
                Column(name="variances", heading=_("Orders beyond rounding"), kind=Kind.COUNT),
            ),
            rows=tuple(rows),
            notes=(_("Fees without a known rate are not judged; add them as [[fees]]."),),
        )
    ]


def delay_table(found: Sequence[Delay], period: Period, names: Names = NO_NAMES) -> list[Table]:
    """结算时长: how many days after an order was due its first money came, by shop."""
    groups: dict[tuple[str, str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for one in found:
        sums = groups[one.platform, one.shop, one.currency]
        label = _class(one.days)
        orders, amount = sums.get(label, (0, 0))
        sums[label] = (orders + one.orders, amount + one.amount_minor)
    labels = [_class(days) for days in (-1, *_CLASSES, _CLASSES[-1] + 1)]
    rows = []
    for (platform, shop, currency), sums in sorted(groups.items()):
        total = sum(orders for orders, _amount in sums.values())
        for label in labels:
            if label in sums:
                orders, amount = sums[label]
                share = orders * 1_000_000 // total
                cells = (names.shop(platform, shop), label, orders, share, amount)
                rows.append(Row(cells=cells, currency=currency))
    return [
        Table(
            name="settlement-delays",
            title=_("Days from claim to settlement"),
            currency=found[0].currency if found else "CNY",
            header=((_("Period"), period.name),),
            columns=(
                Column(name="shop", heading=_("Shop")),
                Column(name="days", heading=_("Days")),
                Column(name="orders", heading=_("Orders"), kind=Kind.COUNT),
                Column(name="share", heading=_("Share"), kind=Kind.RATE),
                Column(name="amount", heading=_("Amount"), kind=Kind.MONEY),
            ),
            rows=tuple(rows),
            notes=(_("A negative number of days: the money came before the order was completed."),),
        )
    ]


def _class(days: int) -> str:
    if days < 0:
        return "< 0"
    low = 0
    for high in _CLASSES:
        if days <= high:
            return str(high) if low == high else f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def vat_summary(ledger: GeneralLedger, period: Period, rates: Sequence[int]) -> list[Table]:
    """增值税汇总: sales and output VAT by rate, tied to the VAT accounts of the books.

    Of each entry that posts output VAT (now or deferred) the sales it posts are the base, and the
    rate is the one of `rates` (millionths) that gives this VAT to a minor unit a record.
    """
    sums: dict[int | None, tuple[int, int]] = {}
    for entry in ledger.between(period.first, period.last):
        vat = -sum(line.amount_minor for line in entry.lines if _is_vat(line.account))
        base = -sum(line.amount_minor for line in entry.lines if line.account.startswith(_SALES))
        if not vat and not base:
            continue
        rate = _rate(base, vat, rates, int(entry.meta.get("records", 1) or 1)) if base else None
        before = sums.get(rate, (0, 0))
        sums[rate] = (before[0] + base, before[1] + vat)
    rows = [
        Row(cells=(_("at no known rate, or no sale") if rate is None else "", rate, base, vat))
        for rate, (base, vat) in sorted(sums.items(), key=lambda pair: (pair[0] is None, pair[0]))
    ]
    total = sum(vat for _base, vat in sums.values())
    posted = sum(
        credit - debit
        for account, (debit, credit) in ledger.movements(period.first, period.last).items()
        if ledger.accounts[account].code == "2221.01"
        or ledger.accounts[account].code.startswith(_OUTPUT)
    )
    added = tuple((1, place) for place in range(len(rows)))
    base_total = sum(base for base, _vat in sums.values())
    rows.append(Row(cells=(_("Total"), None, base_total, total), style=Style.TOTAL, adds=added))
    return [
        Table(
            name="vat-summary",
            title=_("VAT by rate"),
            currency=ledger.currency,
            header=((_("Period"), period.name),),
            columns=(
                Column(name="note", heading=_("Note")),
                Column(name="rate", heading=_("VAT rate"), kind=Kind.RATE),
                Column(name="sales", heading=_("Sales without tax"), kind=Kind.MONEY),
                Column(name="vat", heading=_("Output VAT"), kind=Kind.MONEY),
            ),
            rows=tuple(rows),
            checks={_("VAT by rate less what 2221 says of output VAT"): total - posted},
        )
    ]


def tax_accounts(ledger: GeneralLedger, period: Period, language: str) -> Table:
    """应交税费 by sub-account: what was owed, what came to it, what was paid; credit positive.

    Its check is the balance of all of 2221 in the general ledger.
    """
    found = {
        name: one
        for name, one in figures(ledger, period, ledger.currency).items()
        if ledger.accounts[name].level1 == _TAXES
    }
    rows = [
        Row(
            cells=(
                ledger.accounts[name].code,
                ledger.accounts[name].label(language),
                -opening,
                debit,
                credit,
                credit - debit - opening,
            ),
            accounts=(name,),
        )
        for name, (opening, debit, credit) in sorted(
            found.items(), key=lambda one: ledger.accounts[one[0]].code
        )
    ]
    sums = [
        sum(value for row in rows if isinstance(value := row.cells[place], int))
        for place in range(2, 6)
    ]
    adds = tuple((1, place) for place in range(len(rows)))
    rows.append(Row(cells=("", _("Total"), *sums), style=Style.TOTAL, adds=adds))
    owed = -sum(
        balance
        for name, balance in ledger.balances(period.last).items()
        if name in ledger.accounts and ledger.accounts[name].level1 == _TAXES
    )
    return Table(
        name="tax-accounts",
        title=_("Taxes payable by account"),
        currency=ledger.currency,
        header=((_("Period"), period.name),),
        columns=(
            Column(name="code", heading=_("Code")),
            Column(name="account", heading=_("Account")),
            Column(name="opening", heading=_("Owed before"), kind=Kind.MONEY),
            Column(name="debit", heading=_("Debit"), kind=Kind.MONEY),
            Column(name="credit", heading=_("Credit"), kind=Kind.MONEY),
            Column(name="closing", heading=_("Owed at the end"), kind=Kind.MONEY),
        ),
        rows=tuple(rows),
        notes=(_("Debits are input VAT and what was paid; a negative balance is tax credit."),),
        checks={_("owed at the end less the balance of 2221"): sums[-1] - owed},
    )


_TAXES: Final = "2221"
_SALES: Final = "Income:Sales:"
_VAT: Final = frozenset(
    {"Liabilities:Tax:VAT", "Liabilities:Tax:VAT:Output", "Liabilities:Tax:VAT:Deferred"}
)
# 应交增值税 of small taxpayers, 销项税额, 待转销项税额. Small taxpayers use 2221.01 alone.
_OUTPUT: Final = ("2221.01.02", "2221.06")


def _is_vat(account: str) -> bool:
    return account in _VAT


def _rate(base: int, vat: int, rates: Sequence[int], records: int) -> int | None:
    """The rate that gives `vat` on `base`, rounded at each of `records` lines."""
    for ppm in rates:
        gross = base + vat
        wanted = contained_vat(gross, ppm) * (1 if gross >= 0 else -1)
        if abs(wanted - vat) <= records:
            return ppm
    return None
