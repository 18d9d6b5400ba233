"""What the command line's tests share: a runner, small books, and a pipeline made of values."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from beanclear.cli import language
from beanclear.cli.application import beanclear

Run = Callable[..., Result]


class Stub(types.SimpleNamespace):
    """What the stubbed pipeline answers (the fields of a `RunResult`), and what it was asked."""

    def __init__(self) -> None:
        tuples = ("documents", "accounts", "items", "assumptions", "reminders", "faults")
        super().__init__(
            **dict.fromkeys((*tuples, "changed", "check_errors"), ()),
            diff=None,
            tie_outs=None,
            from_text=False,
            raises=None,
            asked=[],
        )

    def answer(self, *asked: object, **options: object) -> Stub:
        self.asked.append((*asked, options) if options else asked)
        if self.raises is not None:
            raise self.raises
        return self


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BEANCLEAR_LANG", "BEANCLEAR_BOOKS", "BEANCLEAR_BY", "NO_COLOR", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    language.use("en")


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(beanclear, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Stub:
    """A pipeline whose answers the test sets."""
    stub = Stub()
    module = types.ModuleType("beanclear.cli.pipeline")
    module.RunOptions = lambda **options: options  # type: ignore[attr-defined]
    module.run_books = stub.answer  # type: ignore[attr-defined]
    for name in ("reconcile", "close_period", "check_books"):
        setattr(module, name, stub.answer)
    package = sys.modules["beanclear.cli"]
    monkeypatch.setitem(sys.modules, "beanclear.cli.pipeline", module)
    monkeypatch.setattr(package, "pipeline", module, raising=False)
    return stub


@pytest.fixture
def books(run: Run, tmp_path: Path) -> Path:
    """Empty books as `init` makes them."""
    folder = tmp_path / "shop"
    result = run("init", folder)
    assert result.exit_code == 0, result.stderr
    return folder
