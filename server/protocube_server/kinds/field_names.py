"""The fields of a message by the names that they have in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import memo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor


@memo.by_message_type
def by_json_name(message: Descriptor) -> Mapping[str, str]:
    """Return the contract's name of each field by its JSON name: ``podCIDR``, ``pod_cidr``."""
    return {field.json_name: field.name for field in message.fields}
