"""The index of settled orders: which an id names, and where their records lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beanclear.ledger.settled_index import BLOCK, Index

FAR = 2 * BLOCK  # an order of another block than 0 and 1


def index() -> Index:
    """Orders 0 and 1 share the id 30; another block has one order."""
    return Index.make(
        np.array([50, 30, 10, 30, 20], np.uint64),
        np.array([FAR, 1, 0, 0, 1], np.int32),
        np.array([2, 0, 0], np.int32),
        np.array([7, 4, 3], np.int32),
    )


def ids(*values: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(values, np.uint64)


def test_an_id_names_its_order_and_all_that_share_an_id_with_it() -> None:
    orders, named = index().touched(ids(10))
    assert orders.tolist() == [0, 1]
    assert named.tolist() == [10, 20, 30]


def test_an_id_of_no_settled_order_names_none() -> None:
    orders, named = index().touched(ids(11, 49))
    assert (orders.tolist(), named.tolist()) == ([], [])


@pytest.mark.parametrize(
    ("orders", "parts"), [([0], [3, 4]), ([1], [3, 4]), ([FAR], [7]), ([0, FAR], [3, 4, 7])]
)
def test_the_parts_of_an_order_are_those_of_its_block(orders: list[int], parts: list[int]) -> None:
    assert index().parts_of(np.array(orders, np.int32)) == parts


def test_a_block_stays_as_long_as_one_of_its_orders_does() -> None:
    left = index().without(np.array([1], np.int32))
    assert left.touched(ids(20, 30))[0].tolist() == [0]
    assert left.parts_of(np.array([0], np.int32)) == [3, 4]
    gone = left.without(np.array([0], np.int32))
    assert gone.ids.tolist() == [50]
    assert (gone.blocks.tolist(), gone.parts.tolist()) == ([2], [7])


def test_new_orders_begin_a_block() -> None:
    assert Index.empty().next_family == 0
    first = index().next_family
    assert first == 3 * BLOCK
    more = Index.make(
        ids(15), np.array([first], np.int32), np.array([3], np.int32), np.array([3], np.int32)
    )
    both = index().joined(more)
    assert both.ids.tolist() == [10, 15, 20, 30, 30, 50]
    assert both.touched(ids(15))[0].tolist() == [first]
    assert both.parts_of(np.array([first], np.int32)) == [3]
    assert Index.empty().joined(more) is more


def test_what_is_written_is_read(tmp_path: Path) -> None:
    index().write(tmp_path)
    read = Index.read(tmp_path)
    assert read.ids.tolist() == [10, 20, 30, 30, 50]
    assert read.families.tolist() == [0, 1, 1, 0, FAR]
    assert (read.blocks.tolist(), read.parts.tolist()) == ([0, 0, 2], [4, 3, 7])


def test_torn_arrays_are_no_index(tmp_path: Path) -> None:
    index().write(tmp_path)
    np.save(tmp_path / "parts.npy", np.empty(1, np.int32))
    with pytest.raises(ValueError, match=tmp_path.name):
        Index.read(tmp_path)
