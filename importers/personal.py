"""Statements of private WeChat and Alipay users: recognised, and refused with a way out.

They show what a person paid and got, not what a merchant's account holds: no merchant order
numbers, no fees, no balance. Recognised by their headers [SEEN for WeChat, CODE for Alipay]; the
lines above them hold a person's name and are not repeated in messages.
"""

from __future__ import annotations

from collections.abc import Sequence

from beanclear.importers.base import StatementImporter
from beanclear.importers.files import SourceFile
from beanclear.importers.sheet import Head
from beanclear.ledger.errors import Fault, SourceError
from beanclear.ledger.i18n import gettext as _
from beanclear.ledger.records import Stage
from beanclear.ledger.statement import Statement


class _Personal(StatementImporter):
    """A private statement, refused."""

    stage = Stage.WALLET

    def todo(self) -> str:
        """Where the merchant's file is found."""
        raise NotImplementedError

    def read(self, file: SourceFile, looked: Sequence[Head] | None = None) -> list[Statement]:
        """Refuse the file.

        Raises:
          SourceError: `personal-statement`, always.
        """
        del looked
        raise SourceError(
            Fault(
                code="personal-statement",
                file=file.name,
                what=_("this is a private person's statement, not a merchant's"),
                todo=self.todo(),
            )
        )


class WeChatPersonal(_Personal):
    """微信支付账单明细 of a private user."""

    name = "wechat-personal"
    source = "wechatpay"
    required = (
        frozenset(
            {"交易时间", "交易类型", "交易对方", "收/支", "金额(元)", "交易单号", "商户单号"}
        ),
    )

    def todo(self) -> str:
        """Where the merchant's files are."""
        return _(
            "download 交易账单 and 资金账单 at pay.weixin.qq.com (商户平台, 交易中心 or 账户中心)"
        )


class AlipayPersonal(_Personal):
    """支付宝交易记录明细查询 of the old site, and the app's 电子客户回单."""

    name = "alipay-personal"
    source = "alipay"
    required = (
        frozenset({"交易号", "商家订单号", "交易创建时间", "交易对方", "收/支"}),
        frozenset({"交易时间", "交易分类", "交易对方", "收/支", "金额", "交易订单号"}),
    )

    def todo(self) -> str:
        """Where the merchant's file is."""
        return _("download 账务明细 at b.alipay.com (商家平台, 对账中心)")
