"""The objects of the stand-in, and what a Kubernetes API server answers about them.

Only what kubectl's cases need: what a real server refuses in other ways is recorded in
tests/client/transcripts, byte for byte.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
import threading
import uuid
from typing import TYPE_CHECKING, Any

from protocube import selectors
from protocube.catalog import Catalog
from protocube.patching import json_patch, merge_patch, strategic
from tests.differential.kinds import KINDS, Kind, Object, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIELDS = frozenset({"apiVersion", "kind", "metadata"})
_META = frozenset(
    {"name", "generateName", "namespace", "labels", "annotations", "finalizers",
     "ownerReferences", "resourceVersion", "uid", "creationTimestamp", "generation",
     "managedFields", "selfLink"}
)  # fmt: skip


class Refused(Exception):
    """The server says no, with a ``Status`` object."""

    def __init__(self, code: int, reason: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "details": details,
            "code": code,
        }


class Store:
    """Objects by kind, namespace and name. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[tuple[str, str, str], Object] = {}
        self._revisions = itertools.count(1)
        for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            self.create(_kind("Namespace"), "", namespace)

    def create(self, kind: Kind, namespace: str, item: Object, *, dry_run: bool = False) -> Object:
        """Store a new object and give it. Raises :class:`Refused`."""
        item = copy.deepcopy(item)
        metadata = item.setdefault("metadata", {})
        if not metadata.get("name"):
            raise _invalid(
                kind, "", "metadata.name", "Required value: name or generateName is required"
            )
        name = metadata["name"]
        if kind.namespaced:
            metadata["namespace"] = namespace
        with self._lock:
            if kind.namespaced and ("namespaces", "", namespace) not in self._objects:
                raise _not_found(_kind("Namespace"), namespace)
            key = (kind.plural, namespace, name)
            if key in self._objects:
                text = f'{kind.qualified} "{name}" already exists'
                raise Refused(409, "AlreadyExists", text, name=name, kind=kind.plural)
            now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            metadata.update(creationTimestamp=now, uid=str(uuid.uuid4()))
            if not dry_run:
                metadata["resourceVersion"] = str(next(self._revisions))
            made = filled(kind, item)
            if not dry_run:
                self._objects[key] = made
        return made

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """Return one object. Raises :class:`Refused`."""
        with self._lock:
            found = self._objects.get((kind.plural, namespace, name))
        if found is None:
            raise _not_found(kind, name)
        return found

    def patch(
        self, kind: Kind, namespace: str, name: str, change: Any, *, form: str, dry_run: bool
    ) -> Object:
        """Change an object by a patch, whose ``form`` is a content type, and give it.

        What comes out is not checked. Raises :class:`Refused`.
        """
        found = copy.deepcopy(self.get(kind, namespace, name))
        changed = _patched(kind, found, change, form)
        if changed == found:
            return found
        if not dry_run:
            with self._lock:
                changed["metadata"]["resourceVersion"] = str(next(self._revisions))
                self._objects[(kind.plural, namespace, name)] = changed
        return changed

    def delete(self, kind: Kind, namespace: str, name: str, *, dry_run: bool = False) -> Object:
        """Remove one object and give it. Raises :class:`Refused`."""
        found = self.get(kind, namespace, name)
        if not dry_run:
            with self._lock:
                self._objects.pop((kind.plural, namespace, name), None)
        return found

    def select(self, kind: Kind, namespace: str, labels: str, fields: str) -> list[Object]:
        """Return objects by namespace and name; an empty ``namespace`` means all."""
        try:
            by_labels = selectors.parse_labels(labels)
        except selectors.SelectorError as error:
            raise Refused(400, "BadRequest", str(error)) from None
        wanted = dict(term.split("=", 1) for term in fields.replace("==", "=").split(",") if term)
        with self._lock:
            # As keys lie in etcd.
            found = sorted(self._objects.items(), key=lambda entry: "/".join(entry[0]))
        return list(self._matching(found, kind, namespace, by_labels, wanted))

    @staticmethod
    def _matching(
        found: Sequence[tuple[tuple[str, str, str], Object]],
        kind: Kind,
        namespace: str,
        labels: selectors.Selector,
        fields: dict[str, str],
    ) -> Iterator[Object]:
        for (plural, where, name), item in found:
            values = {"metadata.name": name, "metadata.namespace": where}
            if (
                plural == kind.plural
                and namespace in ("", where)
                and labels.matches(item["metadata"].get("labels") or {})
                and all(values.get(field) == value for field, value in fields.items())
            ):
                yield item


