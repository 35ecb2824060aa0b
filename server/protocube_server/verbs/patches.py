"""What a patch makes of an object: the change that a request asks for, read and carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube import errors
from protocube.manifests import decode, encode
from protocube.meta.v1 import requests_pb2
from protocube.patching import json_patch, merge_patch, strategic
from protocube_server import turns
from protocube_server.kinds import masks, violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube.manifests.report import Report
    from protocube.steps import Steps
    from protocube_server.calls.call import Call
    from protocube_server.kinds.kind import Kind

_MakeSteps = Callable[[Any, Any], "Steps[Any]"]
"""Makes the steps from the data of an object, and its type, to what becomes of them."""

FindVersion = Callable[[str], "Kind | None"]
"""Finds one of the versions of a kind by its ``apiVersion``."""

_MANAGED_FIELDS = "managedFields"
_OWNERS = ("metadata", _MANAGED_FIELDS)
_OBJECT = "<object>"
"""In place of the whole object, which Kubernetes prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """What a patch has made of an object."""

    message: Any
    faults: tuple[errors.Violation, ...] = ()
    """Known already, and to be told with those that validation finds."""
    unknown: tuple[str, ...] = ()
    """What strict field validation refuses: fields that the kind does not have, and others."""
    managed_fields: Any = None
    """What the patch says of the owners, as data; ``None`` for nothing."""


class Patch(Protocol):
    """The change that a request asks for."""

    @property
    def speaks_of_owners(self) -> bool:
        """Whether the change may need to see ``metadata.managedFields``."""
        ...

    async def of(self, message: Any) -> Patched:
        """Return what becomes of ``message``, which stays as it is.

        Raises ``errors.BadRequest`` for a directive that cannot be carried out, and
        ``errors.Invalid`` for a change that does not fit the object.
        """
        ...


def read(request: Any, version: FindVersion = lambda _: None) -> Patch:
    """Return the patch of a PatchXRequest.

    ``version`` finds the other versions of its kind, in one of which the patched text may be.
    Raises ``errors.BadRequest`` when there is none, or it cannot be read, and ``errors.TooLarge``.
    """
    form = request.WhichOneof("patch")
    if form is None:
        names = ", ".join(field.name for field in request.DESCRIPTOR.oneofs_by_name["patch"].fields)
        raise errors.BadRequest(f"the request has no patch: it is one of {names}")
    if form == "object":
        return _Masked(request.object, tuple(request.update_mask.paths))
    if request.HasField("update_mask"):
        raise errors.BadRequest(f"update_mask: it belongs to a patch that is an object, not {form}")
    text = getattr(request, form)
    if form == "json_patch":
        listed = json_patch.read(text)
        return _Text(
            lambda data, _: json_patch.steps(data, listed.operations),
            listed.faults,
            version=version,
            speaks_of_owners=_MANAGED_FIELDS in text
            or json_patch.reads(listed.operations, _OWNERS),
        )
    speaks_of_owners = _MANAGED_FIELDS in text
    if form == "merge_patch":
        merged = merge_patch.read(text)
        return _Text(
            lambda data, _: merge_patch.steps(data, merged.value),
            merged.faults,
            version=version,
            speaks_of_owners=speaks_of_owners,
        )
    patch = strategic.read(text)
    return _Text(
        lambda data, cls: strategic.steps(data, patch.value, cls),
        patch.faults,
        version=version,
        speaks_of_owners=speaks_of_owners,
    )


class _Masked:
    """The fields of a message that a mask names."""

    speaks_of_owners = False

    def __init__(self, source: Any, paths: tuple[str, ...]) -> None:
        self._source = source
        self._paths = paths

    async def of(self, message: Any) -> Patched:
        """See :class:`Patch`."""
        changed = type(message)()
        changed.CopyFrom(message)
        masks.apply(changed, self._source, self._paths)
        # They are conditions, whether the mask names them or not.
        for name in ("resource_version", "uid"):
            if value := getattr(self._source.metadata, name):
                setattr(changed.metadata, name, value)
        return Patched(message=changed)


class _Text:
    """A change of the JSON that the object is answered as."""

    def __init__(
        self,
        steps: _MakeSteps,
        unknown: Sequence[str],
        *,
        version: FindVersion,
        speaks_of_owners: bool,
    ) -> None:
        self.speaks_of_owners = speaks_of_owners
        self._version = version
        self._steps = steps
        self._unknown = unknown
        """What strict field validation refuses in the text itself."""

    async def of(self, message: Any) -> Patched:
        """See :class:`Patch`."""
        data = await turns.returned(encode.steps(message, shown=True))
        found = await turns.returned(self._steps(data, type(message)))
        if not isinstance(found, dict):
            struct = message.DESCRIPTOR.name
            raise _invalid(f"the patch leaves no {struct} but another value")
        other = self._other_version(message, found)
        changed: Any = type(message)() if other is None else other.resource.message_class()
        report = await turns.returned(decode.steps(found, changed))
        if report.faults:
            raise _invalid(report.faults[0].message)
        if other is not None:
            own = self._version(message.api_version)
            assert own is not None  # noqa: S101  # it has another version
            changed = own.parse(other.encode(changed))
        changed.api_version, changed.kind = message.api_version, message.kind
        return Patched(
            message=changed,
            faults=report.violations,
            unknown=(*self._unknown, *_unknown(report)),
            managed_fields=_managed_fields(found) if self.speaks_of_owners else None,
        )

    def _other_version(self, message: Any, found: dict[str, Any]) -> Kind | None:
        """Return the version that an object is in after the patch; ``None`` for its own.

        Raises ``errors.Invalid`` for another kind, or a version that it does not have.
        """
        version = found.get("apiVersion") or message.api_version
        kind = found.get("kind") or message.kind
        if (version, kind) == (message.api_version, message.kind):
            return None
        other = self._version(version) if isinstance(version, str) else None
        if other is None or other.resource.kind != kind:
            named, at = errors.quote(str(kind)), errors.quote(str(version))
            raise _invalid(f"no kind {named} is registered for version {at}")
        return other


def _managed_fields(found: dict[str, Any]) -> Any:
    metadata = found.get("metadata")
    return metadata.get(_MANAGED_FIELDS) if isinstance(metadata, dict) else None


def _unknown(report: Report) -> Iterator[str]:
    for path in report.unknown:
        yield f"unknown field {errors.quote(path)}"
    for path in report.repeated:
        yield f"duplicate field {errors.quote(path)}"


def tell_unknown(call: Call, patched: Patched) -> None:
    """Refuse fields that the kind does not have, or warn of them, as the request says.

    Raises ``errors.Invalid``.
    """
    mode, unknown = call.request.field_validation, patched.unknown
    if not unknown or mode == requests_pb2.FIELD_VALIDATION_IGNORE:
        return
    if mode == requests_pb2.FIELD_VALIDATION_WARN:
        call.warnings.extend(unknown)
        return
    raise _invalid(f"strict decoding error: {', '.join(unknown)}")


def _invalid(text: str) -> errors.Invalid:
    """Say that what the patch leaves is no object of the kind; Kubernetes names no kind here."""
    return errors.invalid("", "", [violations.invalid("patch", _OBJECT, text)])
