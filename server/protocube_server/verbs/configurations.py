"""What an ApplyXRequest wants an object to have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import encode, json_values
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import values
from protocube.meta.v1 import requests_pb2
from protocube_server import turns
from protocube_server.kinds import unknown
from protocube_server.kinds.ownership import schemas, typed
from protocube_server.verbs import requests

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.kinds.expressible import Expressible
    from protocube_server.kinds.kind import Kind

_SEPARATOR: Final = re.compile(r"^---.*\n?", re.MULTILINE)
_CONTENT: Final = re.compile(r"^[^\S\n]*[^\s#]", re.MULTILINE)
"""A line with more than a comment."""
_UNNAMED: Final = (
    "the name of the object ({} based on URL) was undeterminable: name must be provided"
)
_OTHER_NAME: Final = "the name of the object ({}) does not match the name on the URL ({})"
_OTHER_NAMESPACE: Final = (
    "the namespace of the provided object does not match the namespace sent on the request"
)
_SYSTEM_FIELDS: Final = (
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "selfLink",
    "managedFields",
)
"""Fields of the metadata that no manager can want."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The type of what is configured: that of a kind's objects, or of a part of them."""

    api_version: str
    kind: str
    message_class: Any
    expressible: Expressible
    """What none of that type could carry."""

    @classmethod
    def of(cls, kind: Kind) -> Form:
        """Return the form of a kind's objects."""
        resource = kind.resource
        return cls(
            api_version=resource.api_version,
            kind=resource.kind,
            message_class=resource.message_class,
            expressible=kind.expressible,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """An object with the fields that its manager has a say in, as data."""

    data: dict[str, Any]
    uid: str
    """That the object must have; empty for any."""
    resource_version: str
    """That it must be at; empty for any."""


async def read(call: Call, form: Form) -> Configuration:
    """Return the configuration of a request, with the names of its target.

    Raises ``errors.BadRequest`` for one that cannot be understood, that is of another object or
    kind, or that does not have the form of the kind.
    """
    given = call.request.WhichOneof("configuration")
    if given is None:
        raise errors.BadRequest("the request has no configuration: it is one of object, manifest")
    data = await (_of_object(call, form) if given == "object" else _of_text(call))
    _require_kind(form, data)
    metadata = data.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise errors.BadRequest(_UNNAMED.format(call.target.name))
    # Violations quote the value as the caller sent it, as in Kubernetes.
    own = f"{metadata.get('namespace') or ''}/{call.target.name}"
    _settle_names(call, metadata)
    if metadata.get("managedFields") is not None:
        raise errors.BadRequest("metadata.managedFields must be nil")
    schema = schemas.for_message(form.message_class)
    fault = await turns.returned(typed.fault(schema, data))
    if fault:
        group, _, version = form.api_version.rpartition("/")
        raise errors.BadRequest(
            f"failed to create typed patch object ({own}; {group}/{version}, "
            f"Kind={form.kind}): {fault}"
        )
    conditions = {name: metadata.pop(name, None) for name in _SYSTEM_FIELDS}
    return Configuration(
        data=data,
        uid=conditions["uid"] or "",
        resource_version=conditions["resourceVersion"] or "",
    )


async def _of_object(call: Call, form: Form) -> dict[str, Any]:
    size = unknown.discard(call.request)
    found = await unknown.named(call.request, call.raw, size) if size else []
    if found:
        faults = [fault.replace('"object.', '"', 1) for fault in found]
        raise unknown.refusal(call.kind.resource, faults)
    message = call.request.object
    # What no answer could carry has no JSON either.
    await requests.require_expressible(call, message, form.expressible)
    data = await turns.returned(encode.steps(message))
    # A stub's message mostly does not name its own type.
    return {"apiVersion": form.api_version, "kind": form.kind} | data


async def _of_text(call: Call) -> dict[str, Any]:
    text = call.request.manifest
    value, repeated = _json(text)
    # JSON is YAML, too: its reader tells where names are repeated.
    if value is None or repeated:
        loader = values.Loader(_first_document(text))
        try:
            await turns.taken(loader.steps())
        except ManifestError as error:
            raise errors.BadRequest(f"error decoding YAML: {error}") from error
        value, repeated = loader.value, tuple(loader.repeated)
    if not isinstance(value, dict):
        raise errors.BadRequest("error decoding YAML: the manifest is not an object")
    _tell_repeated(call, repeated)
    # An alias stands for the same value in several places.
    metadata = value.get("metadata")
    return {**value, "metadata": dict(metadata)} if isinstance(metadata, dict) else dict(value)


def _json(text: str) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON text and its names that are repeated; ``None`` for no JSON."""
    try:
        found = json_values.parse_whole(text)
    except (json_values.NotJson, json_values.Refused):
        return None, ()
    return found.plain, found.repeated


def _first_document(text: str) -> str:
    """Return the first YAML document that is not empty, behind as many lines as it has before."""
    start = 0
    for found in _SEPARATOR.finditer(text):
        if _CONTENT.search(text, start, found.start()):
            return "\n" * text.count("\n", 0, start) + text[start : found.start()]
        start = found.end()
    return "\n" * text.count("\n", 0, start) + text[start:]


def _tell_repeated(call: Call, repeated: tuple[str, ...]) -> None:
    """Refuse names that occur twice in an object, or warn of them, as the request says."""
    mode = call.request.field_validation
    if mode == requests_pb2.FIELD_VALIDATION_WARN:
        call.warnings.extend(repeated)
    elif repeated and mode != requests_pb2.FIELD_VALIDATION_IGNORE:
        listed = "\n".join(f"  {each}" for each in repeated)
        raise errors.BadRequest(
            "error strict decoding YAML: error converting YAML to JSON: "
            f"yaml: unmarshal errors:\n{listed}"
        )


def _require_kind(form: Form, data: dict[str, Any]) -> None:
    version, kind = data.get("apiVersion"), data.get("kind")
    if (version, kind) != (form.api_version, form.kind):
        group, _, name = str(version or "").rpartition("/")
        raise errors.BadRequest(f"invalid object type: {group}/{name}, Kind={kind or ''}")


def _settle_names(call: Call, metadata: dict[str, Any]) -> None:
    """Hold the names in the metadata against those of the request."""
    namespace, name = call.target
    named = metadata.get("name")
    if not named or not name:
        raise errors.BadRequest(_UNNAMED.format(name))
    if named != name:
        raise errors.BadRequest(_OTHER_NAME.format(named, name))
    if namespace and metadata.get("namespace") not in (None, "", namespace):
        raise errors.BadRequest(_OTHER_NAMESPACE)
    metadata.pop("namespace", None)
    if namespace:
        metadata["namespace"] = namespace
