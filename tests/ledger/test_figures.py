"""How amounts are written: no way of writing one is read as a hundred times it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.importers.columns import connect
from beanclear.ledger.figures import Evidence, Mark, bare, decided, evidence, plain

MARKS = st.sampled_from([(Mark.POINT, ",", "."), (Mark.COMMA, ".", ",")])
CENTS = st.integers(-(10**11), 10**11)


def written(cents: int, group: str, decimal: str, *, grouped: bool) -> str:
    whole = f"{abs(cents) // 100:,}" if grouped else str(abs(cents) // 100)
    return f"{'-' if cents < 0 else ''}{whole.replace(',', group)}{decimal}{abs(cents) % 100:02}"


@given(CENTS, MARKS, st.booleans())
def test_a_figure_with_cents_means_itself_or_nothing(
    cents: int, mark: tuple[Mark, str, str], grouped: bool
) -> None:
    own, group, decimal = mark
    text = written(cents, group, decimal, grouped=grouped)
    number = plain(text, own)
    assert number is not None
    assert Decimal(number) * 100 == cents
    other = Mark.COMMA if own is Mark.POINT else Mark.POINT
    assert plain(text, other) is None
    assert evidence(text).mark is own


@given(st.lists(CENTS, min_size=1, max_size=9), MARKS, st.booleans())
def test_a_column_tells_its_mark(
    cents: list[int], mark: tuple[Mark, str, str], grouped: bool
) -> None:
    own, group, decimal = mark
    said = Evidence()
    for one in cents:
        said |= evidence(written(one, group, decimal, grouped=grouped))
    assert decided(said, (), 2) is own


@pytest.mark.parametrize(
    ("cells", "beside", "digits", "mark"),
    [
        (["1,234.00", "5"], [], 2, Mark.POINT),
        (["1,234,567", "5"], [], 2, Mark.POINT),
        (["12,50", "7,5", "1.234"], [], 2, Mark.COMMA),
        (["1,234", "2,000", "5"], [], 2, Mark.OPEN),
        (["1,234"], ["0.50"], 2, Mark.POINT),
        (["1,234"], ["0,50"], 2, Mark.COMMA),
        (["1,234"], ["0,50", "0.50"], 2, Mark.OPEN),
        (["12,50", "12.50"], [], 2, Mark.OPEN),
        (["1,234", "2,000"], [], 0, Mark.POINT),
        (["1234", "5"], [], 2, Mark.POINT),
        (["1.234"], [], 3, Mark.POINT),
        (["0,500"], [], 3, Mark.COMMA),
    ],
)
def test_what_the_cells_say_together(
    cells: list[str], beside: list[str], digits: int, mark: Mark
) -> None:
    own = Evidence()
    for cell in cells:
        own |= evidence(cell)
    assert decided(own, [evidence(cell) for cell in beside], digits) is mark


@pytest.mark.parametrize("text", ["1,,2", "12,34.00", "1,234.5.6", "12,34,567", "1.2.3"])
def test_what_is_no_figure(text: str) -> None:
    assert plain(text, Mark.POINT) is None
    assert plain(text, Mark.COMMA) is None


@settings(deadline=None)  # the first connection takes its time
@given(st.text(alphabet="0123456789.,-+ ¥元\u00a0\u202f０９，．", max_size=12))
def test_columns_are_read_as_single_figures_are(text: str) -> None:
    with connect() as connection:
        ((sql, point, comma, either),) = connection.execute(
            """SELECT plain($1), says_point(figure($1)), says_comma(figure($1)),
                 says_either(figure($1)) AND contains(figure($1), ',')""",
            [text],
        ).fetchall()
    assert evidence(bare(text)) == Evidence(point, comma, either)
    number = plain(text)
    if number is None or sql is None:
        assert number is sql
    else:
        assert Decimal(number) == Decimal(sql)
