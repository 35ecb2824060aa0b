"""Who created an object, where the object says so: the server writes it, not the caller.

Kubernetes does that for requests of certificates: whoever signs one has to know who asks
(``pkg/registry/certificates/certificates/strategy.go``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import field_names
from protocube_server.kinds.named_fields import CREATOR

if TYPE_CHECKING:
    from protocube_server.calls.call import Call


def settle(call: Call, message: Any) -> None:
    """Write into a new object who creates it, whatever it says."""
    path = call.kind.resource.options.creator
    if not path:
        return
    holder = message
    for step in field_names.path(type(message), path):
        holder = getattr(holder, step)
    for name in CREATOR:
        holder.ClearField(name)
    user = call.user
    holder.username, holder.uid = user.name, user.uid
    holder.groups.extend(user.groups)
    for key, values in user.extra.items():
        holder.extra[key].extend(values)
