"""What our pages in Fava share: a language, names, and that no page can fail.

Pages read the loaded books. What needs the records, and every change, is asked of beanclear's
command line (`asking`).

Fava makes an extension of every class of its kind in the module it is told of: so this class
stands here, and `beanclear.plugins.fava_beanclear` names only those that are pages.
"""

from __future__ import annotations

import datetime
import functools
import logging
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from beancount.core.data import Directives
from fava.core import FavaLedger
from fava.core.extensions import ExtensionModule
from fava.ext import FavaExtensionBase, extension_endpoint
from flask import Response, current_app, jsonify
from flask_babel import get_locale

from beanclear.ledger import people
from beanclear.ledger.errors import BeanclearError, UsageError
from beanclear.ledger.i18n import Language, gettext, speaking
from beanclear.ledger.statements.general_ledger import GeneralLedger
from beanclear.ledger.statements.general_ledger import read as read_ledger
from beanclear.ledger.vocabulary import EntryT, Located, Reconciled, VocabularyError, read
from beanclear.plugins.fava_beanclear import asking
from beanclear.plugins.fava_beanclear.asking import CommandError, PendingError

_log = logging.getLogger(__name__)
# Files that Fava does not watch, and that answers depend on.
_BESIDE = ("beanclear.toml", "documents.index")
# What the pages of one set of books made; Fava's ledgers themselves take no weak reference.
_MADE: weakref.WeakKeyDictionary[ExtensionModule, dict[Any, Any]] = weakref.WeakKeyDictionary()
AnswerT = TypeVar("AnswerT")
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def endpoint(name: str, method: str) -> Callable[[FunctionT], FunctionT]:
    """What answers at an address of the page's own."""
    mark: Callable[..., Any] = extension_endpoint(name, [method])

    def marked(function: FunctionT) -> FunctionT:
        return cast("FunctionT", mark(function))

    return marked


def language() -> Language:
    """The reader's language as Fava chose it."""
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