def _patched(kind: Kind, item: Object, change: Any, form: str) -> Object:
    match form.removeprefix("application/").removesuffix("+json"):
        case "json-patch":
            found: Object = json_patch.apply(item, json_patch.read(json.dumps(change)).operations)
            return found
        case "strategic-merge-patch":
            resource = Catalog.shipped().for_kind(kind.group_version, kind.name)
            if resource is not None:
                return strategic.apply(item, change, resource.message_class)
    return merge_patch.apply(item, change)


def check(kind: Kind, item: Object, validation: str) -> tuple[list[str], Object]:
    """Return the warnings about ``item`` and what of it is kept. Raises :class:`Refused`."""
    named = item.get("kind")
    if named != kind.name and item.get("apiVersion"):
        text = f'no kind "{named}" is registered for version "{kind.group_version}" in scheme "go"'
        raise Refused(400, "BadRequest", text)
    metadata = item.get("metadata") or {}
    known = _FIELDS | kind.fields.keys()
    unknown = [field for field in sorted(item) if field not in known]
    unknown += [f"metadata.{field}" for field in sorted(metadata) if field not in _META]
    for field, wanted in kind.fields.items():
        _check_type(kind, field, item.get(field), wanted)
    if kind.name == "ConfigMap":
        _check_texts(kind, item.get("data") or {})
    messages = [f'unknown field "{field}"' for field in unknown]
    if messages and validation == "Strict":
        raise _bad_request(kind, f"strict decoding error: {', '.join(messages)}")
    kept = {field: value for field, value in item.items() if field in known}
    kept["metadata"] = {field: value for field, value in metadata.items() if field in _META}
    return messages if validation == "Warn" else [], kept


def _check_type(kind: Kind, field: str, value: Any, wanted: type) -> None:
    if value is not None and not isinstance(value, wanted):
        raise _wrong_type(kind, field, value, _GO[wanted])


def _check_texts(kind: Kind, data: Object) -> None:
    for value in data.values():
        if value is not None and not isinstance(value, str):
            raise _wrong_type(kind, "data", value, "string")


def _wrong_type(kind: Kind, field: str, value: Any, wanted: str) -> Refused:
    where = f"Go struct field {kind.name}.{field} of type {wanted}"
    return _bad_request(kind, f"json: cannot unmarshal {_word(value)} into {where}")


_GO = {dict: "map[string]string", bool: "bool", str: "string", list: "[]v1.ObjectReference"}


def _word(value: Any) -> str:
    words = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}
    return words.get(type(value), "object")


def _bad_request(kind: Kind, why: str) -> Refused:
    version = kind.group_version.rpartition("/")[2]
    text = f'{kind.name} in version "{version}" cannot be handled as a {kind.name}: {why}'
    return Refused(400, "BadRequest", text)


def _not_found(kind: Kind, name: str) -> Refused:
    text = f'{kind.qualified} "{name}" not found'
    return Refused(404, "NotFound", text, name=name, kind=kind.plural)


def _invalid(kind: Kind, name: str, field: str, why: str) -> Refused:
    text = f'{kind.name} "{name}" is invalid: {field}: {why}'
    cause = {"reason": "FieldValueRequired", "message": why, "field": field}
    return Refused(422, "Invalid", text, name=name, kind=kind.name, causes=[cause])


def _kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)
