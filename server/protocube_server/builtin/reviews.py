"""What is wrong with questions about access (``pkg/apis/authorization/validation``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_server.kinds.named.message_rule import MessageRule

_MOST_GROUPS: Final = 4096
"""Of one user; each is looked for among the bindings."""


def _no_metadata(review: Any) -> Iterator[Fault]:
    """A question has no name, and no other metadata."""
    if _has_more_than(review.metadata, "managed_fields"):
        yield Fault(rule="invalid.metadata", text=".metadata: must be empty")


def _local_access(review: Any) -> Iterator[Fault]:
    """A question about one namespace is asked in it, and about nothing outside."""
    if _has_more_than(review.metadata, "managed_fields", "namespace"):
        text = ".metadata: must be empty except for namespace"
        yield Fault(rule="invalid.metadata", text=text)
    spec = review.spec
    asked = spec.resource_attributes.namespace
    if spec.HasField("resource_attributes") and asked != review.metadata.namespace:
        text = ".spec.resourceAttributes.namespace: must match metadata.namespace"
        yield Fault(rule="invalid.namespace", text=text)
    if spec.HasField("non_resource_attributes"):
        text = ".spec.nonResourceAttributes: disallowed on this kind of request"
        yield Fault(rule="invalid.non_resource_attributes", text=text)


def _access_attributes(spec: Any) -> Iterator[Fault]:
    """A question is about objects, or about a path that is none."""
    has_one, has_other = map(spec.HasField, ("resource_attributes", "non_resource_attributes"))
    if has_one and has_other:
        text = ".nonResourceAttributes: cannot be specified in combination with resourceAttributes"
        yield Fault(rule="invalid.non_resource_attributes", text=text)
    if not (has_one or has_other):
        text = (
            ".resourceAttributes: exactly one of nonResourceAttributes or resourceAttributes "
            "must be specified"
        )
        yield Fault(rule="invalid.resource_attributes", text=text)


def _access_subject(spec: Any) -> Iterator[Fault]:
    """A question is about somebody."""
    if not (spec.user or spec.groups):
        text = ".user: at least one of user or group must be specified"
        yield Fault(rule="invalid.user", text=text)
    if len(spec.groups) > _MOST_GROUPS:
        text = f".groups: must have at most {_MOST_GROUPS} items"
        yield Fault(rule="forbidden.groups", text=text)


def _selector_attributes(selector: Any) -> Iterator[Fault]:
    """A selector is given in one of two ways."""
    if selector.raw_selector and selector.requirements:
        text = ".rawSelector: may not specified at the same time as requirements"
        yield Fault(rule="invalid.raw_selector", text=text)
    if not (selector.raw_selector or selector.requirements):
        name = type(selector).DESCRIPTOR.name
        field = "fieldSelector" if name.startswith("Field") else "labelSelector"
        text = (
            f".requirements: when spec.resourceAttributes.{field} is specified, requirements or "
            "rawSelector is required"
        )
        yield Fault(rule="required.requirements", text=text)


def _has_more_than(metadata: Any, *names: str) -> bool:
    return any(field.name not in names for field, _ in metadata.ListFields())


BY_NAME: dict[str, MessageRule] = {
    "access_attributes": _access_attributes,
    "access_subject": _access_subject,
    "local_access": _local_access,
    "no_metadata": _no_metadata,
    "selector_attributes": _selector_attributes,
}