class Page(FavaExtensionBase):
    """One page: a title, the texts of its template, and what it shows."""

    title: ClassVar[str] = ""  # msgid
    texts: ClassVar[Mapping[str, str]] = {}  # name in the template → msgid

    def __init__(self, ledger: FavaLedger, config: str | None = None) -> None:
        """`config` is the guard's: it may hold what Fava's own reading would fall over."""
        del config
        super().__init__(ledger)

    @property
    def report_title(self) -> str:  # type: ignore[override]
        """The title in the reader's language."""
        with speaking(language()):
            return gettext(self.title)

    def after_load_file(self) -> None:
        """Forget what was derived from the books as they were."""
        _MADE.pop(self.ledger.extensions, None)

    def content(self) -> Mapping[str, Any]:
        """What the template shows."""
        raise NotImplementedError

    def page(self) -> Mapping[str, Any]:
        """The content with the page's texts; a problem instead of an exception."""
        with speaking(language()):
            texts = {name: gettext(text) for name, text in self.texts.items()}
            try:
                return {"texts": texts, "problem": None, **self.content()}
            except PendingError:
                return {"texts": texts, "problem": None, "pending": gettext("Working…")}
            except (BeanclearError, CommandError, VocabularyError) as error:
                return {"texts": texts, "problem": str(error)}
            except Exception:  # no fault of ours may take Fava down
                _log.exception("a page could not be made")
                problem = gettext("This page could not be made; the server's log says why.")
                return {"texts": texts, "problem": problem}

    @property
    def read_only(self) -> bool:
        """Whether Fava refuses every change; it says so only by the guard it sets up."""
        guards = current_app.before_request_funcs.get(None, [])
        return any(guard.__name__ == "_read_only" for guard in guards)

    # -- the books -------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        """The folder of the books."""
        return Path(self.ledger.beancount_file_path).parent

    @property
    def currency(self) -> str:
        """The books' currency."""
        currencies = self.ledger.options["operating_currency"]
        return str(currencies[0]) if currencies else "CNY"

    def words(self, cls: type[EntryT]) -> list[Located[EntryT]]:
        """The directives of one class.

        Raises:
          VocabularyError: one is not as beanclear writes it.
        """
        return self.remembered(("words", cls.word), lambda: self._words(cls))

    def _words(self, cls: type[EntryT]) -> list[Located[EntryT]]:
        return read(cast("Directives", list(self.ledger.all_entries_by_type.Custom)), cls)

    def latest(self) -> dict[str, datetime.date]:
        """Clearing account → its as-of date now."""
        return self.remembered(("latest",), self._latest)

    def _latest(self) -> dict[str, datetime.date]:
        found: dict[str, datetime.date] = {}
        for word in (located.entry for located in self.words(Reconciled)):
            found[word.account] = max(word.date, found.get(word.account, word.date))
        return found

    def general_ledger(self) -> GeneralLedger:
        """The journal entries as reports read them, kept until the books change."""
        return self.remembered(("general-ledger",), self._general_ledger)

    def _general_ledger(self) -> GeneralLedger:
        return read_ledger(cast("Directives", list(self.ledger.all_entries)), self.currency)

    def account_names(self) -> Mapping[str, str]:
        """Account → its name in the chart, in the reader's language."""
        accounts = self.general_ledger().accounts
        return {name: account.label(language()) for name, account in accounts.items()}

    def remembered(self, key: tuple[str, ...], make: Callable[[], AnswerT]) -> AnswerT:
        """What `make` gives, once for all pages until what it is made from changes."""
        stamp = tuple(_changed(self.root / name) for name in _BESIDE)
        made = _MADE.get(self.ledger.extensions)
        if made is None or made["stamp"] != stamp:
            made = _MADE[self.ledger.extensions] = {"stamp": stamp}
        if key not in made:
            made[key] = make()
        found: AnswerT = made[key]
        return found

    def decider(self) -> str:
        """Who decides on these pages: the server's user.

        Raises:
          UsageError: nobody is named.
        """
        name = people.decider(self.root)
        if not name:
            raise UsageError(
                gettext("nobody is named who decides"),
                gettext("start the desk with a name: beanclear serve --by NAME"),
            )
        return name

    def beanclear(self, command: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """What a command of beanclear answers; `--json` is among its arguments.

        Raises:
          CommandError: it refused, or took too long.
        """
        return asking.asked(self.root, command, *arguments)

    def later(self, key: tuple[str, ...], command: str, *arguments: str) -> Any:  # noqa: ANN401
        """The same for a command that takes its time: it runs beside the page, once for each key.

        Raises:
          PendingError: it is not done yet.
          CommandError: it refused, or took too long.
        """
        root = self.root
        return self._questions().answer(
            key, lambda: asking.asked(root, command, *arguments), quick=command == "trace"
        )

    def is_answered(self, key: tuple[str, ...]) -> bool:
        """Whether `later` would answer, or tell of a failure."""
        return self._questions().is_done(key)

    def nothing_else_runs(self, key: tuple[str, ...]) -> bool:
        """Whether no other question of the same kind, the first of the key, is being answered."""
        return self._questions().are_done(lambda other: other != key and other[0] == key[0])

    def _questions(self) -> asking.Questions:
        return self.remembered(("questions",), asking.Questions)


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


def answers_json(function: Callable[..., Any]) -> Callable[..., Response]:
    """An endpoint whose answer is JSON, also when it fails; in the reader's language."""

    @functools.wraps(function)
    def answer(self: Page) -> Response:
        with speaking(language()):
            try:
                return jsonify({"success": True, "data": function(self)})
            except (BeanclearError, CommandError, ValueError) as error:
                return _failed(str(error), 409)
            except Exception:  # as for pages
                _log.exception("an endpoint failed")
                return _failed(gettext("This could not be done; the server's log says why."), 500)

    return answer


def _failed(text: str, status: int) -> Response:
    response: Response = jsonify({"success": False, "error": text})
    response.status_code = status
    return response
