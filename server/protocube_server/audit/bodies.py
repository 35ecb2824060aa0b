"""The objects of requests and answers, for levels that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError

from protocube.manifests import encode
from protocube_server import turns

if TYPE_CHECKING:
    from protocube_server.audit.policy import Rule
    from protocube_server.calls.call import Call

TRUNCATED: Final = "audit.k8s.io/truncated"
"""Kubernetes' annotation of an event that had no room for the objects."""
MOST: Final = 100 * 1024
"""Bytes of a request, or of an answer, beyond which it is left out: Kubernetes' bound."""


async def of_request(call: Call, rule: Rule) -> Any:
    """Return what a request carries as data, as it came; ``None`` when it carries nothing.

    That is the object, or else the whole request: of a patch it says what is to change.
    """
    if not call.verb.writes:
        return None
    try:
        request: Any = call.verb.parser(call.kind).message_class.FromString(call.raw)
    except DecodeError:
        return None  # It was refused for that.
    if "object" in request.DESCRIPTOR.fields_by_name and request.HasField("object"):
        return await _data(request.object, rule)
    return json_format.MessageToDict(request)


async def of_answer(call: Call, answer: bytes, rule: Rule) -> Any:
    """Return an answer as data."""
    return await _data(call.kind.resource.response_class(call.verb.method).FromString(answer), rule)


async def _data(message: Any, rule: Rule) -> Any:
    if rule.omit_managed_fields and "metadata" in message.DESCRIPTOR.fields_by_name:
        for one in (message, *getattr(message, "items", ())):
            if "managed_fields" in one.metadata.DESCRIPTOR.fields_by_name:
                one.metadata.ClearField("managed_fields")
    return await turns.returned(encode.steps(message))
