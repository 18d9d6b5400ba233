"""`beanclear decide`: an accountant's word about open items, kept in `decisions/`."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

from beanclear.cli import deciding, engine, options, output
from beanclear.cli.progress import progress
from beanclear.ledger import decisions
from beanclear.ledger.decisions import Author
from beanclear.ledger.errors import UsageError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.money import to_decimal
from beanclear.ledger.vocabulary import Decision, OpenItem

if TYPE_CHECKING:
    from beanclear.cli.ruling import Proposed
    from beanclear.ledger.books import Books

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
_LOOKS_LIKE_ACCOUNT = re.compile(r"(Assets|Liabilities|Equity|Income|Expenses):\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What all four decisions are asked with."""

    words: tuple[str, ...]
    account: str | None
    books: str | None
    by: str | None
    reason: str | None
    date: datetime.date | None
    new_account: bool
    code: str | None
    name: str | None
    dry_run: bool
    no_run: bool
    as_json: bool
    yes: bool = False


def command() -> click.Command:
    """Build the group."""

    @click.group(help=_("Record an accountant's decision about an open item."))
    def decide() -> None:
        """Only its commands do something."""

    for sub_command in (_match(), _write_off(), _classify(), _explain()):
        decide.add_command(sub_command)
    return decide


def _common(function: FunctionT) -> FunctionT:
    for option in reversed(
        [
            click.argument("words", metavar="[ACCOUNT] KEY...", nargs=-1, required=True),
            click.option(
                "--account",
                metavar="ACCOUNT",
                help=_("The clearing account, when it is not the first argument."),
            ),
            options.of_books,
            options.with_author,
            click.option(
                "--date",
                type=options.DATE,
                metavar="DATE",
                help=_(
                    "When it is booked; by default a line of 待查 on its own day, if that is "
                    "open, all else on the account's as-of date."
                ),
            ),
            click.option(
                "--new-account", is_flag=True, help=_("Open the account of --to if it is not open.")
            ),
            click.option(
                "--code", metavar="CODE", help=_("The code of the new account, such as 5602.31.")
            ),
            click.option("--name", metavar="TEXT", help=_("What the new account is called.")),
            click.option(
                "--no-run", is_flag=True, help=_("Do not run afterwards to refresh the books.")
            ),
            options.with_dry_run,
            options.with_json,
        ]
    ):
        function = option(function)
    return function


def _to_option(*, required: bool) -> Callable[[FunctionT], FunctionT]:
    return click.option(
        "--to",
        metavar="ACCOUNT",
        required=required,
        help=_("The account it moves to: its name, its code, or what it is called."),
    )


def _match() -> click.Command:
    @click.command("match", help=_("These open items of one account belong together."))
    @_common
    @_to_option(required=False)
    def run(to: str | None, **asked: Any) -> int:  # noqa: ANN401 - the options of `_common`
        def decision(items: list[OpenItem], author: Author, target: str | None) -> Decision:
            return decisions.match(items, author, to=target)

        return _decide(Asked(**asked), decision, to=to, together=True)

    return run


def _write_off() -> click.Command:
    @click.command("write-off", help=_("The item is given up, in whole or in part."))
    @_common
    @_to_option(required=True)
    @click.option(
        "--amount", type=options.AMOUNT, metavar="AMOUNT", help=_("Only this part of it.")
    )
    def run(to: str, amount: Decimal | None, **asked: Any) -> int:  # noqa: ANN401 - as above
        def decision(items: list[OpenItem], author: Author, target: str | None) -> Decision:
            return decisions.write_off(items[0], author, to=target or to, part=amount)

        return _decide(Asked(**asked), decision, to=to, single=amount is not None)

    return run


def _classify() -> click.Command:
    @click.command("classify", help=_("The item is known now and moves to an account."))
    @_common
    @_to_option(required=True)
    @click.option(
        "--add-rule", is_flag=True, help=_("Let beanclear.toml book such lines from now on.")
    )
    @click.option("--yes", is_flag=True, help=_("Do not ask before a rule moves booked lines."))
    def run(to: str, add_rule: bool, **asked: Any) -> int:  # noqa: ANN401 - as above
        def decision(items: list[OpenItem], author: Author, target: str | None) -> Decision:
            return decisions.classify(items[0], author, to=target or to)

        return _decide(
            Asked(**asked), decision, to=to, rule="add" if add_rule else "offer", single=add_rule
        )

    return run


def _explain() -> click.Command:
    @click.command("explain", help=_("The item is explained until a date, and silent so long."))
    @_common
    @click.option(
        "--until",
        type=options.DATE,
        metavar="DATE",
        required=True,
        help=_("Until the as-of date passes this day."),
    )
    def run(until: datetime.date, **asked: Any) -> int:  # noqa: ANN401 - as above
        def decision(items: list[OpenItem], author: Author, _target: str | None) -> Decision:
            return decisions.explain(items[0], author, until=until)

        return _decide(Asked(**asked), decision)

    return run


