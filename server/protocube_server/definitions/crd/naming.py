"""The names that a custom kind and its fields have in protobuf.

A name follows from the definition alone, so that every server makes the same descriptors of it.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Final

from protocube.version_order import precedence

if TYPE_CHECKING:
    from collections.abc import Iterable

_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9]+")
_OTHERS: Final = frozenset({"descriptor"})
"""What generated code of some languages has in every message."""
_REMEMBERED: Final = 4096
"""Names: large schemas have the same ones again and again."""
ROOT: Final = "crd"
"""What the packages of custom kinds begin with; no package of ours does."""


def package(group: str, version: str) -> str:
    """Return the package of a version: ``crd.io.cert_manager.v1`` of cert-manager.io/v1."""
    parts = [_segment(part) for part in reversed(group.split("."))]
    return ".".join((ROOT, *parts, _segment(version)))


def file(package_name: str, message_name: str) -> str:
    """Return the name of the file of a kind."""
    return f"{package_name.replace('.', '/')}/{snake(message_name)}.proto"


def message(kind: str) -> str:
    """Return the name of a kind's message; a kind can have ``-`` in it."""
    return kind.replace("-", "_")


def service(kind: str, plural: str) -> str:
    """Return the plural in CamelCase: the kind's own capitals as far as the two agree.

    ``NetworkPolicies`` of NetworkPolicy and networkpolicies, and ``MetadataService`` of Metadata
    and metadata, because a service cannot be called as a message is.
    """
    name = message(kind)
    plain = _FOREIGN.sub("", plural)
    pairs = zip(name.lower(), plain, strict=False)
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    found = name[:same] + plain[same:]
    found = found[0].upper() + found[1:]
    return found if found != name else f"{found}Service"


@functools.lru_cache(_REMEMBERED)
def snake(name: str) -> str:
    """Return a name in lower case with ``_``, as fields are called: ``pod_ip`` of ``podIP``."""
    plain = _FOREIGN.sub("_", _CAPITAL.sub("_", name)).strip("_").lower()
    if plain in _OTHERS:
        return f"{plain}_field"
    return plain if plain[:1].isalpha() else f"f_{plain}".rstrip("_")


@functools.lru_cache(_REMEMBERED)
def camel(name: str) -> str:
    """Return a name as messages are called: ``PodIp`` of ``podIP``.

    None ends in ``Entry``, as the messages of maps do, or is called as a class that is generated
    in every message.
    """
    found = "".join(part[:1].upper() + part[1:] for part in snake(name).split("_"))
    return f"{found}Object" if found.endswith(("Entry", "Builder")) else found


def preferred(versions: Iterable[str]) -> str:
    """Return the version that Kubernetes prefers, ``""`` of none."""
    return max(versions, key=order, default="")


def order(version: str) -> tuple[tuple[int, int, int], str]:
    """Return what sorts versions as Kubernetes prefers them, the preferred one last."""
    return precedence(version), version


def _segment(text: str) -> str:
    plain = text.replace("-", "_")
    return plain if plain[:1].isalpha() else f"_{plain}"
