"""Rules on volumes that lie outside of pods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube.api.v1 import resource_pb2
from protocube_server.builtin.volumes import iscsi
from protocube_server.kinds import object_names, violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_TENANT = 64
_HOST_AND_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]*")
_IN_CONTEXT = "in the context of inline volumes"


def _inline_volume(found: Found) -> Iterator[errors.Violation | None]:
    """A volume that a pod described is of a CSI driver, and is less than a PersistentVolume."""
    volume: Any = found.value
    yield from _access_modes(volume.access_modes, f"{found.path}.accessModes")
    policy = volume.persistent_volume_reclaim_policy
    if policy not in ("", "Retain"):
        detail = f"may only be Retain {_IN_CONTEXT}"
        yield violations.forbidden(f"{found.path}.persistentVolumeReclaimPolicy", detail)
    if volume.HasField("node_affinity"):
        detail = f"may not be specified {_IN_CONTEXT}"
        yield violations.forbidden(f"{found.path}.nodeAffinity", detail)
    if volume.storage_class_name:
        detail = f"may not be specified {_IN_CONTEXT}"
        yield violations.forbidden(f"{found.path}.storageClassName", detail)
    if volume.volume_mode not in ("", "Filesystem"):
        detail = f"may not specify volumeMode other than Filesystem {_IN_CONTEXT}"
        yield violations.forbidden(f"{found.path}.volumeMode", detail)
    if volume.HasField("csi"):
        yield from found.contract.faults(volume.csi, f"{found.path}.csi")


def _access_modes(modes: Iterable[str], path: str) -> Iterator[errors.Violation]:
    for mode in modes:
        if mode not in _MODES:
            yield violations.unsupported(path, mode, _MODES)
    known = {mode for mode in modes if mode in _MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        yield violations.forbidden(path, "may not use ReadWriteOncePod with other access modes")


def _volume_name(found: Found) -> Iterator[errors.Violation]:
    """An iSCSI initiator's interface is called by the names of the volume and its portal."""
    if found.value.WhichOneof("source") != "iscsi" or not found.parent.HasField("metadata"):
        return
    source = found.value.iscsi
    if iscsi.is_too_long(found.parent.metadata.name, source):
        path = f"{found.path}.iscsi.targetPortal"
        yield violations.invalid(path, source.target_portal, iscsi.TOO_LONG)


def _secret_reference(found: Found) -> Iterator[errors.Violation]:
    """It names a Secret and where that is."""
    for name, text, form in (
        ("name", found.value.name, resource_pb2.NAME_FORMAT_DNS_SUBDOMAIN),
        ("namespace", found.value.namespace, resource_pb2.NAME_FORMAT_DNS_LABEL),
    ):
        if not text:
            yield violations.required(f"{found.path}.{name}")
        for fault in object_names.faults(text, form) if text else ():
            yield violations.invalid(f"{found.path}.{name}", text, fault)


def _quobyte_registry(found: Found) -> Iterator[errors.Violation]:
    """Hosts and ports; a tenant is a number of its own."""
    pairs = "must be a host:port pair or multiple pairs separated by commas"
    if len(found.parent.tenant.encode()) > _TENANT:
        path = f"{found.path.rpartition('.')[0]}.tenant"
        detail = "must be a UUID and may not exceed a length of 64 characters"
        yield violations.required(path, detail)
    elif not all(_HOST_AND_PORT.fullmatch(pair) for pair in found.value.split(",")):
        yield violations.invalid(found.path, found.value, pairs)


BY_NAME: dict[str, ComputedRule] = {
    "inline_volume": _inline_volume,
    "quobyte_registry": _quobyte_registry,
    "secret_reference": _secret_reference,
    "volume_name": _volume_name,
}
