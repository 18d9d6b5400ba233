"""A mapping proposed from a file's head: what its headers and first cells say, and do not say.

The result is TOML for beanclear.toml. Whatever more than one reading fits, or none, stands in it as
a comment; nothing is decided by chance.
"""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import PurePath

from beanclear.importers import table_words as words
from beanclear.importers.faults import refusal
from beanclear.importers.files import SourceFile
from beanclear.importers.sheet import Head, heads
from beanclear.importers.text import bare, normal_header
from beanclear.ledger.beancount_text import clean
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Kind
from beanclear.ledger.table_columns import ORDER_MOMENTS, ORDER_MONEY

_FEWEST_HEADERS = 2
_MOST_WORDS = 40
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_AMOUNT = re.compile(r"[+-]?[\d.,' ]*\d")
_SYMBOL = re.compile(r"[A-Z]{0,2}[$€£¥￥]")
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}
_BY_SIGN = (
    (Kind.SALE, Kind.REFUND), (Kind.FEE_REFUND, Kind.FEE),
    (Kind.PAYMENT_FEE_REFUND, Kind.PAYMENT_FEE), (Kind.PAYOUT_RETURN, Kind.PAYOUT),
    (Kind.RELEASE, Kind.RESERVE),
)  # fmt: skip
_A_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?|0?\.\d+")
_COMMA = re.compile(r"[+-]?[\d.]*\d,\d{1,2}")
_POINT = re.compile(r"[+-]?[\d,]*\d\.\d{1,2}")
_LINE_KEYS = (
    "occurred_at", "time", "amount", "income", "expense", "direction", "fee", "net", "balance",
    "converted", "kind", "record_id", "bank_ref", "order_id", "trade_id", "refund_id",
    "settlement_id", "payout_id", "paid_out_at", "counterparty", "payer", "payee", "memo",
)  # fmt: skip
_ORDER_KEYS = (
    *ORDER_MOMENTS, "total", "status", *ORDER_MONEY, "order_id", "trade_id", "refund_id",
)  # fmt: skip


_READ_ANYWAY = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y%m%d")


@dataclass(slots=True)
class _Sample:
    """The header and the first rows of a table, by column."""

    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def cells(self, header: str) -> list[str]:
        """The filled cells below a header, bare."""
        place = self.headers.index(header)
        found = (bare(row[place]) if place < len(row) else "" for row in self.rows)
        return [cell for cell in found if cell]

    def pairs(self, *headers: str) -> list[tuple[str, ...]]:
        """The cells below some headers, row by row, where all are filled."""
        places = [self.headers.index(header) for header in headers]
        found = (
            tuple(bare(row[place]) if place < len(row) else "" for place in places)
            for row in self.rows
        )
        return [cells for cells in found if all(cells)]


@dataclass(slots=True)
class _Draft:
    """TOML lines of the sections, each with the doubts that stand above it."""

    keys: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def say(self, name: str, value: object, *doubts: str) -> None:
        """A key of `[[tables]]`."""
        self.keys += [*map(comment, doubts), f"{name} = {_toml(value)}"]

    def doubt(self, *doubts: str) -> None:
        """A comment alone."""
        self.keys += map(comment, doubts)


def propose(file: SourceFile, name: str = "") -> str:
    """TOML of a `[[tables]]` section that reads files such as this one.

    Raises:
      SourceError: when it holds no table with headers that mean something.
    """
    sample = _sample(file)
    order = _is_order(sample.headers)
    named = _columns(sample, _ORDER_KEYS if order else _LINE_KEYS)
    named = _as_order(named) if order else _as_lines(named)
    draft = _Draft()
    title = name or _name(file.name)
    draft.say("name", title)
    draft.say("match", list(dict.fromkeys(list(named.values())[:5])))
    stage = "order" if order else "bank" if _is_bank(sample.headers, named) else "wallet"
    draft.say("stage", stage, *([] if order else [_("bank or wallet: check it")]))
    draft.say("source", title, _("names the accounts: the bank or platform"))
    if "order_id" in named and stage != "bank":
        draft.say("platform", "shop", _("whose orders the numbers are: taobao, pinduoduo, shop, …"))
    _account_and_currency(draft, sample, named)
    _moments(draft, sample, named)
    _marks(draft, sample, named)
    if order:
        _states(draft, sample, named)
    else:
        _direction(draft, sample, named)
        _fees(draft, sample, named)
        _kinds(draft, sample, named, stage)
    _left_out(draft, sample, named, order=order)
    columns = [f"{key} = {_toml(header)}" for key, header in named.items()]
    unused = [one for one in sample.headers if one and one not in set(named.values())]
    rest = [comment(_("not used: %(headers)s") % {"headers": ", ".join(unused)})] if unused else []
    return "\n".join(
        ["[[tables]]", *draft.keys, *draft.tables, "[tables.columns]", *columns, *rest, ""]
    )


