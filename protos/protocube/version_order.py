"""Which of several versions of a kind is preferred."""

from __future__ import annotations

import re


def precedence(version: str) -> tuple[int, int, int]:
    """Order versions as Kubernetes does: v2, v1, v2beta1, v1beta2, v1alpha1, then all else.

    Source: ``k8s.io/apimachinery/pkg/version``.
    """
    found = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if found is None:
        return (0, 0, 0)
    stage = {"alpha": 1, "beta": 2, None: 3}[found[2]]
    return (stage, int(found[1]), int(found[3] or 0))
