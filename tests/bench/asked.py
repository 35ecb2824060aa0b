"""What it costs a server to ask who calls and whether they may, beside one that takes no notice."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protocube.rbac.v1.cluster_role_binding_pb2 import ClusterRoleBinding
from protocube.rbac.v1.cluster_role_pb2 import ClusterRole
from protocube.rbac.v1.policy_rule_pb2 import PolicyRule
from protocube.rbac.v1.subject_pb2 import RoleRef, Subject
from protocube_client import Client
from tests.bench import calls, rows, subjects
from tests.bench.figures import SQLITE
from tests.bench.objects import CONFIG_MAP
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject as Measured

_ADMIN, _ALICE = "a" * 40, "b" * 40
"""Tokens."""
_GROUP: Final = "rbac.authorization.k8s.io"
_OBJECTS: Final = 1000
_TIMES: Final = 4
"""So often both are measured, by turns: the least counts, because others only add to it."""


def steps() -> Iterator[Step]:
    """Yield the step."""
    yield Step(row=rows.ASKED, subjects=(SQLITE,), measure=_measure, once=True)


def _measure(setting: Setting, subject: Measured) -> None:
    with tempfile.TemporaryDirectory(prefix="protocube-bench-") as name, ExitStack() as stack:
        folders = Path(name, "ignored"), Path(name, "asked")
        for folder in folders:
            folder.mkdir()
        tokens = folders[1] / "tokens.csv"
        tokens.write_text(f"{_ADMIN},admin,1,system:masters\n{_ALICE},alice,2,devs\n")
        ignored = stack.enter_context(subjects.on_sqlite(folders[0]))
        asked = stack.enter_context(subjects.on_sqlite(folders[1], "--token-file", str(tokens)))
        asyncio.run(_allow(asked.address))
        found: dict[str, list[float]] = {"ignored": [], "asked": []}
        for _ in range(_TIMES):
            for key, server in (("ignored", ignored), ("asked", asked)):
                found[key].append(_get(setting, server, fill=not found[key]))
    least = {key: min(values) for key, values in found.items()}
    more = (least["asked"] / least["ignored"] - 1) * 100
    setting.results.add(rows.ASKED, subject.name, {**least, "more": more})


def _get(setting: Setting, server: Measured, *, fill: bool) -> float:
    """Return microseconds of the server's CPU for a get with a token."""
    if fill:
        made = setting.load.run(
            *("create", server, CONFIG_MAP),
            in_flight=64,
            count=_OBJECTS,
            prefix="get",
            token=_ALICE,
        )
        calls.require_success(made)
    found = setting.load.run(
        *("get", server, CONFIG_MAP),
        in_flight=rows.GETS_IN_FLIGHT,
        objects=_OBJECTS,
        prefix="get",
        token=_ALICE,
    )
    calls.require_success(found)
    return float(found["cpu_us_per_call"]["server"])


async def _allow(address: str) -> None:
    """Let alice read and make ConfigMaps."""
    rule = PolicyRule(verbs=["get", "create"], api_groups=[""], resources=["configmaps"])
    role = ClusterRole(rules=[rule])
    role.metadata.name = "bench"
    binding = ClusterRoleBinding(
        role_ref=RoleRef(api_group=_GROUP, kind="ClusterRole", name="bench"),
        subjects=[Subject(kind="User", api_group=_GROUP, name="alice")],
    )
    binding.metadata.name = "bench"
    async with Client(address, token=_ADMIN) as client:
        await client.create(role)
        await client.create(binding)
