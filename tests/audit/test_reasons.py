"""By which binding a call was allowed, in its event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.settings import Audit
from tests.audit.lines import events
from tests.authorization.ruled import bind, role, rule, ruled

if TYPE_CHECKING:
    from pathlib import Path


async def test_who_takes_away_an_own_right_was_allowed_by_it(tmp_path: Path) -> None:
    """The event tells what allowed the call, which is gone, or without its role, by then."""
    log = tmp_path / "audit.log"
    async with ruled(tmp_path, audit=Audit(log=str(log))) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        mine = rule("delete", "clusterroles,clusterrolebindings", group="rbac.authorization.k8s.io")
        await role(admin, "r", mine)
        for what, name in (("clusterrolebinding", "alice-r"), ("clusterrole", "r")):
            await bind(admin, "alice", "ClusterRole", "r")
            await alice.delete(what, name)
        found = [each for each in events(log) if each["user"].get("username") == "alice"]
    assert [each["annotations"]["authorization.k8s.io/reason"] for each in found] == [
        'RBAC: allowed by ClusterRoleBinding "alice-r" of ClusterRole "r" to User "alice"'
    ] * 2
