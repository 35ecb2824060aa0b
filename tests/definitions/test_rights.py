"""Rights on kinds that users define: by group and plural, as on all others, and at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from tests import machines
from tests.authorization.ruled import bind, role, rule, ruled
from tests.definitions.defining import definition

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_role_names_the_kind_by_group_and_plural(tmp_path: Path) -> None:
    """Whoever may do everything may use it, others with a rule; to define takes a right, too."""
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        own = admin.resource("definitions").message_class
        wanted = own.FromString(definition().SerializeToString())
        with pytest.raises(errors.Forbidden, match='cannot create resource "definitions"'):
            await alice.create(wanted)
        await admin.create(wanted)
        admin.catalog = alice.catalog = machines.catalog(machines.file())
        await admin.create(admin.make("machines", "a"))
        with pytest.raises(errors.Forbidden, match='cannot get resource "machines" in API group'):
            await alice.get("machines", "a")
        await role(admin, "r", rule("get,create", "machines", group="example.com"))
        await bind(admin, "alice", "ClusterRole", "r")
        assert (await alice.get("machines", "a")).spec.size == "small"
        await alice.create(alice.make("machines", "b"))
        with pytest.raises(errors.Forbidden, match='cannot delete resource "machines"'):
            await alice.delete("machines", "b")
