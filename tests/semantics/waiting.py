"""Steps that wait: for some seconds, or until an object is as named.

The times are part of what was recorded: how long nothing may happen, or after how long something
must. They are all spent here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from tests.semantics import cases, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.catalog import Resource
    from tests.semantics.cases import Step
    from tests.semantics.places import Place

_DEADLINE_SECONDS = 10.0
_PAUSE_SECONDS = 0.05
_STAYS_SECONDS = 3.0
"""What is still there after so long is not collected: the recorded case waited as long."""


async def seconds(number: float) -> None:
    """Let so many seconds pass."""
    await asyncio.sleep(number)


async def differences(place: Place, resource: Resource | None, step: Step) -> list[str]:
    """Wait as the step says; return a line when its condition is not reached in time."""
    until = step.options.get("until", "")
    if not until:
        await seconds(step.seconds)
        return []
    assert resource is not None, step.kind
    if until == "stays":
        await seconds(_STAYS_SECONDS)
        reached = await _current(place, resource, step) is not None
    else:
        reached = await _reached(place, resource, step, _condition(until))
    expected = step.expect["reached"]
    return [] if reached == expected else [f"{until}: reached is {reached}, not {expected}"]


async def _reached(
    place: Place, resource: Resource, step: Step, condition: Callable[[Any], bool]
) -> bool:
    for _ in range(int(_DEADLINE_SECONDS / _PAUSE_SECONDS)):
        if condition(await _current(place, resource, step)):
            return True
        await seconds(_PAUSE_SECONDS)
    return False


async def _current(place: Place, resource: Resource, step: Step) -> Any:
    """Return the object, ``None`` when there is none."""
    wanted = {"verb": "get", "namespace": step.namespace, "name": step.name}
    request = requests.build(resource, cases.step(0, wanted), managed_fields=False)
    answer = await place.wire.call(request)
    if answer.error is not None and not isinstance(answer.error, errors.NotFound):
        raise answer.error
    return answer.message


def _condition(until: str) -> Callable[[Any], bool]:
    word, _, value = until.partition("=")
    return lambda item: _CONDITIONS[word](item, value)


def _has_condition(item: Any, value: str) -> bool:
    kind, _, status = value.partition(":")
    conditions = [] if item is None else item.status.conditions
    return any(found.type == kind and found.status == status for found in conditions)


_CONDITIONS: Final[dict[str, Callable[[Any, str], bool]]] = {
    "absent": lambda item, _: item is None,
    "deleting": lambda item, _: item is not None and item.metadata.HasField("deletion_timestamp"),
    "no-owners": lambda item, _: item is not None and not item.metadata.owner_references,
    "owners": lambda item, value: (
        item is not None and len(item.metadata.owner_references) == int(value)
    ),
    "finalizers": lambda item, value: (
        item is not None and [*item.metadata.finalizers] == value.split(",")
    ),
    "condition": _has_condition,
}
