"""What ``--for`` of ``cubectl wait`` says, and whether an object is so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from protocube.errors import quote
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube.tables.jsonpath.finding import Template

CREATE = "create"
DELETE = "delete"
_CONDITION = "condition="
_PATH = "jsonpath="
_SINGLE_EQUALS = re.compile(r"(?:[^=]|==)*")
_FORM = (
    "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 "
    "or --for=jsonpath='{.status.readyReplicas}'"
)
_NO_VALUE = (
    "jsonpath wait has to have a value after equal sign, "
    "like --for=jsonpath='{.status.readyReplicas}'=3"
)


class Condition(Protocol):
    """Something that an object can be."""

    def holds(self, data: dict[str, Any]) -> bool:
        """Tell whether an object is so. Raises :class:`CommandError` when it cannot be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCondition:
    """An entry of ``status.conditions`` has a status; the case of letters does not matter."""

    type: str
    status: str

    def holds(self, data: dict[str, Any]) -> bool:
        """Tell whether the first condition of the type has the status.

        One that is of an older generation than the object says nothing yet.
        """
        status = data.get("status") or {}
        for condition in status.get("conditions") or ():
            if str(condition.get("type", "")).casefold() != self.type.casefold():
                continue
            seen = condition.get("observedGeneration", status.get("observedGeneration"))
            generation = data["metadata"].get("generation")
            if seen is not None and generation is not None and seen < generation:
                return False
            return str(condition.get("status", "")).casefold() == self.status.casefold()
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathCondition:
    """A path leads to a value; to ``value``, unless that is empty."""

    template: Template
    value: str

    def holds(self, data: dict[str, Any]) -> bool:
        """Tell whether the path leads to the value."""
        from protocube.tables import go_values

        found = self.template.find(data)
        if not found or not found[0]:
            return False
        if found[1:]:
            raise CommandError("given jsonpath expression matches more than one list")
        if found[0][1:]:
            raise CommandError("given jsonpath expression matches more than one value")
        if not self.value:
            return True
        (value,) = found[0]
        if isinstance(value, dict | list):
            raise CommandError("jsonpath leads to a nested object or list which is not supported")
        return go_values.text(value).strip() == self.value.strip()


def parse(text: str) -> Condition | str:
    """Return what ``--for`` says: a condition, or :data:`CREATE` or :data:`DELETE`.

    Raises :class:`CommandError` in kubectl's words, and ``TemplateError`` for a path.
    """
    if text.lower() in (CREATE, DELETE):
        return text.lower()
    if text.startswith(_CONDITION):
        kind, equals, status = text.removeprefix(_CONDITION).partition("=")
        return StatusCondition(type=kind, status=status if equals else "true")
    if text.startswith(_PATH):
        return _path(text.removeprefix(_PATH))
    raise CommandError(f"unrecognized condition: {quote(text)}")


def _path(text: str) -> PathCondition:
    from protocube_client.printers import field_paths

    parts = _split(text)
    if len(parts) > 2:  # noqa: PLR2004  # a path and a value
        raise CommandError(_FORM)
    template = field_paths.template(parts[0])
    value = "".join(parts[1:]).strip("'\"")
    if parts[1:] and not value:
        raise CommandError(_NO_VALUE)
    if not parts[0]:
        raise CommandError("jsonpath expression cannot be empty")
    return PathCondition(template=template, value=value)


def _split(text: str) -> list[str]:
    """Split a text at each ``=`` that is no part of ``==``."""
    parts: list[str] = []
    while True:
        found = _SINGLE_EQUALS.match(text)
        end = found.end() if found else 0
        parts.append(text[:end])
        if end == len(text):
            return parts
        text = text[end + 1 :]
