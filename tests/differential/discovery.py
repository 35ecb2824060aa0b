"""What the stand-in says about itself: groups, resources, and that it validates fields."""

from __future__ import annotations

from typing import Any

from tests.differential.kinds import KINDS, Kind

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


OPENAPI_2 = "/openapi/v2"
"""Where kubectl looks for the schema of a kind that ``/openapi/v3`` does not have."""

NO_SCHEMA = b"\x0a\x032.0\x12\x09\x0a\x03api\x12\x02v1\x42\x00"
"""An OpenAPI document without a kind, in protobuf, which is all that kubectl reads here. A
kind that it does not have is not validated."""


def answer(path: str) -> Any | None:
    """Return the answer of a discovery path, ``None`` for any other."""
    return _ANSWERS.get(path)


def _resources(group_version: str) -> dict[str, Any]:
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": [_resource(kind) for kind in KINDS if kind.group_version == group_version],
    }


def _resource(kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": kind.plural,
        "singularName": kind.name.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": _VERBS,
    }
    if kind.short:
        found["shortNames"] = [kind.short]
    if kind.in_all:
        found["categories"] = ["all"]
    return found


def _groups() -> dict[str, Any]:
    names = sorted({kind.group_version for kind in KINDS if "/" in kind.group_version})
    groups = []
    for group_version in names:
        group, _, version = group_version.partition("/")
        only = {"groupVersion": group_version, "version": version}
        groups.append({"name": group, "versions": [only], "preferredVersion": only})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _schema(group_version: str) -> dict[str, Any]:
    """Return as much OpenAPI as tells kubectl that the server checks fields itself."""
    group, _, version = group_version.rpartition("/")
    validation = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}
    paths = {}
    for kind in KINDS:
        if kind.group_version == group_version:
            meaning = {"group": group, "version": version, "kind": kind.name}
            operation = {
                "parameters": [validation],
                "responses": {},
                "x-kubernetes-group-version-kind": meaning,
            }
            root = f"/apis/{group_version}" if group else f"/api/{version}"
            where = "namespaces/{namespace}/" if kind.namespaced else ""
            paths[f"{root}/{where}{kind.plural}/{{name}}"] = {"patch": operation}
    return {"openapi": "3.0.0", "info": {"title": "stand-in", "version": "v1"}, "paths": paths}


def _answers() -> dict[str, Any]:
    versions = sorted({kind.group_version for kind in KINDS})
    roots = {
        version: f"apis/{version}" if "/" in version else f"api/{version}" for version in versions
    }
    found: dict[str, Any] = {
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
        "/apis": _groups(),
        "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.4"},
        "/openapi/v3": {
            "paths": {root: {"serverRelativeURL": f"/openapi/v3/{root}"} for root in roots.values()}
        },
    }
    for version, root in roots.items():
        found[f"/{root}"] = _resources(version)
        found[f"/openapi/v3/{root}"] = _schema(version)
    return found


_ANSWERS = _answers()
