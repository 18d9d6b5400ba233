"""Books loaded as they are written: nothing that lies in their folder is run, nothing hides errors.

Beancount runs what a ledger names: plugins may drop entries and errors, options may switch its own
checks off, and its load cache is a pickle, which runs code when it is read. So the plugins and
options are read, from the top file and from all it includes, before the first plugin runs; what is
not known to be harmless is refused unless `[check]` of beanclear.toml names it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from beancount import loader
from beancount.core.data import Custom, new_metadata
from beancount.parser.options import OPTIONS_DEFAULTS

from beanclear.cli.isolation import leave_path
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.config import CheckSection
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import gettext as _

PLUGINS: Final = (
    "beanclear.plugins.clearing",
    "beanclear.plugins.unmatched",
    "beanclear.plugins.statements",
)
EXTENSION: Final = "beanclear.plugins.fava_beanclear"
# Beancount's own plugins that only look, or only add prices. Those that drop entries, open
# accounts or move postings are not among them.
HARMLESS: Final = frozenset(
    f"beancount.plugins.{name}"
    for name in (
        "check_average_cost", "check_closing", "check_commodity", "check_drained", "coherent_cost",
        "commodity_attr", "implicit_prices", "leafonly", "noduplicates", "nounused", "onecommodity",
        "pedantic", "sellgains", "unique_prices",
    )
)  # fmt: skip
# What loading fills in, and options that change no figure and no check.
_FREE: Final = frozenset(
    {
        "filename", "include", "input_hash", "dcontext", "commodities", "plugin", "pythonpath",
        "title", "operating_currency", "render_commas", "documents", "display_precision",
        "long_string_maxlines", "booking_method", "conversion_currency", "allow_pipe_separator",
        "account_previous_balances", "account_previous_earnings", "account_previous_conversions",
        "account_current_earnings", "account_current_conversions", "account_unrealized_gains",
        "use_precise_interpolation",
    }
)  # fmt: skip
_NEVER: Final = frozenset({"insert_pythonpath", "plugin_processing_mode"})


class RefusedError(NamedTuple):
    """Something that the desk did not run."""

    source: Any
    message: str
    entry: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Books as Beancount loads them: directives, errors and options."""

    entries: list[Any]
    errors: list[Any]
    options: dict[str, Any]


class BlindingError(BooksError):
    """Something in the books could hide what is wrong with them.

    Attributes:
      found: (file, line, message) of each such thing.
    """

    def __init__(self, found: Sequence[tuple[str, int, str]]) -> None:
        file, line, message = found[0]
        super().__init__(message, where=f"{file}:{line}")
        self.found = tuple(found)


def load(books: Books, extra_validations: Sequence[Any] = ()) -> Loaded:
    """These books, loaded afresh and without a load cache.

    Raises:
      BlindingError: they name a plugin or an option that could hide errors; nothing was run.
      BooksError: there is no top file, or the configuration cannot be read.
    """
    if not books.main.is_file():
        raise BooksError(
            _("there is no main.beancount"), _("make it: beanclear init"), where=str(books.root)
        )
    leave_path(books.root)
    with guarded(books, configuration.load(books.config).check):
        entries, errors, options = loader.load_file(
            str(books.main), extra_validations=list(extra_validations)
        )
    return Loaded(entries=entries, errors=list(errors), options=dict(options))


def changed(books: Books, loaded: Loaded) -> list[tuple[str, str]]:
    """What of closed periods is not as it was closed: `file:line` and a message."""
    from beanclear.plugins.books import ClosedError  # noqa: PLC0415 - only here

    return [
        (":".join(map(str, place(books, error)[:2])), error.message)
        for error in loaded.errors
        if isinstance(error, ClosedError)
    ]


def place(books: Books, error: Any) -> tuple[str, int, str]:  # noqa: ANN401 - Beancount's errors share no type
    """File, line and message of one of Beancount's errors."""
    source = error.source or {}
    path = Path(str(source.get("filename", "")))
    file = path.relative_to(books.root).as_posix() if path.is_relative_to(books.root) else path.name
    return file, int(source.get("lineno") or 0), str(error.message)


