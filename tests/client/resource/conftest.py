"""Where tests of the pipeline put their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide an empty working directory, so that sources are short names."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
