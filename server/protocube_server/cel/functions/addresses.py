"""Addresses and networks: ``ip("10.0.0.1")``, ``cidr("10.0.0.0/8")``; like Go's ``netip``."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from protocube_server.cel.functions.declared import free, member
from protocube_server.cel.types import CIDR, IP, Made

_IP: Final = (IP,)
_CIDR: Final = (CIDR,)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BITS: Final = {4: 32, 6: 128}


def _address(text: str) -> _Address:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f'IP Address "{text}" parse error during conversion from string') from None
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            raise ValueError("IPv4-mapped IPv6 address is not allowed")
        if found.scope_id is not None:
            raise ValueError("IP address with zone value is not allowed")
    return found


def _network(text: str) -> tuple[_Address, int]:
    first, slash, bits = text.partition("/")
    # Go takes no leading zeros and no masks.
    is_number = bits.isascii() and bits.isdigit() and (bits == "0" or not bits.startswith("0"))
    if not slash or not is_number:
        raise ValueError(f'network address parse error during conversion from string: "{text}"')
    address = _address(first)
    if len(bits) > len("128") or int(bits) > _BITS[address.version]:
        raise ValueError(f'network address parse error during conversion from string: "{text}"')
    return address, int(bits)


def _is(parse: Any) -> Any:
    def tell(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return tell


def _of(found: _Address) -> Made:
    return Made(IP, {"text": str(found)})


def _cidr(address: _Address, bits: int) -> Made:
    return Made(CIDR, {"text": f"{address}/{bits}"})


def _parts(cidr: Any) -> tuple[_Address, int]:
    return _network(cidr.text)


def _masked(address: _Address, bits: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network((address, bits), strict=False)


def _holds(cidr: Any, address: _Address, bits: int | None = None) -> bool:
    own, own_bits = _parts(cidr)
    if own.version != address.version or (bits is not None and bits < own_bits):
        return False
    return address in _masked(own, own_bits)


def _is_canonical(text: str) -> bool:
    return str(_address(text)) == text


def _is_unicast(one: Any) -> bool:
    found = _address(one.text)
    is_broadcast = found == ipaddress.IPv4Address("255.255.255.255")
    return not (
        found.is_unspecified
        or found.is_loopback
        or found.is_multicast
        or found.is_link_local
        or is_broadcast
    )


def _is_link_local_multicast(one: Any) -> bool:
    found = _address(one.text)
    if found.version == 4:  # noqa: PLR2004  # the version
        return found in ipaddress.IPv4Network("224.0.0.0/24")
    return found.is_multicast and found.packed[1] & 0x0F == 0x02  # noqa: PLR2004  # link-local scope


FUNCTIONS: Final = (
    free("string", _IP, "string", lambda one: one.text),
    free("ip", ("string",), IP, lambda text: _of(_address(text))),
    free("isIP", ("string",), "bool", _is(_address)),
    free("ip.isCanonical", ("string",), "bool", _is_canonical),
    member("family", _IP, "int", lambda one: _address(one.text).version),
    member("isUnspecified", _IP, "bool", lambda one: _address(one.text).is_unspecified),
    member("isLoopback", _IP, "bool", lambda one: _address(one.text).is_loopback),
    member("isLinkLocalMulticast", _IP, "bool", _is_link_local_multicast),
    member("isLinkLocalUnicast", _IP, "bool", lambda one: _address(one.text).is_link_local),
    member("isGlobalUnicast", _IP, "bool", _is_unicast),
    free("cidr", ("string",), CIDR, lambda text: _cidr(*_network(text))),
    free("isCIDR", ("string",), "bool", _is(_network)),
    member("containsIP", (CIDR, "string"), "bool", lambda a, b: _holds(a, _address(b))),
    member("containsIP", (CIDR, IP), "bool", lambda a, b: _holds(a, _address(b.text))),
    member("containsCIDR", (CIDR, "string"), "bool", lambda a, b: _holds(a, *_network(b))),
    member("containsCIDR", (CIDR, CIDR), "bool", lambda a, b: _holds(a, *_parts(b))),
    member("ip", _CIDR, IP, lambda one: _of(_parts(one)[0])),
    member("prefixLength", _CIDR, "int", lambda one: _parts(one)[1]),
    member(
        "masked",
        _CIDR,
        CIDR,
        lambda one: _cidr(_masked(*_parts(one)).network_address, _parts(one)[1]),
    ),
)
