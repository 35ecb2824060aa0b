"""Names of objects: what Kubernetes' formats allow, and generated ones."""

from __future__ import annotations

import re

import pytest

from protocube.api.v1 import resource_pb2
from protocube_server.kinds import object_names

SUBDOMAIN = resource_pb2.NAME_FORMAT_DNS_SUBDOMAIN
LABEL = resource_pb2.NAME_FORMAT_DNS_LABEL
LABEL_1035 = resource_pb2.NAME_FORMAT_DNS_1035_LABEL
SEGMENT = resource_pb2.NAME_FORMAT_PATH_SEGMENT


@pytest.mark.parametrize(
    ("name_format", "name"),
    [
        (SUBDOMAIN, "a"),
        (SUBDOMAIN, "0"),
        (SUBDOMAIN, "a.b-c.d0"),
        (SUBDOMAIN, "x" * 253),
        (LABEL, "0-a"),
        (LABEL, "x" * 63),
        (LABEL_1035, "a-0"),
        (SEGMENT, "system:node:A b"),
        (SEGMENT, "..."),
        (SEGMENT, "ü"),
    ],
)
def test_accepts(name_format: resource_pb2.NameFormat.ValueType, name: str) -> None:
    """A name of the format has no faults."""
    assert object_names.faults(name, name_format) == []


@pytest.mark.parametrize(
    ("name_format", "name", "said"),
    [
        (SUBDOMAIN, "A", ["a lowercase RFC 1123 subdomain must consist"]),
        (SUBDOMAIN, "a_b", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "-a", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "a.", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "a..b", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "a\n", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "\u0663", ["a lowercase RFC 1123 subdomain"]),
        (SUBDOMAIN, "x" * 254, ["must be no more than 253 characters"]),
        (SUBDOMAIN, "X" * 254, ["must be no more than 253 characters", "a lowercase RFC 1123"]),
        (LABEL, "a.b", ["must not contain dots"]),
        (LABEL, "a_b", ["a lowercase RFC 1123 label must consist"]),
        (LABEL, "x" * 64, ["must be no more than 63 characters"]),
        (LABEL_1035, "0a", ["a DNS-1035 label must consist"]),
        (SEGMENT, ".", ["may not be '.'"]),
        (SEGMENT, "..", ["may not be '..'"]),
        (SEGMENT, "a/b", ["may not contain '/'"]),
        (SEGMENT, "a/%", ["may not contain '/'", "may not contain '%'"]),
        (SEGMENT, "a\0b", ["may not contain control characters"]),
        (SEGMENT, "x" * 254, ["must be no more than 253 bytes"]),
    ],
)
def test_refuses(
    name_format: resource_pb2.NameFormat.ValueType, name: str, said: list[str]
) -> None:
    """Every fault is one sentence, in Kubernetes' words."""
    found = object_names.faults(name, name_format)
    assert len(found) == len(said)
    for fault, beginning in zip(found, said, strict=True):
        assert fault.startswith(beginning)


def test_a_prefix_may_end_in_a_dash() -> None:
    """Characters follow a ``generateName``, so its end is not the name's end."""
    for name_format in (SUBDOMAIN, LABEL, LABEL_1035):
        assert object_names.faults("job-", name_format, prefix=True) == []
        assert object_names.faults("job-", name_format) != []
        assert object_names.faults("Job-", name_format, prefix=True) != []


def test_generates_random_names() -> None:
    """Five characters without vowels follow the prefix, others each time."""
    names = {object_names.generate("job-") for _ in range(100)}
    assert len(names) > 90
    assert all(re.fullmatch(r"job-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)


def test_generated_names_are_labels() -> None:
    """Prefix and suffix fit into 63 characters."""
    name = object_names.generate("x" * 100)
    assert len(name) == 63
    assert object_names.faults(name, LABEL) == []
