"""Everything that can be wrong with one object, found at once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from protocube import errors, memo
from protocube_server import turns
from protocube_server.kinds import field_names, object_names, ratcheting, violations
from protocube_server.kinds.changes import Changes
from protocube_server.kinds.contract import Contract
from protocube_server.kinds.marked import Marked
from protocube_server.kinds.named.functions import NONE, Functions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_server.kinds.marked import Found

MOST: Final = 100
"""Violations that are worked out and told: nobody reads more, and each costs work."""
_TURN: Final = 500
"""Elements of a list that are compared between two marks."""
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
        self._schema = functions.schema(resource)
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

    @memo.cached_property
    def changes(self) -> Changes:
        """The rules for updates. Raises ``ValueError`` when an option cannot be honoured."""
        return Changes(self._resource, self._functions, self._contract)

    def check(self, message: Message) -> None:
        """Raise ``errors.Invalid`` with the violations of ``message``, :data:`MOST` at most."""
        self._raise(message, turns.at_once(_first(self._of_new(message))))

    async def check_in_turns(self, message: Message) -> None:
        """As :meth:`check`, and others have their turns between the parts of a large object."""
        self._raise(message, await turns.taken(_first(self._of_new(message))))

    async def check_update_in_turns(
        self, old: Message, new: Message, also: Iterable[errors.Violation] = ()
    ) -> None:
        """As :meth:`check_in_turns`, with what ``new`` changes of ``old`` and may not.

        ``old`` has its defaults. What was wrong with it already, and is not changed, does not
        count. ``also`` is told with what is found, and before it.
        """
        every = self._all(new)
        found = await turns.taken(_first(every))
        if found:
            every_old = self._all(old)
            had = await turns.taken(_first(every_old))
            if had:
                # What counts may stand behind any number of faults that do not.
                found += await turns.taken(every)
                had += await turns.taken(every_old)
                found = await turns.taken(ratcheting.counting(old, new, found, had))
        changed = await turns.taken(self.changes.faults(old, new))
        if self._schema is not None:
            found += await turns.taken(_first(self._schema(new, old)))
        self._raise(new, [*also, *found, *changed])

    def preparing(self) -> Iterator[None]:
        """Compile what is asked of an object first; yield where others may have their turn."""
        _ = self.changes
        yield
        if self._schema is None:
            yield from self._contract.planned(self._resource.descriptor)

    def compile(self, *, is_new: bool = True) -> None:
        """Compile the rules now, so that the first call does not wait for it.

        Raises when a rule does not compile; a schema that ``is_new`` is looked at for that.
        """
        self._contract.prepare(self._resource.message_class)
        if self._schema is not None and is_new:
            self._schema.prepare()
        elif self._schema is not None:
            self._schema.compile()
        _ = self.changes

    def _raise(self, message: Any, found: list[errors.Violation]) -> None:
        if not found:
            return
        error = errors.invalid(self._resource.qualified_kind, message.metadata.name, found[:MOST])
        if len(found) > MOST:
            raise error.with_message(f"{error.message}, and more than {MOST} violations in all")
        raise error

    def _of_new(self, message: Message) -> Iterator[errors.Violation | None]:
        """Return what is wrong with an object that was not there before."""
        every = self._all(message)
        return (
            every if self._schema is None else itertools.chain(every, self._schema(message, None))
        )

    def _all(self, message: Message) -> Iterator[errors.Violation | None]:
        """Yield the violations, and ``None`` where others may have their turn."""
        yield from self._name(message)
        yield from self._contract.in_turns(message)
        for found in self._checked.walk(message):
            if found is None:
                yield None
                continue
            if found.option.unique_by:
                yield from _duplicates(found)
            if found.option.computed_rule:
                yield from self._rules[found.option.computed_rule](found)
            yield None

    def _name(self, message: Any) -> Iterator[errors.Violation]:
        if self._resource.options.review:
            return  # It is answered, and needs no name.
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


def _first(every: Iterable[errors.Violation | None]) -> Iterator[errors.Violation | None]:
    """Stop behind the one violation by which it is seen that there are more than are told."""
    count = 0
    for item in every:
        yield item
        if item is not None:
            count += 1
            if count > MOST:
                return


def _duplicates(found: Found) -> Iterator[errors.Violation | None]:
    """Yield the elements of a list whose key an earlier one has, and ``None`` after some.

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
        if not index % _TURN:
            yield None
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
