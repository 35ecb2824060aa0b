"""Writes the rules of roles that take them from others, so that readers of those roles see them.

Rights do not wait for it: each server works them out by itself.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube_server import turns
from protocube_server.authorization.following import CLUSTER_ROLE
from protocube_server.authorization.roles import Key
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import AGGREGATION
from protocube_server.upkeep.guarded_store import guarded
from protocube_server.verbs.default_roles import write_rules
from protocube_server.verbs.entrance import Entrance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.authorization.following import Following
    from protocube_server.authorization.rights import Rights
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_MANAGER: Final = "clusterrole-aggregation-controller"
_BREATH_SECONDS: Final = 0.1
"""Between a change and the next look: one comes seldom alone."""
_LOG = logging.getLogger("protocube.server")


def aggregating(api: Api, following: Following) -> Worker:
    """Return the worker that keeps the stored rules of such roles up to date."""
    rights = following.rights

    async def aggregate(term: Term) -> None:
        entrance = Entrance(guarded(api, term), Stages())
        while True:
            epoch = rights.epoch
            for name in await turns.taken(_outdated(rights)):
                await _write(api, entrance, rights, name)
            await following.changed_since(epoch)
            await asyncio.sleep(_BREATH_SECONDS)

    return aggregate


def _outdated(rights: Rights) -> Iterator[str | None]:
    """Yield the names of roles whose stored rules are not what they have; ``None`` for a turn."""
    for name, role in list(rights.cluster_roles.items()):
        if role.selectors is not None and role.rules != rights.rules_of_role(Key("", name)):
            yield name
        yield None


async def _write(api: Api, entrance: Entrance, rights: Rights, name: str) -> None:
    """Write the rules of one role. What has changed meanwhile is looked at again."""
    kind = api.editions.current.kinds.for_message(CLUSTER_ROLE)
    if kind is None:
        return
    service = kind.resource.service
    get = requests_pb2.GetRequest(name=name).SerializeToString()
    request: Any = kind.resource.update_request_class(field_manager=_MANAGER)
    try:
        found = await entrance.answer(service, "Get", get, user=AGGREGATION)
        request.object.MergeFromString(found)
        rules = rights.rules_of_role(Key("", name))
        if rules is None:
            return
        write_rules(request.object, rules)
        update = request.SerializeToString()
        await entrance.answer(service, "Update", update, user=AGGREGATION)
    except (errors.Conflict, errors.NotFound):
        return
    except errors.ApiError as error:
        _LOG.warning("the rules of the ClusterRole %s cannot be written: %s", name, error)
