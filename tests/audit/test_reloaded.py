"""Another audit policy while a server runs: its file is read again when it changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server.settings import Audit
from tests.audit.lines import events, told
from tests.authorization.ruled import ruled
from tests.logged import Logged

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"


async def test_another_policy_is_in_force_once_its_file_says_so(tmp_path: Path) -> None:
    """One that cannot be used is logged, and the policy in use stays."""
    file, log = tmp_path / "policy.yaml", tmp_path / "audit.log"
    file.write_text(f"{_HEAD}rules: [{{level: None}}]\n")
    async with ruled(tmp_path, audit=Audit(log=str(log), policy=file)) as server:
        admin = await server.caller("admin")
        await admin.create(admin.make("ns", "a"))
        with Logged("protocube_server.followed_file") as logged:
            file.write_text(f"{_HEAD}rules: [{{level: Everything}}]\n")
            async with asyncio.timeout(30):
                await logged.event.wait()
        await admin.create(admin.make("ns", "b"))
        with Logged("protocube_server.followed_file", "the audit policy") as logged:
            verbs = "verbs: [create]"
            file.write_text(f"{_HEAD}rules: [{{level: Metadata, {verbs}}}]\n")
            async with asyncio.timeout(30):
                await logged.event.wait()
        await admin.create(admin.make("ns", "c"))
        await admin.get("ns", "c")
    assert told(events(log)) == ["admin create namespaces c 201"]
