"""Two messages without what both have: so that a comparison costs by what differs."""

from __future__ import annotations

from typing import Any

from protocube_server.kinds import fields

_GOOGLE = "google.protobuf."


def trimmed(old: Any, new: Any) -> tuple[Any, Any]:
    """Return new messages that differ as ``old`` and ``new`` do, with little else in them.

    Of lists and maps both have all elements if they differ. A message that both have stays,
    without the fields that are the same.
    """
    less, more = type(old)(), type(new)()
    _trim(old, new, less, more)
    return less, more


def _trim(old: Any, new: Any, less: Any, more: Any) -> None:
    has = dict(new.ListFields())
    for field, before in old.ListFields():
        after = has.pop(field, None)
        if before == after:
            continue
        name, below = field.name, field.message_type
        alone = (
            below is not None and not field.is_repeated and not below.full_name.startswith(_GOOGLE)
        )
        if alone and after is not None:
            inner, outer = getattr(less, name), getattr(more, name)
            inner.SetInParent()
            outer.SetInParent()
            _trim(before, after, inner, outer)
        else:
            fields.replace(less, old, name)
            if after is not None:
                fields.replace(more, new, name)
    for field in has:
        fields.replace(more, new, field.name)
