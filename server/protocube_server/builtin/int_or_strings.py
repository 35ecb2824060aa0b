"""Rules on fields that hold a number or a text: ports and parts of replicas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_PERCENT = re.compile("[0-9]+%")
_WITHIN_ALL = re.compile("0*([0-9]{1,2}|100)%")
_NO_PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')"
)
_PORT_CHARACTERS = re.compile("[-a-z0-9]+")
_PORT_NAME_SIZE = 15
_LAST_PORT = 65535
_FIRST_BEYOND = 2.0**31
_NO_PORT = "must be between 1 and 65535, inclusive"


def _port(holder: Any) -> Iterator[Fault]:
    """The field ``port`` is the number of a port or the name of one."""
    if holder.HasField("port"):
        detail = _port_fault(holder.port, 1, "must be an integer or a string")
        if detail:
            yield Fault(rule="invalid.port", text=detail, at="port")


def _target_port(holder: Any) -> Iterator[Fault]:
    """The field ``targetPort`` is as ``port``; with 0 and ``""`` it says nothing."""
    if not holder.HasField("target_port"):
        return
    value = holder.target_port
    is_empty = value.WhichOneof("kind") == "string_value" and not value.string_value
    detail = "" if is_empty else _port_fault(value, 0, "must be a port number or a port name")
    if detail:
        yield Fault(rule="invalid.port_number_or_name", text=detail, at="targetPort")


def _port_fault(value: Any, least: int, other: str) -> str:
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            is_port = least <= number <= _LAST_PORT and number.is_integer()
            return "" if is_port else _NO_PORT
        case "string_value":
            return _port_name_fault(value.string_value)
    return other


def _port_name_fault(name: str) -> str:
    if len(name) > _PORT_NAME_SIZE:
        return "must be no more than 15 characters"
    if not _PORT_CHARACTERS.fullmatch(name):
        return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not re.search("[a-z]", name):
        return "must contain at least one letter (a-z)"
    if "--" in name:
        return "must not contain consecutive hyphens"
    if name.startswith("-") or name.endswith("-"):
        return "must not begin or end with a hyphen"
    return ""


def _amounts(holder: Any) -> Iterator[Fault]:
    """Each is a number of pods or a part of the replicas; ``maxSurge`` may be more than all.

    That is so of a Deployment only: a DaemonSet cannot have two pods a node for long.
    """
    surges = holder.DESCRIPTOR.name == "RollingUpdateDeployment"
    for field, value in holder.ListFields():
        if field.name in _AMOUNTS:
            more = surges and field.name == "max_surge"
            detail = _amount_fault(value, is_bounded=not more)
            if detail:
                yield Fault(rule="invalid.int_or_percent", text=detail, at=field.json_name)


_AMOUNTS = frozenset(("max_surge", "max_unavailable", "min_available"))


def _amount_fault(value: Any, *, is_bounded: bool) -> str:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        if value.number_value < 0:
            return "must be greater than or equal to 0"
        is_integer = value.number_value.is_integer() and value.number_value < _FIRST_BEYOND
        return "" if is_integer else "must be an integer"
    if kind != "string_value" or not _PERCENT.fullmatch(value.string_value):
        return _NO_PERCENT
    if is_bounded and not _WITHIN_ALL.fullmatch(value.string_value):
        return "must not be greater than 100%"
    return ""


BY_NAME: dict[str, MessageRule] = {
    "int_or_percent": _amounts,
    "port_number_or_name": _port,
    "target_port_number_or_name": _target_port,
}
