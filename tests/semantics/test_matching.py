"""Expectations with tokens: what they take, what they refuse, and how they say it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.matching import Bindings

_UID = "0a1b2c3d-0000-4000-8000-00000000000"
_TIME = "2026-01-01T00:00:00Z"


def differences(*pairs: tuple[Any, Any]) -> list[str]:
    """Return the differences of several comparisons, one after the other."""
    bindings = Bindings()
    return [line for expected, actual in pairs for line in bindings.differences(expected, actual)]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("$RV1", "17"),
        ("the UID ($UID1) is not that", f"the UID ({_UID}1) is not that"),
        ("$TIME", _TIME),
        ("$TIME", "2026-01-01T00:00:00.123456Z"),
        ("g-$SUFFIX", "g-x7k2p"),
        ('value: "$OBJECT": strict', 'value: "{\n"a": "$RV1"}": strict'),
        ({"a": [1, "any"]}, {"a": [1, "any"]}),
        ({"resourceVersion": "any"}, {"resourceVersion": "5"}),
    ],
)
def test_a_token_stands_for_a_value(expected: Any, actual: Any) -> None:
    """A value of the token's form is as expected."""
    assert differences((expected, actual)) == []


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        ([("$RV1", "x")], ': "x" instead of "$RV1"'),
        ([("$RV1", "1"), ("$RV1", "2")], ": 2 instead of 1 ($RV1)"),
        ([("$RV1", "1"), ("$RV2", "1")], ": 1, which is $RV1, instead of another one ($RV2)"),
        ([({"a": 1}, {})], "a: missing; expected 1"),
        ([({}, {"a": 1})], "a: not expected; is 1"),
        ([({"a": [1]}, {"a": [2]})], "a[0]: 2 instead of 1"),
        ([(1, True)], ": True instead of 1"),
        ([([1, 2], [1])], ": 1 elements instead of 2: [1] instead of [1, 2]"),
    ],
)
def test_a_difference_says_where_and_what(pairs: list[tuple[Any, Any]], line: str) -> None:
    """Two tokens are two values, one token is one, and each difference names its path."""
    assert differences(*pairs) == [line]


def test_families_do_not_share_values() -> None:
    """A version and a time may look alike; tokens of one family alone are told apart."""
    assert differences(("$TIME1", _TIME), ("$TIME2", "2026-01-01T00:00:01Z")) == []
    assert len(differences(("$TIME1", _TIME), ("$TIME2", _TIME))) == 1


def test_after_a_free_order_versions_need_only_be_others() -> None:
    """Tokens that come later are any version that was not met; those that were there still hold."""
    bindings = Bindings()
    assert not [*bindings.differences("$RV1", "10")]
    bindings.free_versions()
    assert not [*bindings.differences(["$RV2", "$RV3", "$RV2"], ["13", "12", "12"])]
    line = ": 10, which is $RV1, instead of another one ($RV4)"
    assert [*bindings.differences("$RV4", "10")] == [line]
    assert [*bindings.differences("$RV1", "13")] == [": 13 instead of 10 ($RV1)"]
