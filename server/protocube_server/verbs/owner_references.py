"""Owner references that an object has twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocube_server.calls.call import Call

_WARNING = (
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in "
    "1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate "
    "UID(s) observed: "
)


def settle(call: Call, message: Any) -> None:
    """Leave one of equal references, and warn of the others.

    Source: ``dedupOwnerReferencesTransformer`` of ``k8s.io/apiserver``.
    """
    references = message.metadata.owner_references
    if len(references) < 2:  # noqa: PLR2004  # two can be equal
        return
    kept: dict[bytes, Any] = {}
    doubled: dict[str, None] = {}
    for reference in references:
        content = reference.SerializeToString(deterministic=True)
        if content in kept:
            doubled[reference.uid] = None
        else:
            kept[content] = reference
    if doubled:
        left = [type(item).FromString(content) for content, item in kept.items()]
        message.metadata.ClearField("owner_references")
        message.metadata.owner_references.extend(left)
        call.warnings.append(_WARNING + ",".join(doubled))
