"""The list of handlings, and what one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.handling.exports import Export

Files = list[tuple[str, bytes]]


class Why(StrEnum):
    """Why a handling does not apply to a layout."""

    BOOK = "book"
    TEXT = "text"
    NO_MARK = "no-mark"
    NO_ZEROS = "no-zeros"
    NO_LONG = "no-long"
    FEW = "few"
    NO_COLUMN = "no-column"
    NO_BRACKETS = "no-brackets"
    TOTALS = "totals"
    PERSONAL = "personal"
    SINGLE = "single"
    WHOLE_DAYS = "whole-days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Files of two accounts or shops: how they lie rightly, and how they lie in one folder."""

    right: Files
    files: Files
    shops: tuple[str, ...] = ()


Handled = Files | Beside | Why
Handle = Callable[[Export], Handled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One thing that is done, how the page calls it, and whether every test run tries it."""

    name: str
    english: str
    chinese: str
    handle: Handle
    group: str = field(default="")


HANDLINGS: dict[str, Handling] = {}


def handling(english: str, chinese: str) -> Callable[[Handle], Handle]:
    """Add a function to the list; the page calls what it does so."""

    def named(function: Handle) -> Handle:
        name = function.__name__.strip("_").replace("_", "-")
        group = function.__module__.rpartition(".")[2]
        HANDLINGS[name] = Handling(
            name=name, english=english, chinese=chinese, handle=function, group=group
        )
        return function

    return named


def one(export: Export, **changes: object) -> Files:
    """The export with changes, as the only file."""
    changed = replace(export, **changes)  # type: ignore[arg-type]
    return [(changed.name, changed.to_bytes())]


def named(export: Export, part: str) -> tuple[str, bytes]:
    """The export under a name that says which one it is."""
    stem, dot, suffix = export.name.rpartition(".")
    return f"{stem}-{part}{dot}{suffix}", export.to_bytes()
