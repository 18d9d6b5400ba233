"""店铺损益: what each shop sold, what the platform took, and what was left, month by month.

    sales − refunds − VAT = net revenue;  net revenue − charges = margin before cost of goods
    take rate = charges / (sales − refunds)

Net revenue of a shop is held against the postings on its income account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from beanclear.ledger import chart
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.periods import Period, months
from beanclear.ledger.statements.commerce import Month, ShopMonth
from beanclear.ledger.statements.dimensions import NO_NAMES
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.names import Names
from beanclear.ledger.statements.table import Column, Kind, Row, Style, Table

Figures = Mapping[Month, int]

# Label (msgid) of a row of charges → kinds of wallet lines in it; what is in none is `other`.
CHARGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Platform fees"), ("fee", "fee_refund")),
    (N_("Payment fees"), ("payment_fee", "payment_fee_refund")),
    (N_("Affiliate commission"), ("affiliate",)),
    (N_("Advertising"), ("advertising",)),
    (N_("Freight insurance"), ("insurance",)),
    (N_("Logistics"), ("logistics",)),
    (N_("Compensation"), ("compensation",)),
    (N_("Penalties"), ("penalty",)),
)
# Kinds that are no cost of selling: they move money between accounts of the balance sheet.
_NO_CHARGE: Final = frozenset(
    {"payout", "payout_return", "transfer", "deposit", "reserve", "release", "prepayment",
     "conversion", "interest", "other"}
)  # fmt: skip


def profit_and_loss(
    figures: Iterable[ShopMonth],
    ledger: GeneralLedger,
    period: Period,
    names: Names = NO_NAMES,
) -> list[Table]:
    """One table for each shop and currency; a column for each month and one for their sum."""
    shops: dict[tuple[str, str, str], dict[str, dict[Month, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for one in figures:
        shops[one.platform, one.shop, one.currency][one.name][one.month] += one.amount_minor
    columns = [(first.year, first.month) for first, _last in months(period)]
    return [
        _table(key, found, columns, ledger, period, called=names.shop(*key[:2]))
        for key, found in sorted(shops.items())
    ]


def _table(
    key: tuple[str, str, str],
    found: Mapping[str, Figures],
    columns: Sequence[Month],
    ledger: GeneralLedger,
    period: Period,
    *,
    called: str,
) -> Table:
    platform, shop, currency = key
    rows: list[Row] = []

    def add(
        label: str,
        values: Sequence[int],
        style: Style = Style.LINE,
        adds: tuple[tuple[int, int], ...] = (),
    ) -> int:
        rows.append(Row(cells=(label, *values, sum(values)), style=style, adds=adds))
        return len(rows) - 1

    def figure(*names: str) -> list[int]:
        return [sum(found.get(name, {}).get(month, 0) for name in names) for month in columns]

    sales, refunds, vat = figure("sales"), figure("refunds"), figure("vat")
    at_sales = add(_("Sales with tax"), sales)
    add(_("of which funded by the platform"), figure("platform_discount"), Style.PART)
    add(_("discounts of the merchant (not in sales)"), figure("merchant_discount"), Style.PART)
    at_refunds = add(_("Refunds"), refunds)
    at_vat = add(_("VAT"), vat)
    net = [sale - refund - tax for sale, refund, tax in zip(sales, refunds, vat, strict=True)]
    at_net = add(
        _("Net revenue"), net, Style.TOTAL, ((1, at_sales), (-1, at_refunds), (-1, at_vat))
    )
    places = []
    charged = [0] * len(columns)
    known = {kind for _label, kinds in CHARGES for kind in kinds}
    others = tuple(sorted(found.keys() - known - _NO_CHARGE - _SALES))
    for label, kinds in (*CHARGES, (N_("Other charges"), others)):
        values = [-value for value in figure(*kinds)]
        if any(values):
            places.append(add(gettext(label), values))
            charged = [one + more for one, more in zip(charged, values, strict=True)]
    added = tuple((1, place) for place in places)
    at_charges = add(_("Charges"), charged, Style.TOTAL, added)
    margin = [one - less for one, less in zip(net, charged, strict=True)]
    add(_("Margin before cost of goods"), margin, Style.TOTAL, ((1, at_net), (-1, at_charges)))
    kept = [sale - refund for sale, refund in zip(sales, refunds, strict=True)]
    rates = [_rate(less, one) for less, one in zip(charged, kept, strict=True)]
    account = chart.sales_account(platform, shop)
    return Table(
        name=f"shop-{platform}-{shop or 'main'}-{currency}",
        title=_("Profit and loss of %(shop)s") % {"shop": called},
        currency=currency,
        header=((_("Period"), period.name),),
        columns=_columns(columns),
        rows=tuple(rows),
        notes=(
            _("Take rate: %(rates)s; of the whole period %(total)s.")
            % {"rates": ", ".join(rates), "total": _rate(sum(charged), sum(kept))},
        ),
        checks={
            _("net revenue less postings on %(account)s") % {"account": account}: sum(net)
            + _posted(ledger, account, currency, period)
        },
    )


def _columns(months_shown: Sequence[Month]) -> tuple[Column, ...]:
    names = [f"{year}-{month:02d}" for year, month in months_shown]
    return (
        Column(name="item", heading=_("Item")),
        *(Column(name=name, heading=name, kind=Kind.MONEY) for name in names),
        Column(name="total", heading=_("Total"), kind=Kind.MONEY),
    )


_SALES: Final = frozenset({"sales", "refunds", "vat", "merchant_discount", "platform_discount"})


def _rate(charged: int, kept: int) -> str:
    """A share in percent with two digits, half up; a dash where nothing was sold."""
    if kept <= 0:
        return "-"
    hundredths = (abs(charged) * 20_000 + kept) // (2 * kept)
    return f"{'-' if charged < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}%"


def _posted(ledger: GeneralLedger, account: str, currency: str, period: Period) -> int:
    """What the generated entries posted on an account, debit positive; manual ones left out."""
    return sum(
        line.amount_minor
        for entry in ledger.between(period.first, period.last)
        if "records" in entry.meta
        for line in entry.lines
        if (line.account, line.currency) == (account, currency)
    )
