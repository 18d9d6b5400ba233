"""What accountants decide again and again, as rules for beanclear.toml: proposed, never applied.

Pure: lines and what became of them in, proposals with measured precision out. A proposal says of
which texts a line has to hold which, and where it goes. It is measured on every line whose place
is known, not only on those it was made from:

decided   lines that an accountant moved out of suspense: did the rule say the same?
booked    lines that a rule or a known payer books already: would the rule have said the same?

The precision is the share of both that agree, and its lower bound is Wilson's at 95 %: five right
of five is at least 57 %. A text that any other line contradicts loses its place among those that
nothing contradicts, however often it was right.

Candidates are texts that decided lines of one account have in common: their counterparty, what
two counterparties share, their memo, what two memos share (`7月房租`, `8月房租` → `月房租`), and
where a counterparty alone is contradicted, counterparty and memo together.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final, Literal

from beanclear.ledger.matching_rules import normalised

Direction = Literal["in", "out"]
# A shared text shorter than this says little; a Chinese character says as much as two letters.
_SHORTEST: Final = 4
_TEXTS_COMPARED: Final = 60
_CONFIDENCE_Z: Final = 1.96
_WIDE_FROM: Final = "\u2e80"
_EDGES: Final = "0123456789-_/.:,;*#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One bank or wallet line that could stand in suspense.

    Attributes:
      key: its key on the suspense account.
      target: the account it went to; none while it is open.
      decided: whether a person put it there; else a rule or a known payer did.
    """

    key: str
    counterparty: str
    memo: str
    direction: Direction
    target: str | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rule that nobody wrote yet.

    Attributes:
      counterparty, memo: texts a line must contain, as `[[rules]]` has them; one is set at least.
      direction: none where lines of both directions went there.
      account: where such lines go.
      decided, agreed: lines a person decided that the rule fits, and that went to `account`.
      booked, booked_agreed: the same of lines that are booked already.
      waiting: keys of open lines that it fits.
      against: keys of lines that went elsewhere, with their account.
    """

    account: str
    counterparty: str | None = None
    memo: str | None = None
    direction: Direction | None = None
    decided: int = 0
    agreed: int = 0
    booked: int = 0
    booked_agreed: int = 0
    waiting: tuple[str, ...] = ()
    against: tuple[tuple[str, str], ...] = ()

    @property
    def precision(self) -> float:
        """The share of known lines that went where the rule sends them."""
        return (self.agreed + self.booked_agreed) / (self.decided + self.booked)

    @property
    def at_least(self) -> float:
        """The lower bound of the precision, at 95 %."""
        return lower_bound(self.agreed + self.booked_agreed, self.decided + self.booked)


@dataclass(frozen=True, slots=True)
class _Text:
    """What a line must contain, normalised, as it is compared."""

    counterparty: str
    memo: str

    def fits(self, line: _Known) -> bool:
        return self.counterparty in line.counterparty and self.memo in line.memo


@dataclass(frozen=True, slots=True)
class _Known:
    """A line with its texts normalised."""

    line: Line
    counterparty: str
    memo: str


def lower_bound(hits: int, tries: int) -> float:
    """Wilson's lower bound of a share, at 95 %; 0 without tries."""
    if not tries:
        return 0.0
    share, square = hits / tries, _CONFIDENCE_Z**2
    centre = share + square / (2 * tries)
    spread = _CONFIDENCE_Z * math.sqrt((share * (1 - share) + square / (4 * tries)) / tries)
    return max(0.0, (centre - spread) / (1 + square / tries))


def propose(lines: Iterable[Line], *, support: int = 2) -> list[Proposal]:
    """Rules that `support` decisions or more speak for, best first.

    Of rules that rest on the same decisions the one with the better figures is kept, then the one
    with the longer text: it takes fewer lines that nobody has seen.
    """
    known = [
        _Known(line, normalised(line.counterparty), normalised(line.memo))
        for line in sorted(lines, key=lambda line: line.key)
    ]
    by_target: dict[str, list[_Known]] = defaultdict(list)
    for one in known:
        if one.line.decided and one.line.target is not None:
            by_target[one.line.target].append(one)
    measured = []
    for target, own in sorted(by_target.items()):
        singles = [(text, _measured(text, target, known)) for text in _texts(own)]
        unsure = {text for text, found in singles if found.against and not text.memo}
        narrower = _narrower(own, unsure)
        measured += [*singles, *((text, _measured(text, target, known)) for text in narrower)]
    enough = [(text, found) for text, found in measured if found.agreed >= support]
    return _distinct(sorted(enough, key=lambda pair: _rank(*pair)), by_target)


