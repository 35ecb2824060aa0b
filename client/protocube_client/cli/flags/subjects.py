"""The flags that say who is bound to a role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from protocube_client.cli.flags.pflag import Flag

GROUP: Final = "rbac.authorization.k8s.io"
"""The API group of roles, bindings, users and groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Users, groups and service accounts."""

    users: tuple[str, ...]
    groups: tuple[str, ...]
    accounts: tuple[str, ...]
    """Each as ``NAMESPACE:NAME``."""

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.users or self.groups or self.accounts)


def flags() -> list[Flag]:
    """Return the flags that :func:`take` reads."""
    return [
        Flag(["--user"], multiple=True, metavar="NAME", help="A user; may be repeated."),
        Flag(["--group"], multiple=True, metavar="NAME", help="A group; may be repeated."),
        Flag(
            ["--serviceaccount"],
            multiple=True,
            metavar="NAMESPACE:NAME",
            help="A service account; may be repeated.",
        ),
    ]


def take(given: dict[str, Any]) -> Subjects:
    """Take the flags of :func:`flags` out of what click gave a callback."""
    return Subjects(
        users=given.pop("user"),
        groups=given.pop("group"),
        accounts=given.pop("serviceaccount"),
    )


def entry(kind: str, name: str) -> dict[str, str]:
    """Return a ``User`` or a ``Group`` as bindings have it."""
    return {"kind": kind, "apiGroup": GROUP, "name": name}
