"""The rules for ``metadata.name`` and how ``generateName`` is expanded.

Source of the texts: ``k8s.io/apimachinery/pkg/util/validation`` and
``k8s.io/apiserver/pkg/storage/names``.
"""

from __future__ import annotations

import ipaddress
import re
import secrets

from protocube.api.v1 import resource_pb2
from protocube_server.kinds import addresses

GENERATE_TRIES = 8
"""How many generated names are tried before the create gives up."""

_SUFFIX = 5
_MAX_BASE = 63 - _SUFFIX
# Without vowels and without what looks alike, as Kubernetes has it.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_MAX_LABEL, _MAX_SUBDOMAIN = 63, 253

LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    r"for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


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
    if prefix and name.endswith("-"):
        # What the server adds begins with a letter or a digit.
        name = name[:-1] + "a"
    match name_format:
        case resource_pb2.NAME_FORMAT_PATH_SEGMENT:
            return _path_segment_faults(name)
        case resource_pb2.NAME_FORMAT_IP_ADDRESS:
            return _address_faults(name)
        case resource_pb2.NAME_FORMAT_DNS_LABEL:
            return _dns_faults(name, _MAX_LABEL, _LABEL, LABEL_TEXT)
        case resource_pb2.NAME_FORMAT_DNS_1035_LABEL:
            return _dns_faults(name, _MAX_LABEL, _LABEL_1035, _LABEL_1035_TEXT)
        case _:
            return _dns_faults(name, _MAX_SUBDOMAIN, SUBDOMAIN, SUBDOMAIN_TEXT)


def _dns_faults(name: str, most: int, pattern: re.Pattern[str], text: str) -> list[str]:
    found = []
    if len(name) > most:
        found.append(f"must be no more than {most} characters")
    if not pattern.fullmatch(name):
        has_dots = pattern is _LABEL and SUBDOMAIN.fullmatch(name)
        found.append("must not contain dots" if has_dots else text)
    return found


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
    if len(name.encode()) > _MAX_SUBDOMAIN:
        # Kubernetes lets etcd refuse it; a key has to stay a key in every store.
        found.append(f"must be no more than {_MAX_SUBDOMAIN} bytes")
    if any(ord(char) < ord(" ") for char in name):
        found.append("may not contain control characters")
    return found
