"""`accounts.beancount`: reading the chart with its clearing policies, and adding to it.

    1970-01-01 open Assets:Receivable:Tmall CNY
      code: "1122.01"
      name: "应收账款-天猫"
      name-en: "Receivable Tmall"
      clearing: "order"
      due: "completed T+15"
      grace: 0
      tolerance: 0.00 CNY
      difference: "Expenses:Clearing:Rounding"

The text is the owner's: blocks that are there stay byte for byte, with three exceptions. Of blocks
that are exactly as beanclear wrote them and share a code, all but the first get the next free one;
and an account that beanclear opened and that another currency needs is opened with that one too:
so the result is the same in whatever order the accounts appeared. And lines that nobody knows are
open at once, so a suspense account that beanclear opened has no term of 30 days.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Close, Open
from beancount.parser import parser

from beanclear.ledger import catalogue, shipped
from beanclear.ledger.beancount_text import amount, format_amount, quote
from beanclear.ledger.calendar import Term
from beanclear.ledger.chart import AccountSpec, spec
from beanclear.ledger.chart_codes import STANDARDS
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import to_minor

_BLOCK = re.compile(r"^\d{4}-\d{2}-\d{2}\s+open\s+(?P<account>\S+)")
FILE = "accounts.beancount"
# A suspense account of ours whose lines would be silent for a month.
_SILENT = re.compile(
    r'^(1970-01-01 open Assets:Suspense:\S+ [A-Z,]+\n(?:  .*\n)*?)  due: "line T\+30"\n',
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An account as the chart opens it.

    Attributes:
      spec: code, names and policy; what the text leaves out is as beanclear would open it,
        except that an account without `clearing` is no clearing account.
      currencies: those it is limited to; empty: any.
      line: where its `open` stands.
      closed_line: where its `close` stands; none while it is open.
    """

    spec: AccountSpec
    currencies: frozenset[str]
    line: int
    closed_line: int | None = None


def read(text: str, file: str = FILE) -> dict[str, Opened]:
    """The accounts of a chart.

    Raises:
      BooksError: when the text is no Beancount, or a policy is not understood; names the line.
    """
    entries, errors, _options = parser.parse_string(text, report_filename=file)
    if errors:
        raise BooksError(
            errors[0].message.strip(),
            _("correct that line"),
            where=f"{file}:{errors[0].source['lineno']}",
        )
    found: dict[str, Opened] = {}
    for entry in entries:
        if isinstance(entry, Open):
            where = f"{file}:{entry.meta['lineno']}"
            found[entry.account] = Opened(
                spec=_spec(entry, where),
                currencies=frozenset(entry.currencies or ()),
                line=entry.meta["lineno"],
            )
    for entry in entries:
        if isinstance(entry, Close) and entry.account in found:
            found[entry.account] = dataclasses.replace(
                found[entry.account], closed_line=entry.meta["lineno"]
            )
    return found


def _spec(entry: Open, where: str) -> AccountSpec:
    currency = entry.currencies[0] if entry.currencies else "CNY"
    base = spec(entry.account, currency)
    meta: Mapping[str, Any] = entry.meta
    clearing = _text(meta, "clearing", where)
    due = _text(meta, "due", where)
    if clearing is not None:
        Term.parse(due or base.due or shipped.SUSPENSE_TERM, where=where)
    return AccountSpec(
        name=entry.account,
        code=_text(meta, "code", where) or base.code,
        chinese=_text(meta, "name", where) or base.chinese,
        english=_text(meta, "name-en", where) or base.english,
        currency=currency,
        more=tuple(entry.currencies[1:]) if entry.currencies else (),
        clearing=clearing,
        due=(due or base.due or shipped.SUSPENSE_TERM) if clearing else None,
        grace=_grace(meta, where) if clearing else 0,
        tolerance=_tolerance(meta, currency, where) if clearing else 0,
        difference=(_text(meta, "difference", where) or base.difference) if clearing else None,
    )


def _wrong(key: str, expected: str, where: str) -> BooksError:
    return BooksError(
        _("the metadata `%(key)s` is not %(expected)s") % {"key": key, "expected": expected},
        _("correct that line"),
        where=where,
    )


def _text(meta: Mapping[str, Any], key: str, where: str) -> str | None:
    value = meta.get(key)
    if value is not None and not isinstance(value, str):
        raise _wrong(key, _("text in quotes"), where)
    return value


