"""Durations as Kubernetes' flags take them: ``1h30m``, ``90s``; a plain number is of seconds."""

from __future__ import annotations

import re

import click

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = r"(\d+(?:\.\d+)?)(h|ms|m|s)"


def duration(text: str) -> float:
    """Return the seconds of a flag's text. Raises ``click.BadParameter``."""
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return float(text)
    if re.fullmatch(f"({_PART})+", text, re.ASCII):
        return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))
    raise click.BadParameter(f"{text!r} is not a duration such as 1h30m or 90s")
