from __future__ import annotations

import ast
import gettext
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from beanclear.ledger import i18n
from beanclear.plugins import books, clearing, proof, statements, unmatched

Load = Callable[..., SimpleNamespace]
TEXT = """
2026-08-01 * "paid"
  key: "P1"
  Assets:Transit:Alipay  188.00 CNY
  Income:Sales
"""


class Marked(gettext.NullTranslations):
    """A catalogue that shows that it was asked."""

    def gettext(self, message: str) -> str:
        return f"译：{message}"


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    def translator(language: str) -> gettext.NullTranslations:
        return Marked() if language == "zh" else gettext.NullTranslations()

    monkeypatch.setattr(books, "translator", translator)
    monkeypatch.setattr(i18n, "translator", translator)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("config", "option", "locale", "chinese"),
    [
        ("zh", "en", "en_US.UTF-8", True),
        ("zh_CN", None, "en_US.UTF-8", True),
        ("en", "zh", "zh_CN.UTF-8", False),
        (None, "zh", "en_US.UTF-8", True),
        (None, "zh_Hant_TW", "C", True),
        (None, "en", "zh_CN.UTF-8", False),
        (None, None, "zh_CN.UTF-8", True),
        (None, None, "C.UTF-8", False),
        (None, "sv", "zh_CN.UTF-8", True),
    ],
)
def test_the_language_is_the_plugin_s_else_fava_s_else_the_locale_s(
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    *,
    config: str | None,
    option: str | None,
    locale: str,
    chinese: bool,
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    text = TEXT
    if option is not None:
        text += f'\n2026-01-01 custom "fava-option" "language" "{option}"\n'
    (error,) = load(text, config=config).errors
    assert error.startswith("ReconciliationError: 译：") is chinese


@pytest.mark.parametrize("module", [clearing, proof, statements, unmatched, books])
def test_every_message_goes_through_the_catalogue(module: Any) -> None:  # noqa: ANN401 - a module
    """Texts of errors are built by `_(literal) % names`, never by f-strings."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    raised = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id.endswith("Error") or node.func.id == "Refused")
        and node.func.id != "ValueError"
    ]
    for call in raised:
        text = call.args[0] if len(call.args) == 1 else call.args[1]
        assert not isinstance(text, (ast.JoinedStr, ast.Constant)), ast.unparse(call)
    literals = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    ]
    assert literals
    assert all(isinstance(node, ast.Constant) for node in literals)
