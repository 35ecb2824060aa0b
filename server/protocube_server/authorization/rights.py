"""All roles and bindings, and what they allow whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocube.quoting import quote
from protocube_server.authorization import aggregation, rules, subjects
from protocube_server.authorization.roles import GROUP, Key
from protocube_server.authorization.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.roles import Binding, Role
    from protocube_server.authorization.rules import Rule
    from protocube_server.authorization.subjects import Subject
    from protocube_server.calls.user import User

    _Own = tuple[tuple[Subject, Mapping[str, Mapping[Key, Binding]]], ...]

_MOST_USERS: Final = 4096
"""Whose bindings are at hand."""
_MOST_GROUPS: Final = 64
"""Of a user whose bindings are kept at hand."""
_NONE: Final[Mapping[Key, Binding]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether something is allowed, and why."""

    allowed: bool
    missing: str = ""
    """Which roles of the user's bindings are missing, where nothing allows it."""
    because: tuple[Binding, Subject] | None = None
    is_general: bool = False
    """Whether it is the same for all names."""
    is_everywhere: bool = False
    """Whether it is then the same for all namespaces, too."""

    @property
    def reason(self) -> str:
        """By which binding, or which roles are missing; empty when there is nothing to say."""
        if self.because is None:
            return self.missing
        binding, subject = self.because
        return f"RBAC: allowed by {binding.described(subject)}"


_REFUSED: Final = Decision(allowed=False)
"""What is decided most often of all that is refused."""


