"""Budgets, addresses and ports that another write takes at just that moment."""

from __future__ import annotations

import dataclasses
import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.calls.chain import Stages
from protocube_server.kinds.named.allocation import Ranges
from protocube_server.storage import base, keys
from protocube_server.verbs.entrance import Entrance
from tests.simulation.contested import Contested

if TYPE_CHECKING:
    from collections.abc import Callable

_PORTS = range(30000, 30003)


@pytest.fixture
async def server() -> Contested:
    """Provide a server over an empty store, with three ports of the nodes to give."""
    made = await Contested.begin()
    api = dataclasses.replace(made.api, ranges=Ranges(ports=_PORTS))
    return dataclasses.replace(made, api=api, entrance=Entrance(api, Stages()))


def _runs(message: Any) -> None:
    message.status.phase = "Running"
    message.status.conditions.add(type="Ready", status="True")


async def _pod(server: Contested, phase: Callable[[Any], None] | None) -> None:
    spec = {"nodeName": "n", "containers": [{"name": "c", "image": "x"}]}
    await server.create("pods", "p", metadata={"labels": {"app": "a"}}, spec=spec)
    if phase is not None:
        server.others_change("pods", "p", phase)()


async def _budget(server: Contested, allowed: int) -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}
    await server.create("pdb", "b", spec=spec)

    def settle(message: Any) -> None:
        message.status.observed_generation = message.metadata.generation
        message.status.disruptions_allowed = allowed
        message.status.current_healthy = message.status.desired_healthy = 1

    server.others_change("pdb", "b", settle)()


async def _evict(server: Contested) -> Any:
    return await server.call("pods", "Evict", object={"metadata": {"name": "p"}})


class TestEvictions:
    """An eviction, and what becomes of the pod or its budget meanwhile."""

    async def test_a_pod_that_begins_to_run_is_guarded(self, server: Contested) -> None:
        """It was free to go when it was looked at: that is looked at again."""
        await _pod(server, None)
        await _budget(server, 0)
        server.world.before_write(server.key("pods", "p"), server.others_change("pods", "p", _runs))
        with pytest.raises(errors.TooManyRequests, match="disruption budget"):
            await _evict(server)
        assert not server.stored("pods", "p").metadata.HasField("deletion_timestamp")

    async def test_the_last_disruption_is_spent_once(self, server: Contested) -> None:
        """Another eviction has taken it: the budget is read again, and refuses."""
        await _pod(server, _runs)
        await _budget(server, 1)

        def spend(message: Any) -> None:
            message.status.disruptions_allowed = 0

        server.world.before_write(server.key("pdb", "b"), server.others_change("pdb", "b", spend))
        with pytest.raises(errors.TooManyRequests):
            await _evict(server)
        assert not server.stored("pods", "p").metadata.HasField("deletion_timestamp")

    async def test_a_change_of_the_budget_is_no_refusal(self, server: Contested) -> None:
        """What it still allows is taken, from what it is then."""
        await _pod(server, _runs)
        await _budget(server, 1)

        def grow(message: Any) -> None:
            message.status.disruptions_allowed = 5

        server.world.before_write(server.key("pdb", "b"), server.others_change("pdb", "b", grow))
        await _evict(server)
        assert server.stored("pdb", "b").status.disruptions_allowed == 4
        assert server.stored("pods", "p").metadata.HasField("deletion_timestamp")


