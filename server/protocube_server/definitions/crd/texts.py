"""The words in which Kubernetes refuses a value of a custom kind.

Sources: ``k8s.io/kube-openapi/pkg/validation/errors`` and
``k8s.io/apiextensions-apiserver/pkg/apiserver/validation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.errors import Violation, quote
from protocube.manifests.schema_texts import (
    INVALID,
    NOWHERE,
    TYPE_INVALID,
    UNCHECKED,
    not_of_type,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NOWHERE",
    "UNCHECKED",
    "Written",
    "duplicate",
    "forbidden",
    "in_body",
    "invalid",
    "is_blocking",
    "not_of_type",
    "required",
    "shown",
    "too_long",
    "too_many",
    "unsupported",
]

_BLOCKING: Final = frozenset(
    (
        "FieldValueNotSupported",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        TYPE_INVALID,
    )
)


class Written(str):
    """What is shown of a value, as it is shown."""

    __slots__ = ()


def invalid(path: str, value: Any, detail: str) -> Violation:
    """``Invalid value: VALUE: DETAIL``."""
    written = value if isinstance(value, Written) else shown(value)
    text = f"Invalid value: {written}: {detail}"
    return Violation(field=path or NOWHERE, reason=INVALID, message=text)


def in_body(path: str, value: Any, detail: str) -> Violation:
    """``Invalid value: VALUE: PATH in body DETAIL``."""
    return invalid(path, value, f"{path} in body {detail}")


def required(path: str, detail: str = "") -> Violation:
    """``Required value``, or ``Required value: DETAIL``."""
    text = f"Required value: {detail}" if detail else "Required value"
    return Violation(field=path or NOWHERE, reason="FieldValueRequired", message=text)


def forbidden(path: str, detail: str) -> Violation:
    """``Forbidden: DETAIL``."""
    text = f"Forbidden: {detail}"
    return Violation(field=path or NOWHERE, reason="FieldValueForbidden", message=text)


def unsupported(path: str, value: Any, supported: Iterable[Any]) -> Violation:
    """``Unsupported value: VALUE: supported values: ...``, all in quotes."""
    texts = (item if isinstance(item, str) else shown(item) for item in supported)
    listed = ", ".join(quote(text) for text in texts)
    text = f"Unsupported value: {shown(value)}: supported values: {listed}"
    return Violation(field=path or NOWHERE, reason="FieldValueNotSupported", message=text)


def too_long(path: str, most: int) -> Violation:
    """``Too long: may not be more than MOST bytes``."""
    text = f"Too long: may not be more than {most} bytes"
    return Violation(field=path or NOWHERE, reason="FieldValueTooLong", message=text)


def too_many(path: str, count: int, most: int) -> Violation:
    """``Too many: COUNT: must have at most MOST items``."""
    text = f"Too many: {count}: must have at most {most} items"
    return Violation(field=path or NOWHERE, reason="FieldValueTooMany", message=text)


def duplicate(path: str, value: Any) -> Violation:
    """``Duplicate value: VALUE``."""
    text = f"Duplicate value: {shown(value)}"
    return Violation(field=path or NOWHERE, reason="FieldValueDuplicate", message=text)


def is_blocking(fault: Violation) -> bool:
    """Tell whether rules in CEL are not asked of an object with this fault."""
    return fault.reason in _BLOCKING
