"""What the server still has of the past."""

from __future__ import annotations

from typing import Final

HOW_FAR: Final = "(--compact-interval of the server sets how far back its history reaches)"
