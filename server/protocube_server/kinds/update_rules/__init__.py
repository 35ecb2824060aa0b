"""Rules on what an update may change, by the name that a field option gives them.

They are for fields that are neither free nor immutable: some of their parts may change,
or they may change once, or in one direction. Each is asked at every update of an object
in which the field is set, before or after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import options
from protocube_server.kinds.update_rules import (
    jobs,
    nodes,
    numbers,
    pods,
    services,
    volume_claims,
    volumes,
)
from protocube_server.kinds.update_rules.change import Change

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from protocube_server.kinds.update_rules.change import UpdateRule

__all__ = ["Change", "named"]

_BY_NAME: dict[str, UpdateRule] = {
    **jobs.BY_NAME,
    **nodes.BY_NAME,
    **numbers.BY_NAME,
    **pods.BY_NAME,
    **services.BY_NAME,
    **volume_claims.BY_NAME,
    **volumes.BY_NAME,
}


def named(name: str, kind: Descriptor) -> UpdateRule:
    """Give the rule that a field of ``kind`` asks for. Raises ``ValueError``."""
    return options.named(_BY_NAME, name, what="update rule", where=kind.full_name)
