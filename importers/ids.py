"""Ids of a file's lines: what a line is known by, whether all differ, what tells equals apart.

A line without an id of its own is its moment, amount, balance and numbers, at the precision that
all its spellings share. A spreadsheet drops seconds, so a moment counts to the minute; where there
is a balance, which says more than any time, to the day, for some layouts of a bank have days only.
Equal lines of one file are told apart by an ordinal in the order of time.

A source's own number may begin again each day, month or year. So it is known together with the
day, unless it has the day in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.ledger.hashing import hashes_of


def identity_hash(fields: Mapping[str, str], identity: Sequence[str]) -> str:
    """SQL: a hash of what identifies a line, of its declared `fields` and what `identity` adds."""
    moment = f"({fields['occurred_at']})"
    balance = f"({fields.get('balance_minor', 'NULL')})"
    minute = f"date_trunc('minute', {moment})"
    day = f"CAST({moment} AS DATE)"
    if balance == "(NULL)":
        parts = [minute]
    else:
        # Each as text of its own: in one CASE a day would become the moment of its midnight.
        parts = [f"CASE WHEN {balance} IS NULL THEN {minute} END"]
        parts += [f"CASE WHEN {balance} IS NOT NULL THEN {day} END", balance]
    parts += [f"({fields['amount_minor']})", *(f"({sql})" for sql in identity)]
    texts = ", ".join(f"coalesce(CAST({part} AS VARCHAR), '')" for part in parts)
    return f"left(sha256(concat_ws(chr(31), {texts})), 32)"


def serial_id(serial: str, moment: str) -> str:
    """SQL: a record id from a bank's serial number: with the day, unless the day stands in it."""
    date = f"year({moment}) * 10000 + month({moment}) * 100 + day({moment})"
    day = f"CAST({date} AS VARCHAR)"
    return f"{serial} || CASE WHEN contains({serial}, {day}) THEN '' ELSE '@' || {day} END"


@dataclass(frozen=True, slots=True)
class Nth:
    """What tells lines apart that share a number of the source.

    Attributes:
      place: SQL over the importer's columns and steps and `record_id`: which of those with its id
        a line is, from 1. Rows of one place are one row that stands twice.
      mark: stands between the id and the place, which the first line has not.
    """

    place: str
    mark: str


def by_time(moment: str, amount: str, balance: str) -> Nth:
    """A transfer and its charge: the first, in one minute the largest, keeps the number.

    So what comes later that day changes no id.
    """
    order = f"date_trunc('minute', {moment}), abs({amount}) DESC, {amount}, {balance}"
    return Nth(f"dense_rank() OVER (PARTITION BY record_id ORDER BY {order})", "/")


def by_part(part: str) -> Nth:
    """Lines that differ in `part`; where that is NULL nothing can tell, and each row is a line."""
    return Nth(
        f"CASE WHEN {part} IS NULL THEN row_number() OVER (PARTITION BY record_id ORDER BY row) "
        f"ELSE dense_rank() OVER (PARTITION BY record_id ORDER BY {part}) END",
        ".",
    )


def renamed(lines: pa.Table, names: pa.Table | None) -> pa.Table:
    """Lines with the ids of `names` (`row`, `record_id`); both in the order of rows."""
    if names is None or not len(names):
        return lines
    rows = lines.column("row").combine_chunks().to_numpy()
    ids = lines.column("record_id").combine_chunks()
    mask = numpy.isin(rows, names.column("row").combine_chunks().to_numpy())
    here = names.filter(pc.is_in(names.column("row"), pa.array(rows[mask])))
    made = pc.replace_with_mask(ids, pa.array(mask), here.column("record_id").combine_chunks())
    return lines.set_column(lines.column_names.index("record_id"), "record_id", made)


def with_ordinals(lines: pa.Table) -> pa.Table:
    """Lines whose ids are hashes of their identity, with an ordinal among equals behind each."""
    ids = lines.column("record_id").combine_chunks()
    ordinals = numpy.ones(len(ids), numpy.int32)
    if not all_differ(pa.chunked_array([ids])):
        places = ids.dictionary_encode().indices.to_numpy()
        moments = lines.column("occurred_at").combine_chunks().cast(pa.int64()).to_numpy()
        rows = lines.column("row").combine_chunks().to_numpy()
        if moments[0] > moments[-1]:  # newest first
            rows = -rows
        order = numpy.lexsort((rows, moments, places))
        ordered = places[order]
        starts = numpy.flatnonzero(numpy.append(True, ordered[1:] != ordered[:-1]))
        counts = numpy.diff(numpy.append(starts, len(ordered)))
        ordinals[order] = numpy.arange(len(ordered)) - numpy.repeat(starts, counts) + 1
    texts = pa.array(ordinals).cast(pa.string())
    place = lines.column_names.index("record_id")
    made = pc.binary_join_element_wise(ids, texts, ".")
    return lines.set_column(place, "record_id", made)


def all_differ(ids: pa.ChunkedArray) -> bool:
    """Whether no id stands twice; most files are in the order of their ids, up or down."""
    before, after = ids.slice(0, max(0, len(ids) - 1)), ids.slice(1)
    for ordered in (pc.less, pc.greater):
        if not ids.null_count and pc.all(ordered(before, after)).as_py() is not False:
            return True
    hashes = numpy.sort(hashes_of([ids]))
    if (hashes[1:] != hashes[:-1]).all():
        return not ids.null_count
    return bool(pc.count_distinct(ids).as_py() == len(ids))
