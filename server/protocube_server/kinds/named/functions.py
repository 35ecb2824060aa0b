"""The functions that options of the contract name, as the kinds get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from protocube.catalog import Resource
from protocube_server.kinds import options
from protocube_server.kinds.named.conversion import Conversion, SameNumbers

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube_server.kinds.named.change import UpdateRule
    from protocube_server.kinds.named.message_rule import MessageRule
    from protocube_server.kinds.named.place import Computed
    from protocube_server.kinds.named.rule import ComputedRule

UpdateDefault = Callable[[Any, Any], None]
"""Takes a field's old and new value, and fills in or takes out of the new one."""

MakeConversion = Callable[[Resource, Resource], Conversion]
"""Makes the conversion between a served resource and the one that is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """Named functions, by the option that names them. Each lookup raises ``ValueError``."""

    defaults: Mapping[str, Computed] = field(default_factory=dict)
    """``computed_default``: called after the constant defaults of the message that declares
    the field, and before those of the messages below it."""
    rules: Mapping[str, ComputedRule] = field(default_factory=dict)
    """``computed_rule``: asked when the field is set."""
    message_rules: Mapping[str, MessageRule] = field(default_factory=dict)
    """``computed_rules`` of a message: asked of each message of that type."""
    update_rules: Mapping[str, UpdateRule] = field(default_factory=dict)
    """``update_rule``: asked at every update of an object in which the field is set, before
    or after. It is for fields that are neither free nor immutable."""
    update_defaults: Mapping[str, UpdateDefault] = field(default_factory=dict)
    """``update_default``: called at every update of an object in which the field is set."""
    conversions: Mapping[str, MakeConversion] = field(default_factory=dict)
    """``conversion``: between a version that is served and the one that is stored. It loses
    nothing on the way there and back: what a version cannot say travels in annotations."""

    @classmethod
    def merged(cls, *parts: Functions) -> Functions:
        """Return one record of all. Raises ``ValueError`` for a name that two of them have."""
        together: dict[str, dict[str, Any]] = {item.name: {} for item in fields(cls)}
        for part in parts:
            for option, by_name in together.items():
                for name, function in getattr(part, option).items():
                    if by_name.setdefault(name, function) is not function:
                        raise ValueError(f"two functions of {option} are called {name!r}")
        return cls(**together)

    def default(self, name: str, at: FieldDescriptor) -> Computed:
        """Return the computed default that the field ``at`` names."""
        return options.named(self.defaults, name, what="computed default", where=at.full_name)

    def rule(self, name: str, at: Descriptor) -> ComputedRule:
        """Return the computed rule that a field below ``at`` names."""
        return options.named(self.rules, name, what="computed rule", where=at.full_name)

    def update_rule(self, name: str, at: Descriptor) -> UpdateRule:
        """Return the update rule that a field below ``at`` names."""
        return options.named(self.update_rules, name, what="update rule", where=at.full_name)

    def update_default(self, name: str, at: Descriptor) -> UpdateDefault:
        """Return the update default that a field below ``at`` names."""
        return options.named(self.update_defaults, name, what="update default", where=at.full_name)

    def conversion(self, served: Resource, stored: Resource) -> Conversion:
        """Return the conversion that ``served`` names; without a name only names differ."""
        name = served.options.conversion
        if not name:
            return SameNumbers(served_kind=served, stored_kind=stored)
        make = options.named(self.conversions, name, what="conversion", where=served.message)
        return make(served, stored)


NONE = Functions()
"""No functions: for kinds whose options name none."""
