"""docs/conformance.md: each case has a test that exists, or a reason to be left out.

docs/robustness.md and tests/mistakes.md, too, name tests that exist.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "conformance.md").read_text()
ROWS = re.findall(r"^\| (?!case |---)([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)


def _tests_of(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


@pytest.mark.parametrize(
    ("page", "least"),
    [("docs/conformance.md", 80), ("docs/robustness.md", 1), ("tests/mistakes.md", 40)],
)
def test_every_named_test_exists(page: str, least: int) -> None:
    """A test that is renamed or removed is renamed or removed in the document."""
    text = (ROOT / page).read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(?:\w+::)?(\w+)`", text)
    assert len(named) > least
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists() or name not in _tests_of(ROOT / file)
    ]
    assert missing == []


def test_every_case_has_a_test_or_a_reason() -> None:
    """No row is empty, and no case is there twice."""
    assert len(ROWS) > 70
    assert [case for case, held in ROWS if "::" not in held and "left out: " not in held] == []
    cases = [case.strip() for case, _ in ROWS]
    assert len(cases) == len(set(cases))
