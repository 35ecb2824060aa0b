"""Everything that can be wrong with one object, found at once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.kinds import field_names, object_names, ratcheting, violations
from protocube_server.kinds.changes import Changes
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.marked import Marked
from protocube_server.kinds.named.functions import NONE, Functions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_server.kinds.marked import Found

_ITSELF = "*"
"""In ``unique_by`` of a list of scalars: the scalar."""


class Validation:
    """The rules of one kind: names, those of the contract, uniqueness, computed ones."""

    def __init__(
        self,
        resource: Resource,
        functions: Functions = NONE,
        contract: Contract | None = None,
    ) -> None:
        """Raises ``ValueError`` when an option names a rule that does not exist."""
        self._resource = resource
        self._functions = functions
        self._contract = contract or Contract(functions.message_rules)
        # One walk finds what is to be looked at for either reason.
        self._checked = Marked(
            resource.descriptor,
            lambda option: bool(option.unique_by or option.computed_rule),
            self._contract,
        )
        self._rules = {
            name: functions.rule(name, resource.descriptor)
            for name in self._checked.options("computed_rule")
            if name
        }

    @functools.cached_property
    def changes(self) -> Changes:
        """The rules for updates. Raises ``ValueError`` when an option cannot be honoured."""
        return Changes(self._resource, self._functions, self._contract)

    def check(self, message: Message) -> None:
        """Raise ``errors.Invalid`` with all violations of ``message``."""
        self._raise(message, [*self._all(message)])

    def check_update(self, old: Message, new: Message) -> None:
        """As :meth:`check`, with what ``new`` changes of ``old`` and may not.

        ``old`` has its defaults. What was wrong with it already, and is not changed, does not
        count.
        """
        found = ratcheting.counting(old, new, self._all(new), lambda: self._all(old))
        self._raise(new, [*self.changes.faults(old, new), *found])

    def compile(self) -> None:
        """Compile the rules now, so that the first call does not wait for it.

        Raises when a rule does not compile.
        """
        self._contract.prepare(self._resource.message_class)
        _ = self.changes

    def _raise(self, message: Any, found: list[errors.Violation]) -> None:
        if found:
            raise errors.invalid(self._resource.qualified_kind, message.metadata.name, found)

    def _all(self, message: Message) -> Iterator[errors.Violation]:
        yield from self._name(message)
        yield from self._contract.faults(message)
        for found in self._checked.walk(message):
            if found.option.unique_by:
                yield from _duplicates(found)
            if found.option.computed_rule:
                yield from self._rules[found.option.computed_rule](found)

    def _name(self, message: Any) -> Iterator[errors.Violation]:
        metadata = message.metadata
        name_format = self._resource.name_format
        if metadata.generate_name:
            for fault in object_names.faults(metadata.generate_name, name_format, prefix=True):
                yield violations.invalid("metadata.generateName", metadata.generate_name, fault)
        if not metadata.name:
            yield violations.required("metadata.name", "name or generateName is required")
            return
        for fault in object_names.faults(metadata.name, name_format):
            yield violations.invalid("metadata.name", metadata.name, fault)


def _duplicates(found: Found) -> Iterator[errors.Violation]:
    """Yield the elements of a list whose key an earlier one has.

    The key is made of some fields of a message, or is a scalar itself.
    """
    if len(found.value) == 1:
        return
    names = tuple(found.option.unique_by)
    itself = names[0] == _ITSELF
    by_name: Mapping[str, str] = {}
    if not itself:
        by_name = field_names.by_json_name(type(found.value[0]))
    seen: set[tuple[str, ...]] = set()
    for index, item in enumerate(found.value):
        key = (
            (str(item),)
            if itself
            else tuple(str(getattr(item, by_name[name]) or "") for name in names)
        )
        if any(key) and key in seen:
            path = f"{found.path}[{index}]"
            if not itself and len(names) == 1:
                path += f".{names[0]}"
            yield violations.duplicate(path, key[0] if len(key) == 1 else list(key))
        seen.add(key)
