"""One run of ``cubectl rollout status``: each workload is followed until its rollout is done."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_client.cli.commands.rollout import progress
from protocube_client.cli.failures import CommandError
from protocube_client.watching import EventType

if TYPE_CHECKING:
    from protocube_client.cli.commands.rollout.status import StatusOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


class Following:
    """The function that is called with each workload."""

    def __init__(self, options: StatusOptions, session: Session) -> None:
        self.count = 0
        """How many workloads there were."""
        self._options = options
        self._session = session

    async def visit(self, chosen: Chosen) -> None:
        """Tell of a rollout until it is done. Raises ``ApiError`` and :class:`CommandError`."""
        self.count += 1
        look = progress.of_kind(chosen.resource)
        seconds = self._options.timeout
        try:
            async with asyncio.timeout(seconds if seconds > 0 else None):
                while True:
                    try:
                        await self._follow(chosen, look)
                    except errors.Expired:
                        # What happened since is forgotten: look again.
                        continue
                    return
        except TimeoutError:
            raise CommandError("timed out waiting for the condition") from None

    async def _follow(self, chosen: Chosen, look: progress.Look) -> None:
        events = self._session.client.watch(
            chosen.resource.message_class,
            namespace=chosen.namespace,
            field_selector=f"metadata.name={chosen.name}",
        )
        async with aclosing(events):
            async for event in events:
                if event.type is EventType.DELETED:
                    # Another object of the name would not be the one that is meant.
                    raise CommandError("object has been deleted")
                if self._told(event.object, look) or not self._options.watch:
                    return

    def _told(self, message: Any, look: progress.Look) -> bool:
        """Say how far the rollout is, and tell whether it is done."""
        found = look(message, self._options.revision)
        out = self._session.streams.out
        out.write(f"{found.text}\n")
        out.flush()
        return found.done
