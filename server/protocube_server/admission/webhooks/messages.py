"""What a webhook over gRPC is asked, and what it answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from protocube import errors
from protocube.admission.v1 import webhook_pb2
from protocube_server.admission.webhooks.hook import Unreached
from protocube_server.admission.webhooks.review import Answer, bounded, denied

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_server.admission.policies.inputs import Inputs
    from protocube_server.admission.webhooks.hook import Hook
    from protocube_server.kinds.kind import Kind

_ERRORS: Final[dict[str, type[errors.ApiError]]] = {
    "Forbidden": errors.Forbidden,
    "Invalid": errors.Invalid,
    "Conflict": errors.Conflict,
    "NotFound": errors.NotFound,
    "RequestEntityTooLarge": errors.TooLarge,
    "TooManyRequests": errors.TooManyRequests,
}


def question(hook: Hook, kind: Kind, inputs: Inputs) -> tuple[str, bytes]:
    """Return the uid of a question, and its bytes: the write, seen as ``kind``."""
    write, user = inputs.write, inputs.write.call.user
    old, new = inputs.objects(kind)
    request = webhook_pb2.ReviewRequest(
        uid=str(uuid.uuid4()),
        webhook=hook.name,
        api_version=kind.resource.api_version,
        kind=kind.resource.kind,
        resource=kind.resource.plural,
        subresource=write.subresource,
        name=write.name,
        namespace=write.namespace,
        operation=webhook_pb2.Operation.Value(f"OPERATION_{write.operation}"),
        user=webhook_pb2.User(name=user.name, uid=user.uid, groups=user.groups),
        dry_run=bool(getattr(write.call.request, "dry_run", False)),
    )
    for key, values in user.extra.items():
        request.user.extra[key].values.extend(values)
    if new is not None:
        request.object.Pack(new)
    if old is not None:
        request.old_object.Pack(old)
    return request.uid, request.SerializeToString()


def answer(hook: Hook, shown: type[Message], uid: str, body: bytes) -> Answer:
    """Return what an answer says. Raises :class:`Unreached` for what is none.

    An object in it is a message of the class ``shown``, as the one that was sent.
    """
    try:
        response = webhook_pb2.ReviewResponse.FromString(body)
    except DecodeError:
        raise Unreached("received invalid webhook response: it is no ReviewResponse") from None
    if response.uid != uid:
        got = errors.quote(response.uid)
        text = f'received invalid webhook response: expected uid="{uid}"'
        raise Unreached(text, f", got {got}")
    refusal = None
    if not response.allowed:
        text = denied(hook, response.message or response.reason)
        refusal = _ERRORS.get(response.reason, errors.BadRequest)(text)
    return Answer(
        refusal=refusal,
        patch=response.json_patch,
        changed=_changed(shown, response),
        warnings=bounded(response.warnings),
        annotations={
            f"{hook.name}/{key}": value for key, value in response.audit_annotations.items()
        },
    )


def _changed(shown: type[Message], response: Any) -> Any | None:
    """Return the object that a webhook wants; ``None`` where it wants none."""
    if response.WhichOneof("change") != "object":
        return None
    wanted = shown.DESCRIPTOR.full_name
    found = response.object.type_url.rpartition("/")[2]
    if found != wanted:
        raise Unreached(f"received invalid webhook response: its object is no {wanted}")
    try:
        return shown.FromString(response.object.value)
    except DecodeError:
        raise Unreached("received invalid webhook response: its object cannot be read") from None
