"""One run of ``cubectl drain``: node after node is emptied, and of each all pods at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.errors import quote
from protocube_client.cli import listed, waiting
from protocube_client.cli.commands.drain import filtering
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import durations
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.printers.name_printer import NamePrinter
from protocube_client.printers.printable import Printable
from protocube_client.resource.aggregate import Aggregate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Resource
    from protocube_client.cli.commands.drain.command import DrainOptions
    from protocube_client.cli.commands.drain.filtering import Judged
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_RETRY_SECONDS = 5
"""So long after a refusal a pod is evicted again."""


class Draining:
    """Empties nodes."""

    def __init__(self, options: DrainOptions, session: Session) -> None:
        self._options = options
        self._session = session

    async def run(self, nodes: Sequence[Chosen]) -> None:
        """Empty the nodes; raises what failed, together, after the last one."""
        streams = self._session.streams
        failed: dict[str, Aggregate] = {}
        for node in nodes:
            try:
                await self._empty(node.name)
            except Aggregate as error:
                failed[node.name] = error
                name = quote(node.name)
                streams.err.write(
                    f"error: unable to drain node {name} due to error: {error}, "
                    "continuing command...\n"
                )
                continue
            printer = NamePrinter(f"drained{self._options.dry_run.suffix}")
            printer.print([node.printable()], streams.out)
        if failed:
            streams.err.write("There are pending nodes to be drained:\n")
            streams.err.writelines(f" {name}\n" for name in failed)
            raise Aggregate(failed.values())

    async def _empty(self, node: str) -> None:
        """Let the pods of a node go. Raises :class:`Aggregate`."""
        streams, options = self._session.streams, self._options
        try:
            judged = await self._judged(node)
        except errors.ApiError as error:
            raise Aggregate([error]) from None
        faults = filtering.told((item.fault, item.name) for item in judged if item.fault)
        found = [CommandError(f"cannot delete {text}") for text in faults]
        if found:
            raise Aggregate(found)
        warnings = filtering.told((item.warning, item.name) for item in judged if item.warning)
        if told := "; ".join(warnings):
            streams.note(told)
        going = [item for item in judged if item.goes]
        if options.dry_run is DryRun.CLIENT:
            streams.out.writelines(f"evicting pod {item.name} (dry run)\n" for item in going)
            return
        failed = await self._all(going)
        if failed:
            await self._tell_of_pending(node, Aggregate(failed))
            raise Aggregate(failed)

    async def _all(self, going: Sequence[Judged]) -> list[Exception]:
        """Let the pods go at the same time, and return what failed."""
        work = self._delete if self._options.disable_eviction else self._evict
        limit = self._options.timeout
        deadline = asyncio.get_running_loop().time() + limit if limit > 0 else None
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work(item, deadline)) for item in going]
        except BaseExceptionGroup as failed:
            # What is no outcome of a pod, such as a closed output, has ended the work of all.
            raise failed.exceptions[0] from None
        return [error for task in tasks if (error := task.result()) is not None]

    async def _evict(self, item: Judged, deadline: float | None) -> Exception | None:
        """Evict a pod, as often as it takes, and wait until it is gone; return what failed."""
        metadata, options = item.pod.metadata, self._options
        streams, name = self._session.streams, f"pods/{quote(metadata.name)} -n "
        name += quote(metadata.namespace)
        suffix = options.dry_run.suffix
        while True:
            streams.out.write(f"evicting pod {item.name}{suffix}\n")
            try:
                await self._session.client.evict(
                    "pods",
                    metadata.name,
                    namespace=metadata.namespace,
                    grace_period_seconds=options.grace_seconds,
                    dry_run=options.dry_run is DryRun.SERVER,
                )
            except errors.NotFound:
                return None
            except errors.TooManyRequests as error:
                told = f"error when evicting {name} (will retry after {_RETRY_SECONDS}s): {error}"
                streams.err.write(f"{told}\n")
            except errors.ApiError as error:
                return CommandError(f"error when evicting {name}: {error}")
            else:
                break
            if not await _paused(deadline):
                limit = durations.text(options.timeout)
                return CommandError(f"error when evicting {name}: global timeout reached: {limit}")
        if options.dry_run is DryRun.SERVER:
            return None
        return await self._gone(item, deadline, "evicted")

    async def _delete(self, item: Judged, deadline: float | None) -> Exception | None:
        """Delete a pod and wait until it is gone; return what failed."""
        metadata = item.pod.metadata
        try:
            await self._session.client.delete(
                "pods",
                metadata.name,
                namespace=metadata.namespace,
                grace_period_seconds=self._options.grace_seconds,
                dry_run=self._options.dry_run is DryRun.SERVER,
            )
        except errors.NotFound:
            pass
        except errors.ApiError as error:
            return error
        if self._options.dry_run is DryRun.SERVER:
            return None
        return await self._gone(item, deadline, "deleted")

    async def _gone(self, item: Judged, deadline: float | None, done: str) -> Exception | None:
        """Wait until a pod is gone and tell of it; return what failed."""
        metadata, streams = item.pod.metadata, self._session.streams
        name = f"pod {quote(metadata.name)} in namespace {quote(metadata.namespace)}"
        try:
            async with asyncio.timeout_at(deadline):
                if await self._is_skipped(item):
                    return None
                await waiting.gone(self._session.client, self._pods, item.pod)
        except TimeoutError:
            why = "context deadline exceeded"
            return CommandError(f"error when waiting for {name} to terminate: {why}")
        except errors.ApiError as error:
            return CommandError(f"error when waiting for {name} to terminate: {error}")
        shown = Printable(resource=self._pods, message=item.pod)
        NamePrinter(done + self._options.dry_run.suffix).print([shown], streams.out)
        return None

    async def _is_skipped(self, item: Judged) -> bool:
        """Tell whether a pod was to be gone too long ago to be waited for, and say so."""
        seconds, metadata = self._options.skip_wait_for_delete_timeout, item.pod.metadata
        if seconds <= 0:
            return False
        try:
            now = await self._session.client.get(
                "pods", metadata.name, namespace=metadata.namespace
            )
        except errors.NotFound:
            return False
        if not filtering.is_overdue(now, seconds):
            return False
        self._session.streams.out.write(
            f"pod {quote(metadata.name)} has DeletionTimestamp older than {seconds} seconds, "
            "skipping\n"
        )
        return True

    async def _tell_of_pending(self, node: str, failed: Aggregate) -> None:
        streams = self._session.streams
        try:
            pending = [item for item in await self._judged(node) if item.goes]
        except errors.ApiError as error:
            streams.err.write(
                f"Following errors occurred while getting the list of pods to delete:\n{error}\n"
            )
            return
        if pending:
            streams.err.write(
                f"There are pending pods in node {quote(node)} when an error occurred: {failed}\n"
            )
            streams.err.writelines(f"pod/{item.pod.metadata.name}\n" for item in pending)

    async def _judged(self, node: str) -> list[Judged]:
        """Return the pods of a node, judged. Raises ``ApiError``."""
        listing = await listed.objects(
            self._pods,
            self._session,
            label_selector=self._options.pod_selector,
            field_selector=f"spec.nodeName={node}",
            page_size=max(self._options.chunk_size, 0),
        )
        client = self._session.client
        return [await filtering.judge(pod, self._options, client) for pod in listing]

    @property
    def _pods(self) -> Resource:
        return self._session.kinds.require("v1", "Pod")


async def _paused(deadline: float | None) -> bool:
    """Wait before a pod is evicted again; tell whether there is time for it."""
    left: Any = None if deadline is None else deadline - asyncio.get_running_loop().time()
    if left is not None and left < _RETRY_SECONDS:
        await asyncio.sleep(max(left, 0))
        return False
    await asyncio.sleep(_RETRY_SECONDS)
    return True
