"""Rules that protovalidate cannot say, or not cheaply, by the name that a field option gives them.

Each is asked when the field is set, and gives what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import options
from protocube_server.kinds.computed_rules import (
    addresses,
    amounts,
    entries,
    lists,
    metadata,
    pods,
    resources,
    structural_schemas,
    templates,
    times,
    volumes,
    windows,
)

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from protocube_server.kinds.computed_rules.rule import ComputedRule

__all__ = ["named"]

_BY_NAME: dict[str, ComputedRule] = {
    **addresses.BY_NAME,
    **amounts.BY_NAME,
    **entries.BY_NAME,
    **lists.BY_NAME,
    **metadata.BY_NAME,
    **pods.BY_NAME,
    **resources.BY_NAME,
    **structural_schemas.BY_NAME,
    **templates.BY_NAME,
    **times.BY_NAME,
    **volumes.BY_NAME,
    **windows.BY_NAME,
}


def named(name: str, kind: Descriptor) -> ComputedRule:
    """Give the rule that a field of ``kind`` asks for. Raises ``ValueError``."""
    return options.named(_BY_NAME, name, what="computed rule", where=kind.full_name)
