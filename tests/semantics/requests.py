"""The typed request of a step, built from the descriptors of the kind's service.

A method or a field that the services do not have (yet) raises :class:`NotServed`, what no typed
request can say :class:`Inexpressible`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import message_factory

from protocube.api.v1 import resource_pb2
from tests.semantics import bodies
from tests.semantics.inexpressible import Inexpressible, NoSuchMethod, NotServed
from tests.semantics.options import Filling

if TYPE_CHECKING:
    from google.protobuf.descriptor import MethodDescriptor
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from tests.semantics.cases import Step

_METHODS: Final = {
    ("create", ""): "Create",
    ("get", ""): "Get",
    ("get", "scale"): "GetScale",
    ("list", ""): "List",
    ("watch", ""): "Watch",
    ("update", ""): "Update",
    ("update", "status"): "UpdateStatus",
    ("update", "scale"): "UpdateScale",
    ("update", "finalize"): "Finalize",
    ("update_status", ""): "UpdateStatus",
    ("patch", ""): "Patch",
    ("patch", "status"): "Patch",
    ("patch", "scale"): "PatchScale",
    ("apply", ""): "Apply",
    ("apply", "status"): "Apply",
    ("apply", "scale"): "ApplyScale",
    ("delete", ""): "Delete",
    ("delete_collection", ""): "DeleteCollection",
}
_SUBRESOURCES: Final = {
    "UpdateStatus": resource_pb2.SUBRESOURCE_STATUS,
    "GetScale": resource_pb2.SUBRESOURCE_SCALE,
    "UpdateScale": resource_pb2.SUBRESOURCE_SCALE,
    "PatchScale": resource_pb2.SUBRESOURCE_SCALE,
    "ApplyScale": resource_pb2.SUBRESOURCE_SCALE,
}
_PATCHES: Final = {
    "json": "json_patch",
    "merge": "merge_patch",
    "strategic": "strategic_merge_patch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
    """A request that is ready to be sent."""

    method: str
    """Its path: ``/protocube.core.v1.Pods/Create``."""
    message: Message
    answer: type[Message]
    warnings: tuple[str, ...] = ()
    """What the client warns of before it sends."""
    timeout: float | None = None
    """How long the caller waits, where the step says so."""


def build(resource: Resource, step: Step, *, managed_fields: bool) -> TypedRequest:
    """Return the request of a step whose placeholders are filled.

    With ``managed_fields`` the answer has them. Raises also the error with which a typed client
    refuses the step's body.
    """
    if step.user:
        raise NotServed("users and their rights")
    if step.content_type or step.accept:
        raise Inexpressible("media types are HTTP's")
    method = _method(resource, step)
    filling = Filling(message_factory.GetMessageClass(method.input_type)())
    warnings = _fill(filling, resource, step)
    filling.options(step)
    filling.silent(step)
    if managed_fields:
        filling.include_managed_fields(expected="managedFields" in json.dumps(step.expect))
    return TypedRequest(
        method=f"/{resource.service}/{method.name}",
        message=filling.message,
        answer=message_factory.GetMessageClass(method.output_type),
        warnings=warnings,
        timeout=filling.timeout,
    )


def _method(resource: Resource, step: Step) -> MethodDescriptor:
    name = _METHODS.get((step.verb, step.subresource))
    if name is None:
        raise NoSuchMethod
    found = resource.service_descriptor.methods_by_name.get(name)
    if found is not None:
        return found
    if name in _SUBRESOURCES and _SUBRESOURCES[name] not in resource.subresources:
        raise NoSuchMethod
    raise NotServed(f"{resource.plural}.{name}")


def _fill(filling: Filling, resource: Resource, step: Step) -> tuple[str, ...]:
    """Say what the step is about; return the warnings of a body's decoding."""
    namespace = "" if step.namespace == "*" else step.namespace
    if step.verb in ("create", "update", "update_status"):
        return _fill_object(filling, resource, step, namespace)
    filling.set("namespace", namespace)
    if step.verb not in ("list", "watch", "delete_collection"):
        filling.set("name", step.name)
    if step.verb == "patch":
        filling.set(_PATCHES[step.patch_type], _text(step))
    elif step.verb == "apply":
        _fill_configuration(filling, step)
    if step.verb in ("patch", "apply") and step.subresource == "status":
        filling.set("subresource", resource_pb2.SUBRESOURCE_STATUS)
    return ()


def _fill_object(
    filling: Filling, resource: Resource, step: Step, namespace: str
) -> tuple[str, ...]:
    word = step.options.get("fieldValidation", "")
    if word not in bodies.VALIDATIONS:
        raise Inexpressible(f"field validation {word!r}")
    body = step.body if step.body_text is None else step.body_text
    if step.subresource == "scale":
        read = bodies.scale(filling.fresh("object"), body, namespace=namespace)
    else:
        validation = bodies.VALIDATIONS[word]
        read = bodies.typed(resource, body, validation=validation, namespace=namespace)
    sent: Any = read.message
    if step.name and sent.metadata.name and sent.metadata.name != step.name:
        raise Inexpressible("an update has one name, that of its object")
    filling.part("object").CopyFrom(sent)
    return read.warnings


def _fill_configuration(filling: Filling, step: Step) -> None:
    """Apply a typed object where it says all that the body says, and the text elsewhere."""
    if step.body_text is None and bodies.exact(filling.fresh("object"), step.patch):
        bodies.exact(filling.part("object"), step.patch)
    else:
        filling.set("manifest", _text(step))


def _text(step: Step) -> str:
    return json.dumps(step.patch) if step.body_text is None else step.body_text
