"""Rules on volumes that depend on each other or on the pod's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.api.v1 import resource_pb2
from protocube_server.builtin.volumes import iscsi
from protocube_server.kinds import object_names, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors


def faults(spec: Any, path: str, pod: str) -> Iterator[errors.Violation]:
    """Yield what is wrong with the volumes of ``pod``, whose name is empty in a template."""
    made = set()
    for index, volume in enumerate(spec.volumes):
        where = f"{path}.volumes[{index}]"
        match volume.WhichOneof("source"):
            case "projected":
                yield from _projected(volume.projected, f"{where}.projected")
            case "iscsi":
                if iscsi.is_too_long(volume.name, volume.iscsi):
                    yield violations.invalid(f"{where}.name", volume.name, iscsi.TOO_LONG)
            case "ephemeral" if pod and volume.name:
                made.add(f"{pod}-{volume.name}")
                yield from _claim_name(f"{pod}-{volume.name}", volume.name, where)
    for index, volume in enumerate(spec.volumes if made else ()):
        name = volume.persistent_volume_claim.claim_name
        if name in made:
            at = f"{path}.volumes[{index}].persistentVolumeClaim.claimName"
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            yield violations.invalid(at, name, detail)


def _claim_name(claim: str, volume: str, where: str) -> Iterator[errors.Violation]:
    for fault in object_names.faults(claim, resource_pb2.NAME_FORMAT_DNS_SUBDOMAIN):
        detail = f"PVC name {violations.shown(claim)}: {fault}"
        yield violations.invalid(f"{where}.name", volume, detail)


def _projected(projected: Any, where: str) -> Iterator[errors.Violation]:
    """No two sources write the same file."""
    seen: set[str] = set()
    for source in projected.sources:
        for shown, file in _files(source):
            if file and file in seen:
                yield violations.invalid(where, shown, "conflicting duplicate paths")
            seen.add(file)


def _files(source: Any) -> Iterator[tuple[str, str]]:
    """Yield each file of a source after what Kubernetes names when it is in the way."""
    match source.WhichOneof("source"):
        case ("secret" | "config_map") as name:
            holder = getattr(source, name)
            yield from ((holder.name, item.path) for item in holder.items)
        case "downward_api":
            yield from ((item.path, item.path) for item in source.downward_api.items)
        case "cluster_trust_bundle":
            yield source.cluster_trust_bundle.path, source.cluster_trust_bundle.path
        case "pod_certificate":
            certificate = source.pod_certificate
            for file in (
                certificate.credential_bundle_path,
                certificate.key_path,
                certificate.certificate_chain_path,
            ):
                yield file, file
