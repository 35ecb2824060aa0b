"""Rules on the labels that say where a pod should run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protocube_server.kinds.named.message_rule import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from protocube_server.kinds.named.message_rule import MessageRule

_LABEL_VALUE = re.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_LABEL_VALUE_SIZE = 63
_NO_LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


def _node_label_values(selector: Any) -> Iterator[Fault]:
    """Values that a node's label is compared with are values of labels."""
    for number, term in enumerate(selector.node_selector_terms):
        lines = [
            f".matchExpressions[{place}].values[{index}]: {detail}"
            for place, requirement in enumerate(term.match_expressions)
            if requirement.operator in ("In", "NotIn")
            for index, value in enumerate(requirement.values)
            if (detail := _label_value_fault(value))
        ]
        if lines:
            at = f"nodeSelectorTerms[{number}]"
            yield Fault(rule="invalid.label_values", text="\n".join(lines), at=at)


def _label_value_fault(value: str) -> str:
    if len(value) > _LABEL_VALUE_SIZE:
        return "must be no more than 63 characters"
    return "" if _LABEL_VALUE.fullmatch(value) else _NO_LABEL_VALUE


def _affinity_label_keys(term: Any) -> Iterator[Fault]:
    """A label cannot have to be the same and another one."""
    yield from _in_both(
        term.match_label_keys,
        set(term.mismatch_label_keys),
        "invalid.label_keys",
        "exists in both matchLabelKeys and mismatchLabelKeys",
    )


def _spread_label_keys(constraint: Any) -> Iterator[Fault]:
    """A label that the selector compares is not taken from the pod."""
    if constraint.match_label_keys:
        selector = constraint.label_selector
        yield from _in_both(
            constraint.match_label_keys,
            {*selector.match_labels, *(item.key for item in selector.match_expressions)},
            "invalid.match_label_keys",
            "exists in both matchLabelKeys and labelSelector",
        )


def _in_both(
    keys: Sequence[str], others: Collection[str], rule: str, detail: str
) -> Iterator[Fault]:
    for index, key in enumerate(keys):
        if key in others:
            yield Fault(rule=rule, text=f".matchLabelKeys[{index}]: {detail}")
            return


BY_NAME: dict[str, MessageRule] = {
    "affinity_label_keys": _affinity_label_keys,
    "node_label_values": _node_label_values,
    "spread_label_keys": _spread_label_keys,
}
