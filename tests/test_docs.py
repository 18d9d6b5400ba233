"""The documents are true: their links lead somewhere, their commands exist."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "books/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
PAIRS = [
    (path, path.with_suffix(".zh.md")) for path in DOCUMENTS if path.with_suffix(".zh.md").exists()
]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
TARGET = re.compile(r"\bmake ([a-z]+)\b")
COMMAND = re.compile(r"\bbeanclear ([a-z][a-z-]+)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:work|root|home|tmp|Users|opt)/")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(text: str) -> str:
    """Inline code and indented or fenced blocks: where commands stand."""
    fenced = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    .*$", text, re.MULTILINE)
    return "\n".join([*fenced, *indented, *re.findall(r"`([^`\n]+)`", text)])


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(path.read_text("utf-8"))]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_no_path_of_somebodys_machine(path: Path) -> None:
    assert MACHINE_PATH.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[name(pair[0]) for pair in PAIRS])
def test_both_languages_have_the_same_headings(english: Path, chinese: Path) -> None:
    assert HEADING.findall(chinese.read_text("utf-8")) == HEADING.findall(
        english.read_text("utf-8")
    )


def test_the_readme_is_in_both_languages() -> None:
    assert (ROOT / "README.md", ROOT / "README.zh.md") in PAIRS


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_make_targets_exist(path: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    used = set(TARGET.findall(code_of(path.read_text("utf-8"))))
    assert used - set(targets) == set()


@pytest.fixture(scope="module")
def commands() -> set[str]:
    """The commands that `beanclear --help` lists."""
    if importlib.util.find_spec("beanclear.cli.application") is None:
        pytest.skip("the command line does not exist yet")
    shown = subprocess.run(
        [sys.executable, "-m", "beanclear.cli", "--lang", "en", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(re.findall(r"^  ([a-z][a-z-]+)  ", shown.partition("Commands")[2], re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_commands_exist(path: Path, commands: set[str]) -> None:
    used = set(COMMAND.findall(code_of(path.read_text("utf-8"))))
    assert used - commands == set()


def test_the_architecture_names_what_exists() -> None:
    tops = {"cli", "importers", "ledger", "matching", "plugins", "tests", "benchmarks", "docs"}
    named = re.findall(r"`([a-z]+/[\w/.]*)`", (ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    places = sorted({place for place in named if place.split("/")[0] in tops})
    assert [place for place in places if not (ROOT / place).exists()] == []
    assert "ledger/spans.py" in places
