"""What the decoder finds wrong with a manifest, in whatever order it comes by it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from protocube.errors import Violation
from protocube.manifests import schema_texts
from protocube.manifests.report import CLEAN, Fault, Report

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.manifests.field_plans import FieldPlan
    from protocube.manifests.field_values import Mismatch
    from protocube.steps import Steps

Path = tuple[str | int, ...]
"""Fields, indices and keys from the outermost message on."""

_MOST_UNKNOWN = 100
"""Kubernetes names no more; the rest is left out there, too."""
_TURN = 256
"""After so many faults others can have their turn."""


class Findings:
    """Collects what is wrong, and tells it in the order of sorted keys."""

    def __init__(self) -> None:
        self.unknown: list[Path] = []
        """Fields that their message does not have."""
        self.repeated: list[Path] = []
        """Members that their object has more than once, where its text is still known."""
        self.mismatches: list[tuple[Path, str, Mismatch]] = []
        """Values of the wrong type, each with what Go calls the field."""
        self.violations: list[tuple[Path, Violation]] = []
        """Members of a oneof beside another one that is set."""

    def report(self) -> Steps[Report]:
        """Return the report, and yield now and then on the way."""
        if not (self.unknown or self.repeated or self.mismatches or self.violations):
            return CLEAN
        faults: list[Fault] = []
        self.mismatches.sort(key=_place)
        for path, field, mismatch in self.mismatches:
            faults.append(Fault(field=shown(path), message=mismatch.describe(field)))
            if len(faults) % _TURN == 0:
                yield
        # Those of one message stand in the order in which its fields are declared.
        self.violations.sort(key=_above)
        told = [violation for _, violation in self.violations]
        if any(violation.reason == schema_texts.TYPE_INVALID for violation in told):
            told.append(schema_texts.UNCHECKED)
        return Report(
            unknown=_first(self.unknown),
            repeated=_first(self.repeated),
            faults=tuple(faults),
            violations=tuple(told),
        )


def _first(paths: list[Path]) -> tuple[str, ...]:
    # Two paths can read alike, where a key has a dot in it.
    found = dict.fromkeys(map(shown, heapq.nsmallest(2 * _MOST_UNKNOWN, paths)))
    return tuple(found)[:_MOST_UNKNOWN]


def shown(path: Path) -> str:
    """Write a path as Kubernetes does: ``spec.containers[0].name``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def second_choice(plan: FieldPlan, message: Message, path: Path) -> Violation:
    """Say that a second member of a oneof is set, as Kubernetes' validation would."""
    owner = message.DESCRIPTOR.name
    noun = "handler" if plan.oneof == "handler" else "volume" if "Volume" in owner else ""
    if noun:
        return Violation(
            field=shown(path),
            reason="FieldValueForbidden",
            message=f"Forbidden: may not specify more than 1 {noun} type",
        )
    return Violation(
        field=shown(path[:-1]),
        reason="FieldValueInvalid",
        message='Invalid value: "": may not have more than one field specified at a time',
    )


def _above(found: tuple[Path, *tuple[object, ...]]) -> Path:
    return found[0][:-1]


def _place(found: tuple[Path, *tuple[object, ...]]) -> Path:
    return found[0]
