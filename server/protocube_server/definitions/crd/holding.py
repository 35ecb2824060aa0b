"""Holds the objects of a version to its schema: the one rule that speaks of a whole object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube import memo
from protocube.manifests import encode
from protocube_server.cel.faults import NotInstalled
from protocube_server.definitions.crd import (
    checks,
    correlating,
    defining,
    elements,
    scaling,
    texts,
)
from protocube_server.definitions.crd.rules import Rules
from protocube_server.definitions.door import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube.errors import Violation
    from protocube.steps import Steps
    from protocube_server.definitions.crd.checks import Checks
    from protocube_server.definitions.crd.compiling import Version
    from protocube_server.definitions.crd.programs import Programs
    from protocube_server.definitions.crd.running import Check

_MOST: Final = 100
"""Faults of a schema that are told."""


class Holding:
    """What is asked of each object, in Kubernetes' order. It is compiled when it is first asked.

    Schemas first, then embedded objects and lists; rules in CEL only when what they speak of has
    its types. What an update leaves as it was is not held to what came later.
    """

    def __init__(self, version: Version, compiled: Checks, programs: Programs) -> None:
        """Take a version, and what is compiled of all versions together."""
        self._version = version
        self._checks = compiled
        self.schema = version.schema
        self.rules = Rules(version.schema, version.message, programs)

    def prepare(self) -> None:
        """Compile all now, and hold the schema itself to its rules. Raises ``Refused``."""
        where = self._version.where
        found = [*defining.faults(self.schema, where, self._checks)]
        place = where.removesuffix(".schema.openAPIV3Schema").removesuffix(".openAPIV3Schema")
        place = "spec" if place == "spec.validation" else place
        found += defining.selectable(self.schema, self._version.selectable, place)
        if not found:
            found += self._rule_faults()
        if found:
            raise Refused(found[:_MOST])
        self.compile()

    def compile(self) -> None:
        """Compile all but the rules in CEL, each of which is compiled when it is asked."""
        _ = self._check, self._objects, self._lists
        self.rules.prepare()

    def _rule_faults(self) -> Iterator[Violation]:
        where = self._version.where
        try:
            for fault in self.rules.check():
                yield texts.invalid(f"{where}{fault.where}", fault.value, fault.detail)
        except NotInstalled as error:
            yield texts.invalid(f"{where}.x-kubernetes-validations", "array", str(error))

    def __call__(self, new: Any, old: Any | None) -> Iterator[Violation | None]:
        """Yield what is wrong with an object, which was ``old``; ``None`` for others' turns."""
        found = yield from self._faults(new, old)
        yield from found
        if any(map(texts.is_blocking, found)):
            yield texts.UNCHECKED
        else:
            yield from self.rules.faults(new, old)

    def _faults(self, new: Any, old: Any | None) -> Steps[list[Violation]]:
        data = yield from encode.steps(new)
        found = yield from _gathered(checks.faults(self._check, data))
        before = None
        if found and old is not None:
            before = yield from encode.steps(old)
            originals: dict[int, Any] = {}
            masked = correlating.masked(self.schema, data, before, originals)
            found = yield from _gathered(checks.faults(self._check, masked, originals))
        found += scaling.faults(self._version.replicas, data)
        if self._objects is not None:
            found += yield from _gathered(checks.faults(self._objects, data))
        if self._lists is not None:
            repeated = yield from _gathered(checks.faults(self._lists, data))
            if repeated and old is not None:
                before = before or (yield from encode.steps(old))
                if (yield from _gathered(checks.faults(self._lists, before))):
                    repeated = []
            found += repeated
        return found

    @memo.cached_property
    def _check(self) -> Check:
        return self._checks.of(self.schema)

    @memo.cached_property
    def _objects(self) -> Check | None:
        return elements.of_objects(self.schema)

    @memo.cached_property
    def _lists(self) -> Check | None:
        return elements.of_lists(self.schema)


def _gathered(several: Iterator[Violation | None]) -> Steps[list[Violation]]:
    found = []
    for fault in several:
        if fault is None:
            yield
        else:
            found.append(fault)
    return found
