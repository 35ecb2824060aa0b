"""The text of a patch as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import json_values

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPatch:
    """A patch that is an object, and can be applied."""

    value: dict[str, Any]
    faults: tuple[str, ...]
    """What strict field validation refuses and warnings tell: repeated members."""


def parse(text: str, *, fault: str = "", written: bool = False) -> json_values.Whole:
    """Return what ``text`` says. Raises ``BadRequest`` when it is not one JSON value.

    The message begins with ``fault``. ``written`` is as for ``json_values.parse_whole``.
    """
    try:
        return json_values.parse_whole(text, written=written)
    except json_values.NotAlone:
        raise errors.BadRequest(f"{fault}there is more than one JSON value") from None
    except json_values.NotJson:
        raise errors.BadRequest(fault + _why_not_json(text)) from None
    except json_values.Refused as error:
        raise errors.BadRequest(f"{fault}{error}") from None


def object_patch(
    value: Any, repeated: Iterable[str], *, called: str, fault: str = ""
) -> ObjectPatch:
    """Return the patch that a value is. Raises ``BadRequest`` when it is no object.

    The message begins with ``fault``, and names the patch as it is ``called``.
    """
    if not isinstance(value, dict):
        raise errors.BadRequest(f"{fault}{called} is an object, not {what(value)}")
    faults = tuple(f'duplicate field "{path}"' for path in repeated)
    return ObjectPatch(value=value, faults=faults)


def what(value: Any) -> str:
    """Return what JSON calls the type of a value: ``an object``, ``a string``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "a string" if isinstance(value, str) else "a number"


def _why_not_json(text: str) -> str:
    """Return what is wrong with a text that is not JSON, as far as it can be told."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated string") or not text[error.pos :].strip(
            json_values.BLANKS
        ):
            return "unexpected end of JSON input"
        character = f"invalid character {text[error.pos]!r}"
        if error.msg == "Expecting value":
            return f"{character} looking for beginning of value"
        return f"{character}: {error.msg[0].lower()}{error.msg[1:]}"
    return "the patch is not JSON"
