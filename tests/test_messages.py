"""The Chinese catalogue: complete, compiled, and with the placeholders of the source."""

from __future__ import annotations

import gettext
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "ledger" / "locale" / "zh" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z%]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (FOLDER / "beanclear.po").open("rb") as file:
        return read_po(file, locale="zh")


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def in_the_code() -> set[str]:
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    mapping = [(table["pattern"], table["method"]) for table in tables["babel"]["mappings"]]
    return {
        forms(found[2])[0]
        for folder in tables["setuptools"]["package-dir"].values()
        for found in extract_from_dir(ROOT / folder, mapping)
    }


def test_every_message_of_the_code_is_translated(catalogue: Catalog) -> None:
    """After new messages: `make messages`, then translate what is empty in the .po."""
    translated = {
        forms(message.id)[0]
        for message in messages(catalogue)
        if not message.fuzzy and all(forms(message.string))
    }
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
        if not message.fuzzy and all(forms(message.string))
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
    assert found == expected
