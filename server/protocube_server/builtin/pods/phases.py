"""Phases of a pod."""

from __future__ import annotations

from typing import Final

ENDED: Final = frozenset({"Succeeded", "Failed"})
"""None of its containers runs, or will run again."""
