"""Hashes find texts that stand twice; that they are numbers of texts alone is what counts."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from beanclear.ledger.hashing import hashes_of


@settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.text(max_size=30), max_size=20), cut=st.integers(0, 20))
def test_equal_texts_have_equal_hashes_and_others_have_not(texts: list[str], cut: int) -> None:
    whole = hashes_of([pa.chunked_array([pa.array(texts, pa.string())])]).tolist()
    chunks = [pa.array(some, pa.string()) for some in (texts[:cut], texts[cut:])]
    assert hashes_of([pa.chunked_array(chunks)]).tolist() == whole
    assert [hashes_of([pa.chunked_array([[text]], pa.string())])[0] for text in texts] == whole
    # A NUL at the end is what a shorter text is filled up with.
    bare = {text.rstrip("\0") for text in texts}
    assert len(set(whole)) == len(bare)


def test_columns_are_told_apart() -> None:
    def number(*cells: str) -> int:
        return int(hashes_of([pa.chunked_array([[cell]], pa.string()) for cell in cells])[0])

    assert number("a", "b") == number("a", "b")
    assert len({number("a", "b"), number("ab", ""), number("", "ab"), number("b", "a")}) == 4


def test_ids_in_a_row_do_not_meet() -> None:
    ids = pa.array([f"20260701{number:020d}" for number in range(200_000)])
    assert len(set(hashes_of([pa.chunked_array([ids])]).tolist())) == 200_000


def test_a_missing_text_is_an_empty_one_and_long_ones_are_cut() -> None:
    cells = pa.chunked_array([[None, "", "x" * 256 + "a", "x" * 256 + "b"]], pa.string())
    nothing, empty, first, second = hashes_of([cells]).tolist()
    assert nothing == empty
    assert first == second
    assert hashes_of([pa.chunked_array([], pa.string())]).tolist() == []
