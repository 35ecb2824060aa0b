"""The objects of a command that is all or nothing, and the way of those of one that is not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.session import Session
    from protocube_client.resource.all_or_nothing import AllOrNothing, Ended, Work
    from protocube_client.resource.streamed import StreamedCaller


def streamed(session: Session, *, parallel: int, dry_run: DryRun) -> StreamedCaller:
    """Return the way to the server of a command that may write thousands of objects."""
    from protocube_client.resource.streamed import StreamedCaller

    return StreamedCaller(
        session.connection,
        lambda: session.catalog,
        calls=parallel,
        dry_run=dry_run is DryRun.SERVER,
    )


def all_or_nothing(session: Session, *, dry_run: DryRun) -> AllOrNothing:
    """Return the way to the server of a command with ``--atomic``."""
    from protocube_client.resource.all_or_nothing import AllOrNothing

    return AllOrNothing(
        session.connection, lambda: session.catalog, dry_run=dry_run is DryRun.SERVER
    )


async def run(caller: AllOrNothing, works: Sequence[Work], session: Session, *, done: str) -> None:
    """Do all works and tell of them in their order. ``done`` says what is done, as in ``created``.

    When it is interrupted, what came of them is told all the same. Raises the errors of those that
    stand in the way of all, and :class:`CommandError` for more than the server takes, and for a
    server that has no bulk call.
    """
    from protocube import errors
    from protocube_client.resource.aggregate import Aggregate
    from protocube_client.resource.all_or_nothing import MOST

    if not works:
        return
    if len(works) > MOST:
        raise CommandError(f"--atomic takes {MOST} objects at most, and there are {len(works)}")
    try:
        ended = await caller.run(works)
    except errors.MethodNotSupported:
        raise CommandError("the server is too old for --atomic") from None
    except asyncio.CancelledError:
        if caller.interrupted is None:
            unknown = f"interrupted: whether the objects are {done} is not known"
            session.errors.append(CommandError(unknown))
        elif caller.is_done:
            _tell(caller.interrupted)
        raise
    failed = [each.error for each in ended if each.error is not None]
    if not failed or caller.is_done:
        _tell(ended)
    if not failed:
        return
    own = [error for error in failed if not isinstance(error, errors.NotDone)] or failed[:1]
    if caller.is_done:
        raise Aggregate(own)
    nothing = CommandError(f"nothing was {done}: --atomic is all or nothing")
    raise Aggregate([*own, nothing])


def _tell(ended: Sequence[Ended]) -> None:
    for each in ended:
        if each.landing is not None:
            each.landing()
