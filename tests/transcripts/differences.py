"""The blocks that are answered in another way here, each with its reason."""

from __future__ import annotations

from pathlib import Path

import yaml

SCENARIOS = Path(__file__).parents[1] / "client" / "transcripts" / "rest"
"""The scenarios that tests replay."""


def wanted() -> dict[str, str]:
    """Return the reason of each difference that is listed, by the block's name."""
    listed: dict[str, str] = yaml.safe_load((SCENARIOS / "differences.yaml").read_text()) or {}
    return listed
