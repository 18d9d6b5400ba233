"""What is installed is what is in the tree, under the one namespace."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUP: dict[str, Any] = PROJECT["tool"]["setuptools"]
FOLDERS: list[str] = sorted(SETUP["package-dir"].values())
SOURCES_ONLY = {".po", ".pot", ".pyc"}


def files_of_the_tree() -> set[str]:
    """Every file of the packages that a user's installation must hold."""
    return {
        f"beanclear/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in SOURCES_ONLY
    }


def test_every_package_is_declared() -> None:
    found = {
        f"beanclear.{'.'.join(init.parent.relative_to(ROOT).parts)}"
        for folder in FOLDERS
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(SETUP["packages"])


def test_every_folder_of_modules_is_a_package() -> None:
    bare = {
        str(module.parent.relative_to(ROOT))
        for folder in FOLDERS
        for module in (ROOT / folder).rglob("*.py")
        # The templates that `init` copies are files of a user's books, not modules of ours.
        if "templates" not in module.relative_to(ROOT).parts
        and not (module.parent / "__init__.py").exists()
    }
    assert bare == set()


def test_type_checkers_see_every_folder() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".typing" / "beanclear").iterdir()}
    assert links == {folder: (ROOT / folder).resolve() for folder in FOLDERS}
    checked = set(PROJECT["tool"]["mypy"]["files"])
    assert {f".typing/beanclear/{folder}" for folder in FOLDERS} <= checked


def test_no_folder_shadows_the_namespace() -> None:
    assert not (ROOT / "beanclear").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the tree: setuptools leaves a `build` folder behind."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*build, "--no-index", "--no-build-isolation", "--no-deps", "-w", str(copy / "dist"), "."],
        cwd=copy,
        check=True,
    )
    (built,) = (copy / "dist").glob("*.whl")
    return built


def test_a_wheel_holds_every_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == files_of_the_tree()
    for needed in ("py.typed", "locale/zh/LC_MESSAGES/beanclear.mo"):
        assert f"beanclear/ledger/{needed}" in packed


def test_a_wheel_holds_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (licence,) = (name for name in archive.namelist() if name.endswith("/LICENSE"))
        text = archive.read(licence).decode()
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        assert "License-Expression: GPL-2.0-only\n" in archive.read(metadata).decode()
    assert text == (ROOT / "LICENSE").read_text("utf-8")
    assert "GNU GENERAL PUBLIC LICENSE\n                       Version 2, June 1991" in text


IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__, name + "."):
        if module.name.rpartition(".")[2] != "__main__":
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                if error.name not in {"pyspark", "sqlglot"}:  # the extra [spark]
                    raise
print(sorted({"cli", "importers", "ledger", "matching", "plugins"} & set(sys.modules)))
"""


def test_no_module_is_imported_under_a_bare_name() -> None:
    """From the root `import ledger` works too, as a second copy with classes of its own."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, *SETUP["packages"]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("[]\n", "", 0)


def test_every_pin_fits_the_declared_ranges() -> None:
    from packaging.requirements import Requirement  # noqa: PLC0415 - pytest brings it

    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    declared = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared += extra
    wrong = [
        text
        for text in declared
        if not (wanted := Requirement(text)).specifier.contains(pins[wanted.name.lower()])
    ]
    assert wrong == []
