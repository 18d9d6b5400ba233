"""How a table nobody has written an importer for is read: one `[[tables]]` of beanclear.toml.

    [[tables]]
    name = "boc"                                  # names the mapping in messages
    match = ["交易日期", "交易金额", "交易后余额"]   # header names that identify such a file
    stage = "bank"
    source = "boc"
    account_column = "账号"
    columns = { occurred_at = "交易日期", amount = "交易金额", balance = "交易后余额",
                bank_ref = "交易流水号", counterparty = "收款人名称", memo = "摘要" }
    date_format = "%Y%m%d"

The importer that obeys it is `beanclear.importers.generic`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Kind

Sign = Literal["signed", "reversed", "expense-positive"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


# What may stand after a `%` of a date format.
_DATE_SIGNS = frozenset("aAbBcdfgGHIjmMnpuUVwWxXyYzZ%")


class TableColumns(BaseModel):
    """Which header holds what. Only `occurred_at` and the money are needed.

    Attributes:
      occurred_at: the date or moment of the line, read with the mapping's `date_format`.
      amount: one signed column; or
      income, expense: two columns, of which one is filled (or the other is 0).
      balance: the running balance after the line; where given it must chain.
      record_id: the source's own unique id of the line; else `bank_ref`, else a hash of the row.
      order_id, trade_id, refund_id, settlement_id, payout_id, bank_ref: references, kept as text.
      converted: on a payout, what it became in the mapping's `converted_currency` before it left
        for the bank (到账金额). The line then is an exchange, and the payout is in that currency.
      fee: what the provider kept of the line, in a column of its own, written with the sign of
        `amount` (a charge is negative unless `sign` says `reversed`). It becomes a line of its own
        of the kind `payment_fee`, or `payment_fee_refund` where it came back; `amount` is then
        without it, and `balance` stands after both.
      counterparty, memo: text.
      kind: the source's word for the kind, looked up in the mapping's `kinds`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    occurred_at: Name
    amount: Name | None = None
    income: Name | None = None
    expense: Name | None = None
    balance: Name | None = None
    record_id: Name | None = None
    order_id: Name | None = None
    trade_id: Name | None = None
    refund_id: Name | None = None
    settlement_id: Name | None = None
    payout_id: Name | None = None
    bank_ref: Name | None = None
    counterparty: Name | None = None
    memo: Name | None = None
    kind: Name | None = None
    fee: Name | None = None
    converted: Name | None = None

    @model_validator(mode="after")
    def _money_is_stated_once(self) -> Self:
        both = self.income is not None and self.expense is not None
        neither = self.income is None and self.expense is None
        if not ((self.amount is not None and neither) or (self.amount is None and both)):
            raise ValueError(
                _("columns need either amount, or income and expense together: name one of the two")
            )
        return self


class TableMapping(BaseModel):
    """One `[[tables]]` entry: how a CSV or XLSX table becomes records.

    Attributes:
      name: how messages call the mapping.
      match: header names that a file must have to be read by this mapping; compared after
        normalising width, spaces and 账/帐. Every name in `columns` must be there as well.
      stage: `bank` or `wallet`.
      source: the source the records belong to, such as `boc`.
      account: the account number; or `account_column`: the column that holds it. `main` else.
      platform: whose orders `order_id` names; none when it names none.
      currency: of every line; or `currency_column`: the column that holds the ISO code. Where
        lines are in several currencies, each has its own statement and running balance.
      converted_currency: of `converted`: that of the bank account.
      date_format: for `strptime`, such as `%d/%m/%Y %H:%M`; none reads ISO-like dates.
      decimal: the decimal mark.
      thousands: the mark between thousands, which is dropped; none where `""`. Where neither is
        said, the cells of each column tell it, or are faults.
      sign: `signed`: money out is negative as written (the default for an `amount` column);
        `reversed`: an `amount` whose money out is positive; `expense-positive`: the `expense`
        column holds money out as positive numbers (the default for income and expense).
      skip_rows: lines to leave out before the header is looked for.
      encoding: of a CSV; none tries UTF-8, then GB18030.
      kinds: the source's word for a kind → a `Kind`; a word that is not here is `other` in a
        wallet and `bank_line` in a bank.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    match: Annotated[tuple[Name, ...], Field(min_length=1)]
    stage: Literal["bank", "wallet"]
    source: Word
    account: Name = "main"
    account_column: Name | None = None
    platform: Word | None = None
    currency: CurrencyCode = "CNY"
    currency_column: Name | None = None
    converted_currency: CurrencyCode = "CNY"
    columns: TableColumns
    date_format: Name | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ","
    sign: Sign | None = None
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    encoding: Name | None = None
    kinds: dict[str, Kind] = Field(default_factory=dict)

    @field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                "".encode(value)  # there are codecs of other things, such as zip
            except (LookupError, UnicodeError):
                raise ValueError(
                    _("there is no encoding %(name)r: use utf-8 or gb18030") % {"name": value}
                ) from None
        return value

    @field_validator("date_format")
    @classmethod
    def _date_format_is_one(cls, value: str | None) -> str | None:
        if value is not None:
            signs = re.findall(r"%-?(.?)", value)
            if not signs or any(sign not in _DATE_SIGNS for sign in signs):
                raise ValueError(
                    _("%(format)r is no date format: write one such as %%Y-%%m-%%d %%H:%%M")
                    % {"format": value}
                )
        return value

    @model_validator(mode="before")
    @classmethod
    def _thousands_follow_decimal(cls, data: object) -> object:
        """With a decimal comma the mark between thousands is a point unless said otherwise."""
        if isinstance(data, dict) and data.get("decimal") == "," and "thousands" not in data:
            return {**data, "thousands": "."}
        return data

    @model_validator(mode="after")
    def _marks_and_sign_fit(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(_("decimal and thousands are the same mark: change one of them"))
        single = self.columns.amount is not None
        if single and self.sign == "expense-positive":
            raise ValueError(
                _('sign "expense-positive" needs the columns income and expense: use "reversed"')
            )
        if not single and self.sign == "reversed":
            raise ValueError(
                _('sign "reversed" needs the column amount: use "signed" or "expense-positive"')
            )
        return self

    @property
    def effective_sign(self) -> Sign:
        """The sign rule that holds when `sign` is left out."""
        return self.sign or ("signed" if self.columns.amount is not None else "expense-positive")
