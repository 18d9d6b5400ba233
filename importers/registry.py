"""All importers, and the way from a file to its statements.

`IMPORTERS` is a plain table of `module:Class`; a module is imported when it is first needed.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from beanclear.importers.base import StatementImporter
from beanclear.importers.faults import UNKNOWN, refusal
from beanclear.importers.files import Format, SourceFile, members
from beanclear.importers.sheet import Head, heads
from beanclear.importers.strangers import stranger
from beanclear.ledger.documents import hash_file
from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.statement import Statement

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

IMPORTERS: tuple[str, ...] = (
    "beanclear.importers.alipay:AlipayLedger",
    "beanclear.importers.alipay:AlipayWeb",
    "beanclear.importers.taobao:TaobaoOrders",
    "beanclear.importers.taobao:TaobaoQianniu",
    "beanclear.importers.taobao:TaobaoItems",
    "beanclear.importers.taobao_wechat:TaobaoWechat",
    "beanclear.importers.wechatpay:WeChatPayTrades",
    "beanclear.importers.wechatpay_fundflow:WeChatPayFundflow",
    "beanclear.importers.pinduoduo:PinduoduoOrders",
    "beanclear.importers.pinduoduo:PinduoduoLedger",
    "beanclear.importers.banks:Icbc",
    "beanclear.importers.banks:Ccb",
    "beanclear.importers.banks:CcbLong",
    "beanclear.importers.banks:Cmbc",
    "beanclear.importers.banks:PingAn",
    "beanclear.importers.shop_orders:ShopOrders",
    "beanclear.importers.opening_items:OpeningItems",
    "beanclear.importers.personal:WeChatPersonal",
    "beanclear.importers.personal:AlipayPersonal",
    "beanclear.importers.generic:GenericTable",
)

# Members of known archives that hold no lines of their own: totals of a member beside them, or
# the business view of money that 账务明细 holds (formats: Alipay §1.1).
_NO_RECORDS = re.compile(r"(账务明细|业务明细)[(（]汇总[)）]|(^|_)业务明细\.|_SUMMARY\.|说明\.txt$")

# Tables of one owner that are sources of their own.
_PLATFORMS = {"opening": "shop", "taobao-wechat": "taobao"}
_OWN_WORDS = 2
_NEAR = 0.5  # the share of its headers that a nearest layout may lack


@functools.cache
def _classes() -> tuple[type[StatementImporter], ...]:
    found = []
    for place in IMPORTERS:
        module, _separator, name = place.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return tuple(found)


def importers(config: Config | None = None) -> list[StatementImporter]:
    """One instance of each importer; mapped tables of the configuration give one each."""
    return [made for cls in _classes() for made in cls.instances(config)]


def identify(file: SourceFile, config: Config | None = None) -> StatementImporter:
    """The one importer that reads `file`; see `recognise`."""
    return recognise(file, config)[0]


def recognise(
    file: SourceFile, config: Config | None = None
) -> tuple[StatementImporter, list[Head] | None]:
    """The one importer that reads `file`, by its content, and the heads of the file's tables.

    Raises:
      SourceError: the code of a `stranger`; `unknown-format` names the nearest layout of the
        platform whose words the file has, and what it misses; `unknown-header` when it has no
        platform's, `no-table` when it has no columns at all;
        `claimed-twice` names those that claim it; or the file cannot be opened.
    """
    looked: list[Head] = []
    unreadable: SourceError | None = None
    if (code := stranger(file)) is not None:
        raise refusal(code, file.name)
    try:
        looked = heads(file)
    except SourceError as error:  # a mapped table may know its encoding
        unreadable = error
    known = importers(config)
    claims = [one for one in known if one.claims(file, looked)]
    if len(claims) == 1:
        return claims[0], looked if unreadable is None else None
    if claims:
        raise refusal("claimed-twice", file.name, importers=", ".join(one.name for one in claims))
    if unreadable is not None:
        raise unreadable
    if not looked:
        raise refusal("no-table", file.name)
    nearest = _nearest(known, looked)
    if nearest is None:
        raise refusal("unknown-header", file.name)
    name, missing = nearest
    raise refusal("unknown-format", file.name, importer=name, missing=missing)


def _nearest(known: Sequence[StatementImporter], looked: Iterable[Head]) -> tuple[str, str] | None:
    """The importer of whose headers the file lacks the smallest share, at most half, and which.

    Only of a platform that the file shows to be its own, by two headers of a row that no other one
    reads: a bank's statement is not told to be nearly another bank's.
    """
    platforms = {one.name: _PLATFORMS.get(one.source, one.source) for one in known}
    owners: dict[str, set[str]] = {}
    for one in known:
        read = (header for column in one.columns.values() for header in column.headers)
        for header in frozenset(read).union(*one.required):
            owners.setdefault(header, set()).add(platforms[one.name])
    found = []
    for head in looked:
        shown = {
            platform
            for cells in head.normal
            for platform, count in Counter(
                min(owners[cell]) for cell in set(cells) if len(owners.get(cell, ())) == 1
            ).items()
            if count >= _OWN_WORDS
        }
        found += [(*one.missing(head), one.name) for one in known if platforms[one.name] in shown]
    near = [one for one in found if 0 < one[0] <= _NEAR]
    if not near:
        return None
    _share, missing, name = min(near, key=lambda one: (one[0], one[2]))
    return name, ", ".join(sorted(missing))


def read_document(
    path: Path,
    *,
    name: str = "",
    document: str = "",
    shop: str = "",
    config: Config | None = None,
    buyer_key: bytes | None = None,
) -> list[Statement]:
    """All statements in a file: of the file itself, or of every member of an archive.

    Args:
      path: where it is.
      name: as the user knows it; its own name when empty.
      document: its sha-256; computed when empty.
      shop: the folder below `inbox/` it lay in.
      config: the books' configuration, for mapped tables.
      buyer_key: the books' key for buyers' nicknames; without it records name no buyer.

    Raises:
      SourceError: when nothing of it can be read, or an archive holds no statement.
    """
    file = SourceFile(
        name=name or path.name, path=path, shop=shop, document=document or hash_file(path)
    )
    if file.format not in {Format.ZIP, Format.GZIP}:
        return _read(file, config, buyer_key)
    return _read_archive(file, config, buyer_key)


def _read(file: SourceFile, config: Config | None, buyer_key: bytes | None) -> list[Statement]:
    importer, looked = recognise(file, config)
    importer.buyer_key = buyer_key
    return importer.read(file, looked)


def _read_archive(
    file: SourceFile, config: Config | None, buyer_key: bytes | None
) -> list[Statement]:
    statements: list[Statement] = []
    faults: list[Fault] = []
    notes: list[str] = []
    for member in members(file):
        try:
            statements += _read(member, config, buyer_key)
        except SourceError as error:
            codes = {found.code for found in error.faults}
            if codes & {*UNKNOWN, "empty-file"} and _NO_RECORDS.search(member.name):
                notes.append(_("%(member)s holds no lines to book") % {"member": member.name})
            elif codes <= UNKNOWN and file.format is Format.ZIP:
                faults.append(refusal("unknown-member", member.name).faults[0])
            else:
                raise
    if not statements:
        raise SourceError(*faults, *refusal("no-statement", file.name).faults)
    return [_with(found, faults, notes) for found in statements]


def _with(statement: Statement, faults: list[Fault], notes: list[str]) -> Statement:
    return replace(statement, faults=(*statement.faults, *faults), notes=(*statement.notes, *notes))
