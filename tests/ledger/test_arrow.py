"""pyarrow does without pandas until somebody asks for it."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import sys
from beanclear.ledger.arrow import leave_pandas_out
leave_pandas_out()
import pyarrow as pa
table = pa.table({"a": pa.array(["x"])})
print("pandas" in sys.modules, table.to_pandas().shape)
"""


def test_arrays_are_made_without_pandas_which_can_be_had_all_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "False (1, 1)"
