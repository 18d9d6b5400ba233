"""辅助核算: what a posting belongs to: shop, platform, department, project and the like.

A value stands in the metadata of a posting; where the posting says nothing, that of its entry
counts, and then that of the account's `open`:

    2026-08-05 open Expenses:Travel CNY
      code: "5602.05"
      dimensions: "department project"

    2026-08-09 * "出差"
      department: "运营部"
      Expenses:Travel            320.00 CNY
        project: "双十一"
      Assets:Bank:CCB:8826

`dimensions` names what every posting on the account must say. Platform and shop need not be
written where the text says them already: an entry of orders has them in its `source`, the
accounts of a platform in their name. Generated postings on accounts that platforms share, such
as fees, say them themselves. Both are components of account names: `Tmall`, `North`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from beanclear.ledger import chart
from beanclear.ledger.i18n import N_

# Dimension → msgid of its heading.
DIMENSIONS: Final = {
    "shop": N_("Shop"),
    "platform": N_("Platform"),
    "sku": N_("SKU group"),
    "customer": N_("Customer"),
    "supplier": N_("Supplier"),
    "department": N_("Department"),
    "employee": N_("Employee"),
    "project": N_("Project"),
}
REQUIRED: Final = "dimensions"
# Those that generated text says of its own accord, in the order of an account's components.
OWN: Final = ("platform", "shop")
_ORDERS: Final = "orders/"


def value_of(
    dimension: str,
    account: str,
    posting: Mapping[str, Any],
    entry: Mapping[str, Any],
    opened: Mapping[str, Any],
) -> str:
    """What a posting on `account` says of a dimension; empty when nothing says it.

    `posting`, `entry` and `opened` are the metadata of the posting, of its entry and of its
    account's `open`.
    """
    for meta in (posting, entry, opened):
        value = meta.get(dimension)
        if value is not None and str(value).strip():
            return str(value).strip()
    if dimension not in OWN:
        return ""
    source = str(entry.get("source", ""))
    if source.startswith(_ORDERS):
        platform, _slash, shop = source.removeprefix(_ORDERS).partition("/")
        owner = chart.components(platform, shop)
    else:
        owner = chart.owner(account)
    return owner[OWN.index(dimension)]


def required(opened: Mapping[str, Any]) -> tuple[str, ...]:
    """The dimensions that an `open` asks of every posting, known ones or not."""
    return tuple(str(opened.get(REQUIRED, "")).replace(",", " ").split())


def unknown(opened: Mapping[str, Any]) -> tuple[str, ...]:
    """What of these is no dimension."""
    return tuple(name for name in required(opened) if name not in DIMENSIONS)
