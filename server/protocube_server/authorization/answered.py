"""What was allowed before: most calls are like others of their user, for another object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from protocube_server.authorization.attributes import Attributes
    from protocube_server.authorization.rights import Decision, Rights
    from protocube_server.calls.user import User

_MOST: Final = 8192
"""What is kept of all users together; then it begins anew."""


class _Allowed:
    """What one user may do, as far as it was asked."""

    __slots__ = ("epoch", "everywhere", "in_namespaces", "user")

    def __init__(self, user: User, epoch: int) -> None:
        self.epoch = epoch
        """That of the rights which allowed it."""
        # It is found by where its user lies in memory, which is another's when that one is gone.
        self.user = user
        self.everywhere: set[str] = set()
        """Questions (``Attributes.question``)."""
        self.in_namespaces: set[tuple[str, str]] = set()
        """Namespaces and questions."""


class Answered:
    """The questions that were answered with yes, for whatever name, since the last change."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._of_users: dict[int, _Allowed] = {}
        self._left = _MOST

    def clear(self) -> None:
        """Forget everything: it may be answered otherwise from now on."""
        self._of_users.clear()
        self._left = _MOST

    def has(self, user: User, question: str, namespace: str) -> bool:
        """Tell whether a user was allowed that before, in this namespace."""
        found = self._of_users.get(id(user))
        return (
            found is not None
            and found.user is user
            and found.epoch == self._rights.epoch
            and (question in found.everywhere or (namespace, question) in found.in_namespaces)
        )

    def keep(self, user: User, asked: Attributes, decision: Decision) -> None:
        """Remember a decision, if it is the same for more objects than one."""
        if not decision.allowed or not decision.is_general or asked.path:
            return
        if not self._left:
            self.clear()
        self._left -= 1
        epoch = self._rights.epoch
        found = self._of_users.get(id(user))
        if found is None or found.user is not user or found.epoch != epoch:
            found = self._of_users[id(user)] = _Allowed(user, epoch)
        if decision.is_everywhere:
            found.everywhere.add(asked.question)
        else:
            # There is a binding in it: a request can say what it likes for others.
            found.in_namespaces.add((asked.namespace, asked.question))
