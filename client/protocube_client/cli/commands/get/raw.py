"""``get --raw``: the paths of Kubernetes' API that mean something here, and what they answer.

These are ``/healthz``, ``/livez`` and ``/readyz``, and those of objects and lists, which are read
through the methods of their kind and printed as Kubernetes' API server writes them.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from protocube.errors import quote
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.session import Session

_HEALTH = ("/healthz", "/livez", "/readyz")
_CHECK = "/grpc.health.v1.Health/Check"
_SERVING = b"\x08\x01"
"""A ``HealthCheckResponse`` with the status SERVING."""
_OBJECTS = re.compile(
    r"/(?:api/(?P<version>[^/]+)|apis/(?P<grouped>[^/]+/[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?"
)
_SELECTORS = {"labelSelector": "label_selector", "fieldSelector": "field_selector"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPath:
    """A path with its parameters."""

    path: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> RawPath:
        """Read a path. Raises :class:`CommandError`."""
        parts = None
        if text.startswith("/"):
            with contextlib.suppress(ValueError):
                parts = urlsplit(text)
        if parts is None:
            why = f"parse {quote(text)}: invalid URI for request"
            raise CommandError(f"--raw must be a valid URL path: {why}")
        found = parse_qs(parts.query, keep_blank_values=True)
        return cls(path=parts.path, parameters={name: values[-1] for name, values in found.items()})

    async def show(self, session: Session) -> None:
        """Print what is at the path.

        Raises the exceptions of :mod:`protocube.errors`, ``NotFound`` for a path that means
        nothing here, and :class:`CommandError` for parameters that do not.
        """
        from protocube import errors

        if self.path in _HEALTH:
            await self._health(session)
            return
        found = _OBJECTS.fullmatch(self.path.rstrip("/"))
        resource = None
        if found is not None:
            version = found["version"] or found["grouped"]
            resource = await session.kinds.for_plural(version, found["plural"])
        if found is None or resource is None:
            raise errors.NotFound("the server could not find the requested resource")
        namespace = unquote(found["namespace"] or "")
        if found["name"]:
            self._refuse_but()
            shown = await _object(resource, unquote(found["name"]), namespace, session)
        else:
            self._refuse_but(*_SELECTORS)
            shown = await self._list(resource, namespace, session)
        session.streams.out.write(shown + "\n")

    async def _health(self, session: Session) -> None:
        from protocube_client.request import Request

        self._refuse_but("verbose")
        answer = await Request(method=_CHECK, body=b"").send(session.connection)
        name = self.path.removeprefix("/")
        if answer.body != _SERVING:
            raise CommandError(f"{name} check failed: the server is not ready")
        told = f"[+]{_CHECK} ok\n{name} check passed\n" if "verbose" in self.parameters else "ok"
        session.streams.out.write(told)

    async def _list(self, resource: Resource, namespace: str, session: Session) -> str:
        from protocube.manifests import json_text

        selectors: Any = {
            option: self.parameters.get(name, "") for name, option in _SELECTORS.items()
        }
        listing = await session.client.list(
            resource.message_class, namespace=namespace, include_managed_fields=True, **selectors
        )
        items = []
        for message in listing:
            item = _data(message, resource)
            items.append({key: item[key] for key in item if key not in ("kind", "apiVersion")})
        content = {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.api_version,
            "metadata": {"resourceVersion": listing.resource_version},
            "items": items,
        }
        return json_text.compact(content, order=list)

    def _refuse_but(self, *known: str) -> None:
        for name in self.parameters:
            if name not in known:
                raise CommandError(f"--raw does not support the parameter {name} here")


async def _object(resource: Resource, name: str, namespace: str, session: Session) -> str:
    from protocube.manifests import json_text

    message = await session.client.get(
        resource.message_class, name, namespace=namespace, include_managed_fields=True
    )
    return json_text.compact(_data(message, resource), order=list)


def _data(message: Message, resource: Resource) -> dict[str, Any]:
    from protocube.manifests import encode
    from protocube_client.printers import typed_order

    return typed_order.of(encode.shown(message), resource.descriptor, timed=False)
