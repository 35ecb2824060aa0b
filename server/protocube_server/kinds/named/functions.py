"""The functions that options of the contract name, as the kinds get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from protocube import descriptor_options
from protocube.catalog import Resource
from protocube_server.kinds import options
from protocube_server.kinds.named.conversion import Conversion, SameNumbers

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    from protocube_server.kinds.named.allocation import Allocation
    from protocube_server.kinds.named.binding import Binding
    from protocube_server.kinds.named.change import UpdateRule
    from protocube_server.kinds.named.eviction import Eviction
    from protocube_server.kinds.named.grace import Grace
    from protocube_server.kinds.named.message_rule import MessageRule
    from protocube_server.kinds.named.message_warning import MessageWarning
    from protocube_server.kinds.named.object_rule import ObjectRule
    from protocube_server.kinds.named.place import Computed
    from protocube_server.kinds.named.rule import ComputedRule
    from protocube_server.kinds.named.use import Use

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
    warnings: Mapping[str, MessageWarning] = field(default_factory=dict)
    """``computed_warnings`` of a message: asked of each message of that type."""
    update_rules: Mapping[str, UpdateRule] = field(default_factory=dict)
    """``update_rule``: asked at every update of an object in which the field is set, before
    or after. It is for fields that are neither free nor immutable."""
    update_defaults: Mapping[str, UpdateDefault] = field(default_factory=dict)
    """``update_default``: called at every update of an object in which the field is set."""
    conversions: Mapping[str, MakeConversion] = field(default_factory=dict)
    """``conversion``: between a version that is served and the one that is stored. It loses
    nothing on the way there and back: what a version cannot say travels in annotations."""

    graces: Mapping[str, Grace] = field(default_factory=dict)
    """``grace`` of a resource: asked when an object is to be deleted."""

    evictions: Mapping[str, Eviction] = field(default_factory=dict)
    """``eviction`` of a resource: asked when an object is to be evicted."""
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    """``binding`` of a resource: called when an object is assigned."""
    allocations: Mapping[str, Allocation] = field(default_factory=dict)
    """``allocation`` of a resource: asked when an object is written."""

    schemas: Mapping[str, ObjectRule] = field(default_factory=dict)
    """``json_schema`` of a message, by its full name: asked of whole objects."""

    uses: Mapping[str, Use] = field(default_factory=dict)
    """``use`` of a resource's protection: asked what uses its objects."""

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

    def grace(self, resource: Resource) -> Grace | None:
        """Return what ``resource`` names; ``None`` for one whose objects end at once."""
        name = resource.options.grace
        return (
            options.named(self.graces, name, what="grace", where=resource.message) if name else None
        )

    def eviction(self, resource: Resource) -> Eviction | None:
        """Return what ``resource`` names; ``None`` for one whose objects are not evicted."""
        name, where = resource.options.eviction, resource.message
        return options.named(self.evictions, name, what="eviction", where=where) if name else None

    def binding(self, resource: Resource) -> Binding | None:
        """Return what ``resource`` names; ``None`` for one whose objects are not assigned."""
        name, where = resource.options.binding, resource.message
        return options.named(self.bindings, name, what="binding", where=where) if name else None

    def allocation(self, resource: Resource) -> Allocation | None:
        """Return what ``resource`` names; ``None`` for one whose objects are given nothing."""
        name, where = resource.options.allocation, resource.message
        if not name:
            return None
        return options.named(self.allocations, name, what="allocation", where=where)

    def use(self, resource: Resource) -> Use | None:
        """Return what ``resource`` names; ``None`` for one whose objects are not protected."""
        name, where = resource.options.protection.use, resource.message
        return options.named(self.uses, name, what="use", where=where) if name else None

    def schema(self, resource: Resource) -> ObjectRule | None:
        """Return what holds objects to their schema; ``None`` for a kind without one."""
        if not descriptor_options.is_of_schema(resource.descriptor):
            return None
        name = resource.message
        return options.named(self.schemas, name, what="schema", where=name)

    def conversion(self, served: Resource, stored: Resource) -> Conversion:
        """Return the conversion that ``served`` names; without a name only names differ."""
        name = served.options.conversion
        if not name:
            return SameNumbers(served_kind=served, stored_kind=stored)
        make = options.named(self.conversions, name, what="conversion", where=served.message)
        return make(served, stored)


NONE = Functions()
"""No functions: for kinds whose options name none."""
