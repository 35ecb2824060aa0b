"""The owners of an object: ``metadata.managedFields``, read and written."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests import json_text
from protocube_server.kinds.ownership import elements, field_set, times
from protocube_server.kinds.ownership.field_set import EMPTY, FieldSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube.steps import Steps

FIELDS_TYPE: Final = "FieldsV1"


class Operation(enum.StrEnum):
    """How a manager came by its fields."""

    APPLY = "Apply"
    UPDATE = "Update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who owns fields: a manager in one of its roles."""

    manager: str
    operation: Operation
    api_version: str
    subresource: str = ""

    @property
    def identity(self) -> str:
        """Return what tells owners apart, and what they are sorted by in messages.

        An applier is the same one in every version.
        """
        is_update = self.operation is Operation.UPDATE
        parts = {
            "manager": self.manager,
            "operation": self.operation.value,
            "apiVersion": self.api_version if is_update else "",
            "subresource": self.subresource,
        }
        return json_text.compact({k: v for k, v in parts.items() if v}, order=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An owner and what it owns."""

    owner: Owner
    fields: FieldSet
    time: int | None = None
    """When the owner last wrote, in whole seconds since 1970."""

    def having(self, fields: FieldSet) -> Entry:
        """Return the entry with other fields."""
        return self if fields is self.fields else replace(self, fields=fields)


def ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return those entries that own something, in the order of ``managedFields``."""
    return tuple(sorted((entry for entry in entries if entry.fields), key=_order))


def _order(entry: Entry) -> tuple[str, int, str, str, str]:
    owner = entry.owner
    return (
        owner.operation.value,
        entry.time or 0,
        owner.manager,
        owner.api_version,
        owner.subresource,
    )


def distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return one entry of each owner, the last where there are several.

    A write to a scale can leave several; no other write keeps them apart.
    """
    return tuple({entry.owner.identity: entry for entry in entries}.values())


def are_same_but_for_times(one: Iterable[Entry], other: Iterable[Entry]) -> bool:
    """Tell whether the same owners own the same fields."""
    return _without_times(one) == _without_times(other)


def _without_times(entries: Iterable[Entry]) -> list[tuple[str, Owner, FieldSet]]:
    listed = [(entry.owner.identity, entry.owner, entry.fields) for entry in entries]
    return sorted(listed, key=lambda item: item[0])


def to_data(entries: Iterable[Entry]) -> Steps[list[dict[str, Any]]]:
    """Return ``managedFields`` as data for JSON."""
    listed: list[dict[str, Any]] = []
    for entry in entries:
        owner = entry.owner
        written: dict[str, Any] = {
            "manager": owner.manager,
            "operation": owner.operation.value,
            "apiVersion": owner.api_version,
        }
        if entry.time is not None:
            written["time"] = times.text(entry.time)
        written["fieldsType"] = FIELDS_TYPE
        written["fieldsV1"] = yield from field_set.to_fields_v1(entry.fields)
        if owner.subresource:
            written["subresource"] = owner.subresource
        listed.append(written)
    return listed


def from_data(listed: Any) -> Steps[tuple[Entry, ...]]:
    """Return the entries of ``managedFields`` as somebody wrote them.

    Of two with the same owner the last counts. Raises :class:`elements.Unreadable`.
    """
    found: dict[int, Entry] = {}
    for position, written in enumerate(listed):
        found[position] = yield from _entry(written)
    return distinct(found.values())


def _entry(written: Any) -> Steps[Entry]:
    operation = written.get("operation")
    if operation not in set(Operation):
        raise elements.Unreadable("operation must be `Apply` or `Update`")
    if not written.get("apiVersion"):
        raise elements.Unreadable("apiVersion must not be empty")
    if written.get("fieldsType") != FIELDS_TYPE:
        raise elements.Unreadable("fieldsType must be FieldsV1")
    owner = Owner(
        manager=written.get("manager", ""),
        operation=Operation(operation),
        api_version=written["apiVersion"],
        subresource=written.get("subresource", ""),
    )
    fields = written.get("fieldsV1")
    return Entry(
        owner=owner,
        fields=EMPTY if fields is None else (yield from field_set.from_fields_v1(fields)),
        time=times.seconds(written["time"]) if written.get("time") else None,
    )


def is_reset(listed: Any) -> bool:
    """Tell whether somebody wrote that nobody owns anything: ``[]``, or ``[{}]``."""
    return isinstance(listed, list) and listed in ([], [{}])


def after_writing(listed: Any, stored: tuple[Entry, ...]) -> Steps[tuple[Entry, ...]]:
    """Return the entries of an object that a client sent with ``managedFields``.

    ``None`` and what cannot be read leave the stored ones.
    """
    if is_reset(listed):
        return ()
    if not listed:
        return stored
    try:
        return (yield from from_data(listed))
    except elements.Unreadable:
        return stored
