"""Client-side apply of one object: it is created, or patched from three sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests.manifest_error import ManifestError
from protocube.patching import cleaning
from protocube.steps import finished
from protocube_client.cli import last_applied
from protocube_client.cli.applying import warnings
from protocube_client.cli.applying.patching import Patching
from protocube_client.cli.commands.apply.outcome import Outcome
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.resource.source_errors import add_source_to_error, described

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_client.cli.commands.apply.options import ApplyOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.helper import Written
    from protocube_client.resource.info import Info

_NO_ANNOTATION = (
    "resource {} is missing the {} annotation which is required by cubectl apply. cubectl apply "
    "should only be used on resources created declaratively by either cubectl create "
    "--save-config or cubectl apply. The missing annotation will be patched automatically."
)


async def apply(info: Info, options: ApplyOptions, session: Session) -> Outcome:
    """Bring one object to its manifest and refresh ``info``.

    Raises the exceptions of :mod:`protocube.errors`, :class:`ManifestError` and
    :class:`CommandError`.
    """
    live = await _live(info, options)
    if live is None:
        return await _created(info, options)
    if options.dry_run is DryRun.CLIENT:
        info.refresh(live)
        return Outcome(done="configured")
    told: list[str] = []
    if last_applied.of(live) is None:
        named = f"{info.mapping.plural}/{info.name}"
        told.append(_NO_ANNOTATION.format(named, last_applied.ANNOTATION))
    try:
        patch, written = await _patched(info, live, options, session)
    except Exception:
        for text in told:
            session.streams.note(text)
        raise
    info.refresh(written.object)
    return Outcome(
        done="configured" if patch else "unchanged",
        changes=_changes(info, live, session) if patch else (),
        warnings=written.warnings,
        notes=tuple(told),
        closing=warnings.of_deletion(info),
    )


def _changes(info: Info, live: Message, session: Session) -> tuple[str, ...]:
    """Return what is told of the fields that changed."""
    if not session.tells_changes:
        return ()
    from protocube_client.cli import changed_fields

    return changed_fields.lines(info.mapping, live, info.object)


async def _live(info: Info, options: ApplyOptions) -> Message | None:
    """Return the object as it is, ``None`` when there is none."""
    try:
        if not info.name:
            raise ManifestError("resource name may not be empty")
        return await options.helper(info).get(info.name, namespace=info.namespace)
    except errors.NotFound:
        return None
    except (errors.ApiError, ManifestError) as error:
        verb = f"retrieving current configuration of:\n{described(info)}\nfrom server for:"
        raise add_source_to_error(verb, info.source, error) from None


async def _created(info: Info, options: ApplyOptions) -> Outcome:
    last_applied.keep(info)
    info.manifest = finished(cleaning.without_nulls(info.manifest))
    if options.dry_run is DryRun.CLIENT:
        return Outcome(done="created", given=info.manifest)
    try:
        written = await _create(info, options)
    except Exception as error:  # noqa: BLE001  # raised again with its source
        raise add_source_to_error("creating", info.source, error) from None
    info.refresh(written.object)
    return Outcome(done="created", warnings=written.warnings)


async def _create(info: Info, options: ApplyOptions) -> Written:
    return await options.helper(info).create(
        namespace=info.namespace, modify=True, object=info.object, decoded=info.decoded
    )


async def _patched(
    info: Info, live: Message, options: ApplyOptions, session: Session
) -> tuple[str, Written]:
    """Return the patch that was needed, if any was, and what it made of the object."""
    patching = Patching(
        info,
        options.helper(info),
        last_applied.annotated(info.manifest),
        overwrite=options.overwrite,
    )
    try:
        try:
            written = await patching.patch(live)
        except (errors.Conflict, errors.Invalid):
            if not options.force:
                raise
            last_applied.keep(info)
            written = await _replaced(info, live, options, session)
    except (errors.ApiError, ManifestError) as error:
        failed = add_source_to_error("patching", info.source, error)
        verb = f"applying patch:\n{patching.text}\nto:\n{described(info)}\nfor:"
        raise add_source_to_error(verb, info.source, failed) from None
    return patching.text, written


async def _replaced(info: Info, live: Message, options: ApplyOptions, session: Session) -> Written:
    """Delete the object, wait for its end and create the new one; else the old one again."""
    from protocube_client.cli import waiting

    message: Any = await options.helper(info).delete(
        info.name,
        namespace=info.namespace,
        propagation=options.propagation,
        grace_period_seconds=options.grace_seconds,
    )
    await waiting.until_gone(session.client, info.mapping, message, options.longest_seconds)
    try:
        return await _create(info, options)
    except errors.ApiError as error:
        try:
            await options.helper(info).create(namespace=info.namespace, modify=True, object=live)
        except errors.ApiError as second:
            raise error.with_message(
                "An error occurred force-replacing the existing object with the newly provided "
                f"one:\n\n{error}.\n\nAdditionally, an error occurred attempting to restore the "
                f"original object:\n\n{second}"
            ) from None
        raise
