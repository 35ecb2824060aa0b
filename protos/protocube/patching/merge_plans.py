"""How a strategic merge patch treats the fields of a message, as its options say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from google.protobuf import message_factory

from protocube import descriptor_options, errors, memo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_GOOGLE: Final = "google.protobuf."
SET: Final = "*"
"""The merge key of a list of scalars that is merged as a set."""


class Members(Protocol):
    """What an object may hold."""

    def find(self, name: str) -> MergePlan:
        """Return the plan of a member. Raises ``BadRequest`` when there can be none."""
        ...


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """How one field is merged."""

    merge_key: str = ""
    """Of a list: what tells its elements apart; :data:`SET`, or ``""`` if it is replaced."""
    is_replaced: bool = False
    """The object or map is replaced whole."""
    retains_keys: bool = False
    """A patch says which members the object, or an element of the list, keeps."""
    value: FieldDescriptor | None = None
    """Of a message field, a map or a list of messages."""

    def members(self) -> Members:
        """Return what the object in the field, or each in the list, may hold."""
        return self._members

    @memo.cached_property
    def _members(self) -> Members:
        if self.value is None:
            return FREE
        message: Any = self.value.message_type
        if message is None or message.full_name.startswith(_GOOGLE):
            return FREE
        if (values := descriptor_options.map_values(self.value)) is not None:
            return _Map(MergePlan(value=values))
        return of_message(message_factory.GetMessageClass(message))


class _Map:
    """All members are alike."""

    def __init__(self, plan: MergePlan) -> None:
        self._plan = plan

    def find(self, _: str) -> MergePlan:
        return self._plan


class _Fields:
    """The members are the fields of a message."""

    def __init__(self, message: str, plans: Mapping[str, MergePlan]) -> None:
        self._message = message
        self._plans = plans

    def find(self, name: str) -> MergePlan:
        plan = self._plans.get(name)
        if plan is None:
            raise errors.BadRequest(
                f"unable to find api field in struct {self._message} "
                f"for the json field {errors.quote(name)}"
            )
        return plan


FREE: Final = _Map(MergePlan())
"""Of an object without a schema, such as ``google.protobuf.Struct``."""


def _compile(descriptor: Descriptor) -> Members:
    return _Fields(descriptor.name, {field.json_name: _plan(field) for field in descriptor.fields})


def _plan(field: FieldDescriptor) -> MergePlan:
    option = descriptor_options.api_field(field)
    return MergePlan(
        merge_key=option.merge_key,
        is_replaced=option.patch_replaces,
        retains_keys=option.retain_keys,
        value=field,
    )


of_message = memo.by_message_type(_compile)
"""Return what messages of a class hold."""
