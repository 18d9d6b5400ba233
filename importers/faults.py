"""What can be wrong with a file from outside: the catalogue of faults, one line each.

A code is stable; its words may change. `%(name)s` are filled by the caller and never hold
personal data: a cell is only quoted where it is an amount, a date, an id or a header.
"""

from __future__ import annotations

from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.i18n import N_, gettext

MOST_FAULTS = 50
# The file may well be sound; nothing here reads it.
STRANGERS = frozenset(
    {"pdf", "camt-message", "ofx-message", "web-page", "mt940-message", "bai2-message", "json"}
)
UNKNOWN = frozenset({"unknown-format", "unknown-header", "no-table"}) | STRANGERS
_LONGEST_QUOTE = 60


_AS_TABLE = N_("download the statement as CSV or Excel, or convert it, and map it under [[tables]]")
_EXPORT_AGAIN = N_("export the file again and do not open it in a spreadsheet program before")
_MAP_IT = N_(
    "check the export's kind, or map its columns with `beanclear tables new` (docs/tables.md)"
)

# code -> (what is wrong, what to do)
CATALOGUE: dict[str, tuple[str, str]] = {
    "empty-file": (N_("the file is empty"), N_("export it again")),
    "unreadable-file": (N_("the file cannot be read"), N_("check its permissions")),
    "unreadable-folder": (
        N_("the folder cannot be looked into"),
        N_("check its permissions"),
    ),
    "reader-failed": (
        N_("the file is damaged in a way that nobody foresaw (%(error)s)"),
        N_("export it again; report it if that does not help"),
    ),
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
        N_(
            "put all its files into a folder of their own below the inbox, such as inbox/second,"
            " and name that in beanclear.toml: [[shops]] folder"
        ),
    ),
    "folder-or-shop": (
        N_("the folders %(folder)s and %(other)s tell different things of one shop"),
        N_(
            "name each folder that is a shop in beanclear.toml: [[shops]] folder and name; where"
            " a file is another export of the same shop, accept it: beanclear run --accept NAME"
        ),
    ),
    "taken-out": (
        N_("%(by)s took the file out of the books (%(reason)s)"),
        N_("to book it after all: beanclear run --accept %(quoted)s"),
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
    "encrypted-workbook": (
        N_("the workbook is protected by a password"),
        N_("open it with the password, remove the password, and save it again"),
    ),
    "huge-workbook": (
        N_("the workbook holds more than is read (%(limit)s)"),
        N_("export shorter periods; delete cells that stand far away from the table"),
    ),
    "killed-reader": (
        N_("reading the workbook took more time or memory than is allowed"),
        N_("export shorter periods, or save it as CSV; if it is no export, delete it"),
    ),
    "many-columns": (
        N_("the table has %(count)s columns, of which at most %(most)s are read"),
        N_("remove the empty columns, or export it again"),
    ),
    "cut-text": (
        N_("the text is UTF-16, and damaged or cut off"),
        N_("save it again as CSV UTF-8, or download it again"),
    ),
    "blank-lines": (
        N_("the file holds millions of blank lines"),
        N_("remove them, or export it again"),
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
        _MAP_IT,
    ),
    "unknown-header": (
        N_("no row of the file is the header of an export that is known"),
        _MAP_IT,
    ),
    "no-table": (
        N_("the file holds no table: it is a picture, another archive, or plain text"),
        N_("download the statement as CSV or Excel"),
    ),
    "pdf": (
        N_("the file is a PDF, which is not read"),
        N_("download the statement as CSV or Excel"),
    ),
    "camt-message": (
        N_("the file is a camt message of a bank (XML), which is not read"),
        _AS_TABLE,
    ),
    "mt940-message": (N_("the file is an MT940 message of a bank, which is not read"), _AS_TABLE),
    "bai2-message": (N_("the file is a BAI2 message of a bank, which is not read"), _AS_TABLE),
    "ofx-message": (N_("the file is an OFX or QFX message, which is not read"), _AS_TABLE),
    "web-page": (
        N_("the file is a web page, whatever its name says"),
        N_("open it in a spreadsheet program and save it as XLSX, or download it again"),
    ),
    "json": (
        N_("the file is JSON: an answer of an interface, and often an error that it reports"),
        N_("look what it says; download the statement as CSV or Excel"),
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
    "open-end": (
        N_("the last line has no line end, as the lines of this export have"),
        N_(
            "the download was cut off: download it again; if somebody saved the file again and it "
            "is whole, put a line end behind its last line"
        ),
    ),
    "open-quote": (
        N_("a quotation mark opens here and is not closed in its line"),
        _EXPORT_AGAIN,
    ),
    "stray-line": (
        N_("the line is neither the header nor a record, and this export has no such line here"),
        N_("delete it if somebody wrote it there; else export the file again"),
    ),
    "below-end": (
        N_("the row stands below the end of the list"),
        N_("if files were joined, import each by itself; else export the file again"),
    ),
    "second-header": (
        N_("another table begins here, with other columns"),
        N_("import it as a file of its own"),
    ),
    "duplicate-table": (
        N_("the table that begins here stands in the file twice"),
        N_("delete one of the two, or import each file by itself instead of joining them"),
    ),
    "doubled-column": (
        N_("two columns are called %(column)s, and nothing says which one counts"),
        N_("export the file again, or delete the one that was added"),
    ),
    "stray-total": (
        N_("the row is called a total, but it states none, or rows stand below it"),
        N_("delete it if somebody wrote it there; else export the file again"),
    ),
    "wrong-total": (
        N_("%(column)s: the total row says %(text)s, the rows give %(found)s"),
        N_("find the row that is missing or too much and export the file again"),
    ),
    "hidden-sheet": (
        N_("the sheet %(sheet)r is hidden, and it holds a table that would be booked"),
        N_("show it if it counts, or delete it"),
    ),
    "cut-file": (
        N_("the end mark of the list is missing"),
        N_("the download was cut off: download it again"),
    ),
    "bad-amount": (
        N_("%(column)s: %(text)r is no amount"),
        _EXPORT_AGAIN,
    ),
    "open-amount": (
        N_(
            "%(column)s: nothing tells whether the comma of %(text)r is decimal: "
            "the column has both marks, or no other cell with cents"
        ),
        N_("write the column's amounts without commas, with a point before the cents"),
    ),
    "huge-amount": (
        N_("%(column)s: %(text)r is more than an amount can be"),
        N_("look whether a column has slipped: an id or a phone number is no amount"),
    ),
    "huge-sum": (
        N_("the amounts of the file come to more than the books can hold"),
        N_("look whether a column has slipped: an id or a phone number is no amount"),
    ),
    "fine-amount": (
        N_("%(column)s: %(text)r is finer than the currency's smallest unit"),
        _EXPORT_AGAIN,
    ),
    "bad-moment": (
        N_("%(column)s: %(text)r is no date and time that exists"),
        _EXPORT_AGAIN,
    ),
    "far-moment": (
        N_("%(column)s: %(text)r is not between 1980 and 2100"),
        N_("correct the date, or leave it empty where it stands for never or unknown"),
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
    "wrong-direction": (
        N_("%(text)s as %(kind)s would go the wrong way: %(right)s"),
        N_("correct it where the file was made and export it again; report it if it is right"),
    ),
    "table-direction": (
        N_("%(text)s as %(kind)s would go the wrong way: %(right)s"),
        N_(
            "in [[tables]] %(table)s name the column that says the direction, set sign, map the "
            "word to another kind, or list %(kind)s under reversals"
        ),
    ),
    "table-moment": (
        N_("%(key)s (%(column)s): %(text)r does not fit date_format %(format)r"),
        N_("correct date_format in [[tables]] %(table)s of beanclear.toml"),
    ),
    "table-date": (
        N_("%(key)s (%(column)s): %(text)r is no date such as 2026-07-03 or 2026/7/3 09:05:00"),
        N_("set date_format in [[tables]] %(table)s of beanclear.toml, such as '%%d/%%m/%%Y'"),
    ),
    "table-amount": (
        N_(
            "%(key)s (%(column)s): %(text)r is no amount with decimal %(decimal)r and thousands "
            "%(thousands)r"
        ),
        N_(
            "correct decimal and thousands in [[tables]] %(table)s of beanclear.toml, or leave the "
            "row out with leave_out"
        ),
    ),
    "fee-sign": (
        N_("fee (%(column)s): whether a charge is positive or negative is not sure"),
        N_(
            'set fee_sign in [[tables]] %(table)s of beanclear.toml: "reversed" where a charge is '
            'positive, "signed" where it is negative; or name the column net, which proves it'
        ),
    ),
    "fee-direction": (
        N_("%(column)s: the %(text)s would go the wrong way"),
        N_("correct the sign of the column in [[tables.fees]], or list the kind under reversals"),
    ),
    "net-differs": (
        N_("net (%(column)s) is not the amount with its fees"),
        N_("correct sign, fee_sign or fees of the mapping in beanclear.toml"),
    ),
    "unknown-direction": (
        N_("direction (%(column)s): %(text)r is not listed"),
        N_("list it under direction of the mapping in beanclear.toml, as in or out"),
    ),
    "other-direction": (
        N_("amount (%(column)s): its sign does not fit the direction %(text)r"),
        N_(
            'set sign of the mapping in beanclear.toml: "unsigned" where amounts have none, '
            '"signed" where money out is negative'
        ),
    ),
    "unknown-status": (
        N_("status (%(column)s): %(text)r is not listed"),
        N_("list it under statuses of the mapping in beanclear.toml"),
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
