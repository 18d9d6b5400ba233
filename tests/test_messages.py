"""The Chinese catalogue: complete, compiled, and with the placeholders of the source."""

from __future__ import annotations

import ast
import gettext
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "ledger" / "locale" / "zh" / "LC_MESSAGES"
TABLES: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[a-zA-Z%]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (FOLDER / "beanclear.po").open("rb") as file:
        return read_po(file, locale="zh")


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def is_translated(message: Message) -> bool:
    """Not guessed, and with a text in every form; a plural without any form has none."""
    return not message.fuzzy and bool(message.string) and all(forms(message.string))


def in_the_code() -> set[str]:
    mapping = [(table["pattern"], table["method"]) for table in TABLES["babel"]["mappings"]]
    return {
        forms(found[2])[0]
        for folder in TABLES["setuptools"]["package-dir"].values()
        for found in extract_from_dir(ROOT / folder, mapping)
    }


def test_every_message_of_the_code_is_translated(catalogue: Catalog) -> None:
    """After new messages: `make messages`, then translate what is empty in the .po."""
    translated = {forms(message.id)[0] for message in messages(catalogue) if is_translated(message)}
    used = in_the_code()
    assert sorted(used - translated) == []
    assert sorted({forms(message.id)[0] for message in messages(catalogue)} - used) == []


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    wrong = [
        message.id
        for message in messages(catalogue)
        for translation in forms(message.string)
        if translation
        # The last form is the one for many, the only one that Chinese has.
        and sorted(PLACEHOLDER.findall(translation))
        != sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
    ]
    assert wrong == []


def test_messages_are_written_out_in_the_code() -> None:
    """Babel finds literals only: an f-string or a variable in `_()` is never translated."""
    hidden = []
    for folder in TABLES["setuptools"]["package-dir"].values():
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(), *_]):
                        pass
                    case ast.Call(func=ast.Name(id="_" | "N_")):
                        hidden.append(f"{path.relative_to(ROOT)}:{node.lineno}")
                    case ast.Call(
                        func=ast.Name(id="gettext" | "ngettext")
                        | ast.Attribute(attr="gettext" | "ngettext"),
                        args=[ast.JoinedStr() | ast.BinOp(), *_],
                    ):
                        hidden.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert hidden == []


def test_placeholders_are_named() -> None:
    """Positional ones cannot be put in another order by a translation."""
    unnamed = [
        text
        for text in in_the_code()
        if any(not found.startswith("%(") for found in PLACEHOLDER.findall(text) if found != "%%")
    ]
    assert unnamed == []


def test_the_compiled_catalogue_is_up_to_date(catalogue: Catalog) -> None:
    expected = {
        form: string
        for message in messages(catalogue)
        if is_translated(message)
        for form, string in [(forms(message.id)[0], forms(message.string)[-1])]
    }
    with (FOLDER / "beanclear.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    # The key of a message with plural forms is (text, form); Chinese has one form.
    found = {
        key if isinstance(key, str) else key[0]: text
        for key, text in compiled._catalog.items()  # type: ignore[attr-defined]
        if key
    }
    # Babel compiles an untranslated plural to the English.
    for message in messages(catalogue):
        if message.pluralizable and not is_translated(message):
            del found[message.id[0]]
    assert found == expected
