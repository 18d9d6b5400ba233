"""Does the money of each record go the way that its kind has?

`ledger.records` says which kinds only come in and which only go out. What goes the other way is no
record but a fault of its row, unless the source declares that it writes reversals so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy
import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.faults import MOST_FAULTS, fault
from beanclear.ledger.errors import Fault
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import format_minor
from beanclear.ledger.records import COMES_IN, GOES_OUT, Kind


def wrong_way(records: pa.Table, reversals: Iterable[Kind] = ()) -> numpy.ndarray:
    """Which records go the other way: a mask."""
    coded = pc.dictionary_encode(records.column("kind").combine_chunks())
    ways = {str(kind): 1 for kind in COMES_IN} | {str(kind): -1 for kind in GOES_OUT}
    ways |= {str(kind): 0 for kind in reversals}
    signs = [ways.get(kind, 0) for kind in coded.dictionary.to_pylist()]
    if not any(signs):
        return numpy.zeros(len(records), numpy.bool_)
    way = numpy.asarray(signs, numpy.int8)[coded.indices.to_numpy()]
    wrong: numpy.ndarray = numpy.sign(records.column("amount_minor").to_numpy()) * way < 0
    return wrong


def direction_faults(
    records: pa.Table, file: str, code: str = "wrong-direction", **named: str
) -> list[Fault]:
    """A fault for each of these records, which all go the wrong way; `named` goes into its text."""
    shown = records.select(["row", "kind", "amount_minor", "currency"]).slice(0, MOST_FAULTS + 1)
    return [_fault(line, file, code, named) for line in shown.to_pylist()]


def _fault(line: Mapping[str, object], file: str, code: str, named: Mapping[str, str]) -> Fault:
    kind = Kind(str(line["kind"]))
    right = _("it only comes in") if kind in COMES_IN else _("it only goes out")
    amount = f"{format_minor(int(str(line['amount_minor'])), str(line['currency']))}"
    row = int(str(line["row"]))
    return fault(code, file, row, text=amount, kind=str(kind), right=right, **named)
