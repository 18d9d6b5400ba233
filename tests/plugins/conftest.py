"""Books in a test's docstring, loaded as Beancount loads them.

A docstring holds the rest of the top file after `CHART`, which opens the accounts that the tests
share; a line `=== path` begins another file, which the top file includes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from beancount.core.data import Transaction
from beancount.loader import load_file

CHART = """\
option "title" "Books"
plugin "beanclear.plugins.clearing"{config}
plugin "beanclear.plugins.unmatched"{config}
plugin "beanclear.plugins.statements"{config}
1970-01-01 open Assets:Receivable:Tmall CNY, USD
  clearing: "order"
1970-01-01 open Assets:Transit:Alipay
  clearing: "payout"
1970-01-01 open Assets:Wallet:Alipay CNY
1970-01-01 open Income:Sales
1970-01-01 open Expenses:Rounding CNY
2026-01-01 open Expenses:Losses CNY
"""
Load = Callable[..., SimpleNamespace]


def _place(error: Any, root: Path) -> str:  # noqa: ANN401 - any plugin's error class
    """`file: the text of the line` at which an error stands."""
    path = Path(error.source["filename"])
    line = path.read_text(encoding="utf-8").splitlines()[error.source["lineno"] - 1]
    return f"{path.relative_to(root)}: {line.strip()}"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Write books and load them; `config` is the plugins' configuration string.

    The result has `entries`, `errors` (class and message), `places` of the errors, `options`,
    `generated` transactions and the `root` folder.
    """
    monkeypatch.setenv("BEANCOUNT_DISABLE_LOAD_CACHE", "1")

    def write(text: str, *, config: str | None = "en", chart: str = CHART) -> SimpleNamespace:
        top, *files = textwrap.dedent(text).split("\n=== ")
        head = chart.replace("{config}", "" if config is None else f' "{config}"')
        for file in files:
            name, content = file.split("\n", 1)
            path = tmp_path / name.strip()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            head += f'include "{name.strip()}"\n'
        main = tmp_path / "main.beancount"
        main.write_text(head + top, encoding="utf-8")
        entries, errors, options = load_file(str(main))
        return SimpleNamespace(
            entries=entries,
            errors=[f"{type(error).__name__}: {error.message}" for error in errors],
            places=[_place(error, tmp_path) for error in errors],
            options=options,
            root=tmp_path,
            generated=[
                entry
                for entry in entries
                if isinstance(entry, Transaction)
                and any(link.startswith("bc-") for link in entry.links)
            ],
        )

    return write


@pytest.fixture
def doc(load: Load, request: pytest.FixtureRequest) -> SimpleNamespace:
    """The books in the test's docstring, loaded."""
    return load(request.function.__doc__)
