"""What an apply finds that is in its files no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli import last_applied
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.known_kinds import KnownKinds
    from protocube_client.cli.session import Session

_DEFAULT = (
    ("v1", "ConfigMap"),
    ("v1", "Endpoints"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Pod"),
    ("v1", "ReplicationController"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "Ingress"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("v1", "Namespace"),
    ("v1", "PersistentVolume"),
)
"""The kinds that kubectl prunes unless it is told which ones."""
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What the files have."""

    uids: set[str] = field(default_factory=set)
    namespaces: dict[str, None] = field(default_factory=dict)
    """Where to look for more, in order."""


async def kinds(allowlist: Sequence[str], known: KnownKinds) -> tuple[Resource, ...]:
    """Return the kinds of an allowlist, each as ``group/version/kind``; kubectl's when empty.

    Raises :class:`CommandError` in kubectl's words.
    """
    wanted = [_parsed(text) for text in allowlist] or _DEFAULT
    found = []
    for api_version, kind in wanted:
        resource = await known.for_kind(api_version, kind)
        if resource is not None:
            found.append(resource)
        elif allowlist:
            raise CommandError(f"no matches for kind {quote(kind)} in version {quote(api_version)}")
    return tuple(found)


def places(resources: Sequence[Resource], visited: Visited) -> Iterator[tuple[Resource, str]]:
    """Yield where objects may be left over: some kinds, in the namespaces that were visited."""
    for namespace in visited.namespaces:
        for resource in resources:
            if resource.namespaced:
                yield resource, namespace
    for resource in resources:
        if not resource.namespaced:
            yield resource, ""


async def left_over(
    resource: Resource, namespace: str, visited: Visited, selector: str, session: Session
) -> list[Message]:
    """Return the objects of a kind that were applied once, and were not visited.

    Raises the exceptions of :mod:`protocube.errors`.
    """
    listing = await session.client.list(
        resource.message_class, namespace=namespace, label_selector=selector
    )
    return [
        message
        for message in listing
        if last_applied.of(message) is not None and _uid(message) not in visited.uids
    ]


def _uid(message: Any) -> str:
    return str(message.metadata.uid)


def _parsed(text: str) -> tuple[str, str]:
    parts = text.split("/")
    if len(parts) != _PARTS:
        raise CommandError(
            f"invalid GroupVersionKind format: {text}, please follow <group/version/kind>"
        )
    group, version, kind = parts
    return (version if group in ("", "core") else f"{group}/{version}"), kind
