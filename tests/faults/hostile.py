"""Single requests that cost much for their size, one of each kind of field.

Each is within the limit on requests: what it costs is work, not room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

OBJECTS = 500
"""So many config maps have to be there, for selectors."""
_MANY = 20_000
_UNKNOWN = b"\xf8\x3f\x01"
"""Field 1023, which no message has, as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One request, ready to be sent."""

    name: str
    method: str
    raw: bytes
    stored: bytes = b""
    """Of an update: the request that creates what is updated."""


def requests() -> Iterator[Hostile]:
    """Yield all of them."""
    yield from _of_pods()
    yield from _of_other_kinds()
    yield from _updates()
    yield from _lists()
    yield _pod("1,000,000 empty containers", _in_spec("containers", b"") * 1_000_000)
    yield _pod("400,000 unknown fields in one place", _UNKNOWN * 400_000)
    yield _pod("unknown fields in 40,000 places", _in_spec("tolerations", _UNKNOWN) * 40_000)


_ONE = {"name": "c", "image": "web:1"}


def _container(**parts: Any) -> dict[str, Any]:
    return {"containers": [{**_ONE, **parts}]}


def _of_pods() -> Iterator[Hostile]:
    container = _container
    yield _create("env without names", "pods", container(env=[{}] * _MANY))
    env = [{"name": f"E{i}", "value": "x"} for i in range(_MANY)]
    yield _create("good env", "pods", container(env=env))
    yield _create("env of one name", "pods", container(env=env[:1] * _MANY))
    yield _create("empty mounts", "pods", container(volumeMounts=[{}] * _MANY))
    yield _create("empty ports", "pods", container(ports=[{}] * _MANY))
    yield _create("empty containers", "pods", {"containers": [{}] * _MANY})
    yield _create("empty volumes", "pods", {**container(), "volumes": [{}] * _MANY})
    tolerations = [{"operator": "x"}] * _MANY
    yield _create("bad tolerations", "pods", {**container(), "tolerations": tolerations})
    few: dict[str, Any] = {"env": [{}] * 60, "ports": [{}] * 60, "volumeMounts": [{}] * 60}
    yield _create("200 containers of 60 empty env, ports and mounts", "pods", _many(few))
    yield _create("good containers", "pods", {"containers": _named(_MANY)})


def _many(parts: dict[str, Any]) -> dict[str, Any]:
    return {"containers": [{**container, **parts} for container in _named(200)]}


def _named(count: int) -> list[dict[str, Any]]:
    return [{**_ONE, "name": f"c{i}"} for i in range(count)]


def _of_other_kinds() -> Iterator[Hostile]:
    labels = {f"b{i}!": "x" for i in range(_MANY)}
    yield _create("bad labels", "configmaps", None, labels=labels)
    yield _create("bad annotations", "configmaps", None, annotations=labels)
    yield _create("bad finalizers", "configmaps", None, finalizers=["!"] * _MANY)
    yield _create("empty owners", "configmaps", None, ownerReferences=[{}] * _MANY)
    yield _create("empty service ports", "services", {"ports": [{}] * _MANY})
    yield _create("rules", "networkpolicies", {"podSelector": {}, "ingress": [{}] * _MANY})
    term = {"matchExpressions": [{"key": "!", "operator": "x"}] * _MANY}
    yield _create("bad expressions", "networkpolicies", {"podSelector": term})
    hook = {"name": "a.b.c", "admissionReviewVersions": ["x"] * 8000}
    yield _create("8,000 equal values", "mutatingwebhookconfigurations", None, webhooks=[hook])
    topology = {"matchLabelExpressions": [{"key": "k", "values": ["v"]}]}
    yield _create("equal topologies", "storageclasses", None, allowedTopologies=[topology] * 10_000)


def _lists() -> Iterator[Hostile]:
    yield _list("label selector of 20,000 terms", label_selector=_terms("!k{}"))
    yield _list("values of one label", label_selector=f"a in ({_terms('v{}')})")
    yield _list("field selector of 20,000 terms", field_selector=_terms("metadata.name!=n{}"))


def _updates() -> Iterator[Hostile]:
    """Yield updates of what is stored, and is as large as it may be."""
    env = [{"name": f"E{i}", "value": "x"} for i in range(_MANY)]
    spec: dict[str, Any] = {"podSelector": {}, "ingress": [{}] * _MANY}
    many = {"finalizers": [f"a.b/{i}" for i in range(_MANY)]}
    yield _update("update of good env", "pods", _container(env=env), {"labels": {"a": "b"}})
    yield _update("update of rules", "networkpolicies", spec, {"labels": {"a": "b"}})
    yield _update("update of finalizers", "configmaps", None, many, many)


def _terms(form: str) -> str:
    return ",".join(form.format(i) for i in range(_MANY))


def _resource(word: str) -> Any:
    found = Catalog.shipped().find(word)
    assert found is not None
    return found


def _create(name: str, word: str, spec: dict[str, Any] | None, **others: Any) -> Hostile:
    """Return a create of an object with a spec, or with other fields or metadata."""
    resource = _resource(word)
    fields = resource.descriptor.fields_by_camelcase_name
    manifest: dict[str, Any] = {name: others.pop(name) for name in [*others] if name in fields}
    manifest["metadata"] = {"name": "h", **others}
    if spec is not None:
        manifest["spec"] = spec
    # A dry run: the next one finds the same state.
    request: Any = resource.create_request_class(dry_run=True)
    request.object.CopyFrom(json_format.ParseDict(manifest, resource.message_class()))
    return Hostile(name=name, method=f"/{resource.service}/Create", raw=request.SerializeToString())


def _update(
    name: str,
    word: str,
    spec: dict[str, Any] | None,
    changed: dict[str, Any],
    metadata: dict[str, Any] | None = None,
) -> Hostile:
    """Return a dry run of an update of the metadata of an object."""
    resource = _resource(word)
    stored: Any = resource.create_request_class()
    first: dict[str, Any] = {"metadata": {"name": "h", **(metadata or {})}}
    if spec is not None:
        first["spec"] = spec
    stored.object.CopyFrom(json_format.ParseDict(first, resource.message_class()))
    request: Any = resource.update_request_class(dry_run=True)
    request.object.CopyFrom(stored.object)
    json_format.ParseDict({"metadata": changed}, request.object)
    return Hostile(
        name=name,
        method=f"/{resource.service}/Update",
        raw=request.SerializeToString(),
        stored=stored.SerializeToString(),
    )


def _list(name: str, **fields: Any) -> Hostile:
    raw = requests_pb2.ListRequest(**fields).SerializeToString()
    return Hostile(name=name, method=f"/{_resource('configmaps').service}/List", raw=raw)


def _pod(name: str, spec: bytes) -> Hostile:
    """Return a create of a Pod with an encoded spec."""
    resource = _resource("pods")
    obj = _tag(resource.descriptor.fields_by_name["spec"].number) + _framed(spec)
    number = resource.create_request_class.DESCRIPTOR.fields_by_name["object"].number
    raw = _tag(number) + _framed(obj)
    return Hostile(name=name, method=f"/{resource.service}/Create", raw=raw)


def _in_spec(field: str, body: bytes) -> bytes:
    """Return one message in a field of a Pod's spec, encoded."""
    spec = _resource("pods").descriptor.fields_by_name["spec"].message_type
    return _tag(spec.fields_by_name[field].number) + _framed(body)


def _tag(number: int) -> bytes:
    return _varint(number << 3 | 2)


def _framed(body: bytes) -> bytes:
    return _varint(len(body)) + body


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
