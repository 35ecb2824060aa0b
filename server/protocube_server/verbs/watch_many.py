"""One watch over the objects of several kinds, whole revisions in order."""

from __future__ import annotations

import functools
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.meta.v1 import requests_pb2
from protocube.watch.v1 import watches_pb2
from protocube_server.cache import encoding, many
from protocube_server.cache.many import ManySelections
from protocube_server.cache.marks import Marks
from protocube_server.kinds import splice
from protocube_server.storage import base
from protocube_server.verbs import present, requests, streams, versions, watch_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence

    from protocube_server.cache import Selection
    from protocube_server.kinds.kind import Kind
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Revision
    from protocube_server.verbs.api import Api
    from protocube_server.verbs.watch_options import Beginning

_MOST_KINDS = 1000

_parse = requests.parser(watches_pb2.WatchManyRequest)


def parsed(raw: bytes, limit: int) -> Any:
    """Return a WatchManyRequest of ``limit`` bytes at most.

    Raises ``errors.TooLarge`` and ``errors.BadRequest``.
    """
    if len(raw) > limit:
        raise errors.TooLarge(f"Request entity too large: limit is {limit}")
    request: Any = _parse(raw)
    if len(request.kinds) > _MOST_KINDS:
        text = f"the request names {len(request.kinds)} kinds, the limit is {_MOST_KINDS}"
        raise errors.BadRequest(text)
    return request


def parts(registry: Registry, request: Any) -> Iterator[tuple[Kind, bytes]]:
    """Yield the kinds that a request follows, each with the WatchRequest that says the same of it.

    Raises ``errors.NotFound`` for a kind that is not served, and ``errors.BadRequest`` for one that
    is named twice.
    """
    if not request.kinds:
        for kind in registry:
            if kind.is_stored and (kind.resource.namespaced or not request.namespace):
                yield kind, _part(request, request.label_selector)
        return
    seen: set[str] = set()
    for named in request.kinds:
        kind = _kind(registry, named)
        if kind.resource.message in seen:
            raise errors.BadRequest(f"the kind {kind.resource.message} is named twice")
        seen.add(kind.resource.message)
        if kind.review:
            raise errors.MethodNotSupported(f"{kind.resource.qualified} cannot be watched")
        labels = named.label_selector or request.label_selector
        yield kind, _part(request, labels, named.field_selector)


def _part(request: Any, labels: str, fields: str = "") -> bytes:
    part = requests_pb2.WatchRequest(
        namespace=request.namespace,
        label_selector=labels,
        field_selector=fields,
        metadata_only=request.metadata_only,
        include_managed_fields=request.include_managed_fields,
    )
    return part.SerializeToString()


def _kind(registry: Registry, named: watches_pb2.WatchedKind) -> Kind:
    if named.message:
        kind = registry.for_message(named.message)
        if kind is None:
            raise errors.NotFound(f"no kind has the message {errors.quote(named.message)}")
        return kind
    kind = registry.for_reference(named.api_version, named.kind)
    if kind is None:
        version = errors.quote(named.api_version)
        text = f"no matches for kind {errors.quote(named.kind)} in version {version}"
        raise errors.NotFound(text)
    return kind


def responses(
    api: Api, registry: Registry, request: Any, selections: Sequence[Selection]
) -> AsyncGenerator[bytes, None]:
    """Return the stream of WatchManyResponses to a request, which selects ``selections``."""
    beginning = watch_options.beginning(request)
    end = streams.end(request)
    marks = Marks(streams.PROGRESS_SECONDS if request.send_progress else None, end)
    chosen = ManySelections(registry.root, selections, api.cache.seen)
    return streams.until(end, _responses(api, selections, chosen, beginning, marks))


async def _responses(
    api: Api,
    selections: Sequence[Selection],
    chosen: ManySelections,
    beginning: Beginning,
    marks: Marks,
) -> AsyncGenerator[bytes, None]:
    incarnation, after = api.store.incarnation, beginning.version
    if after and not beginning.with_objects:
        await versions.wait_for(after, api.store)
    newest = await api.store.revision()
    if beginning.with_objects:
        versions.require_reached(after, newest)
        async with aclosing(_present(api, selections, newest)) as present:
            async for response in present:
                yield response
        if api.store.incarnation != incarnation:
            raise base.gone_back()
        is_marked = beginning.is_end_marked
        yield encoding.initial_events_end(newest) if is_marked else encoding.progress(newest)
        after = newest
    elif not after:
        after = newest
        yield encoding.progress(after)
    try:
        changes = api.cache.changes(after=after, incarnation=incarnation)
        async with aclosing(_following(changes, chosen, marks)) as found:
            async for response in found:
                yield response
    except errors.Expired as error:
        raise await streams.too_old(api, after, error) from None


async def _following(
    changes: AsyncGenerator[Revision, None], chosen: ManySelections, marks: Marks
) -> AsyncGenerator[bytes, None]:
    """Yield what is selected of each revision, and marks when they are due."""
    seen = told = 0
    async with aclosing(streams.with_pauses(changes, marks)) as found:
        async for revision in found:
            sent: Iterable[bytes] = ()
            if revision is not None:
                seen = revision.number
                sent = chosen.responses(revision)
            if sent:
                told = seen
            elif marks.take() and seen > told:
                told = seen
                sent = (encoding.progress(seen),)
            for response in sent:
                yield response


async def _present(
    api: Api, selections: Sequence[Selection], at: int
) -> AsyncGenerator[bytes, None]:
    """Yield the selected objects of revision ``at`` as ADDED, without a version."""
    joined = present.Joined()
    for selection in selections:
        async with aclosing(_added(api, selection, at)) as pages:
            async for page, _ in pages:
                for event in page:
                    if response := joined.add(event):
                        yield response
    if rest := joined.rest():
        yield rest


def _added(
    api: Api, selection: Selection, at: int
) -> AsyncGenerator[tuple[list[bytes], int], None]:
    added = functools.partial(many.packed(selection), requests_pb2.EVENT_TYPE_ADDED)

    def of_item(item: bytes) -> bytes:
        return added(splice.unframed(item))

    return present.pages(api, selection, of_item=of_item, of_answer=added, at=at)
