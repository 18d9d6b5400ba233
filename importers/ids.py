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

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.ledger.hashing import hashes_of


def identity_hash(fields: Mapping[str, str], identity: Sequence[str]) -> str:
    """SQL: a hash of what identifies a line, of its declared `fields` and what `identity` adds."""
    moment = f"({fields['occurred_at']})"
    balance = f"({fields.get('balance_minor', 'NULL')})"
    minute = f"strftime({moment}, '%Y-%m-%d %H:%M')"
    day = f"strftime({moment}, '%Y-%m-%d')"
    if balance == "(NULL)":
        parts = [minute]
    else:
        parts = [f"CASE WHEN {balance} IS NULL THEN {minute} ELSE {day} END", balance]
    parts += [f"({fields['amount_minor']})", *(f"({sql})" for sql in identity)]
    texts = ", ".join(f"coalesce(CAST({part} AS VARCHAR), '')" for part in parts)
    return f"left(sha256(concat_ws(chr(31), {texts})), 32)"


def serial_id(serial: str, moment: str, amount: str, balance: str) -> str:
    """SQL: a record id from a bank's serial number, which a transfer and its charge may share.

    Of lines that share number and day the first in time keeps the number, in one minute the
    largest; the others get a rank behind it. So what comes later that day changes no id. A line
    that stands twice keeps one id and is found as a duplicate.
    """
    day = f"strftime({moment}, '%Y%m%d')"
    named = f"{serial} || CASE WHEN contains({serial}, {day}) THEN '' ELSE '@' || {day} END"
    rank = (
        f"dense_rank() OVER (PARTITION BY {serial}, {day} ORDER BY "
        f"strftime({moment}, '%H:%M'), abs({amount}) DESC, {amount}, {balance})"
    )
    return f"{named} || CASE WHEN {rank} = 1 THEN '' ELSE '/' || {rank} END"


def with_ordinal(base: str, apart: str) -> str:
    """SQL: `base`, with an ordinal from the second of equals on; `apart` is what may differ.

    Rows that are equal in `apart` too are one row that stands twice; where it is NULL nothing can
    tell, and each is a line.
    """
    nth = (
        f"CASE WHEN {apart} IS NULL THEN row_number() OVER (PARTITION BY {base} ORDER BY row) "
        f"ELSE dense_rank() OVER (PARTITION BY {base} ORDER BY {apart}) END"
    )
    return f"{base} || CASE WHEN {nth} = 1 THEN '' ELSE '.' || {nth} END"


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
