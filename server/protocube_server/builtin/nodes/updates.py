"""What an update may change of a node: addresses and provider are given once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule

_ONCE = 'node updates may not change podCIDR except from "" to valid'


def _node_spec(change: Change) -> Iterator[errors.Violation]:
    old, new = change.old, change.new
    before, after = list(old.pod_cidrs), list(new.pod_cidrs)
    if before and len(before) != len(after):
        yield violations.forbidden(f"{change.path}.podCIDRs", _ONCE)
    elif before:
        for one, other in zip(before, after, strict=True):
            if one != other:
                yield violations.forbidden(f"{change.path}.podCIDRs", _ONCE)
    if old.provider_id and old.provider_id != new.provider_id:
        what = "modified" if new.provider_id else "cleared"
        detail = f"field cannot be {what} once set"
        yield violations.invalid(f"{change.path}.providerID", None, detail)


BY_NAME: dict[str, UpdateRule] = {"node_spec": _node_spec}
