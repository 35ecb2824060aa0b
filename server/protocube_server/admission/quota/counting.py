"""Counts what is used of a quota, from the objects that there are."""

from __future__ import annotations

from contextlib import aclosing
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube.manifests import quantities
from protocube_server import turns
from protocube_server.admission.quota import scopes, usage
from protocube_server.kinds import kept
from protocube_server.storage import paging
from protocube_server.storage.base import ConditionFailed, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_server.admission.plugins.pod_amounts import Amounts
    from protocube_server.kinds.edition import Edition
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Page, Store

_PAGE: Final = 500
_TRIES: Final = 5


def is_counted(quota: Any) -> bool:
    """Tell whether a quota's status says what is used of all that it limits now."""
    hard = dict(quota.spec.hard)
    return dict(quota.status.hard) == hard and hard.keys() <= quota.status.used.keys()


def used(quota: Any) -> Amounts:
    """Return what is used, as a quota's status says."""
    return {name: Fraction(quantities.parse(text) or 0) for name, text in quota.status.used.items()}


def value_with(kind: Kind, record: Record, amounts: Mapping[str, Fraction]) -> bytes:
    """Return the value of a quota of which that much is used; ``kind`` is that of quotas."""
    quota = kind.read(record)
    hard = dict(quota.spec.hard)
    quota.status.hard.clear()
    quota.status.hard.update(hard)
    quota.status.used.clear()
    for name in hard:
        quota.status.used[name] = usage.text(name, max(amounts.get(name, Fraction()), Fraction()))
    return kind.encode(quota, keeping=kept.read(record.value))


async def settle(store: Store, edition: Edition, kind: Kind, record: Record) -> Record | None:
    """Let a quota say what is used of it, as the objects are; return it then.

    ``None`` when it is gone. What was charged while it was counted makes the count begin again.
    Raises ``errors.Unavailable`` when that does not end, and as a store does.
    """
    current: Record | None = record
    for _ in range(_TRIES):
        if current is None:
            return None
        amounts = await _count(store, edition, kind.read(current))
        value = value_with(kind, current, amounts)
        if value == current.value:
            return current
        try:
            return await store.update(current.key, value, expected=current.mod_revision)
        except ConditionFailed as failed:
            current = failed.current
    raise errors.Unavailable("a quota changes too fast to be counted; try again", retry_after=1)


async def _count(store: Store, edition: Edition, quota: Any) -> Amounts:
    """Return what is used of what a quota limits, at one revision that is not older than it."""
    total: Amounts = {}
    at = 0
    for kind in edition.kinds:
        if not (kind.resource.namespaced and kind.is_stored):
            continue
        names = usage.limits(kind, quota.spec.hard)
        if not names:
            continue
        prefix = kind.prefix(quota.metadata.namespace)
        async with aclosing(paging.pages(store, prefix, limit=_PAGE, at=at)) as pages:
            async for page in pages:
                at = page.revision
                for found in await turns.taken(_of_page(quota, kind, page, names)):
                    quantities.add(total, found)
    return total


def _of_page(quota: Any, kind: Kind, page: Page, names: list[str]) -> Iterator[Amounts | None]:
    """Yield what each object of a page uses, and ``None`` where others may have their turn."""
    for record in page.records:
        yield None
        try:
            message = kind.read(record)
        except errors.Damaged:
            continue
        if scopes.fit(quota, kind, message):
            found = usage.of(kind, message)
            yield {name: found[name] for name in names if name in found}
