"""Creates, gets and changes: so many in flight, each followed by the next when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bench import rows
from tests.bench.figures import ECHO, SERVED
from tests.bench.load import CannotMeasureError
from tests.bench.objects import CONFIG_MAP, POD, Kind
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject

PAUSE = "15ms"
"""Between two writes, about, where a server is measured that has nothing else to do."""
_READ = 1_000
"""Objects that the gets are spread over."""
_FILLING = 64
"""Calls in flight while objects are only made."""


def steps() -> Iterator[Step]:
    """Yield the steps; the store grows with them."""
    yield Step(row=rows.PAUSED, subjects=SERVED, measure=_create_with_pauses)
    for in_flight in rows.IN_FLIGHT:
        yield _create(CONFIG_MAP, in_flight)
    yield _create(POD, rows.IN_FLIGHT[-1])
    yield Step(row=rows.GET, subjects=SERVED, measure=_get)
    for command in rows.CHANGES:
        yield _change(command)


def fill(setting: Setting, subject: Subject, prefix: str, count: int) -> None:
    """Make so many ConfigMaps and measure nothing."""
    made = setting.load.run(
        *("create", subject, CONFIG_MAP), in_flight=_FILLING, count=count, prefix=prefix
    )
    require_success(made)


def require_success(found: Any) -> None:
    """Refuse the figures of calls that failed. Raises ``CannotMeasureError``."""
    if found["failures"]:
        raise CannotMeasureError(f"{found['failures']} calls failed: {found['failure']}")
    if not found["calls"]:
        raise CannotMeasureError("no call ended in the time that was measured")


def _create(kind: Kind, in_flight: int) -> Step:
    row = rows.create(kind.name, in_flight)

    def measure(setting: Setting, subject: Subject) -> None:
        prefix = f"{kind.name[0]}{in_flight}"
        found = setting.load.run("create", subject, kind, in_flight=in_flight, prefix=prefix)
        _add(setting, row, subject, found)

    return Step(row=row, subjects=SERVED, measure=measure)


def _change(command: str) -> Step:
    def measure(setting: Setting, subject: Subject) -> None:
        prefix = f"for{command}"[:8]
        if subject.name != ECHO:
            fill(setting, subject, prefix, _READ)
        found = setting.load.run(
            *(command, subject, CONFIG_MAP),
            in_flight=rows.CHANGES_IN_FLIGHT,
            objects=_READ,
            prefix=prefix,
        )
        _add(setting, command, subject, found)

    return Step(row=command, subjects=rows.CHANGED, measure=measure)


def _create_with_pauses(setting: Setting, subject: Subject) -> None:
    found = setting.load.run("create", subject, CONFIG_MAP, pause=PAUSE, prefix="paused")
    _add(setting, rows.PAUSED, subject, found)


def _get(setting: Setting, subject: Subject) -> None:
    if subject.name != ECHO:
        fill(setting, subject, "get", _READ)
    found = setting.load.run(
        *("get", subject, CONFIG_MAP), in_flight=rows.GETS_IN_FLIGHT, objects=_READ, prefix="get"
    )
    _add(setting, rows.GET, subject, found)


def _add(setting: Setting, row: str, subject: Subject, found: Any) -> None:
    require_success(found)
    values = {
        "rate": found["per_second"],
        "p50": found["milliseconds"]["p50"],
        "p99": found["milliseconds"]["p99"],
        **found["cpu_us_per_call"],
    }
    setting.results.add(row, subject.name, values)
