"""Labels of nodes that have newer names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPRECATED: Final = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
}
"""What Kubernetes says of each."""


def remarks(term: Any, path: str) -> Iterator[Remark]:
    """Yield a remark on each such label that a term of a node selector asks for."""
    for index, expression in enumerate(term.match_expressions):
        if told := DEPRECATED.get(expression.key):
            at = f"{path}.matchExpressions[{index}].key"
            yield Remark(f"{expression.key} is {told}", at)
