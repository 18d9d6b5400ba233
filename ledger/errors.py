"""What can go wrong, and how it is said: `file:row: what is wrong: what to do`.

    BeanclearError            anything a person can mend; its text is for that person
    ├── UsageError            exit 2: the command was called wrongly
    ├── BooksError            exit 3: configuration or books cannot be loaded
    ├── SourceError           exit 1: a file from outside cannot be booked
    └── BusyError             exit 1: another run holds the books

A `Fault` is a value, not an exception: one row or file that could not be used. All faults of
a file are collected and reported together, without the row's personal data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a file from outside.

    Attributes:
      code: a stable short name such as `bad-amount`; messages may be reworded, codes not.
      file: the file's name as the user knows it; a member of an archive as `a.zip:member.csv`.
      row: the row in that file, counted from 1 as an editor or a spreadsheet shows it.
      what: what is wrong, a sentence without a full stop.
      todo: what to do about it.
      other: the file that it contradicts, where there is one.
    """

    code: str
    file: str
    what: str
    todo: str
    row: int | None = None
    other: str | None = None

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        return f"{place}: {self.what}: {self.todo}"


class BeanclearError(Exception):
    """Something a person can mend; the text says where, what and how."""

    exit_code = 1

    def __init__(self, what: str, todo: str = "", *, where: str = "") -> None:
        super().__init__(": ".join(part for part in (where, what, todo) if part))
        self.what = what
        self.todo = todo
        self.where = where


class UsageError(BeanclearError):
    """The command was called wrongly."""

    exit_code = 2


class BooksError(BeanclearError):
    """Configuration or books cannot be loaded."""

    exit_code = 3


class SourceError(BeanclearError):
    """A file from outside cannot be booked; `faults` says why, all at once."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class BusyError(BeanclearError):
    """Another run holds the books."""
