"""``--atomic``: all objects of files at one moment, or none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.session import Session
    from protocube_client.resource.create_together import Made
    from protocube_client.resource.info import Info
    from protocube_client.resource.validation import Validation

_NOTHING = "nothing was created: --atomic is all or nothing"


async def created(
    infos: Sequence[Info],
    session: Session,
    *,
    dry_run: bool,
    field_manager: str,
    validation: Validation,
) -> list[Made]:
    """Create the objects, and say what became of them.

    Raises the errors of those that stand in the way of all, and :class:`CommandError` for more
    than the server takes, and for a server that has no bulk call.
    """
    from protocube import errors
    from protocube_client.resource.aggregate import Aggregate
    from protocube_client.resource.create_together import MOST, create_together

    if not infos:
        return []
    if len(infos) > MOST:
        raise CommandError(f"--atomic takes {MOST} objects at most, and there are {len(infos)}")
    try:
        made = await create_together(
            infos,
            session.connection,
            session.catalog,
            dry_run=dry_run,
            field_manager=field_manager,
            validation=validation,
        )
    except errors.MethodNotSupported:
        raise CommandError("the server is too old for --atomic") from None
    failed = [one for one in made if one.error is not None]
    if not failed:
        return made
    own = [one for one in failed if not isinstance(one.error, errors.NotDone)] or failed[:1]
    found: list[Exception] = []
    for one in own:
        assert one.error is not None  # noqa: S101  # they have failed
        session.places.remember(one.error, one.info)
        found.append(one.error)
    for warning in (warning for one in own for warning in one.warnings):
        session.streams.warn(warning)
    raise Aggregate([*found, CommandError(_NOTHING)])
