"""Requests that are repeated: what they did is told to those who may still do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.settings import Audit
from tests.audit.lines import events, told
from tests.authorization.ruled import bind, role, rule, ruled
from tests.server.bulk_writes import call, create, error_of, outcomes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("atomic", [False, True])
async def test_a_repeated_stream_of_writes_is_asked_for_rights(
    tmp_path: Path, *, atomic: bool
) -> None:
    """Whoever has lost them is not told what was written, and each try has its event."""
    log = tmp_path / "audit.log"
    async with ruled(tmp_path, audit=Audit(log=str(log))) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        await role(admin, "r", rule("patch", "secrets"))
        await bind(admin, "alice", "ClusterRole", "r")
        await admin.create(admin.make("secret", "s", data={"password": "c2VjcmV0"}))
        patch: Any = alice.resource("secret").request_class("Patch")(
            name="s", merge_patch='{"metadata": {"labels": {"a": "b"}}}'
        )
        write = call("protocube.core.v1.Secrets/Patch", patch)

        async def tried() -> Any:
            found = await outcomes(
                alice, write, request_id="r", include_objects=True, atomic=atomic
            )
            return found[0]

        begun = len(events(log))
        first = await tried()
        assert first.written.object.value
        assert await tried() == first
        await admin.delete("clusterrolebinding", "alice-r")
        again = await tried()
        with pytest.raises(errors.Forbidden) as alone:
            await alice.patch("secret", "s", merge_patch="{}")
        assert error_of(again).message == alone.value.message
        found = told(events(log)[begun:])
    assert found[:2] == ["alice patch secrets s 200"] * 2
    assert found[3:] == ["alice patch secrets s 403"] * 2


async def test_a_repeated_write_without_a_change_is_asked_for_its_right(tmp_path: Path) -> None:
    """There is no record of it beside those of the others of its transaction."""
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        await role(admin, "maps", rule("create", "configmaps"))
        await bind(admin, "alice", "ClusterRole", "maps")
        await role(admin, "secrets", rule("patch", "secrets"))
        await bind(admin, "alice", "ClusterRole", "secrets")
        await admin.create(admin.make("secret", "s"))
        patch: Any = alice.resource("secret").request_class("Patch")(name="s", merge_patch="{}")
        writes = (
            call("protocube.core.v1.Secrets/Patch", patch),
            create(alice.make("cm", "a")),
        )
        first = await outcomes(alice, *writes, request_id="r", atomic=True)
        again = await outcomes(alice, *writes, request_id="r", atomic=True)
        assert again[1] == first[1]
        assert (again[0].written.namespace, again[0].written.name) == ("default", "s")
        await admin.delete("clusterrolebinding", "alice-secrets")
        again = await outcomes(alice, *writes, request_id="r", atomic=True)
        assert isinstance(error_of(again[0]), errors.Forbidden)
        assert again[1] == first[1]
