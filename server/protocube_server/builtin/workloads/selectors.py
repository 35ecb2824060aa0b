"""Label selectors of workloads, which take the labels of their own templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_server.kinds.named.message_rule import MessageRule

OTHER_LABELS = ".template.metadata.labels: `selector` does not match template `labels`"
_SPOKEN_OF = {"ReplicaSet": "Deployment"}
"""A ReplicaSet's selector is spoken of as a Deployment's."""


def fits(selector: Any, labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector takes these labels; unknown operators take all."""
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    return all(_takes(item, labels.get(item.key)) for item in selector.match_expressions)


def _takes(requirement: Any, value: str | None) -> bool:
    match requirement.operator:
        case "In":
            return value is not None and value in requirement.values
        case "NotIn":
            return value is None or value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return True


def _label_selector(spec: Any) -> Iterator[Fault]:
    """The selector is there, asks for something, and takes the template's labels."""
    if not spec.HasField("selector"):
        yield Fault(rule="invalid.template_labels", text=OTHER_LABELS)
        return
    if not fits(spec.selector, spec.template.metadata.labels):
        yield Fault(rule="invalid.template_labels", text=OTHER_LABELS)
    if not spec.selector.match_labels and not spec.selector.match_expressions:
        kind = spec.DESCRIPTOR.name.removesuffix("Spec")
        text = f"empty selector is invalid for {_SPOKEN_OF.get(kind, kind).lower()}"
        yield Fault(rule="invalid.empty_selector", text=text, at="selector")


BY_NAME: dict[str, MessageRule] = {"workload_selector": _label_selector}