def _grace(meta: Mapping[str, Any], where: str) -> int:
    value = meta.get("grace", Decimal(0))
    if not isinstance(value, Decimal) or value != int(value) or value < 0:
        raise _wrong("grace", _("a number of days"), where)
    return int(value)


def _tolerance(meta: Mapping[str, Any], currency: str, where: str) -> int:
    value = meta.get("tolerance", Amount(Decimal(0), currency))
    expected = _("an amount such as 0.00 %(currency)s") % {"currency": currency}
    if not isinstance(value, Amount) or value.number is None or value.currency != currency:
        raise _wrong("tolerance", expected, where)
    try:
        minor = to_minor(value.number, currency)
    except ValueError:
        raise _wrong("tolerance", expected, where) from None
    if minor < 0:
        raise _wrong("tolerance", expected, where)
    return minor


def open_text(wanted: AccountSpec) -> str:
    """The `open` of one account as beanclear writes it, ending in a newline.

    Both names always stand there, so the text does not depend on a language.
    """
    lines = [
        f"1970-01-01 open {wanted.name} {','.join(wanted.currencies)}",
        f"  code: {quote(wanted.code)}",
        f"  name: {quote(wanted.chinese)}",
        f"  name-en: {quote(wanted.english)}",
    ]
    if wanted.clearing is not None:
        lines += [
            f"  clearing: {quote(wanted.clearing)}",
            f"  due: {quote(wanted.due or '')}",
            f"  grace: {wanted.grace}",
            f"  tolerance: {format_amount(amount(wanted.tolerance, wanted.currency))}",
        ]
        if wanted.difference is not None:
            lines.append(f"  difference: {quote(wanted.difference)}")
    return "\n".join(lines) + "\n"


def ensure(text: str, specs: Iterable[AccountSpec], file: str = FILE, *, first: str = "CNY") -> str:
    """The chart with an `open` for every account of `specs`, sorted in among those there.

    `first` is the currency of the books: an account in several has its policy in that one.

    Raises:
      BooksError: when one of them is closed, or opened by the owner without its currency; names
        the line.
    """
    there = read(text, file)
    blocks = _split(_with_terms_of_now(text))
    ours = {block.account: block for block in blocks if _OURS.search(block.text)}
    missing: dict[str, AccountSpec] = {}
    for wanted in specs:
        opened = there.get(wanted.name)
        if opened is None:
            known = missing.get(wanted.name, wanted)
            missing[wanted.name] = _in_all({*known.currencies, wanted.currency}, known, first)
        elif opened.closed_line is not None:
            raise BooksError(
                _("the account %(account)s is closed, but documents have lines for it")
                % {"account": wanted.name},
                _("remove the `close`"),
                where=f"{file}:{opened.closed_line}",
            )
        elif opened.currencies and wanted.currency not in opened.currencies:
            if wanted.name in ours:
                _open_also(ours[wanted.name], wanted.currency, first)
                continue
            raise BooksError(
                _("the account %(account)s is opened without %(currency)s")
                % {"account": wanted.name, "currency": wanted.currency},
                _("add the currency to the `open`"),
                where=f"{file}:{opened.line}",
            )
    for name in sorted(missing):
        _insert(blocks, _Block(account=name, text=open_text(missing[name])))
    return "".join(block.text for block in _with_free_codes(blocks))


def _with_terms_of_now(text: str) -> str:
    return _SILENT.sub(rf'\g<1>  due: "{shipped.SUSPENSE_TERM}"\n', text)


def _in_all(currencies: set[str], known: AccountSpec, first: str) -> AccountSpec:
    """`known` in all of these; the policy in that of the books, else in the first by name."""
    main = first if first in currencies else min(currencies)
    return dataclasses.replace(
        spec(known.name, main),
        code=known.code,
        chinese=known.chinese,
        english=known.english,
        more=tuple(sorted(currencies - {main})),
    )


def _open_also(block: _Block, currency: str, first: str) -> None:
    """Add a currency to an account that beanclear opened; what its owner changed stays."""
    generated = _generated(block)
    if generated is not None:
        base, code = generated
        known = dataclasses.replace(base, code=code)
        block.text = open_text(_in_all({*base.currencies, currency}, known, first))
        return
    head = _OPENED.search(block.text)
    if head is not None:
        main, *more = head["currencies"].split(",")
        listed = ",".join((main, *sorted({*more, currency})))
        start, end = head.span("currencies")
        block.text = block.text[:start] + listed + block.text[end:]


