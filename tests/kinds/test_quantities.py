"""Quantities as numbers, and how they are stored."""

from __future__ import annotations

from fractions import Fraction

import pytest

from protocube.core.v1.resource_quota_pb2 import ResourceQuotaSpec
from protocube.manifests import quantities
from protocube.resource.v1.device_capacity_pb2 import CapacityRequestPolicy
from protocube_server.kinds.defaults import Defaults


def _hard(given: dict[str, str]) -> dict[str, str]:
    """Return the amounts of a quota after defaults."""
    spec = ResourceQuotaSpec(hard=given)
    Defaults(spec.DESCRIPTOR).apply(spec)
    return dict(spec.hard)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("-1", Fraction(-1)),
        ("+1k", Fraction(1000)),
        ("100m", Fraction(1, 10)),
        ("1u", Fraction(1, 10**6)),
        ("1n", Fraction(1, 10**9)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("1E", Fraction(10**18)),
        ("1Ei", Fraction(2**60)),
        ("1e3", Fraction(1000)),
        ("1E-3", Fraction(1, 1000)),
        ("12M", Fraction(12_000_000)),
    ],
)
def test_quantities_are_numbers(text: str, number: Fraction) -> None:
    """All suffixes and exponents are exact."""
    assert quantities.parse(text) == number


@pytest.mark.parametrize("text", ["", "x", "1x", "1 Gi", "1ki", "1e", "1e3k", "--1", "\u0661"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    """Validation says what is wrong; a default is not computed from it."""
    assert quantities.parse(text) is None


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("123.5Mi", "126464Ki"),
        ("0.1Ki", "102400m"),
        ("1.23456789012Mi", "1294538259950470n"),
        ("0.388355Pi", "437248858321867243520u"),
        ("16Ei", "9223372036854775807"),
        ("7.5n", "8n"),
        ("1e-999", "1e-9"),
        ("1e400", "10e399"),
        ("0514.004502G", "0514.004502G"),
        ("00.004502G", "4502k"),
        ("Mi", "0"),
        ("-.5", "-500m"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("2000", "2k"),
        ("1000k", "1M"),
        ("1E1", "10"),
        ("12E4", "120e3"),
        ("100000n", "100u"),
        ("0.0", "0"),
        *[(text, text) for text in ("500Mi", "1500m", "1e3", "1E3", "+2", "01", "5.", "128974848")],
        *[(text, text) for text in ("no quantity", "1e999", "9" * 50, "9" * 5000)],
    ],
)
def test_a_quantity_is_stored_as_in_kubernetes(given: str, stored: str) -> None:
    """What looks canonical stays; what does not gets the largest suffix that leaves it whole."""
    policy = CapacityRequestPolicy(default=given)
    Defaults(policy.DESCRIPTOR).apply(policy)
    assert policy.default == stored


@pytest.mark.parametrize(
    ("given", "stored"),
    [("0.0001", "1m"), ("1500u", "2m"), ("2000000n", "2m"), ("-1u", "-1m"), ("1e-4", "1e-3")],
)
def test_amounts_of_resources_are_rounded_up_to_thousandths(given: str, stored: str) -> None:
    """As in Kubernetes' ``ResourceList``; what is that already stays as it is given."""
    hard = _hard({"a": given, "b": "1e-3"})
    assert hard == {"a": stored, "b": "1e-3"}


def test_each_quantity_of_a_large_map_is_stored_so() -> None:
    """None is missed while others are set anew."""
    hard = {f"count/{number}.example.com": "1000m" for number in range(500)}
    found = _hard(hard)
    assert found == dict.fromkeys(hard, "1")


def test_quantities_in_lists_are_stored_so_too() -> None:
    """As those that a device's capacity can be."""
    policy = CapacityRequestPolicy(default="1000m", valid_values=["1000m", "2"])
    Defaults(policy.DESCRIPTOR).apply(policy)
    assert (policy.default, list(policy.valid_values)) == ("1", ["1", "2"])
