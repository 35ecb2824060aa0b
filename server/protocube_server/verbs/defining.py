"""Writes of definitions, and of objects of kinds that came at run time."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube_server.definitions import changing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from protocube_server.calls.call import Call
    from protocube_server.calls.chain import Handler
    from protocube_server.definitions.changing import Change
    from protocube_server.kinds.defined import Defined
    from protocube_server.kinds.kind import Kind
    from protocube_server.storage.base import ConditionFailed, Guard, GuardFailed, Put, Record
    from protocube_server.verbs.allocations import Plan
    from protocube_server.verbs.api import Api


class Outdated(Exception):
    """A write relied on a definition that has changed: the call begins again with the newest."""


def guards(call: Call) -> tuple[Guard, ...]:
    """Return the guards that a write of the call's object has beside others.

    Raises :class:`Outdated` while a change of the definition is being decided, and
    ``errors.SchemaTooNew`` where this server cannot write such objects.
    """
    defined = call.kind.defined
    if defined is None:
        return ()
    if defined.too_new is not None:
        raise defined.too_new.with_message(defined.too_new.message)
    if defined.is_changing:
        raise Outdated
    return (defined.guard(),)


def concerns(api: Api, call: Call) -> bool:
    """Tell whether a call is for definitions."""
    return api.definitions is not None and api.definitions.door(call.kind) is not None


def require_creatable(call: Call) -> None:
    """Raise ``errors.Forbidden`` for an object whose definition is being deleted."""
    defined = call.kind.defined
    if defined is not None and defined.is_terminating:
        why = f"create not allowed while {defined.noun} is terminating"
        name = call.target.name or call.request.object.metadata.generate_name
        raise errors.forbidden(call.kind.resource.qualified, name, why)


def failed(call: Call, failure: GuardFailed) -> Exception:
    """Return what a failed guard means: :class:`Outdated` where it is the definition's."""
    defined = call.kind.defined
    return Outdated() if defined is not None and failure.key == defined.entry else failure


async def planned(
    api: Api, call: Call, current: Record | None, old: Any | None, new: Any, plan: Plan
) -> Plan:
    """Return the plan of a write with all that goes with a definition.

    ``new`` replaces ``old``, stored as ``current``. The status of a definition says afterwards
    what becomes of it. Raises what refuses the definition.
    """
    definitions = api.definitions
    if definitions is None or not concerns(api, call):
        return plan
    asked = type(new)()
    asked.CopyFrom(new)
    _note(api, call, new)
    if old is None or current is None:
        change = await changing.created(definitions, call.kind, new, api.now())
    else:
        dry_run = call.request.dry_run
        change = await changing.updated(
            definitions, call.kind, current, old, new, api.now(), dry_run=dry_run
        )
    call.warnings += change.warnings
    return _with(plan, change, asked if asked != new else None)


async def marked(api: Api, call: Call, message: Any) -> Change | None:
    """Return what goes with the mark of a definition that is being deleted.

    Raises ``errors.Forbidden`` for one that is to stay as long as it has objects.
    """
    definitions, kind = api.definitions, call.kind
    if definitions is None or definitions.door(kind) is None:
        return None
    dry_run = call.request.dry_run
    _note(api, call, message)
    change = await changing.marked(definitions, kind, message, api.now(), dry_run=dry_run)
    call.warnings += change.warnings
    return change


async def written(api: Api, name: str) -> None:
    """Serve what was written of a definition, before the call is answered; nothing for ``""``."""
    if api.definitions is not None and name:
        # It has been written, and comes by the store's changes, too.
        with contextlib.suppress(errors.ApiError):
            await api.definitions.refresh(name)


def while_defined(defined: Defined, resource: str, run: Handler) -> Handler:
    """Return a verb whose streams end with ``errors.NotFound`` when their kind is defined no more.

    What has happened to its objects is sent before.
    """

    def fault() -> errors.ApiError | None:
        if not defined.life.is_over:
            return None
        text = f"{resource} are not served any more: their definition was deleted"
        return errors.NotFound(text, resource=resource)

    def handle(call: Call) -> Any:
        if call.standing is not None:
            call.standing.rest_on(fault, same=defined)
        return run(call)

    return handle


async def restarted(api: Api, call: Call) -> None:
    """Let a call that found its definition changed begin again, with the newest kind.

    Raises ``errors.NotFound`` when it is not defined any more, ``errors.Unavailable`` when
    the change takes too long, and ``errors.BadRequest`` when it waits for this very call.
    """
    kind, definitions = call.kind, api.definitions
    defined = kind.defined
    if definitions is None or defined is None:
        raise AssertionError("only kinds that came at run time are outdated")
    if call.together is not None and defined.name in call.together.definitions:
        # That is decided once all writes of the transaction are there, this one's too.
        text = "an atomic request cannot write what another write of it depends on: {}"
        raise errors.BadRequest(text.format(f"the definition {defined.name}"))
    await definitions.settled(defined.name)
    edition = api.editions.current
    found = edition.kinds.for_message(kind.resource.message)
    if found is None:
        raise errors.NotFound("the server could not find the requested resource")
    call.edition, call.kind = edition, found
    call.request = call.verb.parser(found)(call.raw)
    call.warnings[:] = found.notices


async def compiled(api: Api, kind: Kind, kinds: Iterable[Kind]) -> None:
    """Have a kind compiled beside the event loop, as its first call would.

    ``kinds`` are all of the edition. Where it fails, the use of the kind says so.
    """
    defined, definitions = kind.defined, api.definitions
    if definitions is not None and defined is not None and not defined.is_compiled:
        await definitions.compiler.compile(
            defined, [one for one in kinds if one.defined is defined]
        )


@contextlib.asynccontextmanager
async def decided(api: Api, name: str, undo: Put | None) -> AsyncGenerator[None, None]:
    """Take back what was written to decide on a change of a definition, unless it is made."""
    try:
        yield
    except BaseException:
        if undo is not None and api.definitions is not None:
            await changing.take_back(api.definitions, name, undo)
        raise


async def refused(api: Api, call: Call, failure: ConditionFailed, plan: Plan) -> Exception:
    """Return the error of a write with a condition on something beside the object."""
    if api.definitions is None or not plan.definition:
        return failure
    await api.definitions.refresh(plan.definition)
    return changing.taken(api.definitions, call.kind, plan.definition, failure)


def _note(api: Api, call: Call, message: Any) -> None:
    """Let the other calls of a transaction know that this one changes a definition."""
    door = api.definitions.door(call.kind) if api.definitions is not None else None
    if call.together is not None and door is not None:
        call.together.definitions.add(door.name(message))


def _with(plan: Plan, change: Change, asked: Any | None) -> Plan:
    return dataclasses.replace(
        plan,
        writes=(*plan.writes, *change.writes),
        asked=plan.asked if plan.asked is not None else asked,
        definition=change.name if change.writes else "",
        numbers=change.numbers,
        undo=change.undo,
    )