def comment(text: str) -> str:
    """A line of TOML that says nothing to a program, whatever stands in it."""
    return f"# {clean(text)}"


def _toml(value: object) -> str:
    """A value as TOML: a JSON string is a basic string of TOML, a list is one too."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(file: str) -> str:
    stem = PurePath(file.rpartition(":")[2]).stem.lower()
    slug = re.sub(r"[^a-z]+", "-", stem).strip("-")
    return slug or "mine"


# -- headers ------------------------------------------------------------------------------


def _plainly(header: str) -> str:
    folded = unicodedata.normalize("NFKC", _BRACKETS.sub("", normal_header(header)))
    return folded.lower().replace("_", "") or normal_header(header).lower()


def _sample(file: SourceFile) -> _Sample:
    """The table whose header row says most, with the rows below it."""
    known = {word for several in words.HEADERS.values() for word in several}
    best: tuple[int, Head | None, int] = (0, None, 0)
    for head in heads(file):
        for place, cells in enumerate(head.normal):
            hits = sum(_plainly(cell) in known for cell in cells if cell)
            if hits > best[0]:
                best = (hits, head, place)
    hits, found, row = best
    if found is None or hits < _FEWEST_HEADERS:
        raise refusal("unknown-header", file.name)
    below = [cells for cells in found.rows[row + 1 :] if any(cell.strip() for cell in cells)]
    return _Sample(tuple(cell.strip("\t ") for cell in found.rows[row]), below)


def _find(headers: Sequence[str], wanted: Sequence[str], taken: Iterable[str] = ()) -> str | None:
    """The header that is the surest of the wanted words."""
    plainly = {_plainly(header): header for header in reversed(headers) if header}
    used = set(taken)
    return next(
        (plainly[word] for word in wanted if word in plainly and plainly[word] not in used), None
    )


def _columns(sample: _Sample, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in keys:
        wanted = words.HEADERS.get(key, ())
        headers = [one for one in sample.headers if _may_be(key, sample, one)]
        header = _find(headers, wanted, found.values())
        if header is not None:
            found[key] = header
    return found


def _may_be(key: str, sample: _Sample, header: str) -> bool:
    """Whether cells below a header can be what a key reads: days are none of a clock's times."""
    if not header:
        return False
    cells = sample.cells(header)
    if key in {"income", "expense", "memo", "shipped_at", "completed_at", "closed_at"}:
        return True
    if key in {"occurred_at", "time"}:
        clocks = sum(bool(_A_CLOCK.fullmatch(cell)) for cell in cells)
        return bool(cells) and (clocks * 2 > len(cells)) == (key == "time")
    return bool(cells)


def _is_order(headers: Sequence[str]) -> bool:
    placed = _find(headers, words.HEADERS["ordered_at"])
    state = _find(headers, words.HEADERS["status"])
    moved = _find(headers, (*words.HEADERS["direction"], *words.HEADERS["balance"]))
    return placed is not None and state is not None and moved is None


def _is_bank(headers: Sequence[str], named: Mapping[str, str]) -> bool:
    other = ("counterparty", "payer", "payee", "bank_ref")
    return "order_id" not in named and any(key in named for key in other) and bool(headers)


def _as_lines(named: dict[str, str]) -> dict[str, str]:
    """One way of stating money, one of naming the other side."""
    if not ("income" in named and "expense" in named):
        named.pop("income", None)
        named.pop("expense", None)
    elif "amount" in named:
        named.pop("amount")
    if "amount" not in named:
        named.pop("direction", None)
    if "fee" not in named:
        named.pop("net", None)
    if "payer" not in named or "payee" not in named or "counterparty" in named:
        named.pop("payer", None)
        named.pop("payee", None)
    return named


def _as_order(named: dict[str, str]) -> dict[str, str]:
    total = named.pop("total", None)
    placed = {"amount": total} if total is not None else {}
    paid = named.get("paid_at") or named.get("ordered_at")
    return {**named, **({"paid_at": paid} if paid else {}), **placed}


# -- what the cells say -------------------------------------------------------------------


