"""``--overrides``: what is to be otherwise in an object that a command makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.session import Session
    from protocube_client.options import PatchType

_FORMS = ("json", "merge", "strategic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """A patch of an object before it is sent or shown."""

    patch: str
    form: str

    def applied(self, manifest: dict[str, Any], session: Session) -> dict[str, Any]:
        """Return a manifest after the patch. Raises :class:`CommandError`."""
        if not self.patch:
            return manifest
        form = self.form or "merge"
        if form not in _FORMS:
            raise CommandError(f"invalid override type: {form}")
        from protocube_client.cli import patched

        resource = session.kinds.require(manifest["apiVersion"], manifest["kind"])
        return patched.data(
            manifest,
            self.patch,
            form=cast("PatchType", form),
            message_class=resource.message_class,
        )


def flags() -> list[Flag]:
    """Return the flags."""
    return [
        Flag(
            ["--overrides"],
            default="",
            metavar="JSON",
            help="What is to be otherwise in the object, as a patch in JSON.",
        ),
        Flag(
            ["--override-type"],
            default="merge",
            metavar="TYPE",
            help="How --overrides is read: json, merge or strategic.",
            values=_FORMS,
        ),
    ]


def take(given: dict[str, Any]) -> Overrides:
    """Take the flags out of what click gave a callback."""
    return Overrides(patch=given.pop("overrides"), form=given.pop("override_type"))
