"""Ports of a pod's containers that are in each other's way without being refused."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from protocube_server.builtin.pods import containers
from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class _Seen(NamedTuple):
    order: int
    at: str
    host_ip: str
    host_port: int


class _Alike:
    """Ports of one number and protocol, by what they want of the node."""

    def __init__(self) -> None:
        self._all: list[_Seen] = []
        self._anywhere: list[_Seen] = []
        """Those that want no port of the node."""
        self._by_port: defaultdict[int, list[_Seen]] = defaultdict(list)
        self._by_address: defaultdict[tuple[int, str], list[_Seen]] = defaultdict(list)

    def clashing(self, port: _Seen) -> Iterable[_Seen]:
        """Return the ports before ``port`` that it is in the way of, in their order."""
        if not port.host_port:
            return self._all
        if not port.host_ip:
            return sorted(self._anywhere + self._by_port[port.host_port])
        same = self._by_address[port.host_port, port.host_ip]
        return sorted(self._anywhere + self._by_address[port.host_port, ""] + same)

    def add(self, port: _Seen) -> None:
        """Take a port in."""
        self._all.append(port)
        if not port.host_port:
            self._anywhere.append(port)
            return
        self._by_port[port.host_port].append(port)
        self._by_address[port.host_port, port.host_ip].append(port)


def remarks(spec: Any) -> Iterator[Remark | None]:
    """Yield a remark on each port that an earlier one of the pod is in the way of."""
    known: defaultdict[tuple[int, str], _Alike] = defaultdict(_Alike)
    order = 0
    for where, container in containers.of(spec, containers.OF_A_POD):
        yield None
        for index, port in enumerate(container.ports):
            at = f"{where}.ports[{index}]"
            if port.host_ip and not port.host_port:
                yield Remark(f"hostIP set without hostPort: {_as_go(port)}", at)
            alike = known[port.container_port, port.protocol]
            seen = _Seen(order, at, port.host_ip, port.host_port)
            for other in alike.clashing(seen):
                yield Remark(f"{_relation(seen, other)} with", at, other.at)
            alike.add(seen)
            order += 1


def _relation(one: _Seen, other: _Seen) -> str:
    if (one.host_ip, one.host_port) == (other.host_ip, other.host_port):
        return "duplicate port definition"
    if not (one.host_port and other.host_port):
        return "overlapping port definition"
    return "dangerously ambiguous port definition"


def _as_go(port: Any) -> str:
    return (
        f"{{Name:{port.name} HostPort:{port.host_port} ContainerPort:{port.container_port} "
        f"Protocol:{port.protocol} HostIP:{port.host_ip}}}"
    )