def candidates(proposals: Iterable[Proposal], most: int = 3) -> dict[str, list[Proposal]]:
    """For each open line the accounts that like lines went to, best first, `most` at most.

    One decision is enough to name a candidate: `propose` with a support of 1.
    """
    found: dict[str, list[Proposal]] = defaultdict(list)
    for one in proposals:
        for key in one.waiting:
            others = found[key]
            if len(others) < most and one.account not in {other.account for other in others}:
                others.append(one)
    return dict(found)


def _rank(text: _Text, found: Proposal) -> tuple[bool, float, int, int, str, str, str]:
    return (
        bool(found.against),
        -found.at_least,
        -found.agreed,
        -len(text.counterparty) - len(text.memo),
        text.counterparty,
        text.memo,
        found.account,
    )


def _texts(own: Sequence[_Known]) -> list[_Text]:
    """What decided lines of one account have in common, one text at a time."""
    payers = {one.counterparty for one in own} - {""}
    memos = {one.memo for one in own} - {""}
    return sorted(
        {
            *(_Text(text, "") for text in _telling({*payers, *_shared(payers)})),
            *(_Text("", text) for text in _telling({*memos, *_shared(memos)})),
        },
        key=lambda text: (text.counterparty, text.memo),
    )


def _narrower(own: Sequence[_Known], unsure: set[_Text]) -> list[_Text]:
    """Contradicted counterparties with a memo beside them."""
    found = set()
    for text in unsure:
        memos = {one.memo for one in own if text.fits(one)} - {""}
        found |= {_Text(text.counterparty, memo) for memo in _telling({*memos, *_shared(memos)})}
    return sorted(found, key=lambda text: (text.counterparty, text.memo))


def _shared(texts: set[str]) -> set[str]:
    """The longest text that each two have in common."""
    found = set()
    for one, other in combinations(sorted(texts)[:_TEXTS_COMPARED], 2):
        match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
        found.add(one[match.a : match.a + match.size].strip(_EDGES))
    return found


def _telling(texts: set[str]) -> set[str]:
    """Those long enough to say something; digits say nothing."""
    return {text for text in texts if _weight(text) >= _SHORTEST}


def _weight(text: str) -> int:
    return sum(2 if sign >= _WIDE_FROM else 1 for sign in text if not sign.isdigit())


def _measured(text: _Text, target: str, known: Sequence[_Known]) -> Proposal:
    fitting = [one for one in known if text.fits(one)]
    own = [one.line for one in fitting if one.line.decided and one.line.target == target]
    directions = {line.direction for line in own}
    direction = directions.pop() if len(directions) == 1 else None
    lines = [one.line for one in fitting if direction in {None, one.line.direction}]
    decided = [line for line in lines if line.decided and line.target is not None]
    booked = [line for line in lines if not line.decided and line.target is not None]
    example = next(one for one in fitting if one.line in own)
    return Proposal(
        account=target,
        counterparty=_as_written(text.counterparty, example.line.counterparty),
        memo=_as_written(text.memo, example.line.memo),
        direction=direction,
        decided=len(decided),
        agreed=sum(line.target == target for line in decided),
        booked=len(booked),
        booked_agreed=sum(line.target == target for line in booked),
        waiting=tuple(line.key for line in lines if line.target is None),
        against=tuple(
            (line.key, line.target)
            for line in (*decided, *booked)
            if line.target is not None and line.target != target
        ),
    )


def _as_written(text: str, original: str) -> str | None:
    """A whole counterparty or memo as the bank prints it; a part as it is compared."""
    if not text:
        return None
    return original if normalised(original) == text else text


def _distinct(
    ranked: Sequence[tuple[_Text, Proposal]], by_target: dict[str, list[_Known]]
) -> list[Proposal]:
    """The best rule for each set of decisions; none that a better one makes superfluous."""
    explained: dict[str, list[frozenset[str]]] = defaultdict(list)
    kept = []
    for text, found in ranked:
        keys = frozenset(
            one.line.key
            for one in by_target[found.account]
            if text.fits(one) and found.direction in {None, one.line.direction}
        )
        if not any(keys <= others for others in explained[found.account]):
            explained[found.account].append(keys)
            kept.append(found)
    return kept
