"""What reports call platforms and shops: the owner's names, not the names of folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from beanclear.ledger import chart
from beanclear.ledger.i18n import N_, gettext
from beanclear.ledger.i18n import gettext as _

if TYPE_CHECKING:
    from beanclear.ledger.config import ShopSection

# Component of account names → msgid.
_PLATFORMS: Final = {
    "Tmall": N_("Tmall"),
    "Pinduoduo": N_("Pinduoduo"),
    "Shop": N_("Own shop"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of beanclear.toml.

    Attributes:
      shops: (platform, shop) as components of account names, either of them empty where the
        name is not only of one → name.
    """

    shops: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def platform(self, component: str) -> str:
        """What a platform is called, such as 天猫 for `Tmall`."""
        return gettext(_PLATFORMS[component]) if component in _PLATFORMS else component

    def shop(self, platform: str, folder: str) -> str:
        """What one shop on one platform is called, by platform and folder as records have them."""
        component, shop = chart.components(platform, folder)
        own = self.shops.get((component, shop))
        if own is not None:
            return own
        called = self.shops.get(("", shop), folder) if shop else ""
        return " ".join(part for part in (self.platform(component), called) if part)

    def value(self, dimension: str, value: str) -> str:
        """What a value of a dimension is called; one that nobody said has a name too."""
        if not value:
            return _("(none)")
        if dimension == "platform":
            return self.platform(value)
        if dimension == "shop":
            wherever = [name for (_platform, shop), name in self.shops.items() if shop == value]
            return self.shops.get(("", value)) or " / ".join(wherever) or value
        return value


def names_of(shops: Iterable[ShopSection]) -> Names:
    """The names that `[[shops]]` gives; of two for one shop the later counts."""
    return Names({chart.components(one.platform or "", one.folder): one.name for one in shops})
