"""The page of claims for volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables import ages, labels
from protocube.tables.kinds import missing, storage, volumes
from protocube_client.cli.describing.page import bracketed, moment

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page


async def claim(page: Page, item: Any, around: Around) -> None:
    """Write what is claimed, what it got, and which pods use it."""
    metadata, spec, status = item.metadata, item.spec, item.status
    page.field("Name", metadata.name)
    page.field("Namespace", metadata.namespace)
    page.field("StorageClass", volumes.storage_class(item, page.now))
    phase = status.phase
    if metadata.HasField("deletion_timestamp"):
        phase = f"Terminating (lasts {ages.since(metadata.deletion_timestamp, page.now)})"
    page.field("Status", phase)
    page.field("Volume", spec.volume_name)
    page.labels("Labels", metadata.labels)
    page.annotations("Annotations", metadata.annotations)
    page.field("Finalizers", bracketed(metadata.finalizers))
    page.field("Capacity", volumes.claim_capacity(item, page.now))
    page.field("Access Modes", volumes.claim_access_modes(item, page.now))
    if spec.volume_mode:
        page.field("VolumeMode", spec.volume_mode)
    if spec.HasField("data_source"):
        page.line("DataSource:")
        if spec.data_source.api_group:
            page.field("APIGroup", spec.data_source.api_group, 1)
        page.field("Kind", spec.data_source.kind, 1)
        page.field("Name", spec.data_source.name, 1)
    pods = await around.all_of("pods", metadata.namespace)
    page.values("Used By", [pod.metadata.name for pod in pods if _uses(pod, metadata.name)])
    if status.conditions:
        page.line("Conditions:")
        page.table(
            ("Type", "Status", "LastProbeTime", "LastTransitionTime", "Reason", "Message"),
            [_condition(each) for each in status.conditions],
            strokes={"LastProbeTime": 17},
        )


async def storage_class(page: Page, item: Any, _around: Around) -> None:
    """Write who makes volumes of the class, and how."""
    metadata = item.metadata
    page.field("Name", metadata.name)
    page.field("IsDefaultClass", "Yes" if storage.is_default(item) else "No")
    page.field("Annotations", labels.text(metadata.annotations))
    page.field("Provisioner", item.provisioner)
    page.field("Parameters", labels.text(item.parameters))
    has_word = item.HasField("allow_volume_expansion")
    page.field(
        "AllowVolumeExpansion", str(item.allow_volume_expansion) if has_word else missing.UNSET
    )
    if item.mount_options:
        page.line("MountOptions:")
        for option in item.mount_options:
            page.line(option, 1)
    else:
        page.field("MountOptions", missing.NONE)
    page.field("ReclaimPolicy", item.reclaim_policy)
    page.field("VolumeBindingMode", item.volume_binding_mode)
    if item.allowed_topologies:
        page.line("AllowedTopologies:\t")
    for number, term in enumerate(item.allowed_topologies):
        places = [
            f"{each.key} in [{', '.join(each.values)}]" for each in term.match_label_expressions
        ]
        page.values(f"  Term {number}", places)


def _uses(pod: Any, name: str) -> bool:
    return any(
        volume.persistent_volume_claim.claim_name == name
        or (volume.HasField("ephemeral") and f"{pod.metadata.name}-{volume.name}" == name)
        for volume in pod.spec.volumes
    )


def _condition(item: Any) -> tuple[str, ...]:
    return (
        *(f"{item.type} ", f"{item.status} ", f"{moment(item.last_probe_time)} "),
        *(f"{moment(item.last_transition_time)} ", f"{item.reason} ", item.message),
    )
