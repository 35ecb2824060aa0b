"""What describes one object, line by line, in kubectl's form."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import missing
from protocube_client.cli import event_rows
from protocube_client.printers import cells, tabbed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LONGEST = 140
"""Annotations of more letters stand below their names, and are cut."""
_ZERO_SECONDS = -62_135_596_800
"""Go's zero time, which is the first moment of the year 1."""
_NEVER = "Mon, 01 Jan 0001 00:00:00 +0000"
"""How kubectl writes a time that is not set."""
_HIDDEN = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})


class Page:
    """Text in the making. Cells end with tabs, and line up at the end."""

    def __init__(self) -> None:
        self.now = time.time()
        """When it is written."""
        self._done: list[str] = []
        self._open: list[str] = []

    def write(self, text: str, level: int = 0) -> None:
        """Add text, which goes on in the same line unless it ends it."""
        self._open.append("  " * level + cells.visible(text))

    def line(self, text: str, level: int = 0) -> None:
        """Add a line."""
        self.write(f"{text}\n", level)

    def field(self, name: str, value: object, level: int = 0) -> None:
        """Add the line of a field."""
        self.line(f"{name}:\t{value}", level)

    def flag(self, name: str, *, value: bool, level: int = 0) -> None:
        """Add the line of a field that is true or false."""
        self.field(name, "True" if value else "False", level)

    def row(self, row: Sequence[object], level: int = 0) -> None:
        """Add a row of a table."""
        self.line("\t".join(map(str, row)), level)

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        strokes: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Add a table. ``strokes`` below headings are as long as these unless it says more."""
        self.row(headings, 1)
        self.row(["-" * strokes.get(each, len(each)) for each in headings], 1)
        for row in rows:
            self.row(row, 1)

    def values(self, title: str, values: Sequence[str]) -> None:
        """Add values, each in a line of its own."""
        self.write(f"{title}:\t")
        self.write("\t".join(f"{value}\n" for value in values) or f"{missing.NONE}\n")

    def labels(self, title: str, labels: Mapping[str, str]) -> None:
        """Add labels, sorted, each in a line of its own."""
        self.values(title, [f"{key}={labels[key]}" for key in sorted(labels)])

    def annotations(self, title: str, annotations: Mapping[str, str]) -> None:
        """Add annotations, sorted; long ones below their names."""
        self.values(
            title,
            [_annotation(key, annotations[key]) for key in sorted(set(annotations) - _HIDDEN)],
        )

    def head(self, metadata: Any, *, namespace: bool = True) -> None:
        """Add what most pages begin with."""
        self.field("Name", metadata.name)
        if namespace:
            self.field("Namespace", metadata.namespace)
        self.labels("Labels", metadata.labels)
        self.annotations("Annotations", metadata.annotations)

    def events(self, events: Iterable[Any]) -> None:
        """Add what happened to the object."""
        found = event_rows.in_order(events)
        if not found:
            self.field("Events", missing.NONE)
            return
        self.align()
        self.line("Events:")
        rows = [_event(event, self.now) for event in found]
        self.table(("Type", "Reason", "Age", "From", "Message"), rows, strokes={"Age": 4})

    def align(self) -> None:
        """Line up what was added since the last time; what follows has columns of its own."""
        self._done.append(tabbed.text("".join(self._open)))
        self._open.clear()

    def unaligned(self) -> str:
        """Return what was added since the last time that lines were lined up, with its tabs."""
        return "".join(self._open)

    def text(self) -> str:
        """Return the page."""
        self.align()
        return "".join(self._done)


def _annotation(key: str, value: str) -> str:
    value = value.removesuffix("\n")
    if len(value) + len(key) + 2 <= _LONGEST and "\n" not in value:
        return f"{key}: {value}"
    most = _LONGEST - 2
    lines = (line if len(line) <= most else f"{line[:most]}..." for line in value.split("\n"))
    return "\n".join((f"{key}:", *(f"\t  {line}" for line in lines)))


def _event(event: Any, now: float) -> list[str]:
    source = event.source.component or event.reporting_component
    age = event_rows.interval(event, now)
    return [event.type, event.reason, age, source, event.message.strip()]


def local(timestamp: Any) -> datetime:
    """Return a time in the zone of this machine."""
    found: datetime = timestamp.ToDatetime(tzinfo=UTC)
    try:
        return found.astimezone()
    except OverflowError:
        # There is no year 0 and none of five digits.
        return found


def moment(timestamp: Any) -> str:
    """Return a time as kubectl writes it in descriptions."""
    is_set = timestamp.ByteSize() and timestamp.seconds != _ZERO_SECONDS
    return format_datetime(local(timestamp)) if is_set else _NEVER


def number_or_text(value: Any) -> str:
    """Return a ``google.protobuf.Value`` that is a whole number or a text."""
    return f"{value.number_value:.0f}" if value.HasField("number_value") else value.string_value


def given(message: Any, name: str, unit: str = "") -> str:
    """Return a field with its unit, or that it is not set."""
    return f"{getattr(message, name)}{unit}" if message.HasField(name) else missing.UNSET


def bracketed(values: Iterable[object]) -> str:
    """Return a list as Go writes it."""
    return f"[{' '.join(map(str, values))}]"
