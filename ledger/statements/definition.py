"""Statement definitions: data files that say which accounts make which row of a form.

    { n = 4, zh = "应收账款", en = "Accounts receivable", is = "D(1122) + D(2203)" }
    { n = 15, zh = "流动资产合计", en = "Total current assets", sum = "1 + 2 + 3" }

The shipped files lie in `definitions/<standard>/<name>.toml`; a file of the same name in the
books' folder `reports/` takes the place of the shipped one. A term names an account code and all
below it (`1122` holds `1122.01`), `5*` all that begin so. What stands before a code in brackets
says what of it is meant:

| term | in a balance sheet | in a cash flow |
|---|---|---|
| `1122` | its balance, debit positive | money in and out against it |
| `D(1122)`, `C(1122)` | what is due to us, what we owe, of each item; both positive | |
| `overdue(1012)` | of that, what is past due | |
| `net(2203)`, `vat(2203)` | what we owe without the VAT in it, and that VAT | |
| `in(2001)`, `out(2001)` | | only money that came in, that left |
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from beanclear.ledger.chart_codes import Standard
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

FOLDER = "reports"
_TERM = re.compile(r"(?:(?P<part>[A-Za-z]+)\()?(?P<code>[\w.]+\*?)\)?")
_PARTS = {
    "balance": frozenset({"", "D", "C", "overdue", "net", "vat"}),
    "movement": frozenset({""}),
    "cash": frozenset({"", "in", "out"}),
    "equity": frozenset({"", "in", "out"}),
}
_KEYS = frozenset(
    {"n", "id", "zh", "en", "is", "from", "sum", "part_of", "outflow", "role", "within", "right"}
)  # of a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One account code of a row: `factor` is 1 or -1, `part` what of it is meant."""

    factor: int
    part: str
    code: str

    def holds(self, code: str) -> bool:
        """Whether an account with this code belongs to the term."""
        if self.code.endswith("*"):
            return code.startswith(self.code[:-1])
        return code == self.code or code.startswith(self.code + ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """One row of a form.

    Attributes:
      id: what `sum` calls it: its number, or the `id` of a row without one; empty for headings.
      number: the official number; none for headings and additions.
      terms: what it is made of; `adds`: the rows it adds up, as (factor, id).
      part_of: the row of which it is only a part (其中); such rows are in no sum.
      outflow: it shows money that left as positive.
      role: what the tie-outs know it as: `assets`, `funding`, `cash` and `retained`
        (undistributed profit) of a balance sheet,
        `profit` of an income statement, `opening`, `increase` and `closing` of a cash flow
        statement (`opening` is filled with the cash at the beginning), `equity` of a balance
        sheet and `comprehensive` of an income statement where equity has a form of its own, in
        which `before` is filled with the balance at the beginning, `income` and `after`.
      right: with it the right side of a form of two sides begins.
      within: in a statement of changes in equity, the movements between columns it takes.
    """

    id: str
    number: int | None
    zh: str
    en: str
    terms: tuple[Term, ...] = ()
    adds: tuple[tuple[int, str], ...] = ()
    part_of: str | None = None
    outflow: bool = False
    role: str = ""
    within: tuple[str, ...] = ()
    right: bool = False

    @property
    def heading(self) -> bool:
        """Whether it has no figures at all."""
        return not self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """A column of a statement of changes in equity; `less`: shown positive, and subtracted."""

    id: str
    zh: str
    en: str
    terms: tuple[Term, ...]
    less: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Definition:
    """One form: what it is called and its rows, top to bottom.

    It is equal to itself alone, so that what is asked of it again and again can be remembered.
    """

    name: str
    kind: Literal["balance", "movement", "cash", "equity"]
    form: str
    zh: str
    en: str
    rows: tuple[FormRow, ...]
    cash: tuple[Term, ...] = ()
    columns: tuple[FormColumn, ...] = ()

    def place_of(self, role: str) -> str:
        """The id of the row with a role.

        Raises:
          BooksError: no row has it.
        """
        for row in self.rows:
            if row.role == role:
                return row.id
        raise _unreadable(f"{self.name}.toml", _("no row has the role %(role)s") % {"role": role})

    @property
    def made(self) -> tuple[FormRow, ...]:
        """The rows that every account must be in exactly once: made of accounts, and no part."""
        return tuple(row for row in self.rows if row.terms and row.part_of is None)


def load(standard: Standard, name: str, books: Path | None = None) -> Definition:
    """The definition of one form; a file of the books comes before the shipped one.

    Raises:
      BooksError: the file is no definition; names the file and the row.
    """
    own = books / FOLDER / f"{name}.toml" if books else None
    if own is not None and own.is_file():
        return parse(own.read_text("utf-8"), f"{FOLDER}/{name}.toml")
    place = resources.files("beanclear.ledger.statements") / "definitions" / standard
    return parse((place / f"{name}.toml").read_text("utf-8"), f"{standard}/{name}.toml")


def parse(text: str, file: str) -> Definition:
    """Read a definition file.

    Raises:
      BooksError: as `load`.
    """
    try:
        found = tomllib.loads(text)
        kind = found["kind"]
        if kind not in _PARTS:
            raise ValueError(_("`kind` is balance, movement, cash or equity"))
        rows = tuple(_row(row, kind) for row in found["rows"])
        _check_references(rows)
        return Definition(
            name=str(found["name"]),
            kind=kind,
            form=str(found.get("form", "")),
            zh=str(found["title"]["zh"]),
            en=str(found["title"]["en"]),
            rows=rows,
            cash=tuple(_terms(" + ".join(found.get("cash", ())), "cash")),
            columns=tuple(_column(column) for column in found.get("columns", ())),
        )
    except KeyError as error:
        raise _unreadable(file, _("%(key)s is missing") % {"key": error}) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise _unreadable(file, str(error)) from None


def _unreadable(file: str, why: str) -> BooksError:
    return BooksError(
        _("the statement definition cannot be read: %(why)s") % {"why": why},
        _("correct the file, or remove it to use the shipped one"),
        where=file,
    )


def _row(found: Mapping[str, Any], kind: str) -> FormRow:
    label = str(found.get("zh", found.get("n", "?")))
    unknown = sorted(found.keys() - _KEYS)
    if unknown:
        raise ValueError(
            _("row %(row)s: unknown key %(key)s") % {"row": label, "key": ", ".join(unknown)}
        )
    number = found.get("n")
    terms = tuple(_terms(str(found.get("is", found.get("from", ""))), kind))
    return FormRow(
        id=str(found.get("id", number if number is not None else "")),
        number=number,
        zh=str(found["zh"]),
        en=str(found["en"]),
        terms=terms,
        adds=tuple(_signed(str(found.get("sum", "")))),
        part_of=str(found["part_of"]) if "part_of" in found else None,
        outflow=bool(found.get("outflow", False)),
        role=str(found.get("role", "")),
        within=tuple(str(pair) for pair in found.get("within", ())),
        right=bool(found.get("right", False)),
    )


def _column(found: Mapping[str, Any]) -> FormColumn:
    return FormColumn(
        id=str(found["id"]),
        zh=str(found["zh"]),
        en=str(found["en"]),
        terms=tuple(_terms(str(found["is"]), "equity")),
        less=bool(found.get("less", False)),
    )


def _signed(text: str) -> list[tuple[int, str]]:
    """`1 + 2 - 13` as (1, "1"), (1, "2"), (-1, "13")."""
    if not text.strip():
        return []
    pieces = re.split(r"([+-])", text if text.lstrip().startswith("-") else "+" + text)
    signs, words = pieces[1::2], pieces[2::2]
    factors = [1 if sign == "+" else -1 for sign in signs]
    return [(factor, word.strip()) for factor, word in zip(factors, words, strict=True)]


def _terms(text: str, kind: str) -> list[Term]:
    terms = []
    for factor, word in _signed(text):
        found = _TERM.fullmatch(word)
        if found is None or (found["part"] or "") not in _PARTS[kind]:
            raise ValueError(_("%(term)r is no term of such a form") % {"term": word})
        terms.append(Term(factor=factor, part=found["part"] or "", code=found["code"]))
    return terms


def _check_references(rows: tuple[FormRow, ...]) -> None:
    """Every row that a total or a part names is there, once, and before its total."""
    seen: set[str] = set()
    for row in rows:
        missing = [name for _factor, name in row.adds if name not in seen]
        if row.part_of is not None and row.part_of not in seen:
            missing.append(row.part_of)
        if missing:
            raise ValueError(
                _("row %(row)s adds row %(other)s, which does not stand above it")
                % {"row": row.zh, "other": missing[0]}
            )
        if row.id in seen:
            raise ValueError(_("there are two rows %(row)s") % {"row": row.id})
        if row.id:
            seen.add(row.id)
