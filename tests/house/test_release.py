"""The version, the changelog and the table of formats tell of the same release."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.version import Version

import protocube
from protocube_server.storage import format as store_format

ROOT = Path(__file__).parents[2]
_HEADING = re.compile(r"^## (?:(Unreleased)|(\d+\.\d+\.\d+)(?: \(\d{4}-\d\d-\d\d\))?)$")


def _headings() -> list[str]:
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    return [line for line in lines if line.startswith("## ")]


def test_the_changelog_is_of_this_version() -> None:
    """Its first part is this release, or what is to be it; each part below is older."""
    found = [_HEADING.match(line) for line in _headings()]
    assert all(found), f"a heading is `## Unreleased` or `## 1.2.3 (2026-01-31)`: {_headings()}"
    first, *rest = ((match[2] or "") if match else "" for match in found)
    released = [Version(version) for version in rest]
    assert first in {"", protocube.__version__}
    assert released == sorted(released, reverse=True)
    assert released[0] < Version(protocube.__version__), "the version has been released already"


def test_the_format_of_stores_is_of_a_version_that_there_is() -> None:
    """docs/stores.md has a row for it, and no version before the one that it names may write."""
    page = (ROOT / "docs" / "stores.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (\d+\.\d+\.\d+) \|", page, re.MULTILINE)
    ours = store_format.OURS
    assert rows[-1] == (str(ours.number), ours.least_version)
    assert Version(ours.least_version) <= Version(protocube.__version__)
