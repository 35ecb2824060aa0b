"""Rules on pod templates that depend on what stands beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


def _stateful_set_template(found: Found) -> Iterator[errors.Violation | None]:
    """A template may mount the volumes of the claims that the set makes for each pod.

    The template's own rules do not know of those, so they are asked with the volumes
    in place.
    """
    template: Any = type(found.value)()
    template.CopyFrom(found.value)
    claimed = [claim.metadata.name for claim in found.parent.volume_claim_templates]
    known = set(claimed)
    kept = [volume for volume in template.spec.volumes if volume.name not in known]
    del template.spec.volumes[:]
    template.spec.volumes.extend(kept)
    for name in claimed:
        volume = template.spec.volumes.add(name=name)
        volume.persistent_volume_claim.claim_name = name
    yield from found.contract.faults(template, found.path)


BY_NAME: dict[str, ComputedRule] = {"stateful_set_template": _stateful_set_template}
