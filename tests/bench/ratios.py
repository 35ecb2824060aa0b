"""Figures that follow from others of the same run: what of a call is more than gRPC's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench import rows
from tests.bench.figures import ECHO, ETCD, SQLITE

if TYPE_CHECKING:
    from tests.bench.figures import Results

_BUSY = rows.IN_FLIGHT[-1]
_CONFIG_MAP, _POD = rows.create("configmap", _BUSY), rows.create("pod", _BUSY)


def add(results: Results) -> None:
    """Add what can be worked out of the figures that there are."""
    found = {
        "configmap": _of_echo(results, _CONFIG_MAP, ETCD),
        "pod": _of_echo(results, _POD, ETCD),
        "get": _of_echo(results, rows.GET, ETCD),
        "get-file": _of_echo(results, rows.GET, SQLITE),
        "file": _of_both(results),
    }
    known = {figure: value for figure, value in found.items() if value is not None}
    if known:
        results.add(rows.RATIOS, ETCD, known)


def _of_echo(results: Results, row: str, subject: str) -> float | None:
    return _ratio(_cost(results, row, "server", subject), _cost(results, row, "server", ECHO))


def _of_both(results: Results) -> float | None:
    """Return what a create on a file costs of what the server and etcd cost together."""
    server, etcd = (_cost(results, _CONFIG_MAP, figure, ETCD) for figure in ("server", "etcd"))
    both = server + etcd if server is not None and etcd is not None else None
    return _ratio(_cost(results, _CONFIG_MAP, "server", SQLITE), both)


def _cost(results: Results, row: str, figure: str, subject: str) -> float | None:
    spread = results.spread(row, figure, subject)
    return spread.median if spread is not None else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
