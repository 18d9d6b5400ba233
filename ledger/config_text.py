"""The text of beanclear.toml: the commented file that `init` writes, edits, and assumptions.

Callers use it through `beanclear.ledger.config`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.exceptions import TOMLKitError

from beanclear.ledger.books import write_atomically
from beanclear.ledger.errors import BooksError
from beanclear.ledger.i18n import Language, translator
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.ledger.config import Config

_PPM_OF_PERCENT = 10_000


def set_coverage(path: Path, source_key: str, date: datetime.date) -> None:
    """Say in beanclear.toml that `source_key` is complete up to `date`; all else stays as it is.

    Raises:
      BooksError: when the file is no TOML.
    """
    _set(path, "coverage", source_key, date)


def set_taxpayer(path: Path, taxpayer: str) -> None:
    """Say in beanclear.toml what kind of taxpayer this is; all else stays as it is.

    Raises:
      BooksError: when the file is no TOML.
    """
    _set(path, "books", "taxpayer", taxpayer)


def set_records(path: Path, uri: str) -> None:
    """Say in beanclear.toml that the records lie at `uri`, and that Spark reads them.

    Raises:
      BooksError: when the file is no TOML.
    """
    _set(path, None, "engine", "spark")
    _set(path, None, "records", uri)


def _set(path: Path, section: str | None, key: str, value: object) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, RecursionError) as error:
        raise BooksError(
            _("this is not valid TOML (%(error)s)") % {"error": error},
            _("correct that line"),
            where=path.name,
        ) from None
    if section is not None and section not in document:
        document[section] = tomlkit.table()
    table = document if section is None else document[section]
    if isinstance(table, MutableMapping):
        table[key] = value
    changed = tomlkit.dumps(document)
    if changed != text:
        write_atomically(path, changed)


def assumptions(
    config: Config, platforms: Iterable[str] = ("taobao", "pinduoduo", "shop")
) -> list[str]:
    """What the books assume about these platforms, a sentence each; none once confirmed.

    The sentences are for the person at the terminal, in the language of messages.
    """
    if config.books.confirmed:
        return []
    events = {
        "completed": _("when the order completes"),
        "shipped": _("when it is shipped, or when it is paid if no shipping date is known"),
        "paid": _("when it is paid"),
    }
    sentences = [
        _("the taxpayer is a general taxpayer")
        if config.taxpayer_on(datetime.date.max) == "general"
        else _("the taxpayer is a small-scale taxpayer")
    ]
    # The rules in force at the end of time are those in force now.
    day = datetime.date.max
    for platform in platforms:
        rate = Decimal(config.vat_rate_ppm(platform, day)) / _PPM_OF_PERCENT
        sentences.append(
            _("a sale of %(platform)s is income %(event)s, its prices contain %(rate)s %% VAT")
            % {
                "platform": platform,
                "event": events[config.recognition_on(platform, day)],
                "rate": f"{rate.normalize():f}",
            }
        )
        sentences += _rates_by_category(config, platform, day)
        if (point := config.vat_point_on(platform, day)) != config.recognition_on(platform, day):
            sentences.append(
                _("the VAT of %(platform)s is due %(event)s")
                % {"platform": platform, "event": events[point]}
            )
    kept = {
        "taxed": _("income with VAT on the day it was closed"),
        "untaxed": _("income without VAT on the day it was closed"),
        "open": _("an open item"),
    }
    ends: dict[tuple[str, int], list[str]] = {}
    for platform in platforms:
        policy = kept[config.kept_policy(platform)], config.longest_advance(platform)
        ends.setdefault(policy, []).append(platform)
    sentences += [
        _(
            "what closed orders of %(platforms)s keep is %(kept)s; their advances are open items"
            " after %(days)d days"
        )
        % {"platforms": ", ".join(names), "kept": what, "days": days}
        for (what, days), names in ends.items()
    ]
    return sentences


def _rates_by_category(config: Config, platform: str, day: datetime.date) -> list[str]:
    return [
        _("prices of %(category)s on %(platform)s contain %(rate)s %% VAT")
        % {
            "category": category,
            "platform": platform,
            "rate": f"{(Decimal(ppm) / _PPM_OF_PERCENT).normalize():f}",
        }
        for category in config.vat_categories
        for ppm in [config.vat_rate_ppm(platform, day, category)]
    ]


def _section(comment: str, body: str, *, active: bool = False) -> str:
    """A comment above TOML lines, which are commented out too unless `active`."""
    lines = [f"# {line}" if line else "#" for line in comment.splitlines()]
    lines += [line if active else f"# {line}" for line in body.splitlines()]
    return "\n".join(lines) + "\n"


def initial_text(language: Language, taxpayer: str = "general", standard: str = "small") -> str:
    """A whole beanclear.toml for new books, every option explained in their language."""
    _ = translator(language).gettext  # the books' language; Babel finds messages by this name
    sections = [
        _section(
            _("Settings of these books. Everything has a default; this file may be empty."), ""
        ),
        _section(
            _("What matching runs on, duckdb or spark; records: a lake that Spark reads."),
            'engine = "spark"\nrecords = "s3a://shop/records"',
        ),
        "[books]\n"
        + _section(_("Language of the text written into the books: zh or en."),
                   f'language = "{language}"', active=True)
        + _section(_("Currency of the books."), 'currency = "CNY"', active=True)
        + _section(_("general: 13 % VAT by default; small: small-scale taxpayer, 1 %."),
                   f'taxpayer = "{taxpayer}"', active=True)
        + _section(_("Whose chart of accounts and statements: small (for small enterprises) or\n"
                     "enterprise (the full standards). It cannot be changed later without\n"
                     "giving every account its new code."),
                   f'standard = "{standard}"', active=True)
        + _section(_("Who prepares the reports; it stands on each."), 'preparer = "李娜"')
        + _section(_("Set to true once you have checked what `run` says it assumes."),
                   "confirmed = false", active=True),
        _section(
            _("Which folders below inbox/ are shops of their own (others are only folders), and\n"
              "what reports call a shop; a platform: its shop whose files lie in inbox/ itself."),
            '[[shops]]\nfolder = "north"\nname = "北方旗舰店"\n\n'
            '[[shops]]\nplatform = "taobao"\nname = "清账家居旗舰店"',
        ),
        _section(
            _("When a sale is income: completed, shipped or paid; of the rules of a platform\n"
              "the one that began last holds. vat_point: when its VAT is due (default: with\n"
              "the income)."),
            '[[recognition]]\nplatform = "shop"        # taobao, pinduoduo, shop\n'
            'point = "shipped"\nvat_point = "paid"\nfrom = 2026-01-01',
        ),
        _section(
            _("When the kind of taxpayer changes: it holds from that day on, what was sold before\n"
              "stays as it is."),
            '[[taxpayer]]\nkind = "general"\nfrom = 2027-01-01',
        ),
        _section(
            _('VAT contained in the prices, in percent and in quotes; "*" is every platform.\n'
              "category: only orders of this kind of goods; a tax that orders.csv states for an\n"
              "order goes before."),
            '[[vat]]\nplatform = "*"\ncategory = "图书"\nrate_percent = "13"\n'
            "from = 2026-01-01",
        ),
        _section(
            _("What ends the advance of an order that is never a sale. kept: what a closed order\n"
              "keeps is income of its own kind, taxed or untaxed, or stays open. longest_days: an\n"
              "advance that is older is an open item."),
            '[[advances]]\nplatform = "shop"\nkept = "taxed"\nlongest_days = 90',
        ),
        _section(
            _("Where a bank or wallet line goes whose texts contain these; the first rule that\n"
              "fits decides. direction: in or out."),
            '[[rules]]\ncounterparty = "物业管理"\nmemo = "房租"\ndirection = "out"\n'
            'account = "Expenses:Office:Rent"',
        ),
        _section(
            _("Contracted fee rates: a fee line that contains the text and charges another rate\n"
              "becomes an open item. refund: what comes back with a refund: full, proportional\n"
              "or none."),
            '[[fees]]\nplatform = "taobao"\ncontains = "基础软件服务费"\nrate_percent = "0.6"\n'
            'maximum = "50.00"\nrefund = "full"\nfrom = 2026-01-01\nuntil = 2026-12-31',
        ),
        _section(
            _("What the bank receives less than was paid out, although no line says so."),
            '[[payout_fees]]\nfamily = "wechat"\nfixed = "2.00"\n'
            'account = "Expenses:Finance:PaymentFees"',
        ),
        _section(
            _("Booked exchange rates: the books' currency for one unit, from a day on. What a\n"
              "conversion brings more or less is an exchange gain or loss; without a rate, none."),
            '[[rates]]\ncurrency = "USD"\nrate = "7.1012"\nfrom = 2026-07-01',
        ),
        _section(
            _("What may be matched with what: payouts, deposits, returns and reversals. A rule\n"
              "says what differs from the shipped ones for a family (* is every one), a pair\n"
              "(payout-deposit, payout-return, deposit-reversal) and passes (reference, return,\n"
              "amount, assignment, run, set). before, after: T calendar, B business days.\n"
              "payers: bank counterparties that pay out for the family; they add to the known."),
            '[[matching]]\nfamily = "alipay"\npayers = ["某某支付有限公司"]\n\n'
            '[[matching]]\nfamily = "*"\npair = "payout-deposit"\n'
            'passes = ["amount", "assignment", "run", "set"]\n'
            'before = "T+0"\nafter = "B+5"\ncalendar = "china"\nallowed = true\n'
            'tolerance = { CNY = "0.00" }\nmargin = { CNY = "0.01" }\nkey = "payout_id"\n'
            'key_length = 8\nrequired = ["提现"]\nitems = 10\n'
            "from = 2026-01-01\nuntil = 2026-12-31",
        ),
        _section(
            _("How to read a table no importer knows. `beanclear tables new FILE` proposes a\n"
              "mapping; docs/tables.md has every key with an example."),
            '[[tables]]\nname = "boc"\nmatch = ["交易日期", "交易金额", "交易后余额"]\n'
            'stage = "bank"\nsource = "boc"\naccount_column = "账号"\n'
            'columns = { occurred_at = "交易日期", amount = "交易金额", balance = "交易后余额" }\n'
            'date_format = "%Y%m%d"',
        ),
        _section(
            _("Plugins and options of main.beancount that are refused, because they could hide\n"
              "errors, unless they are trusted here."),
            '[check]\nplugins = ["beancount.plugins.auto_accounts"]\n'
            'options = ["inferred_tolerance_default"]',
        ),
        _section(
            _("Free and working days beyond the official calendar; file: a text beside this one,\n"
              "a day a line, such as `2027-02-05 holiday`, `2027-02-20 workday`."),
            "[calendar]\nholidays = [2026-12-31]\nworkdays = [2026-12-26]\n"
            'file = "calendar.txt"',
        ),
        _section(
            _("How far a source is known to be complete; `run --covers SOURCE=DATE` writes it."),
            '[coverage]\n"alipay/main/wallet" = 2026-08-31',
        ),
    ]  # fmt: skip
    return "\n".join(sections)
