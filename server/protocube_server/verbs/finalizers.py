"""Removing a finalizer from an object that is being deleted: always possible.

Nothing else ends the object, so no rule may stand in the way: neither one that is newer than
the object, nor a limit.
"""

from __future__ import annotations

from typing import Any


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
