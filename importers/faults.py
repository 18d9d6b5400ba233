"""What can be wrong with a file from outside: the catalogue of faults, one line each.

A code is stable; its words may change. `%(name)s` are filled by the caller and never hold
personal data: a cell is only quoted where it is an amount, a date, an id or a header.
"""

from __future__ import annotations

from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.i18n import N_, gettext

MOST_FAULTS = 50
# The file may well be sound; nothing here reads it.
UNKNOWN = frozenset({"unknown-format", "unknown-header", "no-table"})
_LONGEST_QUOTE = 60


_EXPORT_AGAIN = N_("export the file again and do not open it in a spreadsheet program before")

# code -> (what is wrong, what to do)
CATALOGUE: dict[str, tuple[str, str]] = {
    "empty-file": (N_("the file is empty"), N_("export it again")),
    "unreadable-file": (N_("the file cannot be read"), N_("check its permissions")),
    "no-file": (
        N_("this is no file but a link out of the inbox, a broken link, or a device"),
        N_("remove it, and copy the export itself into the inbox"),
    ),
    "no-lines": (
        N_("the file has a header, but no lines and no period"),
        N_("delete it, or export a period with movements"),
    ),
    "shared-account": (
        N_("its account %(account)s would be booked on %(ledger)s, as %(other)s is"),
        N_("put all its files into a folder of their own below the inbox, such as inbox/second"),
    ),
    "cut-archive": (
        N_("the archive or workbook is damaged or cut off"),
        N_("download it again"),
    ),
    "encrypted": (
        N_("the archive or workbook is protected by a password"),
        N_("unpack it with the password and import what is in it"),
    ),
    "unsafe-name": (
        N_("the archive has a member named %(member)r that points outside of it"),
        N_("do not open it; ask where it came from and download it again"),
    ),
    "archive-bomb": (
        N_("the archive would unpack to more than is allowed (%(limit)s)"),
        N_("export shorter periods; if it is no export, delete it"),
    ),
    "nested-archive": (
        N_("the archive holds another archive"),
        N_("unpack the outer one and import what is in it"),
    ),
    "no-statement": (
        N_("the archive holds no statement that is known"),
        N_("import the file that holds the detail lines"),
    ),
    "unreadable-workbook": (
        N_("the workbook is damaged, protected, or no workbook"),
        N_("export it again, or save it as CSV"),
    ),
    "unsafe-workbook": (
        N_("the workbook's XML declares a document type, which no export does"),
        N_("do not open it; ask where it came from"),
    ),
    "mixed-encoding": (
        N_("the text is neither UTF-8 nor GB18030 from here on"),
        N_("export it again; do not join files by hand"),
    ),
    "unknown-format": (
        N_("the format is not known; nearest is %(importer)s, which needs %(missing)s"),
        N_("check the export's kind, or map its columns under [[tables]] in beanclear.toml"),
    ),
    "unknown-header": (
        N_("no row of the file is the header of an export that is known"),
        N_("check the export's kind, or map its columns under [[tables]] in beanclear.toml"),
    ),
    "no-table": (
        N_("the file holds no table: it is a PDF, a picture, another archive, or plain text"),
        N_("download the statement as CSV or Excel"),
    ),
    "claimed-twice": (
        N_("several importers claim the file: %(importers)s"),
        N_("report this file's header, or remove one mapping from beanclear.toml"),
    ),
    "long-cell": (
        N_("the cell %(column)s holds %(length)s characters"),
        N_("more than 32,767 fit no spreadsheet: export the file again"),
    ),
    "ragged-row": (
        N_("the row has %(found)s cells where the header has %(expected)s"),
        _EXPORT_AGAIN,
    ),
    "cut-line": (
        N_("the last line ends early: %(found)s of %(expected)s cells"),
        N_("the download was cut off: download it again"),
    ),
    "cut-file": (
        N_("the end mark of the list is missing"),
        N_("the download was cut off: download it again"),
    ),
    "bad-amount": (
        N_("%(column)s: %(text)r is no amount"),
        _EXPORT_AGAIN,
    ),
    "fine-amount": (
        N_("%(column)s: %(text)r is finer than the currency's smallest unit"),
        _EXPORT_AGAIN,
    ),
    "bad-moment": (
        N_("%(column)s: %(text)r is no date and time that exists"),
        _EXPORT_AGAIN,
    ),
    "bad-rate": (N_("%(column)s: %(text)r is no rate"), _EXPORT_AGAIN),
    "lost-digits": (
        N_("%(column)s: the id %(text)r has lost digits"),
        _EXPORT_AGAIN,
    ),
    "missing-cell": (
        N_("%(column)s is empty"),
        _EXPORT_AGAIN,
    ),
    "unknown-value": (
        N_("%(column)s: %(text)r is not known here"),
        N_("report it, so that it gets a meaning"),
    ),
    "wrong-sign": (
        N_("%(column)s: %(text)r has a sign that this column never has"),
        N_("correct it where the file was made and export it again; report it if it is right"),
    ),
    "both-sides": (
        N_("%(column)s: both sides of the line hold an amount"),
        _EXPORT_AGAIN,
    ),
    "early-moment": (
        N_("%(column)s: %(text)r lies before an earlier step of the order's life"),
        N_("correct it in the system that wrote the file and export it again"),
    ),
    "over-refunded": (
        N_("%(column)s: %(text)r is more than the order's amount"),
        N_("correct it in the system that wrote the file and export it again"),
    ),
    "above-amount": (
        N_("%(column)s: %(text)r is a part of the order's amount, and more than it"),
        N_("correct it in the system that wrote the file and export it again"),
    ),
    "duplicate-id": (
        N_("the id %(text)r stands on another row too, with other contents"),
        N_("find out which of the rows is right and export the file again"),
    ),
    "duplicate-row": (
        N_("the row with id %(text)r stands in the file twice"),
        N_("the file was joined or edited: export it again"),
    ),
    "unknown-member": (
        N_("this member of the archive is no statement that is known"),
        N_("import it by itself when it is needed, or remove it from the archive"),
    ),
    "wrong-currency": (
        N_("%(column)s: the currency %(text)r is not the account's"),
        N_("export one currency at a time"),
    ),
    "mixed-accounts": (
        N_("the file holds more than one account: %(text)s"),
        N_("export one account at a time"),
    ),
    "several-merchants": (
        N_("the bill of a service provider holds several sub-merchants (特约商户号): %(text)s"),
        N_(
            "download the bill of each by its number (sub_mch_id), and put each into a folder of"
            " its own below the inbox, such as inbox/second"
        ),
    ),
    "contradicted": (
        N_("the file's own totals or running balance do not agree with its rows"),
        N_("export it again"),
    ),
    "more-faults": (N_("%(count)s more rows cannot be used"), N_("see the first ones")),
}


def fault(code: str, file: str, row: int | None = None, **values: object) -> Fault:
    """The fault `code` of the catalogue, in the current language.

    A quoted cell is shortened: a million characters are no message.
    """
    what, todo = CATALOGUE[code]
    shown = {
        name: value[:_LONGEST_QUOTE] + "…"
        if name == "text" and isinstance(value, str) and len(value) > _LONGEST_QUOTE
        else value
        for name, value in values.items()
    }
    return Fault(
        code=code, file=file, row=row, what=gettext(what) % shown, todo=gettext(todo) % shown
    )


def refusal(code: str, file: str, row: int | None = None, **values: object) -> SourceError:
    """The same as an exception: the whole file cannot be used."""
    return SourceError(fault(code, file, row, **values))
