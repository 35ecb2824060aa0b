"""The picture of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bench import peers
from tests.bench.figures import ECHO, ETCD, SQLITE, STORE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.figures import Results
    from tests.bench.peers import Comparison

_OURS, _LIMIT, _OTHERS, _STORE = "#2a6f97", "#adb5bd", "#e09f3e", "#61a5c2"
_SUBJECTS = (STORE, ECHO, SQLITE, ETCD)
"""From below: the limits, then the server."""
_COLOURS = {STORE: _LIMIT, ECHO: _LIMIT, SQLITE: _OURS, ETCD: _OURS}
_NAMES = {
    STORE: "limit: etcd itself",
    ECHO: "limit: echo",
    SQLITE: "Protocube on SQLite",
    ETCD: "Protocube on etcd",
}


class CannotDrawError(Exception):
    """What draws is not installed; the text says how to get it."""


def draw(results: Results, path: Path) -> None:
    """Write the picture as SVG; equal results give equal files. Raises :class:`CannotDrawError`."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise CannotDrawError("no matplotlib: pip install --group bench installs it") from error

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "protocube",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(10, 3.2), layout="constrained")
        axes = figure.subplots(1, 3, sharey=True)
        title = "CPU of a create, us (light: etcd's)"
        _bars(axes[0], results, title, peers.CREATE_SERVER, peers.CREATE_ETCD)
        _bars(axes[1], results, peers.CREATES.title, peers.CREATES)
        _bars(axes[2], results, peers.LIST.title, peers.LIST)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _bars(axes: Any, results: Results, title: str, *stacked: Comparison) -> None:
    """Draw a bar for each, of one figure or of several on top of each other, and their sum."""
    names = [
        *(_NAMES[subject] for subject in _SUBJECTS),
        f"{peers.COSI}, earlier",
        f"{peers.KUBERNETES}, earlier",
    ]
    colours = [*(_COLOURS[subject] for subject in _SUBJECTS), _OTHERS, _OTHERS]
    sums = [0.0] * len(names)
    for shade, comparison in enumerate(stacked):
        values = [
            *(_median(results, comparison, subject) for subject in _SUBJECTS),
            _middle(comparison.cosi),
            _middle(comparison.kubernetes),
        ]
        axes.barh(names, values, left=sums, color=_STORE if shade else colours, height=0.65)
        sums = [below + value for below, value in zip(sums, values, strict=True)]
    for place, value in enumerate(sums):
        if value:
            axes.annotate(
                f"{value:,.0f}", (value, place), (3, 0), textcoords="offset points", va="center"
            )
    axes.set_title(title, loc="left", fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.15)


def _median(results: Results, comparison: Comparison, subject: str) -> float:
    spread = results.spread(comparison.row, comparison.figure, subject)
    return spread.median if spread else 0.0


def _middle(seen: peers.Range | None) -> float:
    return seen.middle if seen else 0.0
