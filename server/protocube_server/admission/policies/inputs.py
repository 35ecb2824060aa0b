"""What expressions are given of one write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import encode
from protocube_server.admission.policies.programs import DYN
from protocube_server.cel import types
from protocube_server.cel.functions import authorizing

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_server.admission.policies.programs import Compiled
    from protocube_server.admission.write import Write
    from protocube_server.cel.engine import Bindings
    from protocube_server.cel.shadows import Shadows
    from protocube_server.kinds.kind import Kind


class Inputs:
    """The values of one write, made when they are first asked for and shared by all policies."""

    def __init__(self, write: Write, namespace: Any | None) -> None:
        self.write = write
        self.namespace = namespace
        self._seen: dict[Kind, tuple[Any, Any]] = {}
        self._made: dict[tuple[Any, ...], Any] = {}
        self._bound: dict[int, Bindings] = {}

    def objects(self, kind: Kind) -> tuple[Any, Any]:
        """Return the old and the new object in a version of their kind; of a Scale, that."""
        found = self._seen.get(kind)
        if found is None:
            write = self.write
            found = self._seen[kind] = (self._as(kind, write.old), self._as(kind, write.new))
        return found

    def shown(self, kind: Kind) -> type[Message]:
        """Return what the objects are messages of in a version of their kind; of a Scale, that."""
        found: type[Message] = (
            kind.scales.message_class if self.write.is_of_scale else kind.resource.message_class
        )
        return found

    def take(self, kind: Kind, changed: Any) -> None:
        """Make the new object what ``changed`` says: it as :meth:`objects` gives it, changed.

        Of a Scale that is its number of replicas, the rest of it is the server's. What was made of
        the new object before is no longer so.
        """
        own, new = self.write.kind, self.write.new
        if self.write.is_of_scale:
            changed = own.scales.with_replicas(new, changed.spec.replicas)
        elif kind is not own:
            changed = own.parse(kind.encode(changed))
        changed.api_version, changed.kind = new.api_version, new.kind
        new.CopyFrom(changed)

    def bindings(self, kind: Kind, compiled: Compiled, params: Any | None) -> Bindings:
        """Return the values that the programs of a policy use, bound to its variables."""
        if params is not None:
            return _bound(compiled, self.values(kind, compiled, params))
        known = self._bound.get(compiled.sharing)
        if known is None:
            known = _bound(compiled, self.values(kind, compiled, None))
            self._bound[compiled.sharing] = known
        return known

    def values(self, kind: Kind, compiled: Compiled, params: Any | None) -> dict[str, Any]:
        """Return the values that the programs of a policy use."""
        found = {}
        shadows = compiled.shadows
        old, new = self.objects(kind)
        for name, type_ in compiled.types:
            if name not in compiled.uses:
                continue
            if name == "object":
                found[name] = self._object(shadows, new, type_, "new", kind)
            elif name == "oldObject":
                found[name] = self._object(shadows, old, type_, "old", kind)
            elif name == "namespaceObject":
                found[name] = self._object(shadows, self.namespace, type_, "namespace", None)
            elif name == "params":
                found[name] = _as_type(shadows, params, type_)
            else:
                found[name] = self._of_call(shadows, name, kind)
        return found

    def _as(self, kind: Kind, message: Any) -> Any:
        if message is None:
            return None
        own = self.write.kind
        if kind is not own:
            message = kind.parse(own.encode(message))
        return kind.scales.of(message) if self.write.is_of_scale else message

    def _object(
        self, shadows: Shadows, message: Any, type_: str, which: str, kind: Kind | None
    ) -> Any:
        key = (which, id(shadows), type_, kind)
        if key not in self._made:
            self._made[key] = _as_type(shadows, message, type_)
        return self._made[key]

    def _of_call(self, shadows: Shadows, name: str, kind: Kind) -> Any:
        key = (name, id(shadows), kind)
        if key not in self._made:
            made = _MAKE[name](self.write, kind)
            self._made[key] = shadows.message_class(made.type)(**made.fields)
        return self._made[key]


def _bound(compiled: Compiled, values: dict[str, Any]) -> Bindings:
    assert compiled.environment is not None  # noqa: S101  # it has one once it is compiled
    return compiled.environment.bind(values)


def _as_type(shadows: Shadows, message: Any, type_: str) -> Any:
    """Return a message's shadow, or as JSON data for a variable of any type."""
    if message is None:
        return None
    return encode.data(message) if type_ == DYN else shadows.of(message)


def request_of(write: Write, kind: Kind) -> types.Made:
    """Return the ``AdmissionRequest`` of a write, which is seen as ``kind``.

    It has all but the objects, which are variables of their own.
    """
    user, request = write.call.user, write.call.request
    operation = write.operation.title()
    options: dict[str, Any] = {
        "apiVersion": "meta.k8s.io/v1",
        "kind": f"{operation}Options",
    }
    if getattr(request, "dry_run", False):
        options["dryRun"] = ["All"]
    if manager := getattr(request, "field_manager", ""):
        options["fieldManager"] = manager
    own, seen = write.kind.resource, kind.resource
    fields = {
        "kind": _kind(seen, write),
        "resource": _resource(seen),
        "requestKind": _kind(own, write),
        "requestResource": _resource(own),
        "subResource": write.subresource,
        "requestSubResource": write.subresource,
        "name": write.name,
        "namespace": write.namespace,
        "operation": write.operation,
        "userInfo": {
            "username": user.name,
            "uid": user.uid,
            "groups": user.groups,
            "extra": {key: list(values) for key, values in user.extra.items()},
        },
        "dryRun": bool(getattr(request, "dry_run", False)),
        "options": options,
    }
    return types.Made(types.REQUEST, fields)


def _kind(resource: Any, write: Write) -> dict[str, str]:
    if write.is_of_scale:
        return {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _resource(resource: Any) -> dict[str, str]:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def _authorizer(write: Write, _: Kind) -> types.Made:
    user = write.call.user
    return authorizing.of_user(user.name, user.uid, user.groups)


def _request_resource(write: Write, kind: Kind) -> types.Made:
    user = write.call.user
    return types.Made(
        types.RESOURCE_CHECK,
        {
            "user_name": user.name,
            "user_uid": user.uid,
            "user_groups": user.groups,
            "group": kind.resource.group,
            "resource": kind.resource.plural,
            "subresource": write.subresource,
            "namespace": write.namespace,
            "name": write.name,
        },
    )


_MAKE = {
    "request": request_of,
    "authorizer": _authorizer,
    "authorizer.requestResource": _request_resource,
}
