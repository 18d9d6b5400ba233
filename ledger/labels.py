"""The stable words of the data as people read them: classes, stages, kinds and passes.

JSON, CSV and the books hold the words themselves, which never change with a language. Text for
people shows `label(word)`; in English that is the word.
"""

from __future__ import annotations

from collections.abc import Callable

from beanclear.ledger.i18n import N_, gettext

WORDS = frozenset(
    {
        # Classes of open items: `vocabulary.ItemClass`.
        N_("opening"),
        N_("ambiguous"),
        N_("duplicate"),
        N_("refund-mismatch"),
        N_("fee-variance"),
        N_("advance"),
        N_("contradiction"),
        N_("short"),
        N_("over"),
        N_("overdue"),
        N_("missing-order"),
        N_("missing-deposit"),
        N_("missing-conversion"),
        N_("unidentified"),
        N_("uncategorised"),
        # Classes of differences that policy closes: `reconciliation.Rest`.
        N_("rounding"),
        N_("fx"),
        N_("payout-fee"),
        # Stages: `records.Stage`.
        N_("order"),
        N_("wallet"),
        N_("bank"),
        # Kinds: `records.Kind`.
        N_("sale"),
        N_("refund"),
        N_("subsidy"),
        N_("shipping"),
        N_("tax"),
        N_("chargeback"),
        N_("fee"),
        N_("fee_refund"),
        N_("payment_fee"),
        N_("payment_fee_refund"),
        N_("affiliate"),
        N_("insurance"),
        N_("advertising"),
        N_("compensation"),
        N_("penalty"),
        N_("logistics"),
        N_("interest"),
        N_("prepayment"),
        N_("deposit"),
        N_("reserve"),
        N_("release"),
        N_("transfer"),
        N_("payout"),
        N_("payout_return"),
        N_("conversion"),
        N_("bank_line"),
        N_("other"),
        # Passes of matching: `reconciliation.Matched`.
        N_("decision"),
        N_("key"),
        N_("reference"),
        N_("return"),
        N_("amount"),
        N_("sum"),
        # What `report risks` looks for: `risks.Check` of matching.
        N_("duplicate-settlement"),
        N_("refund-above-payment"),
        N_("refund-without-order"),
        N_("refund-not-clawed-back"),
        N_("completed-without-payment"),
        N_("settled-before-payment"),
        N_("repeated-bank-line"),
        N_("refund-rate"),
        N_("fee-rate"),
        N_("late-settlement"),
        # What `doctor` looks at: `examination.Finding`.
        N_("environment"),
        N_("versions"),
        N_("packages"),
        N_("configuration"),
        N_("chart"),
        N_("plugins"),
        N_("picklecache"),
        N_("repository"),
        N_("private-files"),
        N_("modes"),
        N_("inbox"),
        N_("documents"),
        N_("records"),
        N_("sources"),
        N_("gap"),
        N_("lagging"),
        N_("sides"),
        N_("missing-side"),
    }
)


def label(word: str, translate: Callable[[str], str] = gettext) -> str:
    """`word` as the reader calls it; a word that is not ours stays as it is."""
    return translate(word) if word in WORDS else word
