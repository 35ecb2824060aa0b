"""What an update may change of a volume: not where its bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule


_TODAY = {
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
}
"""The labels of nodes that have got other names."""


def _volume_spec(change: Change) -> Iterator[errors.Violation]:
    """The paths are those of Kubernetes, which leaves ``spec`` out of one."""
    old, new = change.old, change.new
    if _source(old, old) != _source(new, old):
        detail = "spec.persistentvolumesource is immutable after creation"
        yield violations.forbidden(f"{change.path}.persistentvolumesource", detail)
    if old.volume_mode != new.volume_mode:
        yield violations.invalid("volumeMode", new.volume_mode, "field is immutable")
    before, after = old.node_affinity, new.node_affinity
    if old.HasField("node_affinity") and _under_old_labels(after, before) != before:
        value = new.node_affinity if new.HasField("node_affinity") else None
        detail = "field is immutable, except for updating from beta label to GA"
        yield violations.invalid("nodeAffinity", value, detail)
    had, has = (spec.HasField("volume_attributes_class_name") for spec in (old, new))
    if had and not has:
        detail = "update from non-nil value to nil is forbidden"
        yield violations.forbidden(f"{change.path}.volumeAttributesClassName", detail)


def _under_old_labels(new: Any, old: Any) -> Any:
    """Return the new affinity with the labels of the old where only their names are newer."""
    kept = type(new)()
    kept.CopyFrom(new)
    terms = zip(kept.required.node_selector_terms, old.required.node_selector_terms, strict=False)
    for mine, other in terms:
        pairs = zip(mine.match_expressions, other.match_expressions, strict=False)
        for requirement, before in pairs:
            if requirement.key == _TODAY.get(before.key):
                requirement.key = before.key
    return kept


def _source(spec: Any, old: Any) -> Any:
    """Return what the volume is on, without a secret for growing that was added to it."""
    name = spec.WhichOneof("source")
    if name is None:
        return None
    source = type(getattr(spec, name))()
    source.CopyFrom(getattr(spec, name))
    if name == "csi" and not old.csi.HasField("controller_expand_secret_ref"):
        source.ClearField("controller_expand_secret_ref")
    return source


def _fixed_by_class(change: Change) -> Iterator[errors.Violation]:
    """Volumes that were made by a class stay what it said; Kubernetes forbids to change it."""
    if change.old != change.new:
        yield violations.forbidden(change.path, f"updates to {change.path} are forbidden.")


BY_NAME: dict[str, UpdateRule] = {"fixed_by_class": _fixed_by_class, "volume_spec": _volume_spec}
