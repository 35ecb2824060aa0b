"""Many writes in one stream: what each costs, and another caller's reads beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import calls, rows
from tests.bench.figures import ECHO, ETCD, SQLITE, Results
from tests.bench.objects import CONFIG_MAP, POD, Kind
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject

_ON = (ETCD, SQLITE)
_BUSY = rows.create(CONFIG_MAP.name, rows.IN_FLIGHT[-1])
"""The row of single calls that a stream's writes are compared with."""


def steps() -> Iterator[Step]:
    """Yield the steps; the store grows with them."""
    plain, with_ids, pods, pods_with_ids = rows.BULKS
    yield _bulk(plain, CONFIG_MAP, "b", ids=False)
    yield _bulk(with_ids, CONFIG_MAP, "bi", ids=True)
    yield _bulk(pods, POD, "bp", ids=False)
    yield _bulk(pods_with_ids, POD, "bpi", ids=True)
    yield Step(row=rows.BESIDE, subjects=_ON, measure=_beside)


def add_shares(results: Results) -> None:
    """Add to each row what its figures are of those of single calls in the same run."""
    for row in rows.BULKS:
        for name in _ON:
            _share(results, row, name, figure="server", of=ECHO, to="share")
        _share(results, row, ETCD, figure="etcd", of=ETCD, to="etcd_share")


def _share(results: Results, row: str, name: str, *, figure: str, of: str, to: str) -> None:
    whole = results.spread(_BUSY, figure, of)
    found = results.samples.get(row, {}).get(figure, {}).get(name, [])
    if whole is None or not whole.median:
        return
    for value in found:
        results.add(row, name, {to: value / whole.median})


def _bulk(row: str, kind: Kind, prefix: str, *, ids: bool) -> Step:
    def measure(setting: Setting, subject: Subject) -> None:
        found = setting.load.run(
            *("bulk", subject, kind), prefix=prefix, request_ids=str(ids).lower()
        )
        calls.require_success(found)
        values = {"rate": found["per_second"], **found["cpu_us_per_call"]}
        setting.results.add(row, subject.name, values)

    return Step(row=row, subjects=_ON, measure=measure)


def _beside(setting: Setting, subject: Subject) -> None:
    calls.fill(setting, subject, "beside", 1)
    found = setting.load.run("bulk", subject, CONFIG_MAP, prefix="beside", gets="true")
    calls.require_success(found)
    values = {
        "rate": found["per_second"],
        "p50": found["milliseconds"]["p50"],
        "p99": found["milliseconds"]["p99"],
    }
    setting.results.add(rows.BESIDE, subject.name, values)
