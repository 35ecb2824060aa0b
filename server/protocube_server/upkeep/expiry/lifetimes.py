"""How long the objects of a kind are kept after their last write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.kinds.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """What the options of kinds say, and the settings of the server that they name."""

    settings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by the name that ``time_to_live.setting`` of a resource has; 0 keeps for ever."""

    def of(self, kind: Kind) -> float:
        """Return for how many seconds an object is kept; 0: until somebody deletes it."""
        option = kind.resource.options.time_to_live
        return max(0.0, self.settings.get(option.setting, float(option.seconds)))
