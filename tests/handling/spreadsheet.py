"""What spreadsheet programs make of a cell: a number, a moment or a text; and how they show it.

After how Excel, WPS and LibreOffice read and write CSV: a cell that looks like a number is one,
with fifteen digits; long ones are shown as 2.605E+18; a moment is shown without seconds in the form
of the place; what is shown is what a CSV gets. `make test-office` tries a real LibreOffice.
"""

from __future__ import annotations

import datetime
import re

Value = str | float | datetime.datetime
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?")
_MOMENT = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SHOWN_DIGITS = 11  # longer numbers are shown with an exponent
_DIGITS = 15


def typed(cell: str) -> Value:
    """What a program takes a cell of a CSV for."""
    formula = re.fullmatch(r'="(.*)"', cell)
    if formula:
        return formula[1]
    if found := _MOMENT.fullmatch(cell):
        try:
            parts = (int(part or 0) for part in found.groups())
            return datetime.datetime(*parts)  # type: ignore[arg-type]
        except ValueError:
            return cell
    if _NUMBER.fullmatch(cell):
        return float(f"{float(cell.replace(',', '')):.{_DIGITS - 1}e}")
    return cell


def shown(
    value: Value, *, comma: bool = False, seconds: bool = False, day: str = "{0}/{1}/{2}"
) -> str:
    """How a cell is shown in a column as wide as it needs.

    `comma` is the decimal mark; `day` the form of a date, of year, month and day.
    """
    if isinstance(value, datetime.datetime):
        date = day.format(value.year, value.month, value.day)
        if (value.hour, value.minute, value.second) == (0, 0, 0):
            return date
        time = f"{value.hour}:{value.minute:02}" + (f":{value.second:02}" if seconds else "")
        return f"{date} {time}"
    if isinstance(value, float):
        whole = abs(value) >= 10**_SHOWN_DIGITS
        text = f"{value:.5E}" if whole else f"{value:.{_DIGITS}g}"
        text = re.sub(r"\.?0+E", "E", text) if whole else text
        return text.replace(".", ",") if comma else text
    return value
