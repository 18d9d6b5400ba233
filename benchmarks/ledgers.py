"""The peer of summarised books: a ledger with one transaction an order, and Fava's first page."""
# ruff: noqa: PLC0415 - each job loads what it needs

from __future__ import annotations

import datetime
from pathlib import Path

FIRST = datetime.date(2026, 6, 1)
DAYS = 90
_ACCOUNTS = ("Assets:Receivable", "Income:Sales", "Liabilities:VAT")
_BLOCK = 10_000


def write(folder: str, orders: str) -> dict[str, int]:
    """Write `main.beancount`: each order with its claim, its income and its VAT."""
    path = Path(folder) / "main.beancount"
    path.parent.mkdir(parents=True, exist_ok=True)
    count = int(orders)
    with path.open("w", encoding="utf-8") as file:
        file.write('option "operating_currency" "CNY"\n')
        file.writelines(f"1970-01-01 open {name} CNY\n" for name in _ACCOUNTS)
        for start in range(0, count, _BLOCK):
            file.write("".join(_order(n, count) for n in range(start, min(start + _BLOCK, count))))
    return {"orders": count}


def _order(number: int, count: int) -> str:
    day = FIRST + datetime.timedelta(days=number * DAYS // count)
    gross = 990 + number * 7919 % 50_000
    tax = gross * 13 // 113
    whole, vat, net = (f"{fen // 100}.{fen % 100:02d} CNY" for fen in (gross, tax, gross - tax))
    return (
        f'\n{day} * "order"\n  order: "5116{number:015d}"\n'
        f"  {_ACCOUNTS[0]}  {whole}\n  {_ACCOUNTS[1]}  -{net}\n  {_ACCOUNTS[2]}  -{vat}\n"
    )


def page(path: str) -> dict[str, int]:
    """Start Fava on a ledger and fetch its first page, with the figures on it."""
    from fava.application import create_app

    client = create_app([path]).test_client()
    first = client.get("/", follow_redirects=True)
    ledger = first.request.path.strip("/").partition("/")[0]
    figures = client.get(f"/{ledger}/api/income_statement")
    if (first.status_code, figures.status_code) != (200, 200):
        raise SystemExit(f"Fava answers {first.status_code} and {figures.status_code}")
    return {"bytes": len(first.data) + len(figures.data)}
