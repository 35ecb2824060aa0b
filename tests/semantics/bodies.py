"""The objects of a case as typed messages, read as ``cubectl`` reads a manifest.

What a message cannot take is judged as ``cubectl`` judges it: an unknown field by the field
validation, a wrong type always. So such a body is refused before it is sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import decode, encode, json_values
from protocube.manifests.report import CLEAN
from protocube_client.resource.helper import Helper
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource

VALIDATIONS: Final = {
    "": Validation.WARN,
    "Strict": Validation.STRICT,
    "Warn": Validation.WARN,
    "Ignore": Validation.IGNORE,
}
"""By the word of Kubernetes; a plain client of Kubernetes, which says nothing, is warned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A typed object, and what its decoding warned of."""

    message: Message
    warnings: tuple[str, ...]


def typed(resource: Resource, body: Any, *, validation: Validation, namespace: str) -> Body:
    """Return the object of a manifest, put into ``namespace`` unless it names one.

    ``body`` is data, or the text of a body that data cannot say. Raises the error with which
    a typed client refuses it.
    """
    text = body if isinstance(body, str) else json.dumps(body)
    if text == "null":
        text = "{}"
    message: Any = resource.message_class()
    try:
        report = decode.decode_text(text, message)
    except (json_values.NotJson, json_values.Refused) as error:
        raise errors.BadRequest(f"the object provided is unrecognized: {error}") from None
    helper = Helper(None, resource, validation=validation)  # type: ignore[arg-type]  # sends nothing
    warnings = helper._judge(message, report)
    metadata = message.metadata
    if resource.namespaced and namespace:
        metadata.namespace = metadata.namespace or namespace
        if metadata.namespace != namespace:
            raise errors.BadRequest(
                "the namespace of the provided object does not match "
                "the namespace sent on the request"
            )
    return Body(message=message, warnings=warnings)


def scale(message: Any, body: Any, *, namespace: str) -> Body:
    """Fill an empty Scale from its manifest, as :func:`typed` does."""
    report = decode.decode(body, message)
    if report.faults:
        raise errors.BadRequest(report.faults[0].message)
    message.metadata.namespace = message.metadata.namespace or namespace
    return Body(message=message, warnings=())


def exact(message: Message, body: Any) -> bool:
    """Fill the empty ``message`` from a manifest; tell whether it says the same and no less.

    An explicit null, zero or empty value, say, is lost in a message.
    """
    if not isinstance(body, dict):
        return False
    return decode.decode(body, message) is CLEAN and encode.data(message) == body