def _decide(
    asked: Asked,
    make: Callable[[list[OpenItem], Author, str | None], Decision],
    *,
    to: str | None = None,
    together: bool = False,
    single: bool = False,
    rule: str | None = None,
) -> int:
    """Write what is decided about each item, or with `together` about all of them at once.

    Nothing is written unless all of it can be; `single` refuses more than one key.
    """
    from beanclear.ledger import config as configuration  # noqa: PLC0415 - heavy

    books = engine.open_books(options.folder_of(None, asked.books))
    texts = deciding.read_texts(books)
    now = engine.reconcile(books)
    chosen = _chosen(asked, list(now.items), deciding.decided(texts), single=single)
    target, opened = to, False
    if to is not None:
        target, opened = deciding.ensure_account(
            texts,
            to,
            chosen[0].amount.currency,
            deciding.Opening(new=asked.new_account, code=asked.code, name=asked.name),
            configuration.load(books.config).books,
        )
    by = options.author_name(asked.by, books.root)
    closed_to = deciding.closed_to(texts)
    made = []
    for items in [chosen] if together else [[one] for one in chosen]:
        day = decisions.decision_date(asked.date, decisions.usual_date(items), closed_to)
        made.append(make(items, Author(by=by, date=day, reason=asked.reason), target))
    for decision in made:
        deciding.refuse_target(texts, decision)
    for decision in made:
        file = deciding.add_decision(texts, decision)
    proposed = None
    if rule and target and len(chosen) == 1 and not now.from_text:
        proposed = engine.propose_rule(books, chosen[0], target)
    if rule == "add":
        _add_rule(asked, texts, proposed)
    if not asked.dry_run:
        deciding.write(books, texts)
    _show(asked, made, file, texts, proposed, offered=rule == "offer")
    if opened:
        output.note(_("The account %(account)s was opened.") % {"account": target})
    if not asked.dry_run and now.from_text:
        output.note(
            _("It takes effect where the originals are: commit it, and run `beanclear run` there.")
        )
    elif not asked.dry_run and not asked.no_run:
        _refresh(books)
    return 0


def _chosen(
    asked: Asked, items: list[OpenItem], decided: list[Decision], *, single: bool
) -> list[OpenItem]:
    """The items that `[ACCOUNT] KEY...` and `--account` name.

    Without an account a key may stand alone when only one account has it.
    """
    words = list(asked.words)
    account = asked.account
    if account is None and _LOOKS_LIKE_ACCOUNT.fullmatch(words[0]):
        account = words.pop(0)
    if not words or (single and len(words) > 1):
        raise UsageError(_("this decision takes one key"), _("write ACCOUNT KEY"))
    if account is None:
        accounts = {item.account for item in items if item.key == words[0]}
        if not accounts:
            decisions.refuse_decided(decided, words[0])
            raise UsageError(
                _("no open item has the key %(key)s") % {"key": words[0]},
                _("similar keys: %(keys)s")
                % {"keys": ", ".join(decisions.similar_keys(items, words[0]))}
                if items
                else _("nothing is open in these books"),
            )
        if len(accounts) > 1:
            raise UsageError(
                _("%(key)s does not say which account is meant") % {"key": words[0]},
                _("write ACCOUNT KEY; accounts: %(accounts)s")
                % {"accounts": ", ".join(sorted(accounts))},
            )
        account = accounts.pop()
    return [decisions.find_item(items, account, word, decided) for word in dict.fromkeys(words)]


def _add_rule(asked: Asked, texts: deciding.Texts, proposed: Proposed | None) -> None:
    if proposed is None:
        raise UsageError(
            _("no rule can be made: the line names no counterparty, or only a platform's payer"),
            _("leave --add-rule away, or write a rule on its memo into beanclear.toml"),
        )
    _tell_moves(proposed)
    if proposed.count and not (asked.yes or asked.dry_run):
        if not sys.stdin.isatty() or asked.as_json:
            raise UsageError(
                _("the rule moves %(count)d lines that are booked") % {"count": proposed.count},
                _("look at them above, and add --yes if that is meant"),
            )
        click.confirm(_("Write the rule?"), abort=True, err=True)
    deciding.add_rule(texts, proposed.text)


def _tell_moves(proposed: Proposed) -> None:
    """The rule, and every line that it would move, by count and sum."""
    output.note(proposed.text.rstrip("\n"))
    if not proposed.moves:
        output.note(_("It moves no other line that is booked now."))
    for one in proposed.moves:
        output.note(
            _("It moves %(count)d lines of together %(amount)s %(currency)s from %(account)s.")
            % {
                "count": len(one.keys),
                "amount": output.money(one.amount_minor, one.currency),
                "currency": one.currency,
                "account": one.account,
            }
        )


def _moves_json(proposed: Proposed) -> list[dict[str, Any]]:
    return [
        {
            "account": one.account,
            "currency": one.currency,
            "amount": to_decimal(one.amount_minor, one.currency),
            "count": len(one.keys),
            "keys": list(one.keys),
        }
        for one in proposed.moves
    ]


def _show(
    asked: Asked,
    made: list[Decision],
    file: str,
    texts: deciding.Texts,
    proposed: Proposed | None,
    *,
    offered: bool,
) -> None:
    preview = "\n".join(decisions.preview(decision) for decision in made)
    diff = texts.diff() if asked.dry_run else None
    if asked.as_json:
        content = {
            "decision": made[0].word,
            "account": made[0].account,
            "date": made[0].date,
            "by": made[0].by,
            "file": file,
            "text": preview,
            "rule": proposed.text if proposed and offered else None,
            "rule_moves": _moves_json(proposed) if proposed else [],
            "dry_run": asked.dry_run,
            "diff": diff,
        }
        output.as_json("decide", content)
        return
    output.data(preview if diff is None else diff)
    if proposed is not None and offered:
        output.note(
            _("To book such lines from now on, add this to beanclear.toml (or use --add-rule):")
        )
        _tell_moves(proposed)
    if asked.dry_run:
        output.note(_("Nothing was written: this was a dry run."))
    else:
        output.note(_("Written to %(file)s.") % {"file": file})


def _refresh(books: Books) -> None:
    result = engine.run(books, progress())
    for message in result.check_errors:
        output.detail(message)
    output.note(_("%(count)d items are open now.") % {"count": len(result.items)})
