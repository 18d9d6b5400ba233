"""English names of level-1 accounts; the Chinese ones stand before the hyphen in sub-accounts.

Codes of 小企业会计准则 (财会〔2011〕17号, appendix) and of 企业会计准则 (应用指南). Where one
code is an account in each, equity and cost accounts are told apart by the account's root.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SHARED: Final[Mapping[str, str]] = {
    "1001": "Cash on hand", "1002": "Bank deposits", "1012": "Other monetary funds",
    "1101": "Short-term investments", "1121": "Notes receivable", "1122": "Accounts receivable",
    "1123": "Prepayments", "1131": "Dividends receivable", "1132": "Interest receivable",
    "1221": "Other receivables", "1231": "Allowance for bad debts",
    "1402": "Goods in transit", "1403": "Raw materials", "1405": "Merchandise inventory",
    "1408": "Consigned processing materials", "1411": "Revolving materials",
    "1511": "Long-term equity investments", "1601": "Fixed assets",
    "1602": "Accumulated depreciation", "1604": "Construction in progress",
    "1606": "Disposal of fixed assets", "1701": "Intangible assets",
    "1702": "Accumulated amortisation", "1801": "Long-term deferred expenses",
    "1901": "Property losses to be settled", "2001": "Short-term loans", "2201": "Notes payable",
    "2202": "Accounts payable", "2203": "Advances from customers", "2205": "Contract liabilities",
    "2211": "Payroll payable", "2221": "Taxes payable", "2231": "Interest payable",
    "2232": "Profit payable", "2241": "Other payables", "2501": "Long-term loans",
    "2701": "Long-term payables",
    "6001": "Operating revenue", "6051": "Other operating revenue", "6111": "Investment income",
    "6301": "Non-operating income", "6401": "Cost of sales", "6402": "Other operating costs",
    "6403": "Taxes and surcharges", "6601": "Selling expenses", "6602": "Administrative expenses",
    "6603": "Financial expenses", "6711": "Non-operating expenses", "6801": "Income tax expense",
}  # fmt: skip
_SMALL: Final[Mapping[str, str]] = {
    "3001": "Paid-in capital", "3002": "Capital reserve", "3101": "Surplus reserve",
    "3103": "Profit of the year", "3104": "Profit distribution",
    "5001": "Operating revenue", "5051": "Other operating revenue", "5111": "Investment income",
    "5301": "Non-operating income", "5401": "Cost of sales", "5402": "Other operating costs",
    "5403": "Taxes and surcharges", "5601": "Selling expenses", "5602": "Administrative expenses",
    "5603": "Financial expenses", "5711": "Non-operating expenses", "5801": "Income tax expense",
}  # fmt: skip
_ENTERPRISE_EQUITY: Final[Mapping[str, str]] = {
    "4001": "Paid-in capital", "4002": "Capital reserve", "4101": "Surplus reserve",
    "4103": "Profit of the year", "4104": "Profit distribution",
}  # fmt: skip


def english(code: str, account: str) -> str | None:
    """The name of the level-1 account `code`, of which `account` is one; none for other codes."""
    if account.startswith("Equity:") and code in _ENTERPRISE_EQUITY:
        return _ENTERPRISE_EQUITY[code]
    if account.startswith("Assets:") and code.startswith(("4", "5")):
        return None  # a cost account, such as 生产成本
    return _SHARED.get(code) or _SMALL.get(code)
