"""One run of ``cubectl rollout status``: each workload is followed until its rollout is done."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube_client.cli import object_changes
from protocube_client.cli.commands.rollout import progress
from protocube_client.cli.failures import CommandError

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
                await self._follow(chosen, look)
        except TimeoutError:
            raise CommandError("timed out waiting for the condition") from None

    async def _follow(self, chosen: Chosen, look: progress.Look) -> None:
        versions = object_changes.until_deleted(
            self._session.client, chosen.resource, chosen.message
        )
        async with aclosing(versions):
            async for message in versions:
                if self._told(message, look) or not self._options.watch:
                    return
        # Another object of the name would not be the one that is meant.
        raise CommandError("object has been deleted")

    def _told(self, message: Any, look: progress.Look) -> bool:
        """Say how far the rollout is, and tell whether it is done."""
        found = look(message, self._options.revision)
        out = self._session.streams.out
        out.write(f"{found.text}\n")
        out.flush()
        return found.done
