"""The Fava extension of beanclear: the accountant's pages, and what a browser may do.

    1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear"

Pages: where clearing accounts stand, open items with their decisions, trace, cash flow,
statements, reports, periods. What lives here: what is particular to Fava. What never does:
figures (`beanclear.ledger.statements`) and the writing of decisions (`beanclear decide`).

Fava shows payees, narrations and names of files as HTML, has no log-in, and does not look at the
Host header. beanclear's own text holds no markup (P10); this extension is the second wall, for
what others write into the books. On every page it

- forbids scripts other than Fava's own (Content-Security-Policy), also in archived documents,
- refuses hosts other than this machine's names (DNS rebinding),
- refuses changes that another site asks the browser for.

Both lists can be longer, for a name behind a proxy or an extension that makes its scripts itself:

    1970-01-01 custom "fava-extension" "beanclear.plugins.fava_beanclear" "{
      'hosts': ['books.example.com'], 'script-src': ["'unsafe-eval'"]}"

Fava does not call extensions for `/`, `api/changed`, `api/errors` and its static files;
`beanclear serve` guards these too, plain `fava` cannot.

Fava makes an extension of every class of that kind it finds here.
"""

from __future__ import annotations

import logging

from fava.core import FavaLedger
from fava.core.watcher import WatchfilesWatcher
from fava.ext import FavaExtensionBase, FavaExtensionError
from flask import after_this_request, request

from beanclear.ledger.i18n import gettext as _
from beanclear.plugins.fava_beanclear import crowd, guard, watching
from beanclear.plugins.fava_beanclear.items import BeanclearItems
from beanclear.plugins.fava_beanclear.overview import BeanclearOverview
from beanclear.plugins.fava_beanclear.periods import BeanclearPeriods
from beanclear.plugins.fava_beanclear.reports import BeanclearReports
from beanclear.plugins.fava_beanclear.statements import BeanclearCashFlow, BeanclearStatements
from beanclear.plugins.fava_beanclear.trace import BeanclearTrace

__all__ = [
    "BeanclearCashFlow",
    "BeanclearGuard",
    "BeanclearItems",
    "BeanclearOverview",
    "BeanclearPeriods",
    "BeanclearReports",
    "BeanclearStatements",
    "BeanclearTrace",
]

_log = logging.getLogger(__name__)


class BeanclearGuard(FavaExtensionBase):
    """Guards every request that Fava shows to extensions; it has no page of its own."""

    rules: guard.Rules
    problem: str | None

    def __init__(self, ledger: FavaLedger, config: str | None = None) -> None:
        # Not Fava's own reading of the configuration: a wrong one would take Fava down.
        super().__init__(ledger)
        if isinstance(ledger.watcher, WatchfilesWatcher):
            with ledger.watcher:
                pass  # its two threads end: a desk of many ledgers runs out of files to watch
        # Fava names its own two watchers as the type; it asks no more than their common base.
        ledger.watcher = watching.BooksWatcher(ledger)  # type: ignore[assignment]
        try:
            self.rules, self.problem = guard.read_rules(config), None
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
            self.rules = guard.Rules()
            self.problem = _(
                "the configuration of beanclear.plugins.fava_beanclear cannot be read "
                "(%(error)s): only this machine's names are allowed"
            ) % {"error": error}

    def after_load_file(self) -> None:
        """Show a wrong configuration among the errors, and spare Fava thousands of open items.

        Fava forgets both at each load.
        """
        if self.problem is not None:
            error = FavaExtensionError(None, self.problem, None)
            self.ledger.extensions.errors.append(error)
        try:
            crowd.thin(self.ledger)
        except Exception:  # no fault of ours may take Fava down
            _log.exception("accounts with many open items are shown as they are")

    def before_request(self) -> None:
        """Refuse what must not be, and mark the answer to the rest.

        Raises:
          HTTPException: 403 with a sentence about it.
        """
        guard.check(request, self.rules)
        after_this_request(lambda response: guard.mark(request, response, self.rules))
