"""Owners and dependents of kinds that come while a server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_server import app
from tests import machines
from tests.garbage_collection.owned import FOREGROUND, Owned
from tests.server.caller import Caller

if TYPE_CHECKING:
    from protocube_server.settings import Settings

OWNER = {"apiVersion": "example.com/v1", "kind": "Machine", "name": "m", "uid": "no-such-uid"}


async def test_what_named_an_unknown_kind_is_judged_when_it_is_served(settings: Settings) -> None:
    """Before that nothing can be told of its owner; objects of the new kind are owners, too."""
    shipped = Catalog.shipped()
    async with app.running(settings, shipped) as served, Caller(served.address, shipped) as api:
        owned = Owned(api)
        await owned.make("d", OWNER)
        await owned.quiet()
        assert await owned.names() == ["d"]
        catalog = machines.catalog(machines.of_sizes(["s0"]))
        await served.api.editions.publish(catalog)
        await owned.gone("d")
        async with Caller(served.address, catalog) as both:
            extended = Owned(both)
            machine = await extended.make("m", word="machines", spec={"size": "s0"})
            await extended.make("d", machine, blocks=True)
            await extended.delete("m", FOREGROUND, word="machines")
            await extended.gone("d")
            await extended.gone("m", word="machines")
