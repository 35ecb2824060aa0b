"""The versions that the owners of one object name their fields in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.ownership import comparing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protocube.steps import Steps
    from protocube_server.kinds.ownership.comparing import Comparison
    from protocube_server.kinds.ownership.field_set import FieldSet
    from protocube_server.kinds.ownership.schemas import Schema


def _same(data: Any) -> Any:
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a kind."""

    schema: Schema
    scope: Callable[[FieldSet], FieldSet]
    """What of it the present write can own."""
    to_stored: Callable[[Any], Any] = _same
    from_stored: Callable[[Any], Any] = _same
    """To and from the version that objects are stored in; the same data where it is that one."""


Versions = dict[str, Version]
"""The versions of a kind by their names."""


def convert(versions: Mapping[str, Version], data: Any, source: str, target: str) -> Any:
    """Return data of one version in another."""
    if source == target:
        return data
    return versions[target].from_stored(versions[source].to_stored(data))


class Changes:
    """What one write changes, as each version sees it."""

    def __init__(self, versions: Mapping[str, Version], version: str, old: Any, new: Any) -> None:
        self._versions = versions
        self._version = version
        self._old, self._new = old, new
        self._known: dict[str, Comparison] = {}

    def within(self, version: str) -> Steps[Comparison | None]:
        """Return what changes; ``None`` when there is no such version any more."""
        if version not in self._versions:
            return None
        known = self._known.get(version)
        if known is None:
            shown = self._versions[version]
            old = convert(self._versions, self._old, self._version, version)
            new = convert(self._versions, self._new, self._version, version)
            whole = yield from comparing.compare(shown.schema, old, new)
            known = self._known[version] = whole.narrowed(shown.scope)
        return known
