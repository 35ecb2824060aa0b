"""Numbers as go-yaml writes them.

Other forms are in :mod:`protocube.manifests.numbers`.
"""

from __future__ import annotations

from protocube.manifests.numbers import scientific

_LARGEST_WHOLE = 1e18


def shortest(value: float) -> str:
    """Return a finite number as go-yaml does: whole ones plainly, else as ``scientific``.

    Whole numbers are read as integers before they get there, so they stay plain.
    """
    if isinstance(value, int) or (value.is_integer() and abs(value) < _LARGEST_WHOLE):
        return str(int(value))
    return scientific(value)
