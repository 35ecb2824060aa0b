"""The five fields that say when something happens again and again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule


def _field(value: str) -> re.Pattern[str]:
    """Return the form of a field: parts with commas between, each a range and a step."""
    part = f"([*]|[?]|({value})(-({value}))?)(/0*[1-9][0-9]*)?"
    return re.compile(f"({part}(,|$))+", re.IGNORECASE)


_FIELDS = (
    ("minute", _field("[0-5]?[0-9]")),
    ("hour", _field("[01]?[0-9]|2[0-3]")),
    ("day of month", _field("0?[1-9]|[12][0-9]|3[01]")),
    ("month", _field("0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")),
    ("day of week", _field("0?[0-6]|sun|mon|tue|wed|thu|fri|sat")),
)


def _cron_schedule(holder: Any) -> Iterator[Fault]:
    """Name the first field of ``schedule`` that is none; the contract checks how many there are."""
    schedule = holder.schedule
    if schedule.startswith("@") or "TZ" in schedule:
        return
    fields = [field for field in schedule.split(" ") if field]
    if len(fields) != len(_FIELDS):
        return
    for field, (name, form) in zip(fields, _FIELDS, strict=True):
        if not form.fullmatch(field):
            text = f"failed to parse the {name} field: {field}"
            yield Fault(rule="string.cron_schedule", text=text, at="schedule")
            return


BY_NAME: dict[str, MessageRule] = {"cron_schedule": _cron_schedule}