@dataclass(slots=True)
class _Block:
    """A piece of the chart; `account` is empty for text that opens none."""

    account: str
    text: str


def _split(text: str) -> list[_Block]:
    """The text in pieces; an `open` owns its indented lines and the comments right above it."""
    blocks: list[_Block] = []
    pending = ""
    for line in text.splitlines(keepends=True):
        start = _BLOCK.match(line)
        if start is not None:
            blocks.append(_Block(account=start["account"], text=pending + line))
            pending = ""
        elif line[:1] in " \t" and line.strip() and blocks and not pending:
            blocks[-1].text += line
        elif line.startswith(";"):
            pending += line
        else:
            blocks.append(_Block(account="", text=pending + line))
            pending = ""
    if pending:
        blocks.append(_Block(account="", text=pending))
    return blocks


def _insert(blocks: list[_Block], new: _Block) -> None:
    """Before the first account that sorts after it, else at the end, a blank line between."""
    place = next(
        (number for number, block in enumerate(blocks) if block.account > new.account), None
    )
    if place is not None:
        blocks[place:place] = [new, _Block(account="", text="\n")]
        return
    if blocks:
        before = "".join(block.text for block in blocks[-2:])
        if not before.endswith("\n"):
            blocks.append(_Block(account="", text="\n"))
        if not before.endswith("\n\n"):
            blocks.append(_Block(account="", text="\n"))
    blocks.append(new)


_CODE = re.compile(r'^  code: "(?P<code>[\d.]+)"$', re.MULTILINE)
_OPENED = re.compile(r"^1970-01-01 open \S+ (?P<currencies>[A-Z]{3}(,[A-Z]{3})*)$", re.MULTILINE)
# An `open` that beanclear wrote; its owner may have changed the policy since.
_OURS = re.compile(_OPENED.pattern + r'\n  code: "[\d.]+"$', re.MULTILINE)


def _generated(block: _Block) -> tuple[AccountSpec, str] | None:
    """The account of a block that is as beanclear writes it but for the code, and its code.

    Which standard it was written for is told by the code, else by the names.
    """
    code, opened = _CODE.search(block.text), _OPENED.match(block.text)
    if not block.account or code is None or opened is None:
        return None
    currency, *more = opened["currencies"].split(",")
    told = [catalogue.known(block.account, currency, standard) for standard in STANDARDS]
    bases = [dataclasses.replace(base, more=tuple(more)) for base in told if base is not None]
    found = [
        base
        for base in bases
        if block.text == open_text(dataclasses.replace(base, code=code["code"]))
    ]
    level1 = code["code"].partition(".")[0]
    found.sort(key=lambda known: known.code.partition(".")[0] != level1)
    return (found[0], code["code"]) if found else None


def _with_free_codes(blocks: list[_Block]) -> list[_Block]:
    """Give accounts whose derived codes collide the next free one, in the order of names."""
    generated = {block.account: found for block in blocks if (found := _generated(block))}
    codes = [code["code"] for block in blocks if (code := _CODE.search(block.text))]
    # Another code than the derived one is ours where all before it are taken, else the owner's.
    ours = {
        name: base
        for name, (base, code) in generated.items()
        if code == base.code or code == _free_code(base.code, set(codes) - {code})
    }
    taken = {
        code["code"]
        for block in blocks
        if block.account and block.account not in ours and (code := _CODE.search(block.text))
    }
    for block in sorted(blocks, key=lambda block: block.account):
        if block.account in ours:
            base = ours[block.account]
            code_free = _free_code(base.code, taken)
            taken.add(code_free)
            block.text = open_text(dataclasses.replace(base, code=code_free))
    return blocks


def _free_code(code: str, taken: set[str]) -> str:
    """`code`, or the next one below its parent that nobody has and the usual chart does not use."""
    if code not in taken:
        return code
    stem, dot, last = code.rpartition(".")
    for step in range(1, 99) if dot else ():
        candidate = f"{stem}.{(int(last) + step - 1) % 99 + 1:02d}"
        if candidate not in taken and candidate not in _usual():
            return candidate
    return _free_code(f"{code}.01", taken)


@cache
def _usual() -> frozenset[str]:
    return frozenset[str]().union(*(catalogue.codes(standard) for standard in STANDARDS))


def free_below(parent: str, taken: Iterable[str]) -> str:
    """The first free code right below `parent`."""
    return _free_code(f"{parent}.01", {*taken, *_usual()})
