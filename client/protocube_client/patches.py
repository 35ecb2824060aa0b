"""What a patch is in its request: text of one of three forms, or a message and a field mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.options import PatchData, PatchType

_FIELDS: dict[PatchType, str] = {
    "json": "json_patch",
    "merge": "merge_patch",
    "strategic": "strategic_merge_patch",
}


def content(
    change: PatchData | Message, *, form: PatchType, fields: Sequence[str]
) -> dict[str, Any]:
    """Return the fields of a patch request that hold ``change``.

    ``form`` says how text or data is read, ``fields`` which fields of a message are taken.
    Raises ``TypeError`` for data that has no JSON form.
    """
    if isinstance(change, Message):
        from google.protobuf.field_mask_pb2 import FieldMask

        return {
            "object": change.SerializeToString(deterministic=True),
            "update_mask": FieldMask(paths=fields).SerializeToString(),
        }
    return {_FIELDS[form]: change if isinstance(change, str) else _text(change)}


def _text(data: object) -> str:
    import json

    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise TypeError(f"the patch has no JSON form: {error}") from None
