"""``cubectl create secret``, the group, and what its commands share."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.command import Group, Table
from protocube_client.cli.commands.create import key_names, name_hash
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPLAINT = "failed to create secret "
"""What precedes a server's refusal; kubectl's lacks the colon, too."""

_HERE = "protocube_client.cli.commands.create"
_COMMANDS: Table = {
    "docker-registry": (f"{_HERE}.secret_docker_registry", "For use with a Docker registry"),
    "generic": (f"{_HERE}.secret_generic", "From literals, files or directories"),
    "tls": (f"{_HERE}.secret_tls", "A certificate with its key"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretData:
    """The data of a Secret so far, in base64."""

    data: dict[str, str] = field(default_factory=dict)

    def add(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Add keys with their values. Raises :class:`CommandError` for a key that cannot be."""
        for key, value in entries:
            if faults := key_names.faults_of_key(key):
                raise CommandError(
                    f"{quote(key)} is not valid key name for a Secret {';'.join(faults)}"
                )
            if key in self.data:
                raise CommandError(f"cannot add key {key}, another key by that name already exists")
            self.data[key] = base64.b64encode(value).decode()

    def manifest(self, metadata: dict[str, Any], kind: str, *, append_hash: bool) -> dict[str, Any]:
        """Return the Secret; ``kind`` is its ``type``, empty for one of no type in particular."""
        if append_hash:
            name = metadata["name"]
            content = {"kind": "Secret", "type": kind, "name": name, "data": self.data}
            metadata = {**metadata, "name": f"{name}-{name_hash.of(content)}"}
        manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        if self.data:
            manifest["data"] = self.data
        return manifest | ({"type": kind} if kind else {})


COMMAND = Group(
    "secret",
    table=_COMMANDS,
    help="Create a Secret of one of these types.",
    examples="""
# Create a Secret with a key
cubectl create secret generic db --from-literal=password=x
""",
)
