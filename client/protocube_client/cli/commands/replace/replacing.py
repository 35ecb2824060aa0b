"""One run of ``cubectl replace``: each object of the files takes the place of what is there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from protocube_client.cli import files, together
from protocube_client.cli.flags import parallel
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.objects import require_subresource
from protocube_client.resource.replace import replace_and_refresh

if TYPE_CHECKING:
    from protocube_client.cli.commands.replace.options import ReplaceOptions
    from protocube_client.cli.session import Session
    from protocube_client.request import Caller
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result


async def run(options: ReplaceOptions, session: Session) -> None:
    """Replace every object; raises all errors together after the last one."""
    writing = options.writing(partial(_send, options=options), session)
    if options.dry_run is DryRun.CLIENT:
        await writing.write_all(_result(options, session, local=True))
    elif options.atomic:
        at_once = together.all_or_nothing(session, dry_run=options.dry_run)
        result = _result(options, session, caller=at_once)
        await writing.write_together(result, at_once, done="replaced")
    else:
        way = together.streamed(session, parallel=options.parallel, dry_run=options.dry_run)
        async with way:
            most = parallel.under_way(options.parallel)
            await writing.write_all(_result(options, session, caller=way, parallel=most))


def _result(
    options: ReplaceOptions,
    session: Session,
    *,
    local: bool = False,
    caller: Caller | None = None,
    parallel: int = 1,
) -> Result:
    return files.result(
        options.files,
        session,
        validation=options.validation,
        local=local,
        parallel=parallel,
        caller=caller,
    )


async def _send(info: Info, options: ReplaceOptions) -> tuple[str, ...]:
    require_subresource(info.mapping, options.subresource)
    return await replace_and_refresh(
        info,
        status=options.subresource == "status",
        dry_run=options.dry_run is DryRun.SERVER,
        field_manager=options.field_manager,
        validation=options.validation,
    )
