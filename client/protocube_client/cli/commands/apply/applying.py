"""One run of ``cubectl apply``: the objects of the files are read, and each is applied."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from protocube_client.cli import files, results, together
from protocube_client.cli.applying import pruning
from protocube_client.cli.commands.apply import client_side, listing, server_side
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import parallel
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.progress import Progress
from protocube_client.printers.printable import Printable
from protocube_client.resource import aggregate, flight
from protocube_client.resource.flight import Flight

if TYPE_CHECKING:
    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.commands.apply.outcome import Outcome
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printer
    from protocube_client.request import Caller
    from protocube_client.resource.all_or_nothing import AllOrNothing
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result
    from protocube_client.resource.visitor import Landing

_NOTHING: Final = "no objects passed to apply"


async def run(options: ApplyOptions, session: Session) -> None:
    """Apply the objects, then prune; raises all errors together after the last object.

    Nothing is pruned after an error.
    """
    if options.atomic and options.dry_run is not DryRun.CLIENT:
        at_once = together.all_or_nothing(session, dry_run=options.dry_run)
        applying = _Applying(options, session, at_once)
        await applying.read()
        await applying.apply_together(at_once)
        applying.show()
        return
    way = together.streamed(session, parallel=options.parallel, dry_run=options.dry_run)
    async with way:
        applying = _Applying(options, session, way)
        if options.prune:
            await _apply_and_prune(applying, options, session)
        else:
            await applying.apply_as_read()
            applying.show()


async def _apply_and_prune(applying: _Applying, options: ApplyOptions, session: Session) -> None:
    applyset = kinds = None
    if options.applyset:
        from protocube_client.cli.commands.apply import applysets

        applyset = await applysets.of(options, session)
    else:
        kinds = await pruning.kinds(options.prune_allowlist, session.kinds)
    await applying.read()
    if applyset is not None:
        applyset.label(applying.infos)
        await applyset.begin(applying.infos)
    await applying.apply_all()
    applying.show()
    if applyset is not None:
        await applyset.prune(applying.visited)
    elif kinds is not None:
        from protocube_client.cli.commands.apply import leftovers

        await leftovers.prune(kinds, applying.visited, options, session)


class _Applying:
    """The objects of one run."""

    def __init__(self, options: ApplyOptions, session: Session, caller: Caller) -> None:
        self.infos: list[Info] = []
        """Those that were read before any of them is applied."""
        self.visited = pruning.Visited()
        self._applied: list[Printable] = []
        """Those that are shown at the end."""
        self._options = options
        self._session = session
        self._caller = caller
        self._printers: dict[str, Printer] = {}
        self._files: tuple[str, ...] | None = None
        if session.settings.namespace_given:
            self.visited.namespaces[session.settings.namespace] = None

    def _result(self) -> Result:
        options = self._options
        return files.result(
            options.files,
            self._session,
            validation=options.validation,
            selector=options.selector,
            caller=self._caller,
        )

    async def read(self) -> None:
        """Read all objects; what is wrong with some is kept.

        Raises :class:`CommandError` when there are none.
        """
        session, result = self._session, self._result()

        async def collect(info: Info | None, error: Exception | None) -> None:
            self.infos.append(files.object_of(info, error))

        try:
            await result.visit(collect)
        except Exception as error:  # noqa: BLE001  # raised at the end
            # What was wrong with the files is one error beside those of the objects.
            session.errors[:] = [error]
        if not self.infos and not session.errors:
            raise CommandError(_NOTHING)
        self._files = result.files

    async def apply_all(self) -> None:
        """Apply the objects that were read whatever fails. Raises all errors at the end."""
        failed = self._session.errors
        with Progress(self._session.streams.err, self._files) as progress:
            async with self._flight(failed) as under_way:
                for info in self.infos:
                    await self._begin(under_way, info, progress)
        _raise(failed)

    async def apply_together(self, caller: AllOrNothing) -> None:
        """Apply the objects that were read at one moment, or none of them.

        Raises as ``together.run``, and what is wrong with the files, which all have to be right.
        """
        _raise(self._session.errors)
        with Progress(self._session.streams.err, None) as progress:
            works = [partial(self._apply, info, progress) for info in self.infos]
            await together.run(caller, works, self._session, done="applied")

    async def apply_as_read(self) -> None:
        """Apply the objects while they are read, whatever fails. Raises all errors at the end.

        Raises :class:`CommandError` when there are none.
        """
        session, result = self._session, self._result()
        failed: list[Exception] = []
        wrong: Exception | None = None
        seen = 0
        try:
            with Progress(session.streams.err, result.files) as progress:
                async with self._flight(failed) as under_way:

                    async def begin(info: Info | None, error: Exception | None) -> None:
                        nonlocal seen
                        info = files.object_of(info, error)
                        seen += 1
                        await self._begin(under_way, info, progress)

                    try:
                        await result.visit(begin)
                    except BrokenPipeError:
                        raise
                    except Exception as error:  # noqa: BLE001  # raised at the end
                        wrong = error
        except asyncio.CancelledError:
            self.show()
            raise
        finally:
            # What is wrong with the files comes first, as when they are read before.
            session.errors[:] = [*([wrong] if wrong else session.errors), *failed]
        if not seen and not session.errors:
            raise CommandError(_NOTHING)
        _raise(session.errors)

    def show(self) -> None:
        """Print the objects that are shown together."""
        if self._applied:
            listing.show(self._applied, self._options.format, self._session.streams.out)

    def _flight(self, failed: list[Exception]) -> Flight:
        return Flight(parallel.under_way(self._options.parallel), failed=failed.append)

    async def _begin(self, under_way: Flight, info: Info, progress: Progress) -> None:
        subject = flight.subject(info.mapping, info.name, info.namespace)
        await under_way.begin(subject, partial(self._apply, info, progress))

    async def _apply(self, info: Info, progress: Progress) -> Landing:
        if info.namespaced:
            self.visited.namespaces[info.namespace] = None
        try:
            _refuse_generated(info)
            if self._options.server_side:
                outcome = await server_side.apply(info, self._options, self._session)
            else:
                outcome = await client_side.apply(info, self._options, self._session)
        except Exception as error:
            self._session.places.remember(error, info)
            raise
        return progress.counting(partial(self._tell, info, outcome), info.size)

    def _tell(self, info: Info, outcome: Outcome) -> None:
        for note in outcome.notes:
            self._session.streams.note(note)
        for warning in outcome.warnings:
            self._session.streams.warn(warning)
        for note in outcome.closing:
            self._session.streams.note(note)
        shown = Printable(resource=info.mapping, message=info.object, given=outcome.given)
        if self._options.prune:
            self.visited.uids.add(shown.metadata.uid)
        if self._options.format.shows_objects:
            self._applied.append(shown)
        else:
            self._printer(outcome.done).print([shown], self._session.streams.out)
            if not self._options.format.name:
                self._session.streams.out.writelines(f"{line}\n" for line in outcome.changes)

    def _printer(self, done: str) -> Printer:
        done += self._options.dry_run.suffix
        if done not in self._printers:
            self._printers[done] = results.printer(self._options.format, done)
        return self._printers[done]


def _refuse_generated(info: Info) -> None:
    message: Any = info.object
    prefix = message.metadata.generate_name
    if prefix and not info.name:
        raise CommandError(f"from {prefix}: cannot use generate name with apply")


def _raise(failed: list[Exception]) -> None:
    if len(failed) == 1:
        raise failed[0]
    aggregate.raise_all(failed)
