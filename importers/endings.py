"""How a table ends: what a file that was cut off may still speak for, and what is said of it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beanclear.importers.sheet import Sheet
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.spans import ONE_DAY

if TYPE_CHECKING:
    from beanclear.importers.base import Facts


def open_end(sheet: Sheet) -> list[str]:
    """What to say of a last line without a line end, in a layout that may have it so."""
    if sheet.open_end is None or sheet.cut:
        return []
    return [
        _(
            "row %(row)d is the last one and has no line end: it is booked, but a download that "
            "was cut off looks the same: compare it"
        )
        % {"row": sheet.open_end}
    ]


def covered(
    sheet: Sheet, facts: Facts, records: pa.Table
) -> tuple[datetime.date | None, datetime.date | None]:
    """The declared days, without those that a cut file may have lost."""
    first, last = facts.declared_first, facts.declared_last
    if not sheet.cut:
        return first, last
    moments = records.column("occurred_at")
    days = pc.min_max(records.column("booked_on")).as_py()
    if not len(records):
        return None, None
    ordered = moments.combine_chunks().cast(pa.int64()).to_numpy()
    if (ordered[1:] >= ordered[:-1]).all():
        return first, days["max"] - ONE_DAY
    if (ordered[1:] <= ordered[:-1]).all():
        return days["min"] + ONE_DAY, last  # newest first: what is lost is older
    return first, (first or days["min"]) - ONE_DAY
