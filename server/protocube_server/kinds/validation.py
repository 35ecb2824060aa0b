"""Everything that can be wrong with one object, found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import protovalidate

from protocube import errors
from protocube_server.kinds import computed_rules, object_names, update_rules, violations
from protocube_server.kinds.marked import Marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_server.kinds.marked import Found

# Compiles the rules of a message type at its first use and keeps them.
_VALIDATOR = protovalidate.Validator()

_ITSELF = "*"
"""In ``unique_by`` of a list of scalars: the scalar."""


class Validation:
    """The rules of one kind: names, protovalidate's rules, uniqueness, immutability."""

    def __init__(self, resource: Resource) -> None:
        """Raises ``ValueError`` when an option names a rule that nobody wrote."""
        self._resource = resource
        # One walk finds what is to be looked at for either reason.
        self._checked = Marked(
            resource.descriptor, lambda option: bool(option.unique_by or option.computed_rule)
        )
        self._immutable = Marked(resource.descriptor, lambda option: option.immutable)
        self._freezing = Marked(resource.descriptor, lambda option: bool(option.freezes))
        self._changing = Marked(resource.descriptor, lambda option: bool(option.update_rule))
        self._update_rules = {
            name: update_rules.named(name, resource.descriptor)
            for name in self._changing.options("update_rule")
        }
        self._rules = {
            name: computed_rules.named(name, resource.descriptor)
            for name in self._checked.options("computed_rule")
            if name
        }

    def check(self, message: Message) -> None:
        """Raise ``errors.Invalid`` with all violations of ``message``."""
        self._raise(message, [*self._all(message)])

    def check_update(self, old: Message, new: Message) -> None:
        """As :meth:`check`, and no immutable field may differ from ``old``."""
        self._raise(new, [*self._changed(old, new), *self._all(new)])

    def compile(self) -> None:
        """Compile the rules now, so that the first call does not wait for it.

        Raises when a rule does not compile.
        """
        _VALIDATOR.collect_violations(self._resource.message_class())

    def _raise(self, message: Any, found: list[errors.Violation]) -> None:
        if found:
            raise errors.invalid(self._resource.qualified_kind, message.metadata.name, found)

    def _all(self, message: Message) -> Iterator[errors.Violation]:
        yield from self._name(message)
        for violation in _VALIDATOR.collect_violations(message):
            yield from violations.translate(message, violation)
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

    def _changed(self, old: Message, new: Message) -> Iterator[errors.Violation]:
        before = {found.path: found.value for found in self._immutable.walk(old)}
        after = {found.path: found.value for found in self._immutable.walk(new)}
        for path, value in after.items():
            if path not in before or before[path] != value:
                yield violations.invalid(path, value, "field is immutable")
        for path in before:
            if path not in after:
                yield violations.invalid(path, None, "field is immutable")
        for path in self._resource.options.immutable:
            value = violations.at(new, path)
            if violations.at(old, path) != value:
                yield violations.invalid(path, value, "field is immutable")
        yield from self._frozen(old, new)
        found_in = (*self._changing.walk(old), *self._changing.walk(new))
        marked = {found.path: found for found in found_in}
        for path, found in marked.items():
            before, after = violations.at(old, path), violations.at(new, path)
            change = update_rules.Change(path=path, old=before, new=after, stored=old)
            yield from self._update_rules[found.option.update_rule](change)

    def _frozen(self, old: Any, new: Any) -> Iterator[errors.Violation]:
        for found in self._freezing.walk(old):
            by_name = {field.json_name: field.name for field in old.DESCRIPTOR.fields}
            for path in (found.path, *found.option.freezes):
                name = by_name[path]
                if found.value and getattr(old, name) != getattr(new, name):
                    detail = f"field is immutable when `{found.path}` is set"
                    yield violations.forbidden(path, detail)


def _duplicates(found: Found) -> Iterator[errors.Violation]:
    """Give the elements of a list whose key an earlier one has.

    The key is made of some fields of a message, or is a scalar itself.
    """
    if len(found.value) == 1:
        return
    names = tuple(found.option.unique_by)
    itself = names[0] == _ITSELF
    by_name: dict[str, str] = {}
    if not itself:
        by_name = {field.json_name: field.name for field in found.value[0].DESCRIPTOR.fields}
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
