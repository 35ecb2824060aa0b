"""One run of ``cubectl replace``: each object of the files takes the place of what is there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from protocube_client.cli import files
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.objects import require_subresource
from protocube_client.resource.replace import replace_and_refresh

if TYPE_CHECKING:
    from protocube_client.cli.commands.replace.options import ReplaceOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info


async def run(options: ReplaceOptions, session: Session) -> None:
    """Replace every object; raises all errors together after the last one."""
    result = files.result(
        options.files,
        session,
        validation=options.validation,
        local=options.dry_run is DryRun.CLIENT,
        parallel=options.parallel,
    )
    await options.writing(partial(_send, options=options), session).write_all(result)


async def _send(info: Info, options: ReplaceOptions) -> tuple[str, ...]:
    require_subresource(info.mapping, options.subresource)
    return await replace_and_refresh(
        info,
        status=options.subresource == "status",
        dry_run=options.dry_run is DryRun.SERVER,
        field_manager=options.field_manager,
        validation=options.validation,
    )
