"""From records, decisions and configuration to the text of the books: the pure middle of a run.

Nothing here imports files or writes them; `beanclear.cli.pipeline` does both.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from beanclear.cli import deciding, incremental
from beanclear.ledger import accounts as chart_text
from beanclear.ledger import catalogue, chart, naming, shipped
from beanclear.ledger import config as configuration
from beanclear.ledger.books import Books
from beanclear.ledger.calendar import Term
from beanclear.ledger.documents import DocumentLine
from beanclear.ledger.errors import BooksError
from beanclear.ledger.fees import payout_fees
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.i18n import translator
from beanclear.ledger.naming import UnknownAccountError
from beanclear.ledger.posting import groundless, journal, reconciliation_text, words
from beanclear.ledger.posting.carried import COUNTS, NOTHING
from beanclear.ledger.posting.feeds import Feeds, as_of_dates, feeds, statement_accounts
from beanclear.ledger.posting.inputs import Inputs
from beanclear.ledger.posting.post import post
from beanclear.ledger.reconciliation import ClearingPolicy, Reconciliation
from beanclear.ledger.settled_facts import agree
from beanclear.ledger.settling import Working
from beanclear.ledger.sql import Connection, Records
from beanclear.ledger.statement_rows import StatementRow
from beanclear.ledger.vocabulary import CLOSING_ACCOUNT, Difference, StatementEntry
from beanclear.matching import contradictions, crosschecks, engine
from beanclear.matching.contradictions import Contradiction
from beanclear.matching.crosschecks import Disagreement
from beanclear.matching.rules import Rulebooks

AsOf = dict[str, tuple[datetime.date, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What the books should say, and why.

    Attributes:
      texts: relative path → text of every file a run writes (frozen ones are not in it).
      found: the reconciliation at each account's as-of date.
      statements: the booked statements.
      frozen_files: the files of closed periods.
      wallet_only: platforms whose income comes from wallet lines because no order source exists.
      completions_assumed: orders whose completion took the date of an export.
      completions_paid: orders whose completion took the day on which their money came.
      tax_free: orders that state a tax of zero.
      disagreements: sources that tell one story twice and differ.
      contradictions: orders that two exports tell differently, but for those somebody explained.
      settled_unfinished: orders with wallet money that no export shows as completed yet.
      years_estimated: years in which only weekends count as free, for nobody announced more.
      unrated: foreign currencies that were exchanged and have no booked rate.
      incremental: whether settled orders were taken as sums that an earlier run left.
    """

    texts: dict[str, str]
    found: Reconciliation
    statements: tuple[StatementRow, ...]
    inputs: Inputs
    feeds: Feeds
    frozen_files: Mapping[str, str]
    closed: datetime.date | None
    wallet_only: tuple[str, ...] = ()
    completions_assumed: int = 0
    completions_paid: int = 0
    tax_free: int = 0
    settled_unfinished: int = 0
    unrated: tuple[str, ...] = ()
    incremental: bool = False
    disagreements: tuple[Disagreement, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    years_estimated: tuple[int, ...] = ()


class Bookkeeper:
    """One computation over one store: posts and links once, reconciles at any date.

    Use as a context manager; it holds a connection of DuckDB or Spark.
    """

    def __init__(
        self,
        books: Books,
        store: Records,
        config: configuration.Config,
        index: Sequence[DocumentLine],
        *,
        take_up: bool = False,
    ) -> None:
        """`take_up` lets it begin with what an earlier computation left of settled orders."""
        self.books = books
        text = books.accounts.read_text("utf-8") if books.accounts.is_file() else ""
        opened = {name: one.spec for name, one in chart_text.read(text).items()}
        self.config = naming.in_config(config, opened)
        self.statements = tuple(store.statements())
        self.accepted = {(line.sha256, line.source_key): line.accepted_by for line in index}
        self.say = translator(config.books.language).gettext
        self.store = store
        self.working: Working | None = None
        self.con: Connection
        if not (take_up and self._take_up()):
            self.con = store.connect()
            self._post()

    def __enter__(self) -> Bookkeeper:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.con.close()

    def _take_up(self) -> bool:
        """Post what can change, and take the rest as sums; false when that is not possible."""
        said = words.read(self.books, [policy.account for policy in self._opened_policies()])
        self.working = incremental.resume(
            self.books, self.store, self.statements, self.config, keys=sorted(said.named)
        )
        if self.working is None:
            return False
        self.con = self.working.con
        self._post()
        if agree(self.working.history, self.con, self.as_of()):
            return True
        self.con.close()
        self.working = None
        return False

    def _opened_policies(self) -> tuple[ClearingPolicy, ...]:
        text = self.books.accounts.read_text("utf-8") if self.books.accounts.is_file() else ""
        return policies_of(chart_text.read(text))

    def remember(self, computed: Computed) -> None:
        """Leave for the next computation what this one settled.

        It must be the last one reconciled, at the accounts' own as-of dates.
        """
        incremental.remember(
            self.books,
            self.store,
            self.con,
            incremental.Outcome(
                statements=self.statements,
                config=self.config,
                chart_text=self.chart_text,
                as_of=self.as_of(),
                disputed=[found.subject for found in computed.disagreements],
                working=self.working,
            ),
        )

    def _post(self) -> None:
        carried = self.working.sums if self.working else NOTHING
        self.inputs, self.unrated = post(
            self.con, self.statements, self.config, words.settled_lines(self.books), carried
        )
        text = self.books.accounts.read_text("utf-8") if self.books.accounts.is_file() else ""
        used = self.con.execute(
            # A platform's accounts are opened together: an advance that a later export turns into
            # income at once would else leave a chart that depends on the order of imports.
            "WITH used AS (SELECT account, currency FROM postings UNION"
            " SELECT account, currency FROM legs)"
            " SELECT account, currency FROM used UNION"
            " SELECT unnest([r.receivable, r.advances, r.income]), u.currency FROM receivables r"
            " JOIN used u ON u.account IN (r.receivable, r.advances, r.income) ORDER BY ALL"
        ).fetchall()
        money = self.config.books.currency
        opened = {
            (posting.account, posting.currency)
            for entry in journal.opening_entries(self.statements, self.inputs, str)
            for posting in entry.postings
        }
        used = sorted({*used, *opened})
        self.chart_text = chart_text.ensure(text, self._specs(used), first=money)
        self.chart = chart_text.read(self.chart_text)
        self.policies = policies_of(self.chart)
        clearing = [policy.account for policy in self.policies]
        said = words.read(self.books, clearing)
        self.grounds = groundless.grounds(self.con, said)
        self.words = replace(said, void=groundless.void(said, self.grounds, clearing))
        self.chart_text = chart_text.ensure(self.chart_text, self._said(), first=money)
        self.feeds = feeds(self.con, self.statements, self.inputs)
        self.rests = engine.link(
            self.con,
            self.policies,
            self.words.legs,
            self.words.groups,
            Rulebooks(self.config),
            fees=payout_fees(self.config),
        )

    def _specs(self, used: Sequence[tuple[str, str]]) -> list[chart.AccountSpec]:
        currency = self.config.books.currency
        extra = [
            (account, currency)
            for account in (chart.OPENING, CLOSING_ACCOUNT, chart.ROUNDING)
            if not any(account == name for name, _currency in used)
        ]
        owners = [
            (account, currency)
            for account in self.inputs.wallets.values()
            if not any(account == name for name, _currency in used)
        ]
        return [self._spec(account, money) for account, money in (*used, *extra, *owners)]

    def _spec(self, account: str, currency: str) -> chart.AccountSpec:
        """How an account is opened, or only what it is called where it is open."""
        known = catalogue.known(account, currency, self.config.books.standard)
        return known or chart.spec(account, currency)

    def _said(self) -> list[chart.AccountSpec]:
        """The accounts that decisions move money to.

        Raises:
          BooksError: one is neither open nor of the usual chart.
        """
        opened = {name: one.spec for name, one in self.chart.items()}
        for account, _currency in self.words.targets:
            try:
                meant = naming.resolve(account, opened, self.config.books.standard)
            except UnknownAccountError as error:
                raise BooksError(
                    error.what, error.todo, where=words.place_of(self.books, account)
                ) from None
            if meant != account:
                raise BooksError(
                    _("%(account)s is not an account name") % {"account": account},
                    _("write %(name)s") % {"name": meant},
                    where=words.place_of(self.books, account),
                )
        return [self._spec(*target) for target in self.words.targets]

    def reconcile(self, as_of: AsOf) -> Reconciliation:
        """The state of the clearing accounts at these dates."""
        return engine.reconcile(self.con, as_of, self.policies, self.config, self.rests)

    def as_of(self, limit: datetime.date | None = None) -> AsOf:
        """Each clearing account's as-of date; none later than `limit`."""
        dates = as_of_dates(self.feeds, self.inputs)
        known = {policy.account for policy in self.policies}
        return {
            account: (min(day, limit) if limit else day, awaiting)
            for account, (day, awaiting) in dates.items()
            if account in known
        }

    @property
    def files(self) -> dict[str, str]:
        """The file name of each document."""
        return {row.document: row.file.partition(":")[0] for row in self.statements}

    def _disputed(self) -> Counter[str]:
        """How many faults there are between each file and others."""
        faults = self.store.conflicts()
        return Counter(
            file for fault in faults for file in {fault.file, fault.other} if file is not None
        )

    def texts(self, found: Reconciliation) -> dict[str, str]:
        """Every file that a run writes, by relative path."""
        closed = self.words.journal.closed
        entries = journal.with_late(
            [
                *journal.opening_entries(self.statements, self.inputs, self.say),
                *journal.daily_entries(self.con, self.say),
                *journal.bank_entries(self.con, self.files),
            ],
            self.words.journal,
            self.say,
        )
        balances = [
            balance
            for balance in journal.assertions(self.statements, self.inputs)
            if closed is None or balance.day > closed
        ]
        accounts = statement_accounts(self.statements, self.inputs, self.feeds)
        monthly: list[StatementEntry | Difference] = [
            *reconciliation_text.statement_entries(
                self.statements, accounts, self.feeds, self.accepted, self._disputed()
            ),
            *reconciliation_text.declared_entries(self.inputs.declared, accounts, self.feeds),
            *reconciliation_text.difference_entries(self.rests),
        ]
        state = [
            *reconciliation_text.state_entries(found, self.files, self.say, closed),
            *self.words.void,
            *groundless.void_explanations(self.words, self.grounds, found.items),
        ]
        return {
            "accounts.beancount": self.chart_text,
            **journal.files(entries, balances),
            **reconciliation_text.monthly_files(monthly, closed, self.words.frozen),
            reconciliation_text.CURRENT: reconciliation_text.text(state),
        }

    def _contradictions(self) -> tuple[Contradiction, ...]:
        explained = deciding.explanations(deciding.read_texts(self.books))
        as_of = {account: day for account, (day, _awaiting) in self.as_of().items()}
        return tuple(
            one
            for one in contradictions.found(self.con)
            if not explained.named(
                one.account, one.order_id, as_of.get(one.account, datetime.date.max)
            )
        )

    def compute(self, limit: datetime.date | None = None) -> Computed:
        """The books as they should be."""
        found = self.reconcile(self.as_of(limit))
        count = self.con.execute
        unfinished = count(
            "SELECT count(*) FROM claims c JOIN order_money m ON m.platform = c.platform"
            " AND m.shop = c.shop AND m.order_id = c.order_id AND m.currency = c.currency"
            " WHERE c.recognised_on IS NULL AND m.sales > 0 AND c.status <> 'closed'"
        ).fetchone()
        count(COUNTS)
        counts = dict(count("SELECT name, lines FROM counts WHERE lines <> 0").fetchall())
        return Computed(
            texts=self.texts(found),
            found=found,
            statements=self.statements,
            inputs=self.inputs,
            feeds=self.feeds,
            frozen_files=self.words.frozen_files,
            closed=self.words.journal.closed,
            wallet_only=tuple(
                sorted(name.partition(":")[2] for name in counts if name.startswith("wallet-only:"))
            ),
            completions_assumed=counts.get("completion-assumed", 0),
            completions_paid=counts.get("completion-paid", 0),
            tax_free=counts.get("tax-free", 0),
            settled_unfinished=unfinished[0] if unfinished else 0,
            unrated=self.unrated,
            incremental=self.working is not None,
            disagreements=tuple(crosschecks.disagreements(self.con)),
            contradictions=self._contradictions(),
            years_estimated=self.config.calendars.estimated_years,
        )


def policies_of(opened: Mapping[str, chart_text.Opened]) -> tuple[ClearingPolicy, ...]:
    """The clearing accounts of a chart with their policy."""
    return tuple(
        ClearingPolicy(
            account=name,
            clearing=account.spec.clearing,
            term=Term.parse(account.spec.due or shipped.SUSPENSE_TERM),
            grace_days=account.spec.grace,
            tolerance_minor=account.spec.tolerance,
            difference=account.spec.difference,
            currency=account.spec.currency,
        )
        for name, account in sorted(opened.items())
        if account.spec.clearing is not None
    )