def _account_and_currency(draft: _Draft, sample: _Sample, named: Mapping[str, str]) -> None:
    account = _find(sample.headers, words.ACCOUNT)
    if account is not None and sample.cells(account):
        draft.say("account_column", account)
    currency = _find(sample.headers, words.CURRENCY)
    if currency is not None and sample.cells(currency):
        draft.say("currency_column", currency)
    else:
        cells = (cell for header in _money(named) for cell in sample.cells(header))
        signs = [code for cell in cells for sign, code in _CURRENCIES.items() if sign in cell]
        currency = signs[0] if signs else "CNY"
        draft.say("currency", currency, _("no column says the currency: correct it"))


def _moments(draft: _Draft, sample: _Sample, named: dict[str, str]) -> None:
    key = "occurred_at" if "occurred_at" in named else "ordered_at"
    if key not in named:
        draft.doubt(_("no header was found for %(key)s: name it below") % {"key": key})
        return
    cells = sample.cells(named[key])
    if "time" in named:
        joined = sample.pairs(named[key], named["time"])
        if any(":" in day for day, _clock in joined) or not joined:
            named.pop("time")
        else:
            cells = [f"{day} {clock}" for day, clock in joined]
    fitting = [form for form in _formats() if _all_fit(form, cells)]
    others = [
        form
        for name in (*ORDER_MOMENTS, "paid_out_at")
        if name in named and name != key and (more := sample.cells(named[name]))
        for form in [next((one for one in _formats() if _all_fit(one, more)), "")]
        if form not in {"", *fitting}
    ]
    if fitting and (others or fitting[0] not in _READ_ANYWAY):
        also = ", ".join(fitting[1:3])
        doubt = [_("fits as well: %(forms)s") % {"forms": also}] if also else []
        every = list(dict.fromkeys((fitting[0], *others)))
        draft.say("date_format", every if others else fitting[0], *doubt)
    elif cells and not fitting:
        draft.doubt(
            _("date_format is not known for %(text)s: set it") % {"text": _toml(cells[0][:40])}
        )
    zone = _find(sample.headers, words.ZONE)
    if zone is not None and sample.cells(zone):
        draft.doubt(
            _(
                "the zone is %(text)s: set time_zone, such as America/Los_Angeles, unless it is "
                "China's"
            )
            % {"text": _toml(sample.cells(zone)[0][:40])}
        )


def _formats() -> list[str]:
    return [day + clock for clock in words.CLOCKS for day in words.DATE_FORMATS]


def _all_fit(form: str, cells: Sequence[str]) -> bool:
    return bool(cells) and sum(_fits(form, cell) for cell in cells) > len(cells) * 0.8


def _fits(form: str, cell: str) -> bool:
    try:
        found = datetime.datetime.strptime(cell, form)
    except ValueError:
        return False
    return 1990 <= found.year <= 2100  # noqa: PLR2004 - an export's year


def _money(named: Mapping[str, str]) -> list[str]:
    keys = ("amount", "income", "expense", "fee", "net", "balance")
    return [named[key] for key in keys if key in named]


def _marks(draft: _Draft, sample: _Sample, named: Mapping[str, str]) -> None:
    cells = [cell for header in _money(named) for cell in sample.cells(header)]
    commas = sum(bool(_COMMA.fullmatch(cell)) for cell in cells)
    points = sum(bool(_POINT.fullmatch(cell)) for cell in cells)
    if commas > points:
        doubt = [_("some amounts have a decimal point: check it")] if points else []
        draft.say("decimal", ",", *doubt)
    elif commas:
        draft.doubt(_("some amounts look as if the comma were decimal: check decimal"))
    strange = [cell for cell in cells if not _AMOUNT.fullmatch(_SYMBOL.sub("", cell))]
    if strange:
        draft.doubt(_("no plain amount: %(text)s") % {"text": _toml(strange[0][:40])})


def _number(cell: str) -> Decimal | None:
    text = _SYMBOL.sub("", cell.replace("'", "").replace(" ", ""))
    if _COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _direction(draft: _Draft, sample: _Sample, named: dict[str, str]) -> None:
    header = named.get("direction")
    if header is None:
        return
    ways: dict[str, str] = {}
    doubts = []
    for word in dict.fromkeys(sample.cells(header)):
        plain = word.strip().lower()
        way = "in" if plain in words.INTO else "out" if plain in words.OUT else None
        if way is None:
            doubts.append(
                _("the direction of %(word)s is not known: add it") % {"word": _toml(word)}
            )
        else:
            ways[word] = way
    if len(ways) + len(doubts) > _MOST_WORDS or not ways:
        named.pop("direction")
        draft.doubt(_("%(column)s may say the direction: add direction") % {"column": header})
        return
    draft.say("direction", ways, *doubts)
    out = [
        number
        for word, cell in sample.pairs(header, named["amount"])
        if ways.get(word) == "out" and (number := _number(cell)) is not None
    ]
    if out and all(number <= 0 for number in out):
        draft.say("sign", "signed")


