"""The keys of objects: the only place that builds or reads them.

``<prefix>/<plural>[.<group>]/<namespace>/<name>``, without the namespace for
cluster-scoped kinds. Names are checked before they come here; this module still
refuses what would reach another key (``/``, ``.``, ``..``), because a key is the
last line between two tenants.
"""

from __future__ import annotations

from protocube import errors

DEFAULT_PREFIX = "/registry"


def for_object(prefix: str, resource: str, namespace: str, name: str) -> bytes:
    """Give the key of one object. ``resource`` is the plural with its group.

    ``namespace`` is empty for cluster-scoped kinds. Raises ``errors.BadRequest``
    for a name or namespace that is not one path segment.
    """
    return for_collection(prefix, resource, namespace) + _segment("name", name)


def for_collection(prefix: str, resource: str, namespace: str = "") -> bytes:
    """Give the prefix of all objects of a kind, or of those in one namespace.

    It ends in ``/``, so that ``pods/a`` never matches ``pods/ab``.
    """
    head = f"{prefix}/{resource}/".encode()
    return head + _segment("namespace", namespace) + b"/" if namespace else head


def _segment(what: str, text: str) -> bytes:
    if not text or text in (".", "..") or "/" in text or "\0" in text:
        message = f"invalid {what} {errors.quote(text)}: it must be one path segment"
        raise errors.BadRequest(message)
    return text.encode()
