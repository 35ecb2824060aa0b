"""What is asked about: ``get pods``, ``update deployments.apps/web``, ``call /service/Method``.

Source: ``k8s.io/kubectl/pkg/cmd/auth/cani.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.authorization.v1 import access_attributes_pb2
    from protocube.catalog import Catalog, Resource
    from protocube_client.cli.session import Session
    from protocube_client.cli.streams import Streams

_VERBS = frozenset(
    (
        "*", "approve", "attest", "bind", "create", "delete", "deletecollection", "escalate",
        "get", "impersonate", "list", "patch", "sign", "update", "use", "watch",
    )
)  # fmt: skip
_PATH_VERBS = frozenset(("*", "call", "delete", "get", "head", "options", "patch", "post", "put"))
"""Methods of services are called; the others are Kubernetes'."""
_NEVER_SERVED = frozenset(("groups", "users"))
"""Resources that rights speak of, and that are no kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A verb on a resource, or on a path that is none."""

    verb: str
    word: str = ""
    """The resource as it was typed."""
    name: str = ""
    subresource: str = ""
    path: str = ""

    @classmethod
    def read(cls, verb: str, target: str, subresource: str) -> Question:
        """Read ``TYPE``, ``TYPE/NAME`` or a path, which begins with a slash."""
        if target.startswith("/"):
            return cls(verb=verb, path=target, subresource=subresource)
        word, _, name = target.partition("/")
        return cls(verb=verb, word=word, name=name, subresource=subresource)

    async def settle(self, session: Session, *, everywhere: bool) -> Settled:
        """Find the resource in the kinds of the server, and return what is asked."""
        namespace = "" if everywhere else session.settings.namespace
        if self.path or self.word == "*":
            return Settled(asked=self, group="", plural=self.word, namespace=namespace)
        resource = _find(self.word, session.catalog)
        if resource is None and self.word.lower() not in _NEVER_SERVED:
            resource = _find(self.word, await session.kinds.learn())
        group, plural = (resource.group, resource.plural) if resource else ("", self.word)
        return Settled(
            asked=self, group=group, plural=plural, namespace=namespace, resource=resource
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A question, and what the server calls the resource."""

    asked: Question
    group: str
    plural: str
    namespace: str
    """Empty for all namespaces."""
    resource: Resource | None = None
    """``None`` for a path, for all resources, and for what the server does not have."""

    def warn(self, streams: Streams) -> None:
        """Print what is odd about the question, a line and an empty one each, as kubectl does."""
        streams.err.writelines(f"Warning: {text}\n\n" for text in self._warnings())

    def of_resource(self) -> access_attributes_pb2.ResourceAttributes:
        """Return the question as the server's reviews have it."""
        from protocube.authorization.v1 import access_attributes_pb2

        return access_attributes_pb2.ResourceAttributes(
            namespace=self.namespace,
            verb=self.asked.verb,
            group=self.group,
            resource=self.plural,
            subresource=self.asked.subresource,
            name=self.asked.name,
        )

    def of_path(self) -> access_attributes_pb2.NonResourceAttributes:
        """Return the question as the server's reviews have it, for a path."""
        from protocube.authorization.v1 import access_attributes_pb2

        return access_attributes_pb2.NonResourceAttributes(
            verb=self.asked.verb, path=self.asked.path
        )

    def _warnings(self) -> Iterator[str]:
        verb, word = self.asked.verb, self.asked.word.lower()
        if self.asked.path:
            if verb not in _PATH_VERBS:
                yield f"verb '{verb}' is not a known verb"
            return
        if self.resource is None and word != "*" and word not in _NEVER_SERVED:
            plural, _, group = word.partition(".")
            where = f" in group '{group}'" if group else ""
            yield f"the server doesn't have a resource type '{plural}'{where}"
        if not self.namespace:
            return
        if self.resource is not None and not self.resource.namespaced:
            where = f" in group '{self.group}'" if self.group else ""
            yield f"resource '{self.plural}' is not namespace scoped{where}"
        if verb not in _VERBS:
            yield f"verb '{verb}' is not a known verb"


def _find(word: str, catalog: Catalog) -> Resource | None:
    return catalog.find(word.lower())
