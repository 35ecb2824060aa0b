"""The rules for ``metadata.name`` and how ``generateName`` is expanded.

Source: ``k8s.io/apiserver/pkg/storage/names``; :mod:`~protocube_server.dns_names` has the texts.
"""

from __future__ import annotations

import ipaddress
import secrets

from protocube.api.v1 import resource_pb2
from protocube_server import dns_names
from protocube_server.kinds import addresses

GENERATE_TRIES = 8
"""How many generated names are tried before the create gives up."""

_SUFFIX = 5
_MAX_BASE = 63 - _SUFFIX
# Without vowels and without what looks alike, as Kubernetes has it.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def generate(base: str) -> str:
    """Return ``base``, cut to 58 characters, and five random ones more."""
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(_SUFFIX))
    return base[:_MAX_BASE] + suffix


def faults(
    name: str, name_format: resource_pb2.NameFormat.ValueType, *, prefix: bool = False
) -> list[str]:
    """Return what is wrong with ``name``, one sentence each.

    With ``prefix`` it is a ``generateName``, to which characters will be added.
    """
    if prefix:
        name = dns_names.without_dash(name)
    match name_format:
        case resource_pb2.NAME_FORMAT_PATH_SEGMENT:
            return _path_segment_faults(name)
        case resource_pb2.NAME_FORMAT_IP_ADDRESS:
            return _address_faults(name)
        case resource_pb2.NAME_FORMAT_DNS_LABEL:
            return dns_names.label_faults(name)
        case resource_pb2.NAME_FORMAT_DNS_1035_LABEL:
            return dns_names.label_1035_faults(name)
        case _:
            return dns_names.subdomain_faults(name)


def _address_faults(name: str) -> list[str]:
    address = addresses.address(name)
    if address is None:
        return [addresses.INVALID]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return ["must not be an IPv4-mapped IPv6 address"]
    if str(address) != name:
        return [f'must be in canonical form ("{address}")']
    return []


def _path_segment_faults(name: str) -> list[str]:
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    found = [f"may not contain '{char}'" for char in "/%" if char in name]
    if len(name.encode()) > dns_names.MAX_SUBDOMAIN:
        # Kubernetes lets etcd refuse it; a key has to stay a key in every store.
        found.append(f"must be no more than {dns_names.MAX_SUBDOMAIN} bytes")
    if any(ord(char) < ord(" ") for char in name):
        found.append("may not contain control characters")
    return found
