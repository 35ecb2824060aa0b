"""The kinds of the stand-in: just what kubectl must be told of them, in Kubernetes' words."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table that the server sends."""

    name: str
    cell: Callable[[Object], object]
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind."""

    group_version: str
    name: str
    plural: str
    short: str
    columns: tuple[Column, ...]
    fields: Mapping[str, type]
    """The top-level fields beside metadata, with what they must be."""
    namespaced: bool = True
    in_all: bool = False

    @property
    def has_status(self) -> bool:
        """Tell whether the status can be read by itself."""
        return "status" in self.fields

    @property
    def qualified(self) -> str:
        """The plural with its group, as errors name it."""
        group = self.group_version.rpartition("/")[0]
        return f"{self.plural}.{group}" if group else self.plural


def _name(item: Object) -> object:
    return item["metadata"]["name"]


def _age(_: Object) -> object:
    # Everything here was made within the same second or so; the comparison hides it.
    return "0s"


_NAME = Column(name="Name", cell=_name)
_AGE = Column(name="Age", cell=_age)


def _count(*fields: str) -> Callable[[Object], object]:
    return lambda item: sum(len(item.get(field) or {}) for field in fields)


def _plain(item: Object) -> Object:
    """Return a Secret with ``stringData`` moved into ``data``."""
    texts = item.pop("stringData", None) or {}
    if texts:
        coded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        item["data"] = {**(item.get("data") or {}), **coded}
    item.setdefault("type", "Opaque")
    return item


KINDS = (
    Kind(
        group_version="v1",
        name="ConfigMap",
        plural="configmaps",
        short="cm",
        columns=(_NAME, Column(name="Data", cell=_count("data", "binaryData")), _AGE),
        fields={"data": dict, "binaryData": dict, "immutable": bool},
    ),
    Kind(
        group_version="v1",
        name="Secret",
        plural="secrets",
        short="",
        columns=(
            _NAME,
            Column(name="Type", cell=lambda item: item["type"]),
            Column(name="Data", cell=_count("data")),
            _AGE,
        ),
        fields={"data": dict, "stringData": dict, "type": str, "immutable": bool},
    ),
    Kind(
        group_version="v1",
        name="ServiceAccount",
        plural="serviceaccounts",
        short="sa",
        columns=(_NAME, Column(name="Secrets", cell=_count("secrets")), _AGE),
        fields={
            "secrets": list,
            "imagePullSecrets": list,
            "automountServiceAccountToken": bool,
        },
    ),
    Kind(
        group_version="v1",
        name="Namespace",
        plural="namespaces",
        short="ns",
        columns=(_NAME, Column(name="Status", cell=lambda item: item["status"]["phase"]), _AGE),
        fields={"spec": dict, "status": dict},
        namespaced=False,
    ),
    Kind(
        group_version="v1",
        name="Pod",
        plural="pods",
        short="po",
        columns=(_NAME, _AGE),
        fields={"spec": dict, "status": dict},
        in_all=True,
    ),
    Kind(
        group_version="v1",
        name="Event",
        plural="events",
        short="ev",
        columns=(_NAME, _AGE),
        fields={},
    ),
    *(
        Kind(
            group_version=version,
            name=name,
            plural=f"{name.lower()}s",
            short=short,
            columns=(_NAME, _AGE),
            fields={"spec": dict, "status": dict},
        )
        for version, name, short in (
            ("apps/v1", "DaemonSet", "ds"),
            ("apps/v1", "ReplicaSet", "rs"),
            ("apps/v1", "StatefulSet", "sts"),
            ("batch/v1", "Job", ""),
            ("coordination.k8s.io/v1", "Lease", ""),
        )
    ),
    Kind(
        group_version="v1",
        name="Node",
        plural="nodes",
        short="no",
        columns=(_NAME, _AGE),
        fields={"spec": dict, "status": dict},
        namespaced=False,
    ),
    Kind(
        group_version="networking.k8s.io/v1",
        name="IngressClass",
        plural="ingressclasses",
        short="",
        columns=(_NAME, _AGE),
        fields={"spec": dict},
        namespaced=False,
    ),
    Kind(
        group_version="discovery.k8s.io/v1",
        name="EndpointSlice",
        plural="endpointslices",
        short="",
        columns=(_NAME, _AGE),
        fields={"addressType": str, "endpoints": list, "ports": list},
    ),
    Kind(
        group_version="storage.k8s.io/v1",
        name="StorageClass",
        plural="storageclasses",
        short="sc",
        columns=(_NAME, _AGE),
        fields={
            "provisioner": str,
            "parameters": dict,
            "reclaimPolicy": str,
            "volumeBindingMode": str,
            "allowVolumeExpansion": bool,
            "mountOptions": list,
            "allowedTopologies": list,
        },
        namespaced=False,
    ),
    Kind(
        group_version="apps/v1",
        name="Deployment",
        plural="deployments",
        short="deploy",
        columns=(_NAME, _AGE),
        fields={"spec": dict, "status": dict},
        in_all=True,
    ),
)


def filled(kind: Kind, item: Object) -> Object:
    """Return ``item`` with what a server sets beside system fields."""
    if kind.name == "Secret":
        return _plain(item)
    if kind.name == "Namespace":
        item["spec"] = {"finalizers": ["kubernetes"]}
        item["status"] = {"phase": "Active"}
        labels = item["metadata"].setdefault("labels", {})
        labels["kubernetes.io/metadata.name"] = item["metadata"]["name"]
    return item
