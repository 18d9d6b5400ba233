"""Nothing is dropped (P3): each line of a file is header, frame, record or fault.

One more line is put at every place of one file of each layout. Whatever it is, the records that
were there are booked as before, and the line is one of them or is named.
"""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beanclear.importers.registry import importers
from beanclear.ledger.statement import Grade
from tests.conftest import examples
from tests.importers.conftest import FIXTURES
from tests.importers.every_line import CONFIG, LAYOUTS, Told, lines_of, read_bytes

SINGLE = ("#1001", "合计", "只有一格", "12.50", '"', "总交易单数", "小计,1", "#,,,,")


def rows_of(lines: list[str]) -> list[int]:
    """The row each physical line belongs to: quoted cells may hold line ends."""
    found, row, held = [], 1, ""
    for line in lines:
        found.append(row)
        held += line
        if held.count('"') % 2 == 0:
            row, held = row + 1, ""
    return found


def places_of(lines: list[str]) -> list[int]:
    """Where a line may be put without cutting another one into two."""
    rows = rows_of(lines)
    whole = [place for place in range(1, len(lines)) if rows[place] != rows[place - 1]]
    return [0, *whole, len(lines)]


def read_lines(folder: Path, name: str, lines: list[str]) -> Told:
    encoding = lines_of(name)[1]
    return read_bytes(folder, "".join(lines).encode(encoding), Path(name).name)


def test_every_layout_is_tried() -> None:
    every = {one.name for one in importers(CONFIG)}
    refused = {"wechat-personal", "alipay-personal"}  # which read no line at all
    assert set(LAYOUTS.values()) == every - refused
    assert set(LAYOUTS) == {
        str(path.relative_to(FIXTURES))
        for path in FIXTURES.rglob("*.csv")
        if path.parent.name != "personal"
    }


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_the_fixtures_are_sound(name: str, tmp_path: Path) -> None:
    lines, _encoding = lines_of(name)
    told = read_lines(tmp_path, name, lines)
    assert {one.importer for one in told.statements} == {LAYOUTS[name]}
    assert told.bookable
    told.check_counts()


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_one_more_record_at_every_place_is_booked_or_named(name: str, tmp_path: Path) -> None:
    lines, _encoding = lines_of(name)
    whole = read_lines(tmp_path, name, lines)
    rows = rows_of(lines)
    first = rows.index(whole.used[0])
    extra = "".join(line for line, row in zip(lines, rows, strict=True) if row == rows[first])
    for place in places_of(lines):
        told = read_lines(tmp_path, name, [*lines[:place], extra, *lines[place:]])
        told.check_counts()
        row = rows[place] if place < len(lines) else rows[-1] + 1
        named = {found.row for found in told.faults}
        more = [*whole.used, 0]
        if row not in told.used and not told.refusal:
            # Of two equal lines of one id the second is named, which may be the one that was there.
            assert named & {row, rows[first], rows[first] + 1}, (place, told.faults)
        if told.bookable:
            assert len(told.used) == len(more), place
        else:
            assert told.faults or any(one.grade is Grade.CONTRADICTED for one in told.statements), (
                place
            )


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_a_line_of_a_cell_below_the_header_is_named(name: str, tmp_path: Path) -> None:
    lines, _encoding = lines_of(name)
    whole = read_lines(tmp_path, name, lines)
    below = [place for place in places_of(lines) if place >= rows_of(lines).index(whole.used[0])]
    ends = [below[0], below[-1]]
    tried = [*zip(below, itertools.cycle(SINGLE), strict=False), *itertools.product(ends, SINGLE)]
    for place, extra in tried:
        told = read_lines(tmp_path, name, [*lines[:place], extra + "\n", *lines[place:]])
        told.check_counts()
        if told.bookable:  # as nothing but a known line of the frame
            assert (told.money, told.ids) == (whole.money, whole.ids), (place, extra)
            assert extra.startswith("#"), (place, extra)
            assert LAYOUTS[name].startswith("alipay"), (place, extra)


def _changed(draw: st.DrawFn, lines: list[str]) -> tuple[list[str], int]:
    """A file with a few lines put in, and how many."""
    extras = draw(
        st.lists(
            st.one_of(
                st.sampled_from([one + "\n" for one in SINGLE]),
                st.sampled_from(lines),
                st.builds(
                    lambda cells: ",".join(cells) + "\n",
                    st.lists(
                        st.sampled_from(("合计", "", "#", "1.00", "2026-05-01", "甲")), max_size=9
                    ),
                ),
            ),
            min_size=1,
            max_size=3,
        )
    )
    changed = list(lines)
    for extra in extras:
        places = places_of(changed)
        place = draw(st.sampled_from(places))
        changed.insert(place, extra if extra.endswith("\n") else extra + "\n")
    return changed, len(extras)


@given(data=st.data(), name=st.sampled_from(sorted(LAYOUTS)))
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_lines_put_in_anywhere_take_nothing_away(
    data: st.DataObject, name: str, tmp_path: Path
) -> None:
    lines, _encoding = lines_of(name)
    changed, _count = data.draw(st.composite(_changed)(lines))
    whole = read_lines(tmp_path, name, lines)
    told = read_lines(tmp_path, name, changed)
    told.check_counts()
    if told.bookable:
        # Nothing of the file was lost; what came in beside it are copies of its own lines.
        assert set(told.ids) >= set(whole.ids)
        rows = list(csv.reader(io.StringIO("".join(changed))))
        assert len(told.used) <= len(rows)
