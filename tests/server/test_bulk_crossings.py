"""Bulk streams of objects that are given addresses and ports, or that others depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.kinds.named.allocation import Ranges
from tests.server.bulk_writes import create, delete, error_of, names, outcomes

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.conftest import Serve

_TAKEN = "provided port is already allocated"


def node_port(api: Caller, name: str, number: int = 0, **spec: Any) -> Any:
    """Return a service with a port of the nodes, of which 0 is any."""
    ports = [{"port": 80, **({"nodePort": number} if number else {})}]
    return api.make("svc", name, spec={"type": "NodePort", "ports": ports, **spec})


async def numbers(api: Caller) -> set[int]:
    """Return the ports of the nodes that services have."""
    return {each.spec.ports[0].node_port for each in (await api.list("svc")).items}


@pytest.mark.parametrize("is_atomic", [True, False])
async def test_services_of_one_request_share_the_last_ports(
    serve: Serve, *, is_atomic: bool
) -> None:
    """Each has another one, and one more service than there are ports has none."""
    async with serve(ranges=Ranges(ports=range(30000, 30030))) as api:
        some = [create(node_port(api, f"s{number}")) for number in range(30)]
        made = await outcomes(api, *some, atomic=is_atomic)
        assert [each.failure.message for each in made] == [""] * 30
        assert await numbers(api) == set(range(30000, 30030))
        (more,) = await outcomes(api, create(node_port(api, "more")), atomic=is_atomic)
        assert "range is full" in more.failure.message


async def test_of_an_atomic_request_more_than_a_range_has_are_refused(serve: Serve) -> None:
    """In the words of a call of its own."""
    async with serve(ranges=Ranges(ports=range(30000, 30002))) as api:
        some = [create(node_port(api, f"s{number}")) for number in range(3)]
        made = await outcomes(api, *some, atomic=True)
        told = [error_of(each) for each in made]
        (why,) = (each for each in told if not isinstance(each, errors.NotDone))
        assert "range is full" in why.message
        assert await names(api, "svc") == []


@pytest.mark.parametrize("is_atomic", [True, False])
async def test_two_services_of_one_request_cannot_ask_for_one_port(
    api: Caller, *, is_atomic: bool
) -> None:
    """The second one is told what a call of its own would have been."""
    some = [create(node_port(api, name, 30100)) for name in "ab"]
    made = await outcomes(api, *some, atomic=is_atomic)
    assert made[1].failure.message.endswith(_TAKEN)
    assert isinstance(error_of(made[1]), errors.Invalid)
    assert await names(api, "svc") == ([] if is_atomic else ["a"])


async def test_what_a_service_lets_go_of_can_be_asked_for_next(api: Caller) -> None:
    """In the same request, as a later call could."""
    given: dict[str, Any] = {"number": 30100, "clusterIP": "10.0.0.77"}
    await api.create(node_port(api, "a", **given))
    services = "protocube.core.v1.Services"
    made = await outcomes(
        api,
        delete(services, "a"),
        create(node_port(api, "b", **given)),
        delete(services, "b"),
        create(node_port(api, "c", **given)),
    )
    assert [each.failure.message for each in made] == [""] * 4
    assert await names(api, "svc") == ["c"]
