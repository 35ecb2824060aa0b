"""One run of ``cubectl wait``: the objects are awaited one after the other."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli import object_changes, objects, results, waiting
from protocube_client.cli.commands.wait import conditions
from protocube_client.cli.failures import CommandError
from protocube_client.printers.printable import Printable
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.commands.wait.conditions import Condition
    from protocube_client.cli.commands.wait.options import WaitOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Named

_TIMED_OUT = "timed out waiting for the condition"


class Awaiting:
    """Waits for what was chosen, within one time for all of it."""

    def __init__(self, options: WaitOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._printer = results.printer(options.format, "condition met")
        self._deadline = asyncio.get_running_loop().time() + options.limit
        self._seen = 0

    async def run(self) -> None:
        """Wait, and tell of each object that is as it should be.

        Raises all errors together after the last object, and :class:`CommandError` when
        there is no object at all.
        """
        chosen = await objects.find(self._options.choice, self._session)
        if self._options.condition == conditions.CREATE and (named := await chosen.named()):
            for item in [(each, await self._creation(each)) for each in named]:
                self._tell(item[0].resource, item[1])
            return
        await chosen.visit(self._visit)
        if not self._seen and self._options.condition != conditions.DELETE:
            raise CommandError("no matching resources found")

    async def _visit(self, chosen: Chosen) -> None:
        self._seen += 1
        condition = self._options.condition
        message = chosen.message
        if condition == conditions.DELETE:
            await self._within(self._deletion(chosen), chosen)
        elif not isinstance(condition, str):
            message = await self._fulfilment(condition, chosen)
        self._tell(chosen.resource, message)

    def _tell(self, resource: Resource, message: Message) -> None:
        out = self._session.streams.out
        self._printer.print([Printable(resource=resource, message=message)], out)
        out.flush()

    async def _creation(self, named: Named) -> Message:
        """Return an object when it is there. Raises :class:`CommandError` after the time."""
        client, resource = self._session.client, named.resource
        try:
            # One look is taken however little time there is.
            return await client.get(resource.message_class, named.name, namespace=named.namespace)
        except errors.NotFound:
            pass
        events = object_changes.of_name(client, resource, named.name, named.namespace)
        try:
            async with asyncio.timeout_at(self._deadline), aclosing(events):
                async for event in events:
                    if event.type is not EventType.DELETED:
                        return event.object
        except TimeoutError:
            raise CommandError(_TIMED_OUT) from None
        raise AssertionError("a watch does not end")

    async def _deletion(self, chosen: Chosen) -> Message:
        await waiting.gone(self._session.client, chosen.resource, chosen.message)
        return chosen.message

    async def _fulfilment(self, condition: Condition, chosen: Chosen) -> Message:
        """Return the object as it first fulfils the condition."""
        if condition.holds(chosen.data()):
            return chosen.message

        async def fulfilment() -> Message:
            metadata: Any = chosen.printable().metadata
            events = object_changes.of_name(
                self._session.client,
                chosen.resource,
                chosen.name,
                chosen.namespace,
                after=metadata.resource_version,
            )
            async with aclosing(events):
                async for event in events:
                    # An object that is deleted may come again.
                    if event.type is not EventType.DELETED:
                        found = replace(chosen, message=event.object, manifest=None)
                        if condition.holds(found.data()):
                            return event.object
            raise AssertionError("a watch does not end")

        return await self._within(fulfilment(), chosen)

    async def _within(self, awaited: Awaitable[Message], chosen: Chosen) -> Message:
        """Return what is awaited. Raises :class:`CommandError` when there is no more time."""
        name = f"{chosen.resource.plural}/{chosen.name}"
        try:
            async with asyncio.timeout_at(self._deadline):
                return await awaited
        except TimeoutError:
            if not self._options.timeout:
                raise CommandError(f"condition not met for {name}") from None
            raise CommandError(f"{_TIMED_OUT} on {name}") from None
