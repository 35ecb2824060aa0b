"""A server without the workers beside its calls, so that its store moves by the calls alone."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from protocube.catalog import Catalog
from protocube_server.admission.order import InOrder
from protocube_server.admission.state import State
from protocube_server.authorization.may import everything
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.cache import Cache
from protocube_server.calls.chain import Stages
from protocube_server.calls.in_force import InForce
from protocube_server.calls.shares import FairShares
from protocube_server.kinds.edition import Editions
from protocube_server.kinds.registry import Registry
from protocube_server.serving import serving
from protocube_server.storage import keys
from protocube_server.tasks import beside
from protocube_server.verbs import namespaces
from protocube_server.verbs.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube_server.serving import Server
    from protocube_server.storage.base import Store

PREFIX = "/registry"
GRACE = 0.5


async def api_over(store: Store, prefix: str = PREFIX, **parts: Any) -> Api:
    """Return an API of the shipped kinds over a store, with the built-in namespaces.

    Nothing follows the store until its cache is run.
    """
    editions = Editions(Registry(Catalog.shipped(), prefix, FUNCTIONS))
    cache = Cache(store, keys.root(prefix), editions)
    api = Api(store=store, cache=cache, editions=editions, **parts)
    await namespaces.bootstrap(api)
    return api


def admitting(api: Api) -> tuple[Api, State]:
    """Return the API with all of admission, and what that depends on, which is to be followed."""
    state = State(api.store, api.cache, api.editions.current.kinds)
    return replace(api, admission=InOrder(state, api.store, everything)), state


@asynccontextmanager
async def served(
    api: Api, *, store: str = "sqlite", cached: bool = True, state: State | None = None
) -> AsyncGenerator[Server, None]:
    """Serve an API on a socket; without its cache every read is the store's.

    ``store`` is what the server calls its store; ``state`` is what its admission depends on.
    """
    async with AsyncExitStack() as stack:
        if cached:
            await stack.enter_async_context(beside(api.cache.run()))
        stages = None
        if state is not None:
            await stack.enter_async_context(beside(state.run()))
            await state.loaded()
            stages = Stages(limited_by_connection=FairShares(), in_force=InForce(state))
        yield await stack.enter_async_context(
            serving(api, listen="127.0.0.1:0", store=store, stages=stages, grace=GRACE)
        )
