"""Serves definitions that lie in a store without an entry, and ends entries without a definition.

Releases before this one stored CustomResourceDefinitions and served none, and a store can be filled
around its servers. The leader looks once in its term, beside everything else: a definition that
cannot be served gets a condition that says so, and holds up nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from protocube import errors
from protocube_server.definitions import changing, entries
from protocube_server.definitions.door import State
from protocube_server.kinds import kept
from protocube_server.storage import paging
from protocube_server.storage.base import ConditionFailed, GuardFailed, Put, Remove, Set
from protocube_server.verbs import owners

if TYPE_CHECKING:
    from protocube_server.definitions.changing import Change
    from protocube_server.definitions.door import Door
    from protocube_server.definitions.following import Definitions
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import Record
    from protocube_server.upkeep.leadership import Worker
    from protocube_server.upkeep.term import Term
    from protocube_server.verbs.api import Api

_PAGE: Final = 20
"""A definition may have a megabyte."""
_PAUSE_SECONDS: Final = 1.0

_LOG = logging.getLogger("protocube.server")


def claiming(api: Api, definitions: Definitions) -> Worker:
    """Return the worker that looks for definitions and entries that lack each other."""

    async def claim(term: Term) -> None:
        await definitions.loaded()
        while True:
            try:
                await _claim_all(api, definitions, term)
                await _end_orphans(api, definitions, term)
            except errors.ApiError as error:
                _LOG.warning("definitions without an entry are looked for again: %s", error)
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                break
        await asyncio.Event().wait()  # A worker lasts as long as its term.

    return claim


async def _claim_all(api: Api, definitions: Definitions, term: Term) -> None:
    for door in definitions.doors():
        kind = definitions.kind_of(door)
        async with aclosing(paging.pages(api.store, kind.prefix(), limit=_PAGE)) as pages:
            async for page in pages:
                for record in page.records:
                    await _claim(api, definitions, term, door, kind, record)


async def _claim(
    api: Api, definitions: Definitions, term: Term, door: Door, kind: Kind, record: Record
) -> None:
    """Serve one definition, if nothing serves it yet."""
    try:
        message = kind.read(record)
        name = door.name(message)
        if definitions.find(name) is not None or message.metadata.HasField("deletion_timestamp"):
            return
        change = await changing.created(definitions, kind, message, api.now())
    except errors.Damaged:
        return  # The log has said so.
    except errors.ApiError as error:
        await _refuse(api, term, door, kind, record, str(error))
        return
    try:
        await term.apply(Set(writes=(await _put(kind, record, message, change), *change.writes)))
    except (ConditionFailed, GuardFailed) as failed:
        if failed.key == term.guard.key:
            raise
        return  # Somebody has written it, and what it needs beside.
    await definitions.refresh(name)
    _LOG.info("%s is served now: it was stored before it could be", name)


async def _refuse(api: Api, term: Term, door: Door, kind: Kind, record: Record, why: str) -> None:
    """Let a definition say that it cannot be served."""
    message: Any = kind.read(record)
    door.tell(message, State.REFUSED, api.now(), why=why)
    put = await _put(kind, record, message, None)
    if put.value == record.value:
        return
    _LOG.warning("%s is not served: %s", message.metadata.name, why)
    try:
        await term.apply(Set(writes=(put,)))
    except ConditionFailed:
        return


async def _put(kind: Kind, record: Record, message: Any, change: Change | None) -> Put:
    held = await owners.unowned(kind, record.value, message)
    if change is not None and change.numbers is not None:
        held = changing.held(held, change.numbers)
    value = kept.with_message(held, kind.encode(message))
    return Put(key=record.key, value=value, expected=record.mod_revision)


async def _end_orphans(api: Api, definitions: Definitions, term: Term) -> None:
    """Take away the names of definitions that are not there; their objects stay as they are."""
    beginning = entries.beginning(definitions.prefix)
    by_message = {door.message: definitions.kind_of(door) for door in definitions.doors()}
    async with aclosing(paging.pages(api.store, beginning, limit=_PAGE)) as pages:
        async for page in pages:
            for record in page.records:
                name = entries.name(definitions.prefix, record.key)
                entry = entries.Entry.read(record)
                kind = by_message.get(entry.message)
                if kind is None or await api.store.get(kind.key("", name)) is not None:
                    continue
                words = (entries.word_key(definitions.prefix, word) for word in entry.words)
                removes = (Remove(key=key) for key in words)
                own = Remove(key=record.key, expected=record.mod_revision)
                try:
                    await term.apply(Set(writes=(own, *removes)))
                except ConditionFailed:
                    continue
                await definitions.refresh(name)
                _LOG.warning("%s is not defined any more: its definition is gone", name)
