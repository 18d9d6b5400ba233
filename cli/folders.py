"""Folders of the inbox that no setting calls a shop, and files in them that one shop cannot have.

A folder is a shop only when [[shops]] names it: people file by month too. But where two folders
hold other orders under one number, or other lines of one time of a wallet whose files do not say
whose it is, they are two shops or one file was changed. Which of the two, only a person can say;
until then nothing of these folders is booked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beanclear.cli.intake import Arrival
from beanclear.cli.results import DocumentResult
from beanclear.importers.faults import refusal
from beanclear.ledger import chart, store_days
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.store_parts import Part

_NAMELESS = frozenset({"", chart.MAIN})
_NUMBER = ["platform", "order_id"]


def plain(arrivals: Iterable[Arrival]) -> list[str]:
    """What is said of folders that are no shops, where their files do not say whose they are."""
    folders = {one.file.folder for one in arrivals if one.file.folder and _is_nameless(one)}
    return [
        _(
            "the folder %(folder)s is no shop: its files were booked with those of the inbox; to"
            " keep those that come apart, name it in beanclear.toml: [[shops]] folder ="
            ' "%(folder)s" and a name'
        )
        % {"folder": folder}
        for folder in sorted(folders)
    ]


def told_apart(arrivals: Sequence[Arrival], accept: Iterable[str]) -> list[Arrival]:
    """The arrivals; refused are those of folders that tell what one shop cannot.

    Files that somebody accepts by name are of one shop: a person says so.
    """
    accepted = {Path(name).name for name in accept}
    asked = [
        one
        for one in arrivals
        if _is_nameless(one) and not accepted & {one.file.path.name, one.file.name}
    ]
    other_of: dict[str, str] = {}
    for one, other in combinations(asked, 2):
        folders = (one.file.folder, other.file.folder)
        if folders[0] != folders[1] and _contradict(one, other):
            other_of.setdefault(folders[0], folders[1])
            other_of.setdefault(folders[1], folders[0])
    other_of.pop("", None)
    return [
        _refused(one, other_of[one.file.folder])
        if one.file.folder in other_of and _is_nameless(one)
        else one
        for one in arrivals
    ]


def _is_nameless(one: Arrival) -> bool:
    """Whether neither the file says whose it is nor the folder it lies in."""
    return not one.file.shop and any(row.account in _NAMELESS for row in one.statements)


def _contradict(one: Arrival, other: Arrival) -> bool:
    sources = {(row.stage, row.source) for row in one.statements}
    if one.staged is None or other.staged is None or one.sha256 == other.sha256:
        return False
    if not sources & {(row.stage, row.source) for row in other.statements}:
        return False
    rows, parts = one.statements + other.statements, one.staged.parts + other.staged.parts
    if store_days.differences(rows, parts):
        return True
    both = _created(one.staged.parts).join(
        _created(other.staged.parts), _NUMBER, join_type="inner", right_suffix="_other"
    )
    return bool(pc.any(pc.not_equal(both["ordered_at"], both["ordered_at_other"])).as_py())


def _created(parts: Iterable[Part]) -> pa.Table:
    """When each order was created, of those whose export says so."""
    columns = [*_NUMBER, "ordered_at"]
    tables = [
        pq.read_table(part.path, columns=columns)
        for part in parts
        if part.name.startswith("order/") and part.name.endswith(".parquet")
    ]
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.concat_tables(tables).drop_null() if tables else empty


def _refused(one: Arrival, other: str) -> Arrival:
    file = f"{one.file.folder}/{one.file.name}"
    error = refusal("folder-or-shop", file, folder=one.file.folder, other=other or "inbox")
    result = DocumentResult(file=one.file.name, state="refused", faults=error.faults)
    return dataclasses.replace(one, results=(result,), statements=(), accounts=(), staged=None)
