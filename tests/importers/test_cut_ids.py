"""Ids that a spreadsheet cut are told from genuine ones by how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beanclear.importers.columns import Column, Type, column
from beanclear.importers.cut_ids import cut_ids

KEY = {"number": column("number", type=Type.ID, required=True)}
OTHER = {"number": column("number", type=Type.ID)}


CUT = [f"511603254{n}0000000" for n in (422, 533, 644)]


def _cut(text: str) -> str:
    """As a spreadsheet program saves a number."""
    return text[:15] + "0" * (len(text) - 15)


def _rows(ids: Sequence[str | None], columns: dict[str, Column]) -> list[int]:
    table = pa.table(
        {"row": pa.array(range(1, len(ids) + 1), pa.int32()), "number": pa.array(ids, pa.string())}
    )
    return [row for _name, row, _text in cut_ids(table, columns)]


@pytest.mark.parametrize(
    ("ids", "columns", "rows"),
    [
        # Two of 19 digits: one chance in a hundred million.
        (["5116032541422000000", "5116032541533000000"], OTHER, [1, 2]),
        # One: one in ten thousand, which counts where the id names the row.
        (["5116032541422000000"], OTHER, []),
        (["5116032541422000000"], KEY, [1]),
        # Of ten numbers one may end so.
        ([f"511603254142200932{n}" for n in range(9)] + ["5116032541422000000"], KEY, []),
        # A long id has more digits to lose.
        (["4200000000202610000000000000"], OTHER, [1]),
        # One number on many rows is one number.
        (["5116032541422000000"] * 50, OTHER, []),
        # One in ten of 16 digits ends in a zero.
        ([f"123456789012345{n}" for n in range(10)], KEY, []),
        ([f"12345678901234{n:02}0"[:16] for n in range(0, 90, 10)], KEY, list(range(1, 10))),
        # All numbers of a platform may end in a zero: so many look cut by chance, and these not.
        ([f"511603254{n:09}0" for n in range(9_000_001, 9_005_000)], KEY, []),
        ([f"51160325414{n * 1234567}0" for n in range(1, 9)] + CUT, KEY, [9, 10, 11]),
        # A day and a counter, a short number, a number with a letter, nothing.
        (["2026073100000000000", "2026080100000000000"], KEY, []),
        (["123456789012000", "123456789013000", "A116032541422000000", None], KEY, []),
    ],
)
def test_ids_that_end_in_zeros(
    ids: list[str | None], columns: dict[str, Column], rows: list[int]
) -> None:
    """The rule says which rows have lost digits, and that few are chance."""
    assert _rows(ids, columns) == rows


_LONG = st.integers(10**18, 10**19 - 1).map(str)


@given(
    st.lists(
        _LONG.filter(lambda text: text[:15].rstrip("0") == text[:15]),
        unique=True,
        min_size=2,
        max_size=40,
    )
)
def test_a_cut_column_is_seen_whole(ids: list[str]) -> None:
    """However a column of order numbers looked before, after the cut each row is reported."""
    cut = [_cut(text) for text in ids]
    if len(set(cut)) > 1:
        assert _rows(cut, KEY) == list(range(1, len(ids) + 1))


@given(
    st.lists(
        _LONG.filter(lambda text: not text.endswith("0000")), unique=True, min_size=20, max_size=60
    ),
    st.data(),
)
def test_only_the_rows_that_were_cut(ids: list[str], data: st.DataObject) -> None:
    """Where some rows are text and some were numbers, the others stay."""
    places = data.draw(st.sets(st.integers(0, len(ids) - 1), min_size=4, max_size=4))
    mixed = [
        f"5116032541422{place:02}0000" if place in places else text
        for place, text in enumerate(ids)
    ]
    assert _rows(mixed, KEY) == [place + 1 for place in sorted(places)]
