"""``anyOf``, ``oneOf``, ``allOf`` and ``not``: what several schemas say of one value.

Source: ``k8s.io/kube-openapi/pkg/validation/validate/schema_props.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_server.definitions.crd import texts
from protocube_server.definitions.crd.running import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protocube.errors import Violation
    from protocube_server.definitions.crd.running import Check
    from protocube_server.definitions.crd.schema import Schema


def of(schema: Schema, compiled: Callable[[Schema], Check]) -> Iterator[Check]:
    """Yield what a schema asks by others of its value; ``compiled`` makes checks of those."""
    if schema.any_of:
        yield _any_of([compiled(part) for part in schema.any_of])
    if schema.one_of:
        yield _one_of([compiled(part) for part in schema.one_of])
    if schema.all_of:
        yield _all_of([compiled(part) for part in schema.all_of])
    if schema.negated is not None:
        yield _negated(compiled(schema.negated))


def _alone(check: Check, value: Any, path: str, run: Run) -> list[Violation]:
    """Return all that one part of a schema says of a value, be it as it was or not."""
    own = Run()
    check(run.whole(value), path, own)
    for _ in own.finish():
        pass
    return own.faults


def _best(several: Iterable[list[Violation]]) -> list[Violation]:
    return min(several, key=len)


def _whole(path: str, detail: str) -> Violation:
    """A fault of a compound, which Kubernetes reports at no path."""
    return texts.invalid("", "", f'"{path}" {detail}')


def _any_of(parts: list[Check]) -> Check:
    def check(value: Any, path: str, run: Run) -> None:
        said = []
        for part in parts:
            found = _alone(part, value, path, run)
            if not found:
                return
            said.append(found)
        run.faults.append(_whole(path, "must validate at least one schema (anyOf)"))
        run.faults += _best(said)

    return check


def _one_of(parts: list[Check]) -> Check:
    def check(value: Any, path: str, run: Run) -> None:
        said = [_alone(part, value, path, run) for part in parts]
        valid = sum(not found for found in said)
        if valid == 1:
            return
        what = f"Found {valid} valid alternatives" if valid else "Found none valid"
        run.faults.append(_whole(path, f"must validate one and only one schema (oneOf). {what}"))
        if not valid:
            run.faults += _best(said)

    return check


def _all_of(parts: list[Check]) -> Check:
    def check(value: Any, path: str, run: Run) -> None:
        said = [_alone(part, value, path, run) for part in parts]
        if not any(said):
            return
        for found in said:
            run.faults += found
        none = ". None validated" if all(said) else ""
        run.faults.append(_whole(path, f"must validate all the schemas (allOf){none}"))

    return check


def _negated(part: Check) -> Check:
    def check(value: Any, path: str, run: Run) -> None:
        if not _alone(part, value, path, run):
            run.faults.append(_whole(path, "must not validate the schema (not)"))

    return check
