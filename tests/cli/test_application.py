"""Global options, languages, exit codes and what is imported when."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result

from beanclear.cli import application, language
from beanclear.ledger.errors import BooksError, BusyError, Fault, SourceError, UsageError
from beanclear.ledger.i18n import translator

Run = Callable[..., Result]

HEAVY = ("pyarrow", "duckdb", "pandas", "fava", "numpy", "beancount.loader", "rich", "pydantic")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LANG": "C"},
    )


def imported_by(arguments: list[str]) -> set[str]:
    code = (
        "import sys\n"
        "from beanclear.cli.application import beanclear\n"
        f"try:\n    beanclear.main({arguments!r})\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('MODULES', *sys.modules)\n"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_help_imports_no_engine_and_no_command() -> None:
    modules = imported_by(["--help"])
    assert [name for name in HEAVY if name in modules] == []
    commands = {f"beanclear.cli.{name.replace('-', '_')}" for name in application.COMMANDS}
    assert commands & modules == set()
    assert sorted(name for name in modules if name.startswith("beanclear.cli")) == [
        "beanclear.cli",
        "beanclear.cli.application",
        "beanclear.cli.language",
        "beanclear.cli.output",
    ]


@pytest.mark.parametrize("name", application.COMMANDS)
def test_help_of_a_command_imports_no_engine(name: str) -> None:
    modules = imported_by([name, "--help"])
    # Reading directives takes Beancount's data types, whose package loads the loader.
    allowed = {"beancount.loader"}
    assert [heavy for heavy in HEAVY if heavy in modules and heavy not in allowed] == []
    other = {f"beanclear.cli.{one.replace('-', '_')}" for one in application.COMMANDS}
    needed = {f"beanclear.cli.{name.replace('-', '_')}"}
    # `report` reads periods as `close` does.
    assert other & modules - needed <= {"beanclear.cli.close"}


@pytest.mark.parametrize("name", application.COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: beanclear {name}")


def test_version(run: Run) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, "beanclear 0.1.0\n")


def test_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "beanclear.cli", "--version"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "beanclear 0.1.0\n", "")


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["--bogus"], ["run", "--bogus"], ["--lang", "fr", "run"], ["trace"]]
)
def test_wrong_usage_is_2_and_says_nothing_on_stdout(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error:" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("wrong", "do so"), 2),
        (BooksError("broken", "mend", where="beanclear.toml"), 3),
        (BusyError("held", "wait"), 1),
        (SourceError(Fault(code="x", file="a.csv", row=3, what="bad", todo="mend")), 1),
        (RuntimeError("bug\nsecond line"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_exit_code_of_each_error(
    run: Run, pipeline: SimpleNamespace, books: Path, error: BaseException, code: int
) -> None:
    pipeline.raises = error
    result = run("open-items", books)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "Traceback" not in result.stderr
    assert result.stderr.strip()


def test_messages_of_errors(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.raises = SourceError(Fault(code="x", file="a.csv", row=3, what="bad", todo="mend"))
    assert run("open-items", books).stderr == "a.csv:3: bad: mend\n"
    pipeline.raises = RuntimeError("bug\nsecond line")
    assert run("open-items", books).stderr == (
        "unexpected error: RuntimeError: bug: run `beanclear --traceback ...` and report it\n"
    )


def test_traceback_when_asked(run: Run, pipeline: SimpleNamespace, books: Path) -> None:
    pipeline.raises = RuntimeError("bug")
    assert run("--traceback", "open-items", books).exception is pipeline.raises


def test_terminal_controls_in_errors_are_harmless(
    run: Run, pipeline: SimpleNamespace, books: Path
) -> None:
    pipeline.raises = BooksError("bad \x1b[2J name")
    assert run("open-items", books).stderr == "bad  [2J name\n"


def test_no_books(run: Run, tmp_path: Path) -> None:
    result = run("run", tmp_path / "nowhere")
    assert result.exit_code == 3
    assert result.stderr == (
        f"{tmp_path}/nowhere: there is no such folder: "
        f"make new books with `beanclear init {tmp_path}/nowhere`\n"
    )
    result = run("open-items", tmp_path)
    assert result.exit_code == 3
    assert "beanclear init" in result.stderr


def test_language_of_the_option_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "beanclear.toml").write_text('[books]\nlanguage = "zh"\n', encoding="utf-8")
    assert language.choose("en", [str(tmp_path)]) == "en"
    assert language.choose(None, ["run", str(tmp_path)]) == "zh"
    assert language.choose(None, [f"--books={tmp_path}"]) == "zh"
    assert language.choose(None, []) == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language.choose(None, []) == "zh"
    monkeypatch.setenv("BEANCLEAR_BOOKS", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    assert language.choose(None, []) == "zh"


@pytest.mark.parametrize("text", ["[books", "books = 3", '[books]\nlanguage = "fr"', "\x00"])
def test_an_unreadable_setting_is_no_language(tmp_path: Path, text: str) -> None:
    (tmp_path / "beanclear.toml").write_text(text, encoding="utf-8")
    assert language.choose(None, [str(tmp_path)]) == "en"


def test_global_options_may_stand_anywhere(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "a", "-q", "--lang", "zh").stderr == ""
    assert run("init", "--lang=zh", tmp_path / "b").exit_code == 0
    for name in ("a", "b"):
        assert 'language = "zh"' in (tmp_path / name / "beanclear.toml").read_text("utf-8")
    assert run("trace", "--", "--lang").exit_code == 3
    assert "--lang" in run("trace", "x", "--lang").stderr


def test_help_is_chinese(run: Run) -> None:
    catalogue = Path(importlib.import_module("beanclear.ledger").__file__ or "").parent
    if not (catalogue / "locale" / "zh" / "LC_MESSAGES" / "beanclear.mo").exists():
        pytest.skip("the Chinese catalogue is not compiled")
    if translator("zh").gettext("Usage:") == "Usage:":
        pytest.skip("the Chinese catalogue is older than the command line")
    for arguments in (["--lang", "zh", "--help"], ["--lang", "zh", "decide", "write-off", "-h"]):
        text = run(*arguments).stdout
        for english in ("Usage:", "Options:", "Show this message", "Language of", "The item"):
            assert english not in text
