"""Quantities, whole numbers and what is a number or a text, as Kubernetes' decoder reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube.manifests import numbers
from protocube.manifests.decode import decode
from protocube.manifests.report import CLEAN, Report

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_FORM = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_NO_SUFFIX = "unable to parse quantity's suffix"
_NO_NUMBER = "unable to parse numeric part of quantity"


def _decode(kind: str, manifest: dict[str, Any]) -> tuple[Any, Report]:
    resource = Catalog.shipped().find(kind)
    assert resource is not None
    message = resource.message_class()
    return message, decode(manifest, message)


def test_a_quantity_may_be_a_number() -> None:
    """It becomes the text that JSON has for the number; other types are no quantities."""
    limits = {"cpu": 1, "memory": 1.5, "a": 1e21, "b": "1Gi", "c": None}
    message, report = _decode(
        "pod", {"spec": {"containers": [{"resources": {"limits": {**limits, "d": True}}}]}}
    )
    assert dict(message.spec.containers[0].resources.limits) == {
        "cpu": "1",
        "memory": "1.5",
        "a": "1e+21",
        "b": "1Gi",
        "c": "0",
    }
    assert [fault.message for fault in report.faults] == [
        (
            "quantities must match the regular expression "
            "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        )
    ]


@pytest.mark.parametrize("text", ["1", " 1 ", "5.", ".5", "Mi", "-", "1e3", "1E-3", "+1.5Gi", "01"])
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str) -> None:
    """Which is more than the expression in its text says: digits may be missing."""
    message, report = _decode("pod", _limited(text))
    assert not report.faults
    assert message.spec.containers[0].resources.limits["cpu"] == text.strip()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        *[(text, _NO_FORM) for text in ("", "  ", "lots", "1 Gi", "1e3.5", "1GB", "\u0661")],
        *[(text, _NO_SUFFIX) for text in ("1ki", "1K", "1e", "--1", "1Mi3", f"1e{10**20}")],
        *[(text, _NO_NUMBER) for text in ("Ei", "e-10")],
        (True, _NO_FORM),
        ([], _NO_FORM),
        ({}, _NO_FORM),
    ],
)
def test_what_is_no_quantity_is_refused_in_kubernetes_words(value: Any, why: str) -> None:
    """It is a fault of the manifest, as a value of another type is; an empty text, too."""
    _, report = _decode("pod", _limited(value))
    assert [(fault.field, fault.message) for fault in report.faults] == [
        ("spec.containers[0].resources.limits.cpu", why)
    ]


def _limited(amount: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"resources": {"limits": {"cpu": amount}}}]}}


def test_a_number_where_the_schema_says_text_is_no_quantity() -> None:
    """Only fields that the schema calls quantities read numbers as text."""
    _, report = _decode("configmap", {"data": {"cpu": 1}})
    assert len(report.faults) == 1


@pytest.mark.parametrize("value", ["1000", "x", True, [1]])
def test_a_number_of_64_bits_is_no_text(value: Any) -> None:
    """As one of 32 bits is none; protobuf's JSON writes it so, and Kubernetes does not read it."""
    word = {str: "string", bool: "bool", list: "array"}[type(value)]
    _, report = _decode("pod", {"spec": {"securityContext": {"runAsUser": value}}})
    field = "PodSecurityContext.spec.securityContext.runAsUser"
    assert [fault.message for fault in report.faults] == [
        f"json: cannot unmarshal {word} into Go struct field {field} of type int64"
    ]
    message, report = _decode("pod", {"spec": {"securityContext": {"runAsUser": 2**63 - 1}}})
    assert report is CLEAN
    assert message.spec.security_context.run_as_user == 2**63 - 1


def test_an_int_or_string_keeps_its_form() -> None:
    """Ports stay numbers or texts as they were written."""
    ports = [{"port": 1, "targetPort": "http"}, {"port": 2, "targetPort": 80}]
    message, report = _decode("service", {"spec": {"ports": ports}})
    assert report is CLEAN
    assert message.spec.ports[0].target_port.string_value == "http"
    assert message.spec.ports[1].target_port.number_value == 80
    message, report = _decode("pdb", {"spec": {"minAvailable": -(2**31), "maxUnavailable": None}})
    assert report is CLEAN
    assert message.spec.min_available.number_value == -(2**31)
    assert not message.spec.HasField("max_unavailable")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"number": 8080}, "object"),
        ([1], "array"),
        (True, "bool"),
        (1.5, "number 1.5"),
        (2**31, "number 2147483648"),
        (numbers.Written("1.0"), "number 1.0"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "manifest"),
    [
        ("service", lambda value: {"ports": [{"port": 1, "targetPort": value}]}),
        ("pdb", lambda value: {"minAvailable": value}),
        ("deployment", lambda value: {"strategy": {"rollingUpdate": {"maxSurge": value}}}),
    ],
)
def test_what_is_neither_a_number_nor_a_text_is_refused(
    kind: str, manifest: Callable[[Any], Any], value: Any, word: str
) -> None:
    """Before a default can stand in its place; Kubernetes does not name the field."""
    _, report = _decode(kind, {"spec": manifest(value)})
    assert [fault.message for fault in report.faults] == [
        f"json: cannot unmarshal {word} into Go value of type int32"
    ]
