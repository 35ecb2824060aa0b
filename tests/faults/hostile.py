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


def requests() -> Iterator[Hostile]:
    """Yield all of them."""
    one = {"name": "c", "image": "web:1"}

    def container(**parts: Any) -> dict[str, Any]:
        return {"containers": [{**one, **parts}]}

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
    labels = {f"b{i}!": "x" for i in range(_MANY)}
    yield _create("bad labels", "configmaps", None, labels=labels)
    yield _create("bad annotations", "configmaps", None, annotations=labels)
    yield _create("bad finalizers", "configmaps", None, finalizers=["!"] * _MANY)
    yield _create("empty owners", "configmaps", None, ownerReferences=[{}] * _MANY)
    yield _create("empty service ports", "services", {"ports": [{}] * _MANY})
    yield _create("rules", "networkpolicies", {"podSelector": {}, "ingress": [{}] * _MANY})
    term = {"matchExpressions": [{"key": "!", "operator": "x"}] * _MANY}
    yield _create("bad expressions", "networkpolicies", {"podSelector": term})
    yield _list("label selector of 20,000 terms", label_selector=_terms("!k{}"))
    yield _list("values of one label", label_selector=f"a in ({_terms('v{}')})")
    yield _list("field selector of 20,000 terms", field_selector=_terms("metadata.name!=n{}"))
    yield _unknown("400,000 unknown fields in one place", nested=False)
    yield _unknown("unknown fields in 100,000 places", nested=True)


def _terms(form: str) -> str:
    return ",".join(form.format(i) for i in range(_MANY))


def _resource(word: str) -> Any:
    found = Catalog.shipped().find(word)
    assert found is not None
    return found


def _create(name: str, word: str, spec: dict[str, Any] | None, **metadata: Any) -> Hostile:
    resource = _resource(word)
    manifest: dict[str, Any] = {"metadata": {"name": "h", **metadata}}
    if spec is not None:
        manifest["spec"] = spec
    # A dry run: the next one finds the same state.
    request: Any = resource.create_request_class(dry_run=True)
    request.object.CopyFrom(json_format.ParseDict(manifest, resource.message_class()))
    return Hostile(name=name, method=f"/{resource.service}/Create", raw=request.SerializeToString())


def _list(name: str, **fields: Any) -> Hostile:
    raw = requests_pb2.ListRequest(**fields).SerializeToString()
    return Hostile(name=name, method=f"/{_resource('configmaps').service}/List", raw=raw)


def _unknown(name: str, *, nested: bool) -> Hostile:
    """Return a create with fields that no message has: many in the spec, or one each in many."""
    resource = _resource("pods")
    spec = resource.descriptor.fields_by_name["spec"]
    tolerations = spec.message_type.fields_by_name["tolerations"].number
    body = _UNKNOWN * 400_000
    if nested:
        body = (_tag(tolerations) + _framed(_UNKNOWN)) * 100_000
    obj = _tag(spec.number) + _framed(body)
    number = resource.create_request_class.DESCRIPTOR.fields_by_name["object"].number
    raw = _tag(number) + _framed(obj)
    return Hostile(name=name, method=f"/{resource.service}/Create", raw=raw)


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
