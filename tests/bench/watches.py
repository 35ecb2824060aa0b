"""Watches: from when a write was sent to when a watcher had its event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import rows
from tests.bench.calls import PAUSE
from tests.bench.figures import ETCD, SQLITE, STORE
from tests.bench.load import CannotMeasureError
from tests.bench.objects import CONFIG_MAP
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject


def steps() -> Iterator[Step]:
    """Yield the steps, from idle to crowded."""
    yield _watch(watchers=1, writers=0)
    yield _watch(watchers=1, writers=1)
    for watchers in rows.WATCHERS:
        yield _watch(watchers=watchers, writers=rows.WRITERS)


def _watch(*, watchers: int, writers: int) -> Step:
    row = rows.watch(watchers, writers)

    def measure(setting: Setting, subject: Subject) -> None:
        found = setting.load.run(
            *("watch", subject, CONFIG_MAP),
            watchers=watchers,
            in_flight=max(writers, 1),
            pause="0" if writers else PAUSE,
            prefix=f"w{watchers}x{writers}",
        )
        if found["failures"]:
            raise CannotMeasureError(f"{found['failures']} writes failed: {found['failure']}")
        if found["disconnected"]:
            setting.results.note(f"{subject.name}: watchers were cut: {found['disconnect']}")
        sent, acknowledged = found["sent_to_event_ms"], found["acknowledged_to_event_ms"]
        values = {
            "rate": found["per_second"],
            "p50": sent["p50"],
            "p99": sent["p99"],
            "acknowledged": acknowledged["p50"],
            "disconnected": found["disconnected"],
            "lost": found["lost"] + found["repeated"],
            **found["cpu_us_per_write"],
        }
        setting.results.add(row, subject.name, values)

    return Step(row=row, subjects=(ETCD, SQLITE, STORE), measure=measure)
