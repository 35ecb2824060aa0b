"""Steps that rewrite a stored object behind the server's back, so that it breaks a rule.

The recorded cases say in words what is written: ``the host becomes Bad_.example.com``. What is
rewritten is in all of them the one text of the object that has ``good`` in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.storage import keys

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from tests.semantics.cases import Step
    from tests.semantics.places import Place

_NOTE = re.compile(r'becomes "?([^"]*)"?')
_MARK = "good"


async def rewrite(place: Place, resource: Resource, step: Step) -> None:
    """Write the object of a step to the store as its note says."""
    note = _NOTE.search(step.note)
    assert note is not None, step.note
    key = keys.for_object(place.prefix, resource.qualified, step.namespace, step.name)
    record = await place.store.get(key)
    assert record is not None, key
    message = resource.message_class.FromString(record.value)
    assert _rewritten(message, note[1]), f"nothing is {_MARK!r} in {message}"
    value = message.SerializeToString(deterministic=True)
    await place.store.update(key, value, expected=record.mod_revision)


def _rewritten(message: Any, text: str) -> bool:
    """Put ``text`` in the place of each marked one below ``message``; tell whether any was."""
    done = False
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            done |= _map_rewritten(value, text)
        elif field.is_repeated and field.message_type is None:
            for index, item in enumerate(value):
                if isinstance(item, str) and _MARK in item:
                    value[index], done = text, True
        elif field.is_repeated:
            done |= sum(_rewritten(item, text) for item in value) > 0
        elif field.message_type is not None:
            done |= _rewritten(value, text)
        elif isinstance(value, str) and _MARK in value:
            setattr(message, field.name, text)
            done = True
    return done


def _map_rewritten(entries: Any, text: str) -> bool:
    done = False
    for key, value in list(entries.items()):
        if _MARK in key:
            entries[text] = value
            del entries[key]
            done = True
        elif isinstance(value, str) and _MARK in value:
            entries[key], done = text, True
    return done
