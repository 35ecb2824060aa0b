"""Patches that a command carries out itself, on JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_client.options import PatchType


def data(
    given: dict[str, Any], patch: str, *, form: PatchType, message_class: type[Message]
) -> dict[str, Any]:
    """Return an object after a patch, JSON text that is read as ``form`` says.

    Raises :class:`CommandError` for a patch that cannot be read or carried out.
    """
    from protocube import errors
    from protocube.patching import json_patch, merge_patch, strategic

    found: Any
    try:
        if form == "json":
            found = json_patch.apply(given, json_patch.read(patch).operations)
        elif form == "merge":
            found = merge_patch.apply(given, merge_patch.read(patch).value)
        else:
            found = strategic.apply(given, strategic.read(patch).value, message_class)
    except errors.Invalid:
        raise CommandError("the patch cannot be carried out on the object") from None
    except errors.ApiError as error:
        # No server has refused it.
        raise CommandError(error.message) from None
    if not isinstance(found, dict):
        raise CommandError("the patch leaves no object but another value")
    return found
