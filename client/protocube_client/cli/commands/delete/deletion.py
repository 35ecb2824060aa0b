"""What ``cubectl delete`` does, once it is known what and how."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client import verbs
from protocube_client.cli import files, listed, results, targets, together
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import parallel
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.progress import Progress
from protocube_client.resource import aggregate
from protocube_client.resource.flight import Flight, subject
from protocube_client.resource.source_errors import add_source_to_error
from protocube_client.resource.validation import Validation
from protocube_client.target import Target

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.commands.delete.options import DeleteOptions
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named, Targets
    from protocube_client.request import Caller
    from protocube_client.resource.all_or_nothing import AllOrNothing
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Landing


_NAMESPACE = "protocube.core.v1.Namespace"
"""The message of the kind whose objects take others along."""


class Deletion:
    """One run: what was found, and what is still going away."""

    def __init__(
        self,
        options: DeleteOptions,
        session: Session,
        caller: Caller,
        at_once: AllOrNothing | None = None,
    ) -> None:
        """Delete through ``caller``, which is ``at_once`` where all or nothing is asked for."""
        self.found = 0
        self.cancelled = False
        """The answer to the question was no."""
        self._options = options
        self._session = session
        self._caller = caller
        self._at_once = at_once
        self._parallel = 1
        if options.dry_run is not DryRun.CLIENT:
            self._parallel = parallel.under_way(options.parallel)
        self._asking = asyncio.Lock()
        self._progress = Progress(session.streams.err, None)
        self._warned = False
        self._leaving: list[tuple[Resource, Any]] = []
        self._emptied: set[str] = set()
        """Namespaces that this run has deleted: what is in them goes with them."""

    async def of_files(self) -> None:
        """Delete the objects that files name."""
        result = files.result(
            self._options.files,
            self._session,
            validation=Validation.IGNORE,
            selector=self._options.selector,
            parallel=self._parallel,
        )
        if result.error is not None:
            raise result.error
        targets.refuse_beside_files(self._options.arguments)
        self._options.check_found(self._session)
        if self._options.interactive:
            await self._of_infos(await result.infos())
            return
        if self._at_once is not None:
            works = [partial(self._visit, info) for info in await result.infos()]
            await together.run(self._at_once, works, self._session, done="deleted")
            return
        self._progress = Progress(self._session.streams.err, result.files)
        with self._progress:
            await result.visit(self._visit)

    async def _of_infos(self, infos: list[Info]) -> None:
        """Delete objects that were read before, if the answer to the question is yes."""
        named = [targets.Named(resource=info.mapping, name=info.name) for info in infos]
        if not named or not await self._confirmed(named):
            return
        if self._at_once is not None:
            works = [partial(self._visit, info) for info in infos]
            await together.run(self._at_once, works, self._session, done="deleted")
            return
        failed = self._session.errors
        with self._progress:
            async with Flight(self._parallel, failed=failed.append) as flight:
                for info in infos:
                    await flight.begin(
                        subject(info.mapping, info.name, info.namespace),
                        partial(self._visit, info),
                    )
        aggregate.raise_all(failed)

    async def of_targets(self, found: Targets) -> None:
        """Delete the objects that the arguments mean."""
        if self._options.interactive:
            named = [*self._named(found)]
            for resource in found.kinds:
                named += await self._selected(resource)
            if not named or not await self._confirmed(named):
                return
            found = targets.Targets(named=tuple(named))
        if self._at_once is not None:
            every = [*self._named(found)]
            for resource in found.kinds:
                every += await self._selected(resource)
            works = [partial(self._attempt, item) for item in every]
            await together.run(self._at_once, works, self._session, done="deleted")
            return
        failed = self._session.errors
        with self._progress:
            async with Flight(self._parallel, failed=failed.append) as flight:
                for item in self._named(found):
                    await self._begin(flight, item)
                for resource in found.kinds:
                    for item in await self._selected(resource):
                        await self._begin(flight, item)
        aggregate.raise_all(failed)

    async def _confirmed(self, objects: list[Named]) -> bool:
        from protocube_client.cli.commands.delete import confirmation

        self.cancelled = not await confirmation.given(self._session.streams, objects)
        return not self.cancelled

    def _named(self, found: Targets) -> list[Named]:
        """Return the objects that were named, each with its namespace."""
        return [
            replace(item, namespace=item.namespace or self._session.namespace_for(item.resource))
            for item in found.named
        ]

    async def _selected(self, resource: Resource) -> list[Named]:
        """Return what is selected of one kind."""
        options, session = self._options, self._session
        listing = await listed.objects(
            resource,
            session,
            namespace=session.namespace_for(resource, everywhere=options.all_namespaces),
            label_selector=options.selector,
            field_selector=options.field_selector,
        )
        every: list[Any] = [item.metadata for item in listing]  # type: ignore[attr-defined]  # every resource has it
        return [
            targets.Named(resource=resource, name=item.name, namespace=item.namespace)
            for item in every
        ]

    async def wait(self) -> None:
        """Wait until the objects that finalizers keep have gone."""
        options = self._options
        if not options.wait or options.dry_run is not DryRun.NONE:
            return
        for resource, message in self._leaving:
            from protocube_client.cli import waiting

            await waiting.until_gone(self._session.client, resource, message, options.timeout)

    async def _visit(self, info: Info | None, error: Exception | None = None) -> Landing | None:
        info = files.object_of(info, error)
        try:
            landing = await self._delete(info.mapping, info.name, info.namespace)
        except errors.ApiError as failure:
            raise add_source_to_error("deleting", info.source, failure) from None
        return self._progress.counting(landing, info.size)

    async def _begin(self, flight: Flight, item: Named) -> None:
        place = subject(item.resource, item.name, item.namespace)
        await flight.begin(place, partial(self._attempt, item))

    async def _attempt(self, item: Named) -> Landing | None:
        landing = await self._delete(item.resource, item.name, item.namespace)
        return self._progress.counting(landing, 0)

    async def _delete(self, resource: Resource, name: str, namespace: str) -> Landing | None:
        """Delete one object and give what says so."""
        self.found += 1
        options = self._options
        self._warn_of_scope(resource)
        if options.dry_run is DryRun.NONE and not options.interactive:
            from protocube_client.cli.commands.delete import kinds

            async with self._asking:
                may_go = await kinds.may_go(self._session, resource, name)
            if not may_go and self._at_once is not None:
                raise CommandError("deletion is cancelled")
            if not may_go:
                self.cancelled = True
                return None
        if options.dry_run is not DryRun.CLIENT:
            try:
                message = await self._send(resource, name, namespace)
            except errors.NotFound:
                if namespace in self._emptied:
                    # Its namespace, further up in the manifest, was quicker.
                    return partial(self._say, resource, name)
                if options.ignore_not_found:
                    return None
                raise
            if resource.message == _NAMESPACE and options.dry_run is DryRun.NONE:
                self._emptied.add(name)
            if message.metadata.HasField("deletion_timestamp"):
                self._leaving.append((resource, message))
        return partial(self._say, resource, name)

    async def _send(self, resource: Resource, name: str, namespace: str) -> Any:
        """Delete an object on the server, and return it as it last was."""
        options = self._options
        target = Target(resource=resource, message_class=resource.message_class)
        request = verbs.delete(
            target,
            name,
            namespace=namespace,
            propagation=options.propagation,
            grace_period_seconds=options.grace_seconds,
            dry_run=options.dry_run is DryRun.SERVER,
            ignore_store_read_error=options.ignore_store_read_error,
        )
        answer = await request.send(self._caller)
        for warning in answer.warnings:
            self._session.streams.warn(warning)
        return target.parse(answer.body)

    def _warn_of_scope(self, resource: Resource) -> None:
        """Say once that a namespace was given for what lives in none."""
        given = self._session.settings.namespace_given and not self._options.all_namespaces
        if given and not resource.namespaced and not self._warned:
            self._warned = True
            self._session.streams.note(
                "deleting cluster-scoped resources, not scoped to the provided namespace"
            )

    def _say(self, resource: Resource, name: str) -> None:
        options = self._options
        done = "force deleted" if options.grace_seconds == 0 else "deleted"
        line = results.deleted(
            resource, name, form=options.output, done=f"{done}{options.dry_run.suffix}"
        )
        self._session.streams.out.write(line)
