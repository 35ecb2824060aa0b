"""The ranges that Services get addresses from, as objects in the store.

That of the operator's flag is the ServiceCIDR ``kubernetes``, by which all servers of a store have
the same one, and clients can read it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.storage.base import ConditionFailed
from protocube_server.verbs import pools, system_fields

if TYPE_CHECKING:
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.verbs.api import Api

NAME: Final = "kubernetes"
_LOG = logging.getLogger("protocube.server")
_READY: Final = "Kubernetes default Service CIDR is ready"


async def bootstrap(api: Api) -> None:
    """Tell the operator's ranges in the store, where they are not told yet.

    A second family can be added to a single one; what is damaged stays. Raises
    ``errors.BadRequest`` when the store has other ranges: servers that give out different ones
    would not know of each other's.
    """
    kind = api.editions.current.kinds.for_message(pools.RANGES)
    if kind is None:
        return
    wanted = [str(network) for network in api.ranges.networks]
    key = kind.key("", NAME)
    while True:
        record: Record | None = await api.store.get(key)
        try:
            if record is None:
                await api.store.create(key, kind.encode(_made(api, kind, wanted)))
            elif (added := _added(kind, record, wanted)) is not None:
                await api.store.update(key, added, expected=record.mod_revision)
        except ConditionFailed:
            continue  # Another server was faster; what it wrote decides.
        except errors.Damaged as error:
            _LOG.warning("%s: Services get addresses from %s", error, ",".join(wanted))
        return


def _made(api: Api, kind: Kind, cidrs: list[str]) -> Any:
    now = api.now()
    message = system_fields.of_server(kind, NAME, now)
    message.spec.cidrs.extend(cidrs)
    ready = message.status.conditions.add(type="Ready", status="True", message=_READY)
    ready.last_transition_time.seconds = int(now.timestamp())
    return message


def _added(kind: Kind, record: Record, wanted: list[str]) -> bytes | None:
    """Return what to store for ``wanted``; ``None`` when that is there."""
    message = kind.read(record)
    found = list(message.spec.cidrs)
    if found == wanted:
        return None
    if found != wanted[:1]:
        raise errors.BadRequest(
            f"the Services of this store have addresses from {','.join(found)} (ServiceCIDR "
            f"{NAME}), and not from {','.join(wanted)}: give --service-cluster-ip-range as it was"
        )
    message.spec.cidrs[:] = wanted
    return kind.encode(message)
