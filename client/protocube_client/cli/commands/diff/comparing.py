"""One run of ``cubectl diff``: each object is applied without effect, and compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import encode, json_text
from protocube.manifests.manifest_error import ManifestError
from protocube_client.cli import files, last_applied
from protocube_client.cli.applying import pruning, warnings
from protocube_client.cli.applying.patching import Patching
from protocube_client.cli.commands.diff import program
from protocube_client.cli.commands.diff.versions import Versions
from protocube_client.resource import flight
from protocube_client.resource.flight import Flight
from protocube_client.resource.source_errors import add_source_to_error
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.commands.diff.options import DiffOptions
    from protocube_client.cli.session import Session
    from protocube_client.resource.helper import Written
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Landing

_ATTEMPTS = 4
"""The last one compares whatever else changes the object meanwhile."""


async def run(options: DiffOptions, session: Session) -> bool:
    """Show the differences and tell whether there are any. Raises the first error."""
    kinds = None
    if options.prune:
        kinds = await pruning.kinds(options.prune_allowlist, session.kinds)
    result = files.result(
        options.files,
        session,
        validation=Validation.IGNORE,
        selector=options.selector,
        keep_going=False,
    )
    infos = await result.infos()
    with Versions() as versions:
        comparing = _Comparing(options, session, versions)
        await comparing.compare_all(infos)
        if kinds is not None:
            await comparing.prune(kinds)
        return await program.show(versions, options.environ, session.streams)


class _Comparing:
    """The objects of one run."""

    def __init__(self, options: DiffOptions, session: Session, versions: Versions) -> None:
        self._options = options
        self._session = session
        self._versions = versions
        self._visited = pruning.Visited()

    async def compare_all(self, infos: Sequence[Info]) -> None:
        failed = self._session.errors
        async with Flight(max(self._options.concurrency, 1), failed=failed.append) as under_way:
            for info in infos:
                subject = flight.subject(info.mapping, info.name, info.namespace)
                await under_way.begin(subject, partial(self._compare, info))
        if failed:
            raise failed[0]

    async def prune(self, kinds: Sequence[Resource]) -> None:
        """Add what an apply would prune."""
        for resource, namespace in pruning.places(kinds, self._visited):
            try:
                found = await pruning.left_over(
                    resource, namespace, self._visited, self._options.selector, self._session
                )
            except errors.ApiError as error:
                text = f"pruning failed and could not be evaluated: {error.message}"
                self._session.streams.note(text)
                return
            for message in found:
                self._versions.write(resource, self._shown(message), None)

    async def _compare(self, info: Info) -> Landing:
        try:
            live, merged = await self._both(info)
        except Exception as error:
            self._session.places.remember(error, info)
            raise
        if info.namespaced:
            self._visited.namespaces[info.namespace] = None
        if live is not None:
            known: Any = live
            self._visited.uids.add(known.metadata.uid)
            info.refresh(live)
        shown = None if live is None else self._shown(live)
        self._versions.write(info.mapping, shown, self._shown(merged.object))
        return partial(self._warn, merged.warnings, warnings.of_deletion(info))

    def _warn(self, told: Sequence[str], noted: Sequence[str]) -> None:
        for text in told:
            self._session.streams.warn(text)
        for text in noted:
            self._session.streams.note(text)

    async def _both(self, info: Info) -> tuple[Message | None, Written]:
        """Return the object as it is, if it is, and as it would be."""
        for attempt in range(1, _ATTEMPTS + 1):
            live = await self._live(info)
            try:
                return live, await self._merged(info, live, is_last=attempt == _ATTEMPTS)
            except errors.Conflict:
                if attempt == _ATTEMPTS or self._options.server_side:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _live(self, info: Info) -> Message | None:
        if not info.name:
            raise ManifestError("resource name may not be empty")
        try:
            return await self._options.helper(info).get(info.name, namespace=info.namespace)
        except errors.NotFound:
            return None

    async def _merged(self, info: Info, live: Message | None, *, is_last: bool) -> Written:
        helper = self._options.helper(info)
        if self._options.server_side:
            return await helper.apply(
                info.name,
                json_text.compact(info.manifest),
                namespace=info.namespace,
                force=self._options.force_conflicts,
            )
        if live is None:
            return await helper.create(
                namespace=info.namespace, modify=True, object=info.object, decoded=info.decoded
            )
        patching = Patching(info, helper, last_applied.plain(info.manifest))
        try:
            if is_last:
                return await patching.patch(live)
            return await patching.patch_as_read(live)
        except (errors.ApiError, ManifestError) as error:
            raise add_source_to_error("patching", info.source, error) from None

    def _shown(self, message: Message) -> dict[str, Any]:
        return encode.shown(message)