class Rights:
    """The rights that roles and bindings give. It changes by one object at a time.

    Bindings are found by the subjects of a user and the namespace, so a decision looks at those
    that are the user's alone.
    """

    def __init__(self) -> None:
        self.epoch = 0
        """Grows with every change: what was decided before may not hold any more."""
        self._roles: dict[Key, Role] = {}
        self._cluster_roles: dict[str, Role] = {}
        self._bindings: dict[Key, Binding] = {}
        self._by_subject: dict[Subject, dict[str, dict[Key, Binding]]] = {}
        self._of_users: dict[tuple[str, tuple[str, ...]], _Own] = {}
        """What was found there for users, until a binding comes or goes."""
        self._tables: dict[Key, Table] = {}
        """Of the rules of roles that were asked for."""

    @property
    def cluster_roles(self) -> Mapping[str, Role]:
        """All cluster roles by their names."""
        return self._cluster_roles

    def clear(self) -> None:
        """Forget everything."""
        self._changed()
        for known in (self._roles, self._cluster_roles, self._bindings, self._by_subject):
            known.clear()
        self._tables.clear()
        self._of_users.clear()

    def put_role(self, key: Key, role: Role) -> None:
        """Add a role, or replace it. One without a namespace is a cluster role."""
        if self._roles.get(key) == role:
            return
        self._changed()
        self._forget(key, role)
        self._roles[key] = role
        if not key.namespace:
            self._cluster_roles[key.name] = role

    def remove_role(self, key: Key) -> None:
        """Remove a role, if it is there."""
        if key not in self._roles:
            return
        self._changed()
        self._forget(key)
        self._roles.pop(key, None)
        if not key.namespace:
            self._cluster_roles.pop(key.name, None)

    def put_binding(self, binding: Binding) -> None:
        """Add a binding, or replace it."""
        if self._bindings.get(binding.key) == binding:
            return
        self.remove_binding(binding.key)
        self._changed()
        self._of_users.clear()
        self._bindings[binding.key] = binding
        for subject in binding.subjects:
            places = self._by_subject.setdefault(subject, {})
            places.setdefault(binding.key.namespace, {})[binding.key] = binding

    def remove_binding(self, key: Key) -> None:
        """Remove a binding, if it is there."""
        binding = self._bindings.pop(key, None)
        if binding is None:
            return
        self._changed()
        self._of_users.clear()
        for subject in binding.subjects:
            places = self._by_subject[subject]
            del places[key.namespace][key]
            if not places[key.namespace]:
                del places[key.namespace]
            if not places:
                del self._by_subject[subject]

    def decide(self, user: User, asked: Attributes) -> Decision:
        """Decide by the first binding with a rule that fits, those of the whole cluster first."""
        missing: dict[str, None] = {}
        own, tables = self._own(user), self._tables
        for place in ("", asked.namespace) if asked.namespace else ("",):
            for subject, places in own:
                for binding in places.get(place, _NONE).values():
                    found = tables.get(binding.role) or self._table(binding.role)
                    if found is None:
                        missing[not_found(binding.role)] = None
                    elif (rule := found.find(asked)) is not None:
                        return Decision(
                            allowed=True,
                            because=(binding, subject),
                            is_general=not rule.resource_names,
                            is_everywhere=not place,
                        )
        return Decision(allowed=False, missing=_reason(list(missing))) if missing else _REFUSED

    def may_at_all(self, user: User, verb: str, group: str, resource: str) -> bool:
        """Tell whether a user may do this to some object of a resource, or to a part of one."""
        return any(
            rules.may_fit(rule, verb, group, resource)
            for subject in subjects.of_user(user)
            for bindings in self._by_subject.get(subject, {}).values()
            for binding in bindings.values()
            for rule in self.rules_of_role(binding.role) or ()
        )

    def all_bindings_of(self, user: User) -> Iterator[tuple[Subject, Binding]]:
        """Yield the bindings of a user, wherever they hold, and whom of the user each is for."""
        for subject in subjects.of_user(user):
            for bindings in self._by_subject.get(subject, {}).values():
                for binding in bindings.values():
                    yield subject, binding

    def places_of(self, user: User) -> set[str]:
        """Return the namespaces in which a user has a binding."""
        found: set[str] = set()
        for subject in subjects.of_user(user):
            found.update(self._by_subject.get(subject, ()))
        return found - {""}

    def rules_of(self, user: User, namespace: str) -> tuple[list[Rule], list[Key]]:
        """Return all rules of a user in a namespace, and the roles among them that are missing."""
        found: list[Rule] = []
        missing: dict[Key, None] = {}
        for _, binding in self._bindings_of(user, namespace):
            given = self.rules_of_role(binding.role)
            if given is None:
                missing[binding.role] = None
            else:
                found += given
        return found, list(missing)

    def rules_of_role(self, key: Key) -> tuple[Rule, ...] | None:
        """Return the rules of a role, those that it takes from others included.

        ``None`` when there is no such role.
        """
        table = self._table(key)
        return table.rules if table is not None else None

    def _table(self, key: Key) -> Table | None:
        known = self._tables.get(key)
        if known is not None:
            return known
        role = self._roles.get(key)
        if role is None:
            return None
        found = role.rules
        if role.selectors is not None:
            found = aggregation.rules_of(key.name, self._cluster_roles)
        table = self._tables[key] = Table(found)
        return table

    def _own(self, user: User) -> _Own:
        """Return the bindings of a user by whom of the user they are for, and by namespace."""
        key = (user.name, user.groups)
        known = self._of_users.get(key)
        if known is None:
            known = tuple(
                (subject, places)
                for subject in subjects.of_user(user)
                if (places := self._by_subject.get(subject)) is not None
            )
            if len(self._of_users) >= _MOST_USERS:
                self._of_users.clear()
            # Who acts as others can give a user any groups.
            if len(user.groups) <= _MOST_GROUPS:
                self._of_users[key] = known
        return known

    def _bindings_of(self, user: User, namespace: str) -> Iterator[tuple[Subject, Binding]]:
        own = self._own(user)
        for place in ("", namespace) if namespace else ("",):
            for subject, places in own:
                for binding in places.get(place, {}).values():
                    yield subject, binding

    def _forget(self, key: Key, role: Role | None = None) -> None:
        """Forget the rules of a role that becomes ``role``, and of those that take them over."""
        self._tables.pop(key, None)
        if key.namespace:
            return
        changed = [each for each in (self._roles.get(key), role) if each is not None]
        collecting = {name: each for name, each in self._cluster_roles.items() if each.selectors}
        if any(
            each.selectors is not None or aggregation.is_chosen(each.labels, other.selectors or ())
            for each in changed
            for other in collecting.values()
        ):
            for name in collecting:
                self._tables.pop(Key("", name), None)

    def _changed(self) -> None:
        self.epoch += 1


def not_found(role: Key) -> str:
    """Return how a decision names a role that is not there."""
    word = "role" if role.namespace else "clusterrole"
    return f"{word}.{GROUP} {quote(role.name)} not found"


def _reason(missing: list[str]) -> str:
    if not missing:
        return ""
    return f"RBAC: {missing[0]}" if len(missing) == 1 else f"RBAC: [{', '.join(missing)}]"
