"""Who is bound to which role: what the generators of bindings share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import subjects

if TYPE_CHECKING:
    from protocube_client.cli.flags.subjects import Subjects


def bound(
    who: Subjects, kind: str, metadata: dict[str, Any], *, role_kind: str, role: str
) -> dict[str, Any]:
    """Return a binding of this ``kind`` to a role. Raises :class:`CommandError`."""
    binding: dict[str, Any] = {
        "apiVersion": f"{subjects.GROUP}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": subjects.GROUP, "kind": role_kind, "name": role},
    }
    entries = [
        *(subjects.entry("User", name) for name in who.users),
        *(subjects.entry("Group", name) for name in who.groups),
        *map(_account, who.accounts),
    ]
    return {**binding, "subjects": entries} if entries else binding


def _account(text: str) -> dict[str, str]:
    namespace, _, name = text.partition(":")
    if not namespace or not name or ":" in name:
        raise CommandError("serviceaccount must be <namespace>:<name>")
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
