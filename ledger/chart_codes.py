"""Account codes of the two Chinese standards: how one chart's codes and names read in the other.

`chart.spec` knows 小企业会计准则 (财会〔2011〕17号, appendix). 企业会计准则 (应用指南; for 合同负债
财会〔2017〕22号, for 信用减值损失 财会〔2017〕7号) numbers equity, cost, profit and loss otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from beanclear.ledger.chart import AccountSpec

Standard = Literal["small", "enterprise"]
STANDARDS: Final[tuple[Standard, ...]] = ("small", "enterprise")

# Codes of 小企业会计准则 that 企业会计准则 numbers otherwise; all others are the same in both.
# What buyers pay before they have the goods is 合同负债 there: we open 2203 for nothing else.
_ENTERPRISE: Final = {
    "2203": "2204",
    "3001": "4001", "3002": "4002", "3101": "4101", "3103": "4103", "3104": "4104",
    "4001": "5001", "4101": "5101", "4301": "5301", "4401": "5401", "4403": "5403",
    "5001": "6001", "5051": "6051", "5111": "6111", "5301": "6301", "5401": "6401",
    "5402": "6402", "5403": "6403", "5601": "6601", "5602": "6602", "5603": "6603",
    "5711": "6711", "5801": "6801",
}  # fmt: skip
# Whole codes that stand elsewhere: exchange gains, and bad debts.
_ENTERPRISE_WHOLE: Final = {"5301.08": "6603.07", "5711.01": "6702.01"}
# How the names of what moved begin, old → new.
_ENTERPRISE_NAMES: Final = {
    "2203": (("预收账款", "合同负债"), ("Advances from buyers", "Contract liabilities")),
    "5301.08": (("营业外收入", "财务费用"), ("", "")),
    "5711.01": (("营业外支出", "信用减值损失"), ("", "")),
}


def code_in(standard: Standard, code: str) -> str:
    """A code of 小企业会计准则 as `standard` numbers it; its sub-account stays."""
    if standard == "small":
        return code
    if code in _ENTERPRISE_WHOLE:
        return _ENTERPRISE_WHOLE[code]
    level1, dot, rest = code.partition(".")
    return _ENTERPRISE.get(level1, level1) + dot + rest


def in_standard(standard: Standard, spec: AccountSpec) -> AccountSpec:
    """An account of `chart.spec` with the code and the names it has under `standard`."""
    code = code_in(standard, spec.code)
    if code == spec.code:
        return spec
    names = _ENTERPRISE_NAMES.get(spec.code) or _ENTERPRISE_NAMES.get(spec.code[:4])
    chinese, english = names or (("", ""), ("", ""))
    return replace(
        spec,
        code=code,
        chinese=spec.chinese.replace(*chinese, 1) if chinese[0] else spec.chinese,
        english=spec.english.replace(*english, 1) if english[0] else spec.english,
    )
