"""`beanclear doctor`: what is missing, stale or misconfigured, and how to mend it."""

from __future__ import annotations

import click

from beanclear.cli import engine, options, output
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.labels import label

_WRONG = 1


def command() -> click.Command:
    """Build the command."""

    @click.command()
    @options.in_books
    @options.with_json
    def doctor(*, folder: str | None, books: str | None, as_json: bool) -> int:
        opened = engine.open_books(options.folder_of(folder, books))
        from beanclear.cli.examination import Verdict, examine  # noqa: PLC0415 - only here

        findings = examine(opened)
        wrong = any(finding.verdict is Verdict.WRONG for finding in findings)
        if as_json:
            content = [
                {
                    "name": finding.name,
                    "verdict": str(finding.verdict),
                    "what": finding.what,
                    "todo": finding.todo,
                }
                for finding in findings
            ]
            output.as_json("doctor", {"ok": not wrong, "findings": content})
            return _WRONG if wrong else 0
        words = {Verdict.FINE: _("fine"), Verdict.NOTICE: _("notice"), Verdict.WRONG: _("wrong")}
        for finding in findings:
            parts = [words[finding.verdict], label(finding.name), finding.what, finding.todo]
            output.line(": ".join(part for part in parts if part))
        return _WRONG if wrong else 0

    return doctor
