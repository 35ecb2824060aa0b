"""Acting as another user: Kubernetes' impersonation, asked for by a call's metadata.

Each thing that is taken over is a right of its own, of the verb ``impersonate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from protocube import errors
from protocube_server.authentication.identity import ANONYMOUS, known
from protocube_server.authorization.attributes import Attributes
from protocube_server.calls import service_accounts
from protocube_server.calls.user import UNAUTHENTICATED, User

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Entries = Sequence[tuple[str, str | bytes]]

PREFIX: Final = "impersonate-"
"""What the keys of all entries that speak of it begin with."""

_USER: Final = f"{PREFIX}user"
_GROUP: Final = f"{PREFIX}group"
_UID: Final = f"{PREFIX}uid"
_EXTRA: Final = f"{PREFIX}extra-"
_VERB: Final = "impersonate"
_OF_USERS: Final = "authentication.k8s.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom a caller wants to be."""

    name: str
    groups: tuple[str, ...]
    uid: str
    extra: Mapping[str, tuple[str, ...]]

    @property
    def user(self) -> User:
        """The user, with the groups that follow from its name where none are asked for."""
        groups, account = self.groups, service_accounts.account(self.name)
        if account is not None and not groups:
            groups = service_accounts.groups(account[0])
        if self.name == ANONYMOUS.name and UNAUTHENTICATED not in groups:
            groups = (*groups, UNAUTHENTICATED)
        return known(User(name=self.name, groups=groups, uid=self.uid, extra=self.extra))

    def rights(self) -> Iterator[Attributes]:
        """Yield what the caller has to be allowed, all of it."""
        account = service_accounts.account(self.name)
        if account is not None:
            namespace, name = account
            yield Attributes(_VERB, "", "serviceaccounts", "", namespace, name)
        else:
            yield Attributes(_VERB, "", "users", name=self.name)
        for group in self.groups:
            yield Attributes(_VERB, "", "groups", name=group)
        for key, values in self.extra.items():
            for value in values:
                yield Attributes(_VERB, _OF_USERS, "userextras", key, name=value)
        if self.uid:
            yield Attributes(_VERB, _OF_USERS, "uids", name=self.uid)


def read(entries: Entries) -> Wanted:
    """Return whom the entries of a call's metadata ask for.

    Raises ``errors.BadRequest`` for entries without a user, and for those that mean nothing.
    """
    name, uid = "", ""
    groups: list[str] = []
    extra: dict[str, list[str]] = {}
    for key, value in entries:
        if not isinstance(value, str):
            raise errors.BadRequest(f"the metadata {key} are no text")
        if key == _USER:
            name = name or value
        elif key == _GROUP:
            groups.append(value)
        elif key == _UID:
            uid = uid or value
        elif key.startswith(_EXTRA):
            extra.setdefault(unquote(key.removeprefix(_EXTRA)), []).append(value)
        else:
            raise errors.BadRequest(f"unknown metadata {key}")
    if not name:
        asked = ", ".join(dict.fromkeys(key for key, _ in entries))
        raise errors.BadRequest(f"requested {asked} without impersonating a user")
    return Wanted(
        name=name,
        groups=tuple(groups),
        uid=uid,
        extra={key: tuple(values) for key, values in extra.items()},
    )
