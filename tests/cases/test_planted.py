"""A folder of books is data: whatever somebody plants in it, no command and no desk runs it."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from beanclear.cli import loading
from beanclear.ledger.books import Books
from beanclear.plugins.fava_beanclear import asking
from tests.cases.conftest import Case
from tests.cases.words import fill, settle

MARK = "it-ran"
PLUGIN = (
    "import pathlib\n"
    "pathlib.Path({mark!r}).touch()\n"
    "__plugins__ = ('blind',)\n"
    "def blind(entries, options_map, config=None):\n"
    "    return [e for e in entries if type(e).__name__ == 'Open'], []\n"
)
COMMANDS = (
    ("check",),
    ("open-items", "--json"),
    ("report", "trial-balance", "--period", "2026-08"),
    ("report", "reconciliation", "--period", "2026-08"),
    ("doctor",),
)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = Case(tmp_path_factory.mktemp("settled") / "books")
    fill(case)
    settle(case)
    return case.root


@pytest.fixture
def shop(case: Case, settled: Path) -> Case:
    shutil.rmtree(case.root)
    shutil.copytree(settled, case.root)
    return case


def add(case: Case, text: str, name: str = "main.beancount") -> None:
    path = case.root / name
    path.write_text((path.read_text("utf-8") if path.is_file() else "") + text, "utf-8")


def plant(case: Case, *names: str) -> Path:
    """Modules that leave a mark when they are run; where the mark would be."""
    mark = case.root.parent / MARK
    for name in names:
        (case.root / name).write_text(PLUGIN.format(mark=str(mark)), "utf-8")
    return mark


def called(case: Case, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, which stands in the folder of the books."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("beanclear")), "--lang", "en", *arguments],
        cwd=case.root, capture_output=True, text=True, check=False,
        env={**os.environ, "BEANCLEAR_BY": "Li"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "file", "told"),
    [
        ('plugin "blind"', "main.beancount", "the plugin blind could hide errors"),
        (
            'plugin "beancount.plugins.auto_accounts"', "main.beancount",
            "the plugin beancount.plugins.auto_accounts could hide errors",
        ),
        ('option "insert_pythonpath" "TRUE"', "main.beancount", "insert_pythonpath lets books run"),
        ('option "insert_pythonpath" "TRUE"', "manual/_.beancount", "insert_pythonpath lets books"),
        ('option "plugin_processing_mode" "raw"', "main.beancount", "plugin_processing_mode lets"),
        (
            'option "inferred_tolerance_default" "*:1000"', "main.beancount",
            "the option inferred_tolerance_default could hide errors",
        ),
        (
            'option "inferred_tolerance_multiplier" "9999"', "main.beancount",
            "tolerance_multiplier could hide errors",
        ),
    ],
)  # fmt: skip
def test_what_could_blind_check_is_refused_before_it_runs(
    shop: Case, line: str, file: str, told: str
) -> None:
    mark = plant(shop, "blind.py")
    add(shop, '\n2026-08-20 * "unbalanced"\n  Expenses:BadDebt  7.00 CNY\n', "manual/_.beancount")
    add(shop, f"\n{line}\n", file)
    at = (shop.root / file).read_text("utf-8").splitlines().index(line) + 1
    assert shop.check() == 1
    assert f"{file}:{at}: " in shop.said
    assert told in shop.said
    assert shop.run() == 1
    assert told in shop.said
    assert shop.call("report", "trial-balance", "--period", "2026-08") == 3
    assert told in shop.said
    found = loading.for_desk(Books(shop.root))
    assert (found.entries, [told in str(error.message) for error in found.errors]) == ([], [True])
    assert not mark.exists()


def test_a_plugin_that_the_owner_trusts_is_run_but_not_from_the_books(
    shop: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(shop, '\nplugin "beancount.plugins.noduplicates"\nplugin "trusted"\n')
    add(shop, '\n[check]\nplugins = ["trusted"]\n', "beanclear.toml")
    mark = plant(shop, "trusted.py")
    monkeypatch.syspath_prepend(str(shop.root))
    assert shop.check() == 1
    assert 'Error importing "trusted"' in shop.said
    assert not mark.exists()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "trusted.py").write_text(
        "__plugins__ = ('look',)\ndef look(entries, options_map): return entries, []\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    assert shop.check() == 0, shop.said


def test_no_module_in_the_books_shadows_another(shop: Case) -> None:
    mark = plant(
        shop, "click.py", "calendar.py", "sitecustomize.py", "usercustomize.py", "duckdb.py",
        "pandas.py", "tomllib.py", "fava.py", "beancount.py",
    )  # fmt: skip
    (shop.root / "x.pth").write_text(f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n")
    for arguments in COMMANDS:
        done = called(shop, *arguments)
        assert done.returncode in {0, 1}, done.stderr
        assert "unexpected" not in done.stderr
    answer = asking.asked(shop.root, "open-items", "--json")
    assert answer["schema"] == "beanclear.open-items"
    assert not mark.exists()


class Bomb:
    """What runs code when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_no_load_cache_is_read(shop: Case) -> None:
    mark = shop.root.parent / MARK
    (shop.root / ".main.beancount.picklecache").write_bytes(pickle.dumps(Bomb(mark)))
    for arguments in COMMANDS:
        called(shop, *arguments)
        shop.call(*arguments)
    asking.asked(shop.root, "report", "trial-balance", "--period", "2026-08", "--format", "json")
    assert not mark.exists()
    assert "*.picklecache" in (shop.root / ".gitignore").read_text("utf-8")


def test_git_runs_nothing_that_the_repository_names(shop: Case) -> None:
    mark = shop.root.parent / MARK
    subprocess.run(["git", "init", "-q", shop.root], check=True)
    script = shop.root / "hook.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand"):
        subprocess.run(["git", "-C", shop.root, "config", name, str(script)], check=True)
    subprocess.run(["git", "-C", shop.root, "config", "user.name", "Li Na"], check=True)
    assert shop.call("doctor") == 0, shop.said
    assert shop.call("close", "2026-08", "--dry-run") == 0, shop.said
    assert not mark.exists()


def test_the_desk_runs_no_extension_and_no_import_script_of_the_books(shop: Case) -> None:
    mark = plant(shop, "evil.py")
    assert loading.for_desk(Books(shop.root)).errors == []
    add(shop, '\n2020-01-01 custom "fava-extension" "evil"\n')
    shutil.copy(shop.root / "evil.py", shop.root / "import.py")
    found = loading.for_desk(Books(shop.root))
    (error,) = found.errors
    assert str(error.message).startswith("the extension evil was not run")
    named = [str(entry) for entry in found.entries if type(entry).__name__ == "Custom"]
    assert not any("evil" in text or "import-config" in text for text in named)
    assert not mark.exists()
