"""Ids of a file's lines: whether all differ, and what tells equal ones apart."""

from __future__ import annotations

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.ledger.hashing import hashes_of


def with_ordinals(lines: pa.Table) -> pa.Table:
    """Lines whose ids are hashes of their content, with an ordinal among equals behind each."""
    ids = lines.column("record_id").combine_chunks()
    ordinals = numpy.ones(len(ids), numpy.int32)
    if not all_differ(pa.chunked_array([ids])):
        places = ids.dictionary_encode().indices.to_numpy()
        order = numpy.argsort(places, kind="stable")
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
