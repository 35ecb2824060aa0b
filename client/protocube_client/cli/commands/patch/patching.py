"""One run of ``cubectl patch``: each object is changed, and told of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from protocube_client.cli import patched, results
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.objects import require_subresource
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.commands.patch.options import PatchOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


class Patching:
    """The function that is called with each object."""

    def __init__(self, options: PatchOptions, session: Session, text: str) -> None:
        """``text`` is the patch, as JSON."""
        self._options = options
        self._session = session
        self._text = text
        self._count = 0

    async def visit(self, chosen: Chosen) -> None:
        """Patch one object and say so. Raises ``ApiError`` and :class:`CommandError`."""
        self._count += 1
        if self._options.computed_here:
            old = chosen.data()
            new = patched.data(
                old,
                self._text,
                form=self._options.form,
                message_class=chosen.resource.message_class,
            )
            self._show(replace(chosen.printable(), given=new), changed=new != old)
            return
        message = await self._sent(chosen)
        shown = Printable(resource=self._shown_as(chosen.resource), message=message)
        self._show(shown, changed=message != chosen.message)

    def require_any(self) -> None:
        """Raise :class:`CommandError` when there was no object."""
        if not self._count:
            raise CommandError("no objects passed to patch")

    async def _sent(self, chosen: Chosen) -> Any:
        options = self._options
        require_subresource(chosen.resource, options.subresource)
        # The overloads tell the parts of an object apart by their literal names.
        patch = cast("Any", self._session.client.patch)
        return await patch(
            chosen.resource.message_class,
            chosen.name,
            self._text,
            type=options.form,
            subresource=options.subresource,
            namespace=chosen.namespace,
            dry_run=options.dry_run is DryRun.SERVER,
            field_manager=options.field_manager,
            validation="warn",
        )

    def _shown_as(self, resource: Resource) -> Resource:
        """Return the kind that a result is told of."""
        if self._options.subresource != "scale":
            return resource
        return replace(resource, group="autoscaling", version="v1", kind="Scale")

    def _show(self, shown: Printable, *, changed: bool) -> None:
        done = "patched" if changed else "patched (no change)"
        results.printer(self._options.format, done).print([shown], self._session.streams.out)