def _fees(draft: _Draft, sample: _Sample, named: Mapping[str, str]) -> None:
    if "fee" not in named:
        return
    rows = [
        [number for cell in cells if (number := _number(cell)) is not None]
        for cells in sample.pairs(*(named[key] for key in ("amount", "fee", "net") if key in named))
    ]
    full = [row for row in rows if len(row) == 3 and row[1]]  # noqa: PLR2004 - amount, fee, net
    if full and all(row[0] - row[1] == row[2] for row in full):
        draft.say("fee_sign", "reversed")
    elif full and all(row[0] + row[1] == row[2] for row in full):
        draft.say("fee_sign", "signed")
    else:
        positive = any(len(row) > 1 and row[1] > 0 for row in rows)
        sign = "reversed" if positive else "signed"
        draft.say(
            "fee_sign", sign, _("a charge is positive (reversed) or negative (signed): check it")
        )


def _kinds(draft: _Draft, sample: _Sample, named: Mapping[str, str], stage: str) -> None:
    if stage == "bank":
        return
    if "kind" not in named:
        kind = {"in": "sale", "out": "refund"}
        draft.say("kind", kind, _("no column says what a line is: correct it"))
        return
    paid_out = any(
        "payout" in word.lower() or "提现" in word for word in sample.cells(named["kind"])
    )
    if "payout_id" in named and not paid_out:
        draft.doubt(_('payouts = "batches", if payouts have no line of their own in the table'))
    ways, unknown = _ways(sample, named), _("not known")
    draft.tables.append("[tables.kinds]")
    for word in list(dict.fromkeys(sample.cells(named["kind"])))[:_MOST_WORDS]:
        found = next((kind for part, kind in words.KINDS if part in word.lower()), None)
        line = f"{_toml(word)} = {_toml(_of_both(found or Kind.OTHER, ways.get(word, set())))}"
        draft.tables.append(line if found is not None else f"{line}  # {unknown}")
    draft.tables.append(comment(_("only the words of the first rows; kinds: docs/tables.md")))


def _ways(sample: _Sample, named: Mapping[str, str]) -> dict[str, set[bool]]:
    """For each word of a kind whether its money comes in, goes out, or both, by plain signs."""
    found: dict[str, set[bool]] = {}
    if "amount" not in named:
        return found
    header = named.get("direction")
    beside = [named["kind"], named["amount"], *([header] if header else [])]
    for word, cell, *way in sample.pairs(*beside):
        number = _number(cell)
        if way:
            found.setdefault(word, set()).add(way[0].strip().lower() in words.INTO)
        elif number:
            found.setdefault(word, set()).add(number > 0)
    return found


def _of_both(kind: Kind, ways: set[bool]) -> str | dict[str, str]:
    """A kind, or the two of money that comes in and money that goes out where both were seen."""
    pair = next((pair for pair in _BY_SIGN if kind in pair), None)
    if pair is None or len(ways) < len(pair):
        return str(kind)
    return {"in": str(pair[0]), "out": str(pair[1])}


def _states(draft: _Draft, sample: _Sample, named: Mapping[str, str]) -> None:
    if "status" not in named:
        return
    unknown = _("not known")
    draft.tables.append("[tables.statuses]")
    for word in list(dict.fromkeys(sample.cells(named["status"])))[:_MOST_WORDS]:
        found = next((state for part, state in words.STATES if part in word.lower()), None)
        line = f"{_toml(word)} = {_toml(str(found or 'created'))}"
        draft.tables.append(line if found is not None else f"# {line}  {unknown}")
    draft.tables.append(comment(_("only the words of the first rows")))


def _left_out(draft: _Draft, sample: _Sample, named: Mapping[str, str], *, order: bool) -> None:
    rules: dict[str, list[str]] = {}
    for header in () if order else sample.headers:
        if header and _plainly(header) in words.STATE:
            found = [
                word
                for word in dict.fromkeys(sample.cells(header))
                if word.lower() in words.UNSETTLED
            ]
            if found:
                rules[header] = found
    key = named.get("ordered_at" if order else "occurred_at")
    if key is not None and len(sample.cells(key)) < len(sample.rows):
        rules[key] = [""]
    if rules:
        draft.say("leave_out", rules, _("rows that are no lines of money: check them"))
