"""What two forms of one object differ in, apart from what a server makes up."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MADE_UP = {"uid": "$UID", "resourceVersion": "$RV", "creationTimestamp": "$TIME"}
_PORTS = ("nodePort", "healthCheckNodePort")
_ADDRESSES = ("clusterIP", "clusterIPs")


def normalised(item: dict[str, Any], manifest: dict[str, Any]) -> Any:
    """Return ``item`` with a mark where a server made up what ``manifest`` does not give."""
    given = set(_scalars(manifest))
    given |= {_second(value) for value in given if isinstance(value, str)}
    metadata = {key: _MADE_UP.get(key, value) for key, value in item["metadata"].items()}
    metadata.pop("managedFields", None)
    made = _marked({**item, "metadata": metadata}, "", given, is_service=item["kind"] == "Service")
    prefix = manifest["metadata"].get("generateName")
    if not prefix:
        return made
    return json.loads(json.dumps(made).replace(item["metadata"]["name"], f"{prefix}$SUFFIX"))


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield ``- path`` for what is missing, ``+ path`` for what is too much, ``~ path`` else."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in sorted(wanted.keys() | found.keys()):
            here = f"{path}.{key}".removeprefix(".")
            if key not in found:
                yield f"- {here}"
            elif key not in wanted:
                yield f"+ {here}"
            else:
                yield from differences(wanted[key], found[key], here)
    elif isinstance(wanted, list) and isinstance(found, list):
        for one, other in zip(wanted, found, strict=False):
            yield from differences(one, other, f"{path}[]")
        if len(wanted) != len(found):
            yield f"{'-' if len(wanted) > len(found) else '+'} {path}[]"
    elif type(wanted) is not type(found) or wanted != found:
        yield f"~ {path}"


def _marked(value: Any, name: str, given: set[Any], *, is_service: bool) -> Any:
    match value:
        case dict():
            return {
                key: _marked(item, key, given, is_service=is_service) for key, item in value.items()
            }
        case list():
            return [_marked(item, name, given, is_service=is_service) for item in value]
        case str() if value not in given:
            if _UUID.fullmatch(value):
                return "$UID"
            if _TIME.fullmatch(value) and _second(value) not in given:
                return "$TIME"
            if is_service and name in _ADDRESSES and value not in ("", "None"):
                return "$CLUSTERIP"
        case int() if is_service and name in _PORTS and value and value not in given:
            return "$NODEPORT"
    return value


def _scalars(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for item in value.values():
                yield from _scalars(item)
        case list():
            for item in value:
                yield from _scalars(item)
        case str() | int() | float():
            yield value


def _second(text: str) -> Any:
    """Return the second that a time is in, and any other text as it is."""
    if _TIME.fullmatch(text) is None:
        return text
    return ("second", int(datetime.fromisoformat(text).timestamp()))
