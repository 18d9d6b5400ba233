"""`init`: a whole repository that Beancount, Fava, beangulp, git and GitHub accept."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Custom
from click.testing import Result

from beanclear.ledger import config

Run = Callable[..., Result]

FILES = [
    ".gitattributes", ".github/workflows/books.yml", ".gitignore", ".pre-commit-config.yaml",
    "README.md", "accounts.beancount", "beanclear.toml", "decisions/_.beancount",
    "documents/.gitkeep", "import.py", "inbox/.gitkeep", "journal/_.beancount", "main.beancount",
    "manual/_.beancount", "reconciliation/_.beancount",
]  # fmt: skip


def all_files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_files(run: Run, tmp_path: Path) -> None:
    result = run("init", tmp_path / "new", "--package", "beanclear.whl")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == FILES
    assert all_files(tmp_path / "new") == FILES
    assert result.stderr == (
        f"Now put exports into {tmp_path}/new/inbox and run: beanclear run {tmp_path}/new\n"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("taxpayer", ["general", "small"])
def test_books_load_without_errors(run: Run, tmp_path: Path, lang: str, taxpayer: str) -> None:
    assert run("--lang", lang, "init", tmp_path / "店", "--taxpayer", taxpayer).exit_code == 0
    entries, errors, options = loader.load_file(str(tmp_path / "店" / "main.beancount"))
    assert errors == []
    assert [name for name, _config in options["plugin"]] == [
        "beanclear.plugins.clearing",
        "beanclear.plugins.statements",
        "beanclear.plugins.unmatched",
    ]
    assert options["title"] == "店"
    assert options["operating_currency"] == ["CNY"]
    settings = {
        entry.values[0].value: entry.values[1].value
        for entry in entries
        if isinstance(entry, Custom) and entry.type == "fava-option"
    }
    assert settings["language"] == lang
    loaded = config.load(tmp_path / "店" / "beanclear.toml")
    assert (loaded.books.language, loaded.books.taxpayer) == (lang, taxpayer)


def test_fava_accepts_its_options(books: Path) -> None:
    from fava.core import FavaLedger  # noqa: PLC0415 - heavy

    ledger = FavaLedger(str(books / "main.beancount"))
    assert ledger.errors == []
    assert ledger.fava_options.locale == "en"
    assert ledger.ingest.module_path is None  # no code in the folder of the books is run


def test_import_py_works_with_beangulp(books: Path) -> None:
    done = subprocess.run(
        [sys.executable, "import.py", "identify", "inbox"],
        cwd=books, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_idempotent(run: Run, books: Path) -> None:
    before = {name: (books / name).read_bytes() for name in all_files(books)}
    result = run("init", books)
    assert (result.exit_code, result.stdout) == (0, "")
    assert {name: (books / name).read_bytes() for name in all_files(books)} == before
    (books / "README.md").unlink()
    (books / "beanclear.toml").write_text("# mine\n", encoding="utf-8")
    assert run("init", books).stdout == "README.md\n"
    assert (books / "beanclear.toml").read_text(encoding="utf-8") == "# mine\n"


def test_a_folder_with_other_things(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x", encoding="utf-8")
    refused = run("init", tmp_path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"{tmp_path}: the folder holds other things (thesis.txt): "
        "choose an empty one, or add --force, which overwrites nothing\n"
    )
    assert all_files(tmp_path) == ["thesis.txt"]
    assert run("init", tmp_path, "--force").exit_code == 0
    assert all_files(tmp_path) == sorted([*FILES, "thesis.txt"])


def test_git_and_inbox_are_no_other_things(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "inbox").mkdir()
    assert run("init", tmp_path).exit_code == 0


def test_dry_run_and_json(run: Run, tmp_path: Path) -> None:
    result = run("init", tmp_path / "new", "--dry-run", "--json")
    assert json.loads(result.stdout) == {
        "schema": "beanclear.init", "version": 1, "folder": str(tmp_path / "new"),
        "created": FILES, "dry_run": True,
    }  # fmt: skip
    assert not (tmp_path / "new").exists()


def test_a_title_cannot_break_out_of_its_quotes(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "x", "--title", 'A"\nplugin "evil').exit_code == 0
    _entries, errors, options = loader.load_file(str(tmp_path / "x" / "main.beancount"))
    assert errors == []
    assert options["title"] == "A plugin evil"


def test_git_ignores_what_is_private(books: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=books, check=True)
    for name in ("documents/a/b.csv", "inbox/x.csv", "records/y.parquet", ".main.picklecache",
                 ".beanclear.lock", ".beanclear.pid", "journal/.beanclear-tmp-1-ab"):  # fmt: skip
        (books / name).parent.mkdir(parents=True, exist_ok=True)
        (books / name).write_text("x", encoding="utf-8")
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=books, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(listed.stdout.splitlines()) == FILES


def workflow_script(books: Path) -> str:
    """The `run` block of the workflow's bean-check step, as the runner's shell gets it."""
    text = (books / ".github" / "workflows" / "books.yml").read_text(encoding="utf-8")
    step = text.partition("- name: bean-check\n")[2].partition("run: |\n")[2]
    lines = []
    for line in step.splitlines():
        if line and not line.startswith(" " * 10):
            break
        lines.append(line[10:])
    return "\n".join(lines) + "\n"


def run_workflow(books: Path, temporary: Path) -> subprocess.CompletedProcess[str]:
    tools = str(Path(sys.executable).parent)
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", workflow_script(books)],
        cwd=books, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}",
             "RUNNER_TEMP": str(temporary), "BEANCOUNT_DISABLE_LOAD_CACHE": "1"},
    )  # fmt: skip


def test_the_workflow_annotates_each_error_at_its_line(books: Path, tmp_path: Path) -> None:
    passed = run_workflow(books, tmp_path)
    assert (passed.returncode, passed.stdout, passed.stderr) == (0, "", "")
    with (books / "manual" / "_.beancount").open("a", encoding="utf-8") as file:
        file.write("\n2026-01-01 balance Assets:Nowhere:100% 1.00 CNY\n")
        file.write("2026-01-01 balance Assets:Nowhere 1.00 CNY\n")
    failed = run_workflow(books, tmp_path)
    assert failed.returncode == 1
    lines = failed.stdout.splitlines()
    assert all(line.startswith("::error file=manual/_.beancount,line=") for line in lines)
    assert {line.partition("line=")[2].partition(":")[0] for line in lines} >= {"3", "4"}
    assert failed.stderr == ""


def test_yaml_is_valid(books: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    workflow = yaml.safe_load((books / ".github/workflows/books.yml").read_text("utf-8"))
    steps = workflow["jobs"]["check"]["steps"]
    assert [step["uses"] for step in steps if "uses" in step] == [
        "actions/checkout@v4.2.2", "actions/setup-python@v5.3.0",
    ]  # fmt: skip
    hooks = yaml.safe_load((books / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks["repos"][0]["hooks"]] == [
        "beanclear-check", "no-load-cache",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("noted", "package"),
    [
        (None, f"beanclear=={importlib.metadata.version('beanclear')}"),
        ({"url": "https://example.com/beanclear-1-py3-none-any.whl", "archive_info": {}},
         "https://example.com/beanclear-1-py3-none-any.whl"),
        ({"url": "https://example.com/b.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
         "git+https://example.com/b.git@abc"),
        ({"url": "file:///home/li/beanclear", "dir_info": {"editable": True}}, ""),
    ],
)  # fmt: skip
def test_ci_installs_what_is_installed_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noted: object, package: str
) -> None:
    text = None if noted is None else json.dumps(noted)
    kind = type(importlib.metadata.distribution("beanclear"))
    monkeypatch.setattr(kind, "read_text", lambda _found, _name: text)
    monkeypatch.setattr(kind, "version", property(lambda _found: package.partition("==")[2]))
    done = run("init", tmp_path / "x")
    workflow = (tmp_path / "x" / ".github/workflows/books.yml").read_text("utf-8")
    assert f'BEANCLEAR_PACKAGE: "{package}"' in workflow
    assert ("Nobody can tell where another machine gets beanclear from" in done.stderr) == (
        not package
    )


def test_the_package_is_named_at_init(run: Run, tmp_path: Path) -> None:
    done = run("init", tmp_path / "x", "--package", "ci/beanclear.whl")
    workflow = (tmp_path / "x" / ".github/workflows/books.yml").read_text("utf-8")
    assert 'BEANCLEAR_PACKAGE: "ci/beanclear.whl"' in workflow
    assert "Nobody can tell" not in done.stderr


def test_configuration_is_toml(books: Path) -> None:
    text = (books / "beanclear.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["books"]["currency"] == "CNY"
    assert text.count("#") > 5
