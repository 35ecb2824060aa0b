"""The five fields that say when something happens again and again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import quote
from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_server.kinds.named.message_rule import MessageRule


_FIELDS: Final = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    (0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
"""Minute, hour, day of the month, month and day of the week: the least, the most, and the names of
the numbers from the least on."""
_ALL: Final = ("*", "?")
_INTEGER = re.compile("[+-]?[0-9]+")
_FIRST_BEYOND: Final = 2**63
_MOST_DIGITS: Final = 19


class _Bad(Exception):  # reads as the statement it is
    """A field is none; ``str()`` says why."""


def _cron_schedule(holder: Any) -> Iterator[Fault]:
    """Say what is wrong with ``schedule``; the contract checks how many fields there are."""
    schedule = holder.schedule
    if schedule.startswith("@") or "TZ" in schedule:
        return
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return
    try:
        for field, (least, most, names) in zip(fields, _FIELDS, strict=True):
            for part in filter(None, field.split(",")):
                _check(part, least, most, names)
    except _Bad as error:
        yield Fault(rule="string.cron_schedule", text=str(error), at="schedule")


def _check(part: str, least: int, most: int, names: Sequence[str]) -> None:
    """Check one range with its step, in the order in which Kubernetes does. Raises ``_Bad``."""
    ends, *steps = part.split("/")
    first, *others = ends.split("-")
    begin, end = least, most
    # What stands behind a star is not looked at.
    if first not in _ALL:
        begin = _number(first, least, names)
        if len(others) > 1:
            raise _Bad(f"too many hyphens: {part}")
        end = _number(others[0], least, names) if others else begin
    if len(steps) > 1:
        raise _Bad(f"too many slashes: {part}")
    step = _number(steps[0]) if steps else 1
    if steps and not others:
        end = most
    if begin < least:
        raise _Bad(f"beginning of range ({begin}) below minimum ({least}): {part}")
    if end > most:
        raise _Bad(f"end of range ({end}) above maximum ({most}): {part}")
    if begin > end:
        raise _Bad(f"beginning of range ({begin}) beyond end of range ({end}): {part}")
    if not step:
        raise _Bad(f"step of range should be a positive number: {part}")


def _number(text: str, first: int = 0, names: Sequence[str] = ()) -> int:
    """Return a number or that of a name. Raises ``_Bad``."""
    if text.lower() in names:
        return first + names.index(text.lower())
    if not _INTEGER.fullmatch(text):
        raise _unread(text, "invalid syntax")
    digits = text.lstrip("+-0") or "0"
    if len(digits) > _MOST_DIGITS or int(digits) >= _FIRST_BEYOND:
        raise _unread(text, "value out of range")
    if text.startswith("-") and digits != "0":
        raise _Bad(f"negative number (-{digits}) not allowed: {text}")
    return int(digits)


def _unread(text: str, why: str) -> _Bad:
    return _Bad(f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: {why}")


BY_NAME: dict[str, MessageRule] = {"cron_schedule": _cron_schedule}
