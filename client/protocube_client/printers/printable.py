"""What printers take and what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from protocube.catalog import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Printable:
    """One object to show."""

    resource: Resource
    message: Message
    given: dict[str, Any] | None = None
    """The manifest as a person wrote it, where it and not the message is to be shown."""
    typed: bool = False
    """kubectl would hold it in a type of its own: JSON keeps the order of its fields then,
    and a template sees its numbers as floats."""

    @property
    def metadata(self) -> Any:
        """The object's ``ObjectMeta``."""
        return self.message.metadata  # type: ignore[attr-defined]  # every resource has it

    @property
    def name(self) -> str:
        """The object's name."""
        return str(self.metadata.name)

    def manifest(self) -> dict[str, Any]:
        """Return the object as it was given, or as Kubernetes shows it."""
        # A table is printed without it.
        from protocube.manifests import encode

        return self.given if self.given is not None else encode.shown(self.message)


class Printer(Protocol):
    """Shows objects in one form. It may keep state between calls, such as column widths."""

    def print(self, objects: Sequence[Printable], stream: TextIO) -> None:
        """Write ``objects`` to ``stream``."""
        ...


def kind_and_group(resource: Resource) -> str:
    """Return ``pod`` or ``deployment.apps``, which is how result lines name a kind."""
    kind = resource.kind.lower()
    return f"{kind}.{resource.group}" if resource.group else kind
