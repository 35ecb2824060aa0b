"""Where the config file is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def of(flags: Mapping[str, str], environ: Mapping[str, str]) -> Path:
    """Return the config file: ``--config``, ``$PROTOCUBE_CONFIG``, or the usual place."""
    named = given(flags, environ)
    if named:
        return Path(named)
    base = environ.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path(environ.get("HOME") or Path.home()) / ".config"
    return folder / "protocube" / "config.yaml"


def given(flags: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Return the file that was named; nothing for the usual place."""
    return flags.get("config") or environ.get("PROTOCUBE_CONFIG") or ""
