"""Definitions that are changed or deleted in atomic requests."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube_server import app
from protocube_server.definitions import entries
from tests import machines
from tests.admission import hooks
from tests.definitions.defining import NAME, Definer, definition
from tests.server import bulk_writes
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.settings import Settings

_BREAKING = machines.file(('name: "size"', 'name: "extent"'))


async def test_a_deletion_that_is_not_made_holds_up_no_write(definer: Definer) -> None:
    """It asks first whether there are objects, and nobody may make one until it is decided."""
    found = definition()
    found.metadata.annotations["protocube.dev/deletion"] = "refuse-while-used"
    base = definer.base
    await base.create(
        base.resource("definitions").message_class.FromString(found.SerializeToString())
    )
    caller = await definer.knowing()
    made = await bulk_writes.outcomes(
        base,
        bulk_writes.delete(base.resource("definitions").service, NAME),
        bulk_writes.delete(base.resource("cm").service, "none"),
        atomic=True,
    )
    assert isinstance(bulk_writes.error_of(made[0]), errors.NotDone)
    await caller.create(caller.make("machines", "m"))


async def test_an_object_is_not_written_with_a_change_of_its_kind(
    settings: Settings, tmp_path: Path
) -> None:
    """It does not wait for the change, which is made once the object is there."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define()
        caller = await definer.knowing()
        changed = await definer.base.get("definitions", NAME)
        files = definition(_BREAKING).spec.SerializeToString()
        changed.spec.Clear()
        changed.spec.MergeFromString(files)
        store = running.api.store
        key = entries.key("/registry", NAME)
        with hooks.hook(Authority(tmp_path)) as hook:
            hook.go.clear()
            resources = "example.com/v1/machines"
            await hooks.configure(caller, "validating", hook, resources=resources)
            writes = (
                bulk_pb2.Write(update=bulk_writes.packed(changed)),
                bulk_writes.create(caller.make("machines", "m")),
            )
            async with aclosing(store.watch(key, after=await store.revision())) as changes:
                making = asyncio.create_task(bulk_writes.outcomes(caller, *writes, atomic=True))
                # The change is being decided.
                await anext(changes)
            hook.go.set()
            made = await making
    text = "an atomic request cannot write what another write of it depends on"
    assert [each.failure.message for each in made] == [
        "not done: the request is atomic, and its write 1 failed",
        f"{text}: the definition {NAME}",
    ]
