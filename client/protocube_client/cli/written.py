"""What becomes of each object that a command writes as files have it: it is sent, and told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from protocube_client.cli import files
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.progress import Progress
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printer
    from protocube_client.resource.all_or_nothing import AllOrNothing
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result
    from protocube_client.resource.visitor import Landing


Send = Callable[["Info"], Awaitable[tuple[str, ...]]]
"""Takes an object to the server, refreshes it and returns the warnings."""


class Writing:
    """One run over the objects of files."""

    def __init__(
        self,
        send: Send,
        session: Session,
        *,
        printer: Printer,
        dry_run: DryRun,
        save_config: bool,
    ) -> None:
        self.count = 0
        """How many objects were told of."""
        self._send = send
        self._session = session
        self._printer = printer
        self._dry_run = dry_run
        self._save_config = save_config

    async def write_all(self, result: Result) -> None:
        """Write the objects of a walk; raises all errors together after the last one."""
        with Progress(self._session.streams.err, result.files) as progress:

            async def visit(info: Info | None, error: Exception | None) -> Landing:
                info = files.object_of(info, error)
                return progress.counting(await self.write(info), info.size)

            await result.visit(visit)

    async def write_together(self, result: Result, caller: AllOrNothing, *, done: str) -> None:
        """Write the objects of a walk at one moment, or none. Raises as ``together.run``."""
        from protocube_client.cli import together

        infos = await result.infos()
        works = [partial(self.write, info) for info in infos]
        await together.run(caller, works, self._session, done=done)

    async def write(self, info: Info) -> Landing:
        """Send an object unless nothing is to be sent, and return what tells of it.

        Raises what ``send`` raises, and remembers that it is about this object.
        """
        if self._save_config:
            from protocube_client.cli import last_applied

            last_applied.keep(info)
        warnings: tuple[str, ...] = ()
        if self._dry_run is not DryRun.CLIENT:
            try:
                warnings = await self._send(info)
            except Exception as error:
                self._session.places.remember(error, info)
                raise
        return partial(self.tell, info, warnings)

    def tell(self, info: Info, warnings: tuple[str, ...]) -> None:
        """Tell of an object that is written."""
        for warning in warnings:
            self._session.streams.warn(warning)
        self.count += 1
        given = info.manifest if self._dry_run is DryRun.CLIENT else None
        shown = Printable(resource=info.mapping, message=info.object, given=given)
        self._printer.print([shown], self._session.streams.out)
