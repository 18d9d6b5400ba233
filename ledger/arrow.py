"""What Arrow is kept from doing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

import pyarrow as pa


class _Absent:
    """An importer for which there is no pandas."""

    @staticmethod
    def find_spec(
        name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> None:
        """Nothing, so that others are asked.

        Raises:
          ImportError: for pandas.
        """
        if name == "pandas":
            raise ImportError(name, name=name)


def leave_pandas_out() -> None:
    """Keep pyarrow from importing pandas when it makes its first array, to know a Series by.

    That takes a third of a second, and no array here is made from one. It looks once; what needs
    pandas, as `to_pandas` does, imports it all the same.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Absent)
        try:
            pa.array([0])
        finally:
            sys.meta_path.remove(_Absent)
