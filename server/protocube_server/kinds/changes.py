"""What an update may not change: immutable fields, frozen ones, and those with a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import descriptor_options, memo
from protocube.api.v1 import resource_pb2
from protocube_server.kinds import field_names, violations
from protocube_server.kinds.marked import Marked
from protocube_server.kinds.named.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

    from protocube import errors
    from protocube.catalog import Resource
    from protocube.steps import Steps
    from protocube_server.kinds.contract import Contract
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.functions import Functions


class Changes:
    """The rules of one kind for its updates. Made at the first: creates need none of it."""

    def __init__(self, resource: Resource, functions: Functions, contract: Contract) -> None:
        """Raises ``ValueError`` when an option names a rule that does not exist."""
        self._resource = resource
        # One walk finds what is to be looked at for any of the reasons.
        self._marked = Marked(
            resource.descriptor,
            lambda option: bool(option.immutable or option.freezes or option.update_rule),
            contract,
        )
        self._rules = {
            name: functions.update_rule(name, resource.descriptor)
            for name in self._marked.options("update_rule")
            if name
        }

    def faults(self, old: Message, new: Message) -> Iterator[errors.Violation | None]:
        """Yield what ``new`` changes of ``old`` and may not, and ``None`` for others' turns."""
        before = yield from self._found(old)
        after = yield from self._found(new)
        yield from self._immutable(before, after)
        for path in self._resource.options.immutable:
            value = violations.at(new, path)
            if violations.at(old, path) != value:
                yield violations.invalid(path, value, "field is immutable")
        for found in before:
            if found.option.freezes and found.value:
                yield from _frozen(found, old, new)
        ruled = {found.path: found for found in (*before, *after) if self._has_rule(found)}
        for path, found in ruled.items():
            change = Change(
                path=path, old=violations.at(old, path), new=violations.at(new, path), stored=old
            )
            yield from self._rules[found.option.update_rule](change)
            yield None

    def _found(self, message: Message) -> Steps[list[Found]]:
        found: list[Found] = []
        for item in self._marked.walk(message):
            if item is None:
                yield None
            else:
                found.append(item)
        return found

    def _has_rule(self, found: Found) -> bool:
        """Tell whether the field has a rule on updates, which speaks of the stored object.

        An object within another, as a claim in a StatefulSet, is not stored as itself.
        """
        if not found.option.update_rule:
            return False
        holder = found.parent
        is_stored = holder.DESCRIPTOR.full_name == self._resource.message
        return is_stored or not _is_object(type(holder))

    def _immutable(
        self, before: Sequence[Found], after: Sequence[Found]
    ) -> Iterator[errors.Violation | None]:
        had = {found.path: found.value for found in before if found.option.immutable}
        has = {found.path: found.value for found in after if found.option.immutable}
        for path, value in has.items():
            if path not in had or had[path] != value:
                yield violations.invalid(path, value, "field is immutable")
            yield None
        for path in had:
            if path not in has:
                yield violations.invalid(path, None, "field is immutable")


@memo.by_message_type
def _is_object(descriptor: Descriptor) -> bool:
    """Tell whether the messages of a type are objects of a kind."""
    return descriptor_options.of_message(descriptor).HasExtension(resource_pb2.resource)


def _frozen(found: Found, old: Any, new: Any) -> Iterator[errors.Violation]:
    by_name = field_names.by_json_name(type(old))
    for path in (found.path, *found.option.freezes):
        if getattr(old, by_name[path]) != getattr(new, by_name[path]):
            detail = f"field is immutable when `{found.path}` is set"
            yield violations.forbidden(path, detail)
