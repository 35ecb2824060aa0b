"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def bar(label: str, length: int) -> AbstractContextManager[Any]:
    """Return click's progress bar of ``length`` steps, on stderr; it has ``update(steps)``."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden)
