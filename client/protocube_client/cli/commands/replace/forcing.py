"""``cubectl replace --force``: the objects are deleted, waited for, and created again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests.manifest_error import ManifestError
from protocube_client.cli import files, results, waiting
from protocube_client.cli.failures import CommandError
from protocube_client.resource import aggregate
from protocube_client.resource.create import create_and_refresh
from protocube_client.resource.source_errors import add_source_to_error

if TYPE_CHECKING:
    from protocube_client.cli.commands.replace.options import ReplaceOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info


async def run(options: ReplaceOptions, session: Session) -> None:
    """Delete all objects that there are, then create all; nothing is created after an error.

    The documents are read once, because standard input can be read only once.
    """
    result = files.result(options.files, session, validation=options.validation)
    infos: list[Info] = []
    left: list[tuple[Info, Any]] = []

    async def delete(info: Info | None, error: Exception | None) -> None:
        info = files.object_of(info, error)
        infos.append(info)
        message = await _deleted(info, options, session)
        if message is not None and message.metadata.HasField("deletion_timestamp"):
            left.append((info, message))

    await result.visit(delete)
    for info, message in left:
        await waiting.until_gone(session.client, info.mapping, message, options.longest_seconds)
    if not infos:
        raise CommandError("no objects passed to replace")
    await _create(infos, options, session)


async def _deleted(info: Info, options: ReplaceOptions, session: Session) -> Any:
    """Delete an object and return it as it last was; ``None`` when there is none."""
    try:
        message = await session.client.delete(
            info.mapping.message_class,
            info.name,
            namespace=info.namespace,
            propagation=options.propagation,
            grace_period_seconds=options.grace_seconds,
        )
    except errors.NotFound:
        return None
    except errors.ApiError as error:
        raise add_source_to_error("deleting", info.source, error) from None
    line = results.deleted(info.mapping, info.name, form=options.format.name)
    session.streams.out.write(line)
    return message


async def _create(infos: list[Info], options: ReplaceOptions, session: Session) -> None:
    send = partial(
        create_and_refresh, field_manager=options.field_manager, validation=options.validation
    )
    writing = options.writing(send, session)
    for info in infos:
        try:
            tell = await writing.write(info)
        except (errors.ApiError, ManifestError) as error:
            session.errors.append(aggregate.kept(error))
            continue
        tell()
    aggregate.raise_all(session.errors)
