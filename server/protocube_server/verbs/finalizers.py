"""Finalizers of an object that is being deleted: none can be added, any can be removed.

Nothing else ends the object, so no rule may stand in the way of a removal: neither one that is
newer than the object, nor a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator


def added(old: Any, new: Any) -> Iterator[errors.Violation]:
    """Yield a fault when an object that is being deleted is given finalizers."""
    if not old.metadata.HasField("deletion_timestamp"):
        return
    had = set(old.metadata.finalizers)
    names = [name for name in new.metadata.finalizers if name not in had]
    if names:
        listed = ", ".join(map(errors.quote, names))
        yield violations.forbidden(
            "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, "
            # Go's notation, as Kubernetes prints it.
            f"found new finalizers []string{{{listed}}}",
        )


def are_all_that_goes(old: Any, before: Any, new: Any) -> bool:
    """Tell whether ``new`` is ``old``, which is being deleted, without some of its finalizers.

    ``before`` is ``old`` with today's defaults, which may be what the caller has read.
    """
    if not old.metadata.HasField("deletion_timestamp"):
        return False
    left, had = list(new.metadata.finalizers), list(old.metadata.finalizers)
    if len(left) >= len(had) or not set(left) <= set(had):
        return False
    same = type(new)()
    same.CopyFrom(new)
    same.metadata.finalizers[:] = had
    return bool(same in (old, before))


def without(old: Any, new: Any) -> Any:
    """Return the stored object with the finalizers of ``new``, and otherwise as it is."""
    kept = type(old)()
    kept.CopyFrom(old)
    kept.metadata.finalizers[:] = new.metadata.finalizers
    return kept
