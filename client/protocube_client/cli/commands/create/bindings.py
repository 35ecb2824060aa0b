"""Who is bound to which role: what the generators of bindings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

_GROUP = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Who is bound."""

    users: tuple[str, ...]
    groups: tuple[str, ...]
    accounts: tuple[str, ...]
    """Service accounts: ``namespace:name``."""

    def bound(
        self, kind: str, metadata: dict[str, Any], *, role_kind: str, role: str
    ) -> dict[str, Any]:
        """Return the binding to a role. Raises :class:`CommandError`."""
        binding: dict[str, Any] = {
            "apiVersion": f"{_GROUP}/v1",
            "kind": kind,
            "metadata": metadata,
            "roleRef": {"apiGroup": _GROUP, "kind": role_kind, "name": role},
        }
        subjects = [
            *({"kind": "User", "apiGroup": _GROUP, "name": name} for name in self.users),
            *({"kind": "Group", "apiGroup": _GROUP, "name": name} for name in self.groups),
            *map(_account, self.accounts),
        ]
        return {**binding, "subjects": subjects} if subjects else binding


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


def take(flags: dict[str, Any]) -> Subjects:
    """Take the flags of :func:`flags` out of what click gave a callback."""
    return Subjects(
        users=flags.pop("user"),
        groups=flags.pop("group"),
        accounts=flags.pop("serviceaccount"),
    )


def _account(text: str) -> dict[str, Any]:
    namespace, _, name = text.partition(":")
    if not namespace or not name or ":" in name:
        raise CommandError("serviceaccount must be <namespace>:<name>")
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
