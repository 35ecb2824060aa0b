"""One run of ``cubectl apply``: the objects of the files are read, then each is applied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from protocube_client.cli import files, results
from protocube_client.cli.applying import pruning
from protocube_client.cli.commands.apply import client_side, listing, server_side
from protocube_client.cli.failures import CommandError
from protocube_client.cli.progress import Progress
from protocube_client.printers.printable import Printable
from protocube_client.resource import aggregate, flight
from protocube_client.resource.flight import Flight

if TYPE_CHECKING:
    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.commands.apply.outcome import Outcome
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printer
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Landing


async def run(options: ApplyOptions, session: Session) -> None:
    """Apply the objects, then prune; raises all errors together after the last object.

    Nothing is pruned after an error.
    """
    applyset = kinds = None
    if options.applyset:
        from protocube_client.cli.commands.apply import applysets

        applyset = await applysets.of(options, session)
    elif options.prune:
        kinds = await pruning.kinds(options.prune_allowlist, session.kinds)
    applying = _Applying(options, session)
    await applying.read()
    if applyset is not None:
        applyset.label(applying.infos)
        await applyset.begin(applying.infos)
    await applying.apply_all()
    if options.format.shows_objects:
        listing.show(applying.applied, options.format, session.streams.out)
    if applyset is not None:
        await applyset.prune(applying.visited)
    elif kinds is not None:
        from protocube_client.cli.commands.apply import leftovers

        await leftovers.prune(kinds, applying.visited, options, session)


class _Applying:
    """The objects of one run."""

    def __init__(self, options: ApplyOptions, session: Session) -> None:
        self.infos: list[Info] = []
        self.applied: list[Printable] = []
        self.visited = pruning.Visited()
        self._options = options
        self._session = session
        self._printers: dict[str, Printer] = {}
        self._files: tuple[str, ...] | None = None
        if session.settings.namespace_given:
            self.visited.namespaces[session.settings.namespace] = None

    async def read(self) -> None:
        """Read all objects; what is wrong with some is kept.

        Raises :class:`CommandError` when there are none.
        """
        options, session = self._options, self._session
        result = files.result(
            options.files, session, validation=options.validation, selector=options.selector
        )

        async def collect(info: Info | None, error: Exception | None) -> None:
            self.infos.append(files.object_of(info, error))

        try:
            await result.visit(collect)
        except Exception as error:  # noqa: BLE001  # raised at the end
            # What was wrong with the files is one error beside those of the objects.
            session.errors[:] = [error]
        if not self.infos and not session.errors:
            raise CommandError("no objects passed to apply")
        self._files = result.files

    async def apply_all(self) -> None:
        """Apply the objects whatever fails. Raises all errors at the end."""
        failed = self._session.errors
        with Progress(self._session.streams.err, self._files) as progress:
            async with Flight(self._options.parallel, failed=failed.append) as under_way:
                for info in self.infos:
                    subject = flight.subject(info.mapping, info.name, info.namespace)
                    await under_way.begin(subject, partial(self._apply, info, progress))
        _raise(failed)

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
        self.applied.append(shown)
        self.visited.uids.add(shown.metadata.uid)
        if not self._options.format.shows_objects:
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
