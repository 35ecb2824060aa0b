"""What a server answers, in the model's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.manifests import encode
from tests.model.objects import Refused

if TYPE_CHECKING:
    from protocube import errors
    from protocube.autoscaling.v1.scale_pb2 import Scale
    from tests.model.objects import Content, Kind, Owners, Path, View
    from tests.model.served import Clock

_SYSTEM = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
)
_SPEC = ("replicas", "paused", "minReadySeconds")
"""What the histories change of a Deployment's spec."""
TEMPLATE: dict[str, Any] = {
    "selector": {"matchLabels": {"app": "d"}},
    "template": {
        "metadata": {"labels": {"app": "d"}},
        "spec": {"containers": [{"name": "c", "image": "img:1"}]},
    },
}
"""What each Deployment has beside that."""


class Views:
    """Reads the answers of a server. Uids are numbered as objects are first seen."""

    def __init__(self, namespace: str, clock: Clock) -> None:
        self._namespace = namespace
        self._clock = clock
        self._uids: dict[str, int] = {}
        self._rest: dict[str, Any] | None = None
        """The part of a Deployment that stays the same, with its defaults."""

    def uid(self, number: int) -> str:
        """Return the uid of an object, or one that is nobody's."""
        known = {seen: uid for uid, seen in self._uids.items()}
        return known.get(number, "00000000-0000-4000-8000-000000000000")

    def read(self, kind: Kind, message: Any, *, owners: bool = False) -> View:
        """Return an object. One that has no version is of a dry run, and its uid is nobody's."""
        metadata = message.metadata
        assert metadata.namespace == self._namespace, metadata
        is_going = metadata.HasField("deletion_timestamp")
        assert metadata.HasField("deletion_grace_period_seconds") == is_going, metadata
        view = {
            "name": metadata.name,
            "uid": self._seen(metadata),
            "version": int(metadata.resource_version) if metadata.resource_version else None,
            "created": self._clock.read(metadata.creation_timestamp),
            "generation": metadata.generation,
            "going_since": self._clock.read(metadata.deletion_timestamp) if is_going else None,
            "content": self._content(kind, encode.data(message)),
        }
        return {**view, "owners": _owners(message)} if owners else view

    def scale(self, scale: Scale) -> View:
        """Return a Scale."""
        metadata = scale.metadata
        return {
            "name": metadata.name,
            "uid": self._seen(metadata),
            "version": int(metadata.resource_version),
            "created": self._clock.read(metadata.creation_timestamp),
            "replicas": scale.spec.replicas,
            "status": scale.status.replicas,
        }

    def _seen(self, metadata: Any) -> int:
        assert metadata.uid, metadata
        if not metadata.resource_version:
            assert metadata.uid not in self._uids, metadata
            return 0
        return self._uids.setdefault(metadata.uid, len(self._uids) + 1)

    def _content(self, kind: Kind, data: dict[str, Any]) -> Content:
        for name in ("apiVersion", "kind"):
            assert data.pop(name), data
        metadata = data.pop("metadata")
        found = {"metadata": {name: v for name, v in metadata.items() if name not in _SYSTEM}}
        if kind.has_status:
            spec = data.pop("spec")
            found["spec"] = {name: spec.pop(name) for name in _SPEC if name in spec}
            self._rest = self._rest or spec
            assert spec == self._rest, spec
        found |= data
        return {name: value for name, value in found.items() if value}


def refused(error: errors.ApiError) -> Refused:
    """Return a refusal, with the fields that it names and the managers that own them."""
    fields = {
        f"{fault.field} of {fault.subject}" if fault.subject else fault.field
        for fault in error.violations
        if fault.field
    }
    return Refused(error.kubectl_reason, *fields)


def _owners(message: Any) -> Owners:
    return {
        (entry["manager"], entry["operation"]): frozenset(_paths(entry.get("fieldsV1", {}), ()))
        for entry in encode.data(message.metadata).get("managedFields", ())
    }


def _paths(fields: dict[str, Any], above: Path) -> list[Path]:
    """Return the paths that FieldsV1 names."""
    found: list[Path] = []
    for name, below in fields.items():
        if name == ".":
            found.append(above)
            continue
        path = (*above, _element(name))
        found += _paths(below, path) if below else [path]
    return found


def _element(name: str) -> str:
    form, _, rest = name.partition(":")
    return rest.strip('"') if form == "v" else rest