class TestPorts:
    """A service that is given a port, which another one gets first."""

    _SPEC = {"type": "NodePort", "ports": [{"port": 80}]}  # noqa: RUF012  # nothing changes it

    def _entries(self, server: Contested) -> dict[int, str]:
        """Return the ports that are kept, each with the name of its service."""
        below = keys.system("/registry", keys.Area.ALLOCATIONS, "node-ports") + b"/"
        page = server.world.history.page(below, start=b"", limit=0, at=0)
        found = {int(keys.split(each.key)[1]): json.loads(each.value) for each in page.records}
        return {port: holder["name"] for port, holder in found.items()}

    async def _take(self, server: Contested, name: str, port: int) -> Callable[[], None]:
        """Return what gives a port to another service."""
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]}
        await server.create("svc", name, spec=spec)
        key = keys.system("/registry", keys.Area.ALLOCATIONS, "node-ports", str(port))
        record = server.world.history.get(key)
        assert record is not None
        server.world.write(base.Remove(key=key))
        return server.others_write(record)

    async def test_it_gets_another_one(
        self, server: Contested, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of what was chosen first is left, in the object or beside it."""
        takes = [await self._take(server, f"s-{n}", _PORTS[n]) for n in range(2)]
        monkeypatch.setattr(secrets, "randbelow", lambda _: 0)
        key = server.key("svc", "mine")
        for take in takes:
            server.world.before_write(key, take)
        made = await server.create("svc", "mine", spec=self._SPEC)
        assert made.spec.ports[0].node_port == _PORTS[2]
        assert self._entries(server) == {_PORTS[0]: "s-0", _PORTS[1]: "s-1", _PORTS[2]: "mine"}

    async def test_the_last_one_is_gone(
        self, server: Contested, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is refused, and neither the service is there nor an address of its."""
        takes = [await self._take(server, f"s-{n}", port) for n, port in enumerate(_PORTS)]
        monkeypatch.setattr(secrets, "randbelow", lambda _: 0)
        before = (await server.call("ipaddresses", "List")).items
        for take in takes:
            server.world.before_write(server.key("svc", "mine"), take)
        with pytest.raises(errors.Internal, match="range is full"):
            await server.create("svc", "mine", spec=self._SPEC)
        assert server.stored("svc", "mine") is None
        assert list((await server.call("ipaddresses", "List")).items) == list(before)

    async def test_one_that_was_asked_for_is_refused(self, server: Contested) -> None:
        """The second try does not choose for who has chosen."""
        take = await self._take(server, "s", _PORTS[0])
        server.world.before_write(server.key("svc", "mine"), take)
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": _PORTS[0]}]}
        with pytest.raises(errors.Invalid, match="provided port is already allocated"):
            await server.create("svc", "mine", spec=spec)
        assert server.stored("svc", "mine") is None

    async def test_a_service_that_is_deleted_while_another_wants_its_port(
        self, server: Contested
    ) -> None:
        """What it gives back is free in the same moment, and not before."""
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": _PORTS[0]}]}
        await server.create("svc", "old", spec=spec)
        with pytest.raises(errors.Invalid, match="already allocated"):
            await server.create("svc", "new", spec=spec)
        await server.call("svc", "Delete", name="old")
        assert self._entries(server) == {}
        await server.create("svc", "new", spec=spec)
        assert self._entries(server) == {_PORTS[0]: "new"}

    async def test_a_deletion_takes_back_what_is_kept_by_then(self, server: Contested) -> None:
        """The entry of a port was written anew meanwhile: it goes with its service."""
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": _PORTS[0]}]}
        await server.create("svc", "old", spec=spec)
        key = keys.system("/registry", keys.Area.ALLOCATIONS, "node-ports", str(_PORTS[0]))
        again = server.others_write(server.world.history.get(key))
        server.world.before_write(server.key("svc", "old"), again)
        await server.call("svc", "Delete", name="old")
        assert server.stored("svc", "old") is None
        assert self._entries(server) == {}

    async def test_an_update_that_loses_takes_nothing(self, server: Contested) -> None:
        """The object has changed: what its update was to give is not kept."""
        made = await server.create("svc", "mine", spec={"ports": [{"port": 80}]})
        made.spec.type = "NodePort"

        def label(message: Any) -> None:
            message.metadata.labels["x"] = "y"

        server.world.before_write(
            server.key("svc", "mine"), server.others_change("svc", "mine", label)
        )
        with pytest.raises(errors.Conflict):
            await server.call("svc", "Update", object=made)
        assert self._entries(server) == {}
