"""Rules on the annotations of pods that programs act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.builtin.pods import profiles
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube import errors

_MIRROR = "kubernetes.io/config.mirror"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_INTEGER = re.compile("0|-[0-9]{1,20}|[1-9][0-9]{0,20}")
_MOST = 2**31


def faults(
    spec: Any, annotations: Mapping[str, str], path: str, spec_path: str
) -> Iterator[errors.Violation]:
    """Yield what is wrong with the annotations at ``path`` of the pod at ``spec_path``."""
    if _MIRROR in annotations and not spec.node_name:
        detail = "must set spec.nodeName if mirror pod annotation is set"
        yield violations.invalid(f"{path}[{_MIRROR}]", annotations[_MIRROR], detail)
    if _DELETION_COST in annotations and not _is_cost(annotations[_DELETION_COST]):
        cost = annotations[_DELETION_COST]
        yield violations.invalid(f"{path}[{_DELETION_COST}]", cost, "must be a 32bit integer")
    yield from profiles.in_annotations(spec, annotations, path, spec_path)


def _is_cost(text: str) -> bool:
    return bool(_INTEGER.fullmatch(text)) and -_MOST <= int(text) < _MOST