def for_desk(books: Books) -> Loaded:
    """The same for Fava, which shows errors, and which would run what some entries name."""
    try:
        found = load(books)
    except BooksError as error:
        place = new_metadata(str(books.main), 1)
        options = {**OPTIONS_DEFAULTS, "filename": str(books.main), "include": [str(books.main)]}
        return Loaded(entries=[], errors=[RefusedError(place, str(error), None)], options=options)
    kept, errors = [], found.errors
    for entry in found.entries:
        if not isinstance(entry, Custom) or not _runs_code(entry):
            kept.append(entry)
        elif entry.type == "fava-extension":
            told = _(
                "the extension %(name)s was not run: the desk runs nothing that books name; "
                "remove it"
            ) % {"name": _first_word(entry)}
            errors.append(RefusedError(entry.meta, told, entry))
    return Loaded(entries=kept, errors=errors, options=found.options)


def _runs_code(custom: Custom) -> bool:
    """Whether Fava would run what a directive names; its import page, which would, is not ours."""
    word = _first_word(custom)
    return (custom.type == "fava-extension" and word != EXTENSION) or (
        custom.type == "fava-option" and word == "import-config"
    )


def _first_word(custom: Custom) -> str:
    return str(custom.values[0].value) if custom.values else ""


@contextlib.contextmanager
def guarded(books: Books, allowed: CheckSection) -> Iterator[None]:
    """Let Beancount load nothing in this block whose plugins and options are not known."""
    # The cache knows nothing of plugins and configuration either.
    loader.initialize(use_cache=False)
    aggregate = loader.aggregate_options_map

    def looked_at(options_map: Any, others: Any) -> Any:  # noqa: ANN401 - Beancount's maps
        # Everything is parsed here, and nothing was run yet.
        found = [
            *_plugins(books, options_map, allowed.plugins),
            *_options(books, (options_map, *others), allowed.options),
        ]
        if found:
            raise BlindingError(found)
        return aggregate(options_map, others)

    vars(loader)["aggregate_options_map"] = looked_at
    try:
        yield
    finally:
        vars(loader)["aggregate_options_map"] = aggregate


def _plugins(
    books: Books, options_map: dict[str, Any], allowed: Sequence[str]
) -> Iterator[tuple[str, int, str]]:
    for name, _config in options_map["plugin"]:
        if name not in {*PLUGINS, *HARMLESS, *allowed}:
            message = _(
                "the plugin %(name)s could hide errors, and was not run: remove it, or write "
                '`plugins = ["%(name)s"]` below [check] in beanclear.toml when you trust it'
            ) % {"name": name}
            yield _place(books, options_map["filename"], "plugin", name, message)


def _options(
    books: Books, maps: Sequence[dict[str, Any]], allowed: Sequence[str]
) -> Iterator[tuple[str, int, str]]:
    for options_map in maps:
        for name, default in OPTIONS_DEFAULTS.items():
            if options_map.get(name) == default or name in _FREE:
                continue
            if name in _NEVER:
                message = _(
                    "the option %(name)s lets books run code or switches checks off: remove it"
                ) % {"name": name}
            elif name in allowed:
                continue
            else:
                message = _(
                    "the option %(name)s could hide errors: remove it, or write "
                    '`options = ["%(name)s"]` below [check] in beanclear.toml'
                ) % {"name": name}
            yield _place(books, options_map["filename"], "option", name, message)


def _place(books: Books, filename: str, word: str, name: str, message: str) -> tuple[str, int, str]:
    """Where the line stands that names it; the first line when it is written in another way."""
    path = Path(filename)
    lines = path.read_text("utf-8", "replace").splitlines()
    # `tolerance_multiplier` is also written with `inferred_` before it.
    wanted = re.compile(rf'\s*{word}\s+"(inferred_)?{re.escape(name)}"')
    line = next((at for at, text in enumerate(lines, start=1) if wanted.match(text)), 1)
    file = path.relative_to(books.root).as_posix() if path.is_relative_to(books.root) else path.name
    return file, line, message
