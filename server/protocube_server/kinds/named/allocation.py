"""What an object of a kind is given that no two objects may have: addresses, ports."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube import errors

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Pool(enum.Enum):
    """Where a value is from. A pool of addresses has the name of its family."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"
    NODE_PORTS = "node ports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """What the operator lets be given out."""

    networks: tuple[Network, ...] = (ipaddress.IPv4Network("10.0.0.0/16"),)
    """One of each family that there is; that of the first one is the main one."""
    ports: range = range(30000, 32768)
    """Ports of the nodes."""

    @property
    def families(self) -> tuple[Pool, ...]:
        """The families of addresses that there are, the main one first."""
        return tuple(Pool(f"IPv{network.version}") for network in self.networks)


@dataclass(frozen=True, slots=True)
class Claim:
    """One value that an object has. Two claims of one value are equal."""

    pool: Pool
    value: str
    """An address in its canonical form, or a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One value that an object is to be given."""

    pool: Pool
    give: Callable[[str], None]
    """Sets it in the object; an empty text takes it out again."""
    failed: Callable[[str], errors.ApiError]
    """Returns the refusal of the object, for the reason why nothing can be given."""


class Allocation(Protocol):
    """How the objects of a kind are given values; it knows nothing of where those are kept.

    ``old`` is what an update replaces, with its defaults; ``None`` for a create. What is no
    valid object is left as it is: rules refuse it afterwards.
    """

    def settle(self, old: Any | None, new: Any, ranges: Ranges) -> None:
        """Fill in what follows from the ranges that there are, in place.

        Raises ``errors.Invalid`` for what they cannot do.
        """
        ...

    def needs(self, old: Any | None, new: Any) -> Iterator[Need]:
        """Yield what ``new`` is to be given, which was settled."""
        ...

    def claims(self, message: Any) -> dict[Claim, str]:
        """Return what an object has, each with the place of its field."""
        ...

    def refused(self, message: Any, claim: Claim, why: str) -> errors.ApiError:
        """Return the refusal of an object for a value that it asks for itself."""
        ...
