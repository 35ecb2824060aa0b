"""Which fields two versions of an object do not have alike, for people."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import encode, json_text
from protocube.patching import differences, merge_plans
from protocube_client.cli import last_applied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube.patching.merge_plans import Members, MergePlan

    Change = tuple[str, Any, Any]
    """A path, the value before and the value behind it; :data:`_NOTHING` where there is none."""

_NOTHING: Final = object()
_MOST = 20
"""More would only scroll the results away."""
_LONGEST = 40
_MASK: Final = "***"
_OF_SERVERS = ("resourceVersion", "generation", "managedFields", "creationTimestamp", "uid")


def lines(
    resource: Resource, before: Message, after: Message, *, status: bool = False
) -> tuple[str, ...]:
    """Return a line for each field that the two objects do not have alike.

    What the server counts is left out, and so is the ``status`` unless it is asked for. Values
    of Secrets are masked.
    """
    old, new = (_told(encode.data(each), status=status) for each in (before, after))
    members = merge_plans.of_message(resource.message_class)
    found = list(_of_objects("", old, new, members))
    is_secret = (resource.group, resource.kind) == ("", "Secret")
    shown = [_line(change, masked=is_secret) for change in found[:_MOST]]
    if len(found) > _MOST:
        shown.append(f"  and {len(found) - _MOST} more")
    return tuple(shown)


def _told(data: dict[str, Any], *, status: bool) -> dict[str, Any]:
    """Return what of an object is worth telling."""
    metadata = {name: value for name, value in data["metadata"].items() if name not in _OF_SERVERS}
    annotations = metadata.get("annotations", {})
    kept = {key: text for key, text in annotations.items() if key != last_applied.ANNOTATION}
    return {
        name: value
        for name, value in {**data, "metadata": {**metadata, "annotations": kept}}.items()
        if status or name != "status"
    }


def _of_objects(
    path: str, old: dict[str, Any], new: dict[str, Any], members: Members
) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        plan = differences.plan_of(members, name)
        yield from _of_values(
            f"{path}.{name}", old.get(name, _NOTHING), new.get(name, _NOTHING), plan
        )


def _of_values(path: str, old: Any, new: Any, plan: MergePlan) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(path, old, new, plan.members())
    elif (
        isinstance(old, list)
        and isinstance(new, list)
        and all(_is_keyed(plan, elements) for elements in (old, new))
    ):
        yield from _of_lists(path, old, new, plan)
    elif old is _NOTHING or new is _NOTHING or not differences.equal(old, new):
        yield path, old, new


def _is_keyed(plan: MergePlan, elements: list[Any]) -> bool:
    """Tell whether the merge key tells all elements apart; ports 53/UDP and 53/TCP share theirs."""
    key = plan.merge_key
    if not all(isinstance(element, dict) and key in element for element in elements):
        return False
    return len({json_text.compact(element[key]) for element in elements}) == len(elements)


def _of_lists(path: str, old: list[Any], new: list[Any], plan: MergePlan) -> Iterator[Change]:
    before, after = (_by_key(path, elements, plan.merge_key) for elements in (old, new))
    for named in dict.fromkeys((*before, *after)):
        one, other = before.get(named, _NOTHING), after.get(named, _NOTHING)
        if one is _NOTHING or other is _NOTHING:
            yield named, one, other
        else:
            yield from _of_objects(named, one, other, plan.members())


def _by_key(path: str, elements: list[Any], merge_key: str) -> dict[str, Any]:
    return {
        f"{path}[{merge_key}={json_text.compact(element[merge_key])}]": element
        for element in elements
    }


def _line(change: Change, *, masked: bool) -> str:
    path, old, new = change
    is_masked = masked and path.startswith((".data", ".stringData"))
    before, after = (_shown(value, masked=is_masked) for value in (old, new))
    if old is _NOTHING:
        told = f"  {path}: {after} is new"
    elif new is _NOTHING:
        told = f"  {path}: {before} is gone"
    else:
        told = f"  {path}: {before} -> {after}"
    width = shutil.get_terminal_size().columns
    return told if len(told) <= width else f"{told[: max(width - 3, 0)]}..."


def _shown(value: Any, *, masked: bool) -> str:
    if value is _NOTHING:
        return ""
    text = _MASK if masked else json_text.compact(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
