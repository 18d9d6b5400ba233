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

The importer that obeys it is `beanclear.importers.generic`. Descriptions and examples of the
fields are what docs/tables.md prints.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from beanclear.ledger.i18n import N_
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Kind, OrderStatus
from beanclear.ledger.table_columns import (
    OF_LINES,
    OF_ORDERS,
    FeeColumn,
    FeeSign,
    Name,
    TableColumns,
)

Sign = Literal["signed", "reversed", "expense-positive", "unsigned"]
Direction = Literal["in", "out"]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Cells = Annotated[tuple[str, ...], Field(min_length=1)]
# What may stand after a `%` of a date format.
_DATE_SIGNS: Final = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
_CLOCK: Final = re.compile(r"%-?[HITXcMs]")


class KindBySign(BaseModel):
    """Two kinds for one word: of money that comes in, and of money that goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comes: Kind = Field(alias="in")
    goes: Kind = Field(alias="out")


AnyKind = Kind | KindBySign


def _said(description: str, example: str, **given: Any) -> Any:  # noqa: ANN401 - as pydantic's Field
    return Field(description=description, examples=[example], **given)


class TableMapping(BaseModel):
    """One `[[tables]]` entry: how a CSV or XLSX table becomes records."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = _said(N_("How messages call the mapping."), 'name = "paypal"')
    match: Annotated[tuple[Name, ...], Field(min_length=1)] = _said(
        N_(
            "Headers that a file must have to be read by this mapping. Every header that is named "
            "elsewhere must be there as well. Width, blanks and 账/帐 do not matter."
        ),
        'match = ["Transaction ID", "Gross", "Net"]',
    )
    stage: Literal["bank", "wallet", "order"] = _said(
        N_("What the table holds: lines of a bank account or of a wallet, or orders."),
        'stage = "wallet"',
    )
    source: Word = _said(
        N_("Whose table it is; names the accounts of the books."), 'source = "paypal"'
    )
    account: Name = _said(N_("The account's number."), 'account = "6222001"', default="main")
    account_column: Name | None = _said(
        N_("The column that holds it, instead."), 'account_column = "账号"', default=None
    )
    platform: Word | None = _said(
        N_("Whose orders `order_id` names. Needed for orders."), 'platform = "shop"', default=None
    )
    currency: CurrencyCode = _said(
        N_("The currency of every line; its sign may stand before amounts (`-$1.00`)."),
        'currency = "USD"',
        default="CNY",
    )
    currency_column: Name | None = _said(
        N_(
            "The column that holds it, instead. Lines in several currencies give a statement, and "
            "a running balance, for each."
        ),
        'currency_column = "Currency"',
        default=None,
    )
    converted_currency: CurrencyCode = _said(
        N_("The currency of `converted`: that of the bank account."),
        'converted_currency = "CNY"',
        default="CNY",
    )
    columns: TableColumns = _said(
        N_("Which header holds what; see below."), 'columns = { occurred_at = "Date" }'
    )
    date_format: Name | tuple[Name, ...] | None = _said(
        N_(
            "How moments are written, in the words of `strptime`, or a list of such ways; none "
            "reads ISO-like dates."
        ),
        'date_format = "%d/%m/%Y %H:%M:%S"',
        default=None,
    )
    time_zone: Name | None = _said(
        N_(
            "The zone that moments with a time are written in; they are kept as those of "
            "Asia/Shanghai. Not needed where each has an offset."
        ),
        'time_zone = "America/Los_Angeles"',
        default=None,
    )
    decimal: Literal[".", ","] = _said(N_("The decimal mark."), 'decimal = ","', default=".")
    thousands: Literal["", ",", ".", " ", "'"] = _said(
        N_("The mark between thousands; with a decimal comma it is a point."),
        'thousands = "."',
        default=",",
    )
    sign: Sign | None = _said(
        N_(
            "How money out is written: `signed`, negative (the default of `amount`); `reversed`, "
            "positive, and money in negative; `expense-positive`, positive in its own column (the "
            "default of `income` and `expense`); `unsigned`, positive, and `direction` says which "
            "(the default with it). `signed` beside a direction: both must agree."
        ),
        'sign = "reversed"',
        default=None,
    )
    direction: dict[str, Direction] = _said(
        N_(
            "The words of the column `direction`, and which way each goes: `in` or `out`. A word "
            "that is not listed is a fault of its row."
        ),
        'direction = { "收入" = "in", "支出" = "out" }',
        default_factory=dict,
    )
    fee_sign: FeeSign | None = _said(
        N_(
            "How a fee that was charged is written: `signed`, negative; `reversed`, positive. "
            "Where it is left out and the lines, or `net`, do not prove it, the file is refused."
        ),
        'fee_sign = "reversed"',
        default=None,
    )
    fees: tuple[FeeColumn, ...] = _said(
        N_("Several columns of fees; each becomes a line of its own. See below."),
        'fees = [{ column = "佣金", sign = "reversed", kind = "fee" }]',
        default=(),
    )
    after_fees: bool = _said(
        N_(
            "Whether the amount is what is left after the fees: the line itself is then the amount "
            "less its fees."
        ),
        "after_fees = true",
        default=False,
    )
    kind: AnyKind | None = _said(
        N_("The kind of every line, where no column says it; or by its sign, as in `kinds`."),
        'kind = { in = "sale", out = "refund" }',
        default=None,
    )
    kinds: dict[str, AnyKind] = _said(
        N_(
            "The source's words and the kind of each, or the two kinds by the sign of the amount. "
            "`*` stands for any text; whole words come first. A word that is not here is `other` "
            "in a wallet, and `bank_line` at a bank."
        ),
        'kinds = { Charge = "sale", "Card fee*" = "payment_fee", '
        'Transfer = { in = "payout_return", out = "payout" } }',
        default_factory=dict,
    )
    reversals: tuple[Kind, ...] = _said(
        N_(
            "Kinds whose money may also go the other way here, as a correction. Else it is a fault "
            "of its row."
        ),
        'reversals = ["refund", "chargeback"]',
        default=(),
    )
    statuses: dict[str, OrderStatus] = _said(
        N_(
            "Orders only: the words of the column `status`, `*` as in `kinds`, and the state of "
            "each: created, paid, shipped, completed or closed. Another word is a fault of its row."
        ),
        'statuses = { "等待出库" = "paid", "完成" = "completed", "*取消*" = "closed" }',
        default_factory=dict,
    )
    keep: dict[Name, Cells] = _said(
        N_(
            "Headers and the words of which one must stand there, `*` as in `kinds`; other rows "
            "are left out, counted and told."
        ),
        'keep = { Status = ["Completed"] }',
        default_factory=dict,
    )
    leave_out: dict[Name, Cells] = _said(
        N_(
            'Headers and words: rows with one of them are left out, counted and told. `""` is an '
            "empty cell."
        ),
        'leave_out = { "Balance Impact" = ["Memo"], "结算时间" = ["", "合计*"] }',
        default_factory=dict,
    )
    payouts: Literal["lines", "batches"] = _said(
        N_(
            "`lines`: a payout has a line in the table. `batches`: it has none, and the lines of "
            "one `payout_id` were paid out together: their sum becomes the payout."
        ),
        'payouts = "batches"',
        default="lines",
    )
    skip_rows: Annotated[int, Field(ge=0, le=1000)] = _said(
        N_("Lines to leave out before the header is looked for."), "skip_rows = 3", default=0
    )
    encoding: Name | None = _said(
        N_("Of a CSV; none tries UTF-8, then GB18030."), 'encoding = "latin-1"', default=None
    )

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
    def _date_formats_are_some(
        cls, value: str | tuple[str, ...] | None
    ) -> str | tuple[str, ...] | None:
        for one in (value,) if isinstance(value, str) else value or ():
            signs = re.findall(r"%-?(.?)", one)
            if not signs or any(sign not in _DATE_SIGNS for sign in signs):
                raise ValueError(
                    _("%(format)r is no date format: write one such as %%Y-%%m-%%d %%H:%%M")
                    % {"format": one}
                )
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone_is_known(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                zoneinfo.ZoneInfo(value)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(
                    _("there is no time zone %(name)r: name one such as America/Los_Angeles")
                    % {"name": value}
                ) from None
        return value

    @model_validator(mode="before")
    @classmethod
    def _thousands_follow_decimal(cls, data: object) -> object:
        """With a decimal comma the mark between thousands is a point unless said otherwise."""
        if isinstance(data, dict) and data.get("decimal") == "," and "thousands" not in data:
            return {**data, "thousands": "."}
        return data

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Self:
        for problem in _problems(self):
            raise ValueError(problem)
        return self

    @property
    def effective_sign(self) -> Sign:
        """The sign rule that holds when `sign` is left out."""
        if self.sign is not None:
            return self.sign
        if self.columns.direction is not None:
            return "unsigned"
        return "signed" if self.columns.amount is not None else "expense-positive"

    @property
    def every_fee(self) -> tuple[FeeColumn, ...]:
        """The columns of fees, in the order of their lines; that of `columns.fee` is the first."""
        if self.columns.fee is None:
            return self.fees
        return (FeeColumn(column=self.columns.fee), *self.fees)

    def sign_of(self, fee: FeeColumn) -> FeeSign | None:
        """How a fee that was charged is written; none where the mapping does not say it."""
        return fee.sign or self.fee_sign

    @property
    def date_formats(self) -> tuple[str, ...]:
        """The ways in which moments are written; none reads ISO-like dates."""
        if self.date_format is None:
            return ()
        return (self.date_format,) if isinstance(self.date_format, str) else self.date_format

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that the mapping names."""
        others = (self.account_column, self.currency_column, *self.keep, *self.leave_out)
        fees = (fee.column for fee in self.fees)
        named = (*self.match, *self.columns.named.values(), *fees, *others)
        return tuple(dict.fromkeys(name for name in named if name))


def _problems(table: TableMapping) -> Iterator[str]:
    """What does not fit together, each naming its keys."""
    yield from _of_marks(table)
    yield from _of_stage(table)
    yield from _of_direction(table)
    yield from _of_fees(table)
    yield from _of_moments(table)
    columns = table.columns
    if table.kind is not None and (columns.kind is not None or table.kinds):
        yield _("kind stands beside kinds or the column kind: name either it or the two")
    if table.payouts == "batches" and (columns.payout_id is None or columns.balance is not None):
        yield _('payouts "batches" needs the column payout_id, and no balance: name it')


def _of_marks(table: TableMapping) -> Iterator[str]:
    if table.decimal == table.thousands:
        yield _("decimal and thousands are the same mark: change one of them")
    single = table.columns.amount is not None
    if single and table.sign == "expense-positive":
        yield _('sign "expense-positive" needs the columns income and expense: use "reversed"')
    if not single and table.sign == "reversed":
        yield _('sign "reversed" needs the column amount: use "signed" or "expense-positive"')


def _of_stage(table: TableMapping) -> Iterator[str]:
    named, order = table.columns.named, table.stage == "order"
    foreign = [name for name in (OF_LINES if order else OF_ORDERS) if name in named]
    if foreign:
        template = (
            _('columns.%(name)s is not read of orders: remove it, or set stage = "wallet"')
            if order
            else _('columns.%(name)s is read of orders only: remove it, or set stage = "order"')
        )
        yield template % {"name": foreign[0]}
    needed = ("order_id", "amount", "ordered_at", "paid_at") if order else ("occurred_at",)
    missing = [name for name in needed if name not in named]
    if missing:
        yield _('columns.%(name)s is missing, which stage = "%(stage)s" needs: name its header') % {
            "name": missing[0],
            "stage": table.stage,
        }
    if order and table.platform is None:
        yield _('platform is missing, which stage = "order" needs: name it')
    if order and (table.kind or table.kinds or table.fees or table.sign or table.reversals):
        yield _(
            'kind, kinds, fees, sign and reversals are of lines: remove them where stage = "order"'
        )
    if table.statuses and table.columns.status is None:
        yield _("statuses needs the column status: name it")


def _of_direction(table: TableMapping) -> Iterator[str]:
    column = table.columns.direction
    if (column is None) != (not table.direction):
        yield _(
            "a direction needs both: the column, and its words such as "
            'direction = { "收入" = "in" }'
        )
    if column is not None and (table.columns.amount is None):
        yield _("the column direction needs the column amount: name it instead of income, expense")
    if column is not None and table.sign not in {None, "unsigned", "signed"}:
        yield _('beside a direction sign is "unsigned" or "signed": choose one of them')
    if column is None and table.sign == "unsigned":
        yield _('sign "unsigned" needs the column direction: name it')


def _of_fees(table: TableMapping) -> Iterator[str]:
    for fee in table.fees:
        if table.sign_of(fee) is None:
            yield _(
                "the fee %(column)s has no sign: set fee_sign, or sign in its entry of fees"
            ) % {"column": fee.column}
    if not table.every_fee and (table.after_fees or table.fee_sign or table.columns.net):
        yield _("after_fees, fee_sign and the column net need a column of fees: name fee or fees")
    if table.after_fees and table.columns.net is not None:
        yield _("after_fees says that the amount is the net: remove the column net")


def _of_moments(table: TableMapping) -> Iterator[str]:
    if table.time_zone is None:
        return
    formats = table.date_formats
    if any("%z" in one for one in formats):
        yield _("date_format reads an offset: remove time_zone")
    if formats and not any(map(has_clock, formats)):
        yield _("time_zone needs moments with a time: add it to date_format, or remove time_zone")


def has_clock(date_format: str) -> bool:
    """Whether a way of writing moments has a time of day."""
    return _CLOCK.search(date_format) is not None


def both(kind: AnyKind) -> tuple[Kind, Kind]:
    """The kind of money that comes in, and of money that goes out."""
    return (kind, kind) if isinstance(kind, Kind) else (kind.comes, kind.goes)
