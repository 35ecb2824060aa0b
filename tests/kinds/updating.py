"""Asks what a kind says of an object, or of its update, after defaults."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from google.protobuf import json_format

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import turns
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.kind import Kind

UID = "11111111-1111-4111-8111-111111111111"


def changed(manifest: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return ``manifest`` with other values at dotted paths; ``None`` takes one away."""
    made = copy.deepcopy(manifest)
    for path, value in changes.items():
        target: Any = made
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        for step in steps:
            target = target.setdefault(step, {}) if isinstance(target, dict) else target[step]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return made


def said(word: str, new: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    """Return the violations of a new object, or of its update from ``old``, as one line each."""
    kind = _kind(word)
    made = _message(kind, new)
    try:
        if old is None:
            kind.validation.check(made)
        else:
            before = _message(kind, old)
            turns.at_once(kind.update_defaults.filling(before, made))
            asyncio.run(kind.validation.check_update_in_turns(before, made))
    except errors.Invalid as error:
        return [str(item) for item in error.violations]
    return []


def updated(word: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return what an update from ``old`` comes to."""
    kind = _kind(word)
    made = _message(kind, new)
    turns.at_once(kind.update_defaults.filling(_message(kind, old), made))
    return json_format.MessageToDict(made)


def _kind(word: str) -> Kind:
    resource = Catalog.shipped().find(word)
    assert resource is not None
    return Kind(resource, "/registry", functions=FUNCTIONS)


def _message(kind: Kind, manifest: dict[str, Any]) -> Any:
    message: Any = json_format.ParseDict(manifest, kind.resource.message_class())
    message.metadata.uid = UID
    kind.defaults.apply(message)
    return message
