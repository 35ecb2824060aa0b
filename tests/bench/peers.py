"""What others do: measured once, in November 2026, not by this run.

On two shared cores, against etcd 3.4.23 on the same machine, with a compiled client.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The least and the most that was seen."""

    least: float
    most: float

    @property
    def middle(self) -> float:
        """Where a mark stands for it."""
        return (self.least + self.most) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure of ours beside the same of others; ``None`` where it was not measured."""

    title: str
    row: str
    figure: str
    kubernetes: Range | None
    cosi: Range | None
    digits: int = 0


KUBERNETES = "Kubernetes' API server"
"""Its code, as a binary of its own (kcp, 1.36 libraries)."""
COSI = "COSI"
"""cosi-project/runtime over gRPC, compiled from Go; it does not validate."""

_BUSY = rows.create("configmap", 128)
CREATE_SERVER = Comparison(
    title="server CPU a create, us",
    row=_BUSY,
    figure="server",
    kubernetes=Range(least=1300, most=1400),
    cosi=Range(least=137, most=157),
)
CREATE_ETCD = Comparison(
    title="etcd CPU a create, us",
    row=_BUSY,
    figure="etcd",
    kubernetes=Range(least=280, most=340),
    cosi=Range(least=203, most=220),
)
CREATES = Comparison(
    title="creates/s, 128 in flight",
    row=_BUSY,
    figure="rate",
    kubernetes=Range(least=1070, most=1190),
    cosi=Range(least=3500, most=4400),
)
LIST = Comparison(
    title="list of 10,000 objects, ms",
    row=rows.LIST,
    figure="p50",
    kubernetes=Range(least=160, most=250),
    cosi=Range(least=135, most=240),
)
COMPARISONS = (
    CREATES,
    Comparison(
        title="p50 of these, ms",
        row=_BUSY,
        figure="p50",
        kubernetes=Range(least=91, most=98),
        cosi=Range(least=25, most=30),
    ),
    CREATE_SERVER,
    CREATE_ETCD,
    Comparison(
        title="create alone, p50 ms",
        row=rows.create("configmap", 1),
        figure="p50",
        kubernetes=Range(least=2.0, most=2.2),
        cosi=Range(least=1.1, most=1.1),
        digits=1,
    ),
    Comparison(
        title="gets/s, 64 in flight, consistent",
        row=rows.GET,
        figure="rate",
        kubernetes=Range(least=3100, most=3200),
        cosi=Range(least=4900, most=6100),
    ),
    LIST,
    Comparison(
        title="event p50, 100 watchers, 32 writers, ms",
        row=rows.watch(100, rows.WRITERS),
        figure="p50",
        kubernetes=Range(least=600, most=2600),
        cosi=None,
    ),
    Comparison(
        title="ready after, s",
        row=rows.PROCESS,
        figure="ready",
        kubernetes=Range(least=7.6, most=24),
        cosi=None,
        digits=1,
    ),
    Comparison(
        title="idle memory, MB",
        row=rows.PROCESS,
        figure="idle",
        kubernetes=Range(least=472, most=472),
        cosi=Range(least=17, most=17),
    ),
)
