"""What is told of a pod, or of a template of one, that is accepted all the same.

Source: ``GetWarningsForPod`` of Kubernetes, whose order and texts these are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.builtin import fractions_of_bytes
from protocube_server.builtin.pods import containers, node_labels, port_warnings
from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protocube_server.kinds.named.message_warning import MessageWarning

_ANNOTATIONS: Final = {
    "scheduler.alpha.kubernetes.io/critical-pod": ("v1.16", "priorityClassName"),
    "security.alpha.kubernetes.io/sysctls": ("v1.11", "sysctls"),
    "security.alpha.kubernetes.io/unsafe-sysctls": ("v1.11", "sysctls"),
}
"""Those that do nothing any more: since when, and the field to use."""
_SECCOMP_OF_POD: Final = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_OF_CONTAINER: Final = "container.seccomp.security.alpha.kubernetes.io/"
_APP_ARMOR_OF_CONTAINER: Final = "container.apparmor.security.beta.kubernetes.io/"
_NO_SECCOMP: Final = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_NO_APP_ARMOR: Final = 'deprecated since v1.30; use the "appArmorProfile" field instead'
_VOLUMES: Final = {
    "photon_persistent_disk": (
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    "git_repo": ("gitRepo", "deprecated in v1.11"),
    "scale_io": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "flocker": ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "quobyte": ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}
"""What Kubernetes calls them in these texts, and what it says of them."""
_OF_BYTES: Final = ("memory", "ephemeral-storage")
_NO_SELECTOR: Final = "a null labelSelector results in matching no pod"


def _pod(message: Any) -> Iterator[Remark | None]:
    """What Kubernetes tells of a pod with its metadata."""
    spec, annotations = message.spec, message.metadata.annotations
    # Nearly every pod has none of it all, and pays for the questions on each write.
    if spec.node_selector or spec.HasField("affinity"):
        yield from _labels_of_nodes(spec)
    if spec.topology_spread_constraints:
        yield from _spreads(spec)
    if annotations:
        yield from _annotations(annotations)
    if spec.volumes:
        yield from _volumes(spec)
        yield from _projected_twice(spec)
    yield from _names(spec)
    for name in _OF_BYTES if spec.overhead else ():
        yield from fractions_of_bytes.remarks(spec.overhead, name, "spec.overhead")
    if _SECCOMP_OF_POD in annotations and not spec.security_context.HasField("seccomp_profile"):
        yield Remark(_NO_SECCOMP, _annotation(_SECCOMP_OF_POD))
    yield from _containers(spec, annotations)
    if spec.termination_grace_period_seconds < 0:
        told = "must be >= 0; negative values are invalid and will be treated as 1"
        yield Remark(told, "spec.terminationGracePeriodSeconds")
    if spec.HasField("affinity"):
        yield from _affinities(spec.affinity)


def _annotations(annotations: Mapping[str, str]) -> Iterator[Remark]:
    for name, (since, field) in _ANNOTATIONS.items():
        if name in annotations:
            told = f'non-functional in {since}+; use the "{field}" field instead'
            yield Remark(told, _annotation(name))


def _names(spec: Any) -> Iterator[Remark]:
    if spec.host_aliases:
        yield from _twice((item.ip for item in spec.host_aliases), "spec.hostAliases", "ip")
    if spec.image_pull_secrets:
        secrets = [item.name for item in spec.image_pull_secrets]
        yield from _twice(secrets, "spec.imagePullSecrets", "name")
        for index, name in enumerate(secrets):
            if not name:
                yield Remark('invalid empty name ""', f"spec.imagePullSecrets[{index}].name")


def _containers(spec: Any, annotations: Mapping[str, str]) -> Iterator[Remark | None]:
    has_ports = False
    for where, container in containers.of(spec, containers.OF_A_POD):
        yield None
        if annotations:
            yield from _profiles(spec, container, annotations)
        yield from _container(container, where)
        has_ports = has_ports or bool(container.ports)
    if has_ports:
        yield from port_warnings.remarks(spec)


def _annotation(name: str) -> str:
    return f"metadata.annotations[{name}]"


def _labels_of_nodes(spec: Any) -> Iterator[Remark]:
    for label in sorted(spec.node_selector):
        if told := node_labels.DEPRECATED.get(label):
            yield Remark(told, f"spec.nodeSelector[{label}]")
    affinity = spec.affinity.node_affinity
    path = "spec.affinity.nodeAffinity"
    required = affinity.required_during_scheduling_ignored_during_execution
    at = f"{path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
    for index, term in enumerate(required.node_selector_terms):
        yield from node_labels.remarks(term, f"{at}[{index}]")
    at = f"{path}.preferredDuringSchedulingIgnoredDuringExecution"
    for index, each in enumerate(affinity.preferred_during_scheduling_ignored_during_execution):
        yield from node_labels.remarks(each.preference, f"{at}[{index}].preference")


def _spreads(spec: Any) -> Iterator[Remark]:
    for index, spread in enumerate(spec.topology_spread_constraints):
        at = f"spec.topologySpreadConstraints[{index}]"
        if told := node_labels.DEPRECATED.get(spread.topology_key):
            yield Remark(f"{spread.topology_key} is {told}", f"{at}.topologyKey")
        if not spread.HasField("label_selector"):
            yield Remark(_NO_SELECTOR, f"{at}.labelSelector")


def _volumes(spec: Any) -> Iterator[Remark]:
    for index, volume in enumerate(spec.volumes):
        at, source = f"spec.volumes[{index}]", volume.WhichOneof("source")
        if source in _VOLUMES:
            name, told = _VOLUMES[source]
            yield Remark(told, f"{at}.{name}")
        elif source == "ephemeral":
            claim = volume.ephemeral.volume_claim_template.spec.resources
            path = f"{at}.ephemeral.volumeClaimTemplate.spec.resources"
            yield from fractions_of_bytes.remarks(claim.requests, "storage", f"{path}.requests")
            yield from fractions_of_bytes.remarks(claim.limits, "storage", f"{path}.limits")


def _projected_twice(spec: Any) -> Iterator[Remark]:
    """A file whose path is that of a token, whose volume is any of the pod."""
    sources = [
        (index, source)
        for index, volume in enumerate(spec.volumes)
        if volume.WhichOneof("source") == "projected"
        for source in volume.projected.sources
    ]
    tokens = {
        source.service_account_token.path
        for _, source in sources
        if source.HasField("service_account_token")
    }
    for index, source in sources if tokens else ():
        at = f"spec.volumes[{index}].projected.sources"
        for name, path in _projected(source):
            if path in tokens:
                told = f"has duplicated path with ServiceAccountToken {errors.quote(path)}"
                yield Remark(told, f"{at}.{name}")


def _projected(source: Any) -> Iterator[tuple[str, str]]:
    """Yield the files of a source: what Kubernetes calls each here, and its path."""
    for name, part in (
        ("configMap", source.config_map),
        ("secrets", source.secret),
        ("downwardAPI", source.downward_api),
    ):
        for index, item in enumerate(part.items):
            yield f"{name}[{index}]", item.path
    if source.HasField("cluster_trust_bundle"):
        yield "ClusterTrustBundle", source.cluster_trust_bundle.path


def _twice(values: Iterable[str], path: str, field: str) -> Iterator[Remark]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Remark(f"duplicate {field} {errors.quote(value)}", f"{path}[{index}].{field}")
        seen.add(value)


def _profiles(spec: Any, container: Any, annotations: Mapping[str, str]) -> Iterator[Remark]:
    own = container.security_context
    name = f"{_SECCOMP_OF_CONTAINER}{container.name}"
    if name in annotations and not own.HasField("seccomp_profile"):
        yield Remark(_NO_SECCOMP, _annotation(name))
    name = f"{_APP_ARMOR_OF_CONTAINER}{container.name}"
    has_field = any(
        context.HasField("app_armor_profile") for context in (own, spec.security_context)
    )
    if name in annotations and not has_field:
        yield Remark(_NO_APP_ARMOR, _annotation(name))


def _container(container: Any, where: str) -> Iterator[Remark]:
    for name in _OF_BYTES if container.HasField("resources") else ():
        for field, amounts in (
            ("limits", container.resources.limits),
            ("requests", container.resources.requests),
        ):
            at = f"{where}.resources.{field}"
            yield from fractions_of_bytes.remarks(amounts, name, at)
    seen: set[str] = set()
    for index, variable in enumerate(container.env):
        if variable.name in seen and not _builds_on_former(variable):
            told = (
                f"hides previous definition of {errors.quote(variable.name)}, which may be dropped "
                "when using apply"
            )
            yield Remark(told, f"{where}.env[{index}]")
        seen.add(variable.name)


def _builds_on_former(variable: Any) -> bool:
    """Tell whether a variable's value is made of the former one of the same name."""
    reference = f"$({variable.name})"
    is_more = reference in variable.value and variable.value != reference
    return is_more and not variable.HasField("value_from")


def _affinities(affinity: Any) -> Iterator[Remark]:
    for field, part in (
        ("podAffinity", affinity.pod_affinity),
        ("podAntiAffinity", affinity.pod_anti_affinity),
    ):
        path = f"spec.affinity.{field}"
        at = f"{path}.requiredDuringSchedulingIgnoredDuringExecution"
        for index, term in enumerate(part.required_during_scheduling_ignored_during_execution):
            if not term.HasField("label_selector"):
                yield Remark(_NO_SELECTOR, f"{at}[{index}].labelSelector")
        at = f"{path}.preferredDuringSchedulingIgnoredDuringExecution"
        for index, each in enumerate(part.preferred_during_scheduling_ignored_during_execution):
            if not each.pod_affinity_term.HasField("label_selector"):
                yield Remark(_NO_SELECTOR, f"{at}[{index}].podAffinityTerm.labelSelector")


BY_NAME: dict[str, MessageWarning] = {"pod": _pod}
