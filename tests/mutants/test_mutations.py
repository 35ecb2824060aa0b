"""The mistakes that ``scripts/mutants`` makes are of the kinds that people make, and compile."""

from __future__ import annotations

import textwrap

import pytest

from tests.mutants import mutations


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = b < 3", ["a = b <= 3", "a = b < 4"]),
        ("a = b is not None", ["a = b is None"]),
        ("a = b and c", ["a = c", "a = b"]),
        ("a = not b", ["a = (b)"]),
        ("a = b + c", ["a = b - c"]),
        ("a = 'x' + 'y'", []),
        ("a: int = True", ["a: int = False"]),
        ("f(1)", ["pass", "f(2)"]),
        ("_LOG.info('x')", []),
        ("if a:\n    raise E(1)", ["if False:\n    raise E(1)"]),
        ("if TYPE_CHECKING:\n    import x", []),
        ("for a in b:\n    break", ["for a in b:\n    continue"]),
        ("@d(frozen=True)\nclass A:\n    b = 1", ["@d(frozen=True)\nclass A:\n    b = 2"]),
        ("def f(a: int = 1) -> None:\n    return", ["def f(a: int = 2) -> None:\n    return"]),
    ],
)
def test_a_piece_of_code_has_these_mistakes(source: str, expected: list[str]) -> None:
    """Each is one change of one place; texts, logs and types are spared."""
    found = [each.applied(source.encode()).decode() for each in mutations.of(source.encode())]
    assert sorted(found) == sorted(expected)


def test_each_mistake_can_be_found_again() -> None:
    """It has its line, and what it is in words."""
    source = textwrap.dedent("""
        def f(a):
            if a > 1:
                return a
            g(a)
    """)
    found = {(each.line, each.what) for each in mutations.of(source.encode())}
    assert (3, "> becomes >=") in found
    assert (5, "without g(a)") in found
