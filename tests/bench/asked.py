"""What it costs a server to ask who calls and whether they may, beside one that takes no notice."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.rbac.v1.cluster_role_binding_pb2 import ClusterRoleBinding
from protocube.rbac.v1.cluster_role_pb2 import ClusterRole
from protocube.rbac.v1.policy_rule_pb2 import PolicyRule
from protocube.rbac.v1.subject_pb2 import RoleRef, Subject
from protocube_client import Client, Tls
from tests.bench import calls, rows, subjects
from tests.bench.figures import SQLITE
from tests.bench.objects import CONFIG_MAP
from tests.bench.step import Setting, Step
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.bench.subjects import Subject as Measured
    from tests.tls.authority import Issued

_ADMIN, _ALICE = "a" * 40, "b" * 40
"""Tokens."""
_GROUP: Final = "rbac.authorization.k8s.io"
_OBJECTS: Final = 1000
_TIMES: Final = 12
"""So often all are measured, at the same time: what else the machine does, it does to all."""
_SHARE: Final = 3 / _TIMES
"""Of a measurement's seconds, each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """A server, and how it is called."""

    server: Measured
    flags: Mapping[str, Any] = field(default_factory=dict)
    """Of the load generator."""


def steps() -> Iterator[Step]:
    """Yield the steps."""
    for row, opened in ((rows.ASKED, _by_token), (rows.CERTIFIED, _by_certificate)):
        yield Step(row=row, subjects=(SQLITE,), measure=_measuring(row, opened), once=True)


def _measuring(
    row: str, opened: Callable[[Path, ExitStack], Mapping[str, _Called]]
) -> Callable[[Setting, Measured], None]:
    def measure(setting: Setting, subject: Measured) -> None:
        with tempfile.TemporaryDirectory(prefix="protocube-bench-") as name, ExitStack() as stack:
            all_called = opened(Path(name), stack)
            for called in all_called.values():
                _fill(setting, called)
            found: dict[str, list[float]] = {key: [] for key in all_called}
            with ThreadPoolExecutor(len(all_called)) as at_once:
                for _ in range(_TIMES):
                    costs = at_once.map(partial(_get, setting), all_called.values())
                    for key, cost in zip(all_called, costs, strict=True):
                        found[key].append(cost)
        middle = {key: statistics.median(values) for key, values in found.items()}
        pairs = zip(found["asked"], found["ignored"], strict=True)
        # The clock of processes ticks too slowly for the shortest of measurements.
        ratios = [asked / ignored for asked, ignored in pairs if ignored]
        more = (statistics.median(ratios or [1]) - 1) * 100
        setting.results.add(row, subject.name, {**middle, "more": more})

    return measure


def _by_token(folder: Path, stack: ExitStack) -> Mapping[str, _Called]:
    tokens = folder / "tokens.csv"
    tokens.write_text(f"{_ADMIN},admin,1,system:masters\n{_ALICE},alice,2,devs\n")
    bare = stack.enter_context(subjects.on_sqlite(_within(folder, "bare")))
    ignored = stack.enter_context(subjects.on_sqlite(_within(folder, "ignored")))
    flags = ("--token-file", str(tokens))
    asked = stack.enter_context(subjects.on_sqlite(_within(folder, "asked"), *flags))
    asyncio.run(_allow(Client(asked.address, token=_ADMIN)))
    shown = {"token": _ALICE}
    return {
        "bare": _Called(server=bare),
        "ignored": _Called(server=ignored, flags=shown),
        "asked": _Called(server=asked, flags=shown),
    }


def _by_certificate(folder: Path, stack: ExitStack) -> Mapping[str, _Called]:
    authority = Authority(folder)
    of_server = authority.issue("server", *LOOPBACK)
    alice, admin = authority.issue("alice"), authority.issue("admin", groups=["system:masters"])
    tls = ("--tls-cert", str(of_server.certificate), "--tls-key", str(of_server.key))
    bare = stack.enter_context(subjects.on_sqlite(_within(folder, "bare")))
    ignored = stack.enter_context(subjects.on_sqlite(_within(folder, "ignored"), *tls))
    asks = (*tls, "--client-ca", str(authority.file))
    asked = stack.enter_context(subjects.on_sqlite(_within(folder, "asked"), *asks))
    as_admin = Tls(
        certificate_authority=authority.file,
        client_certificate=admin.certificate,
        client_key=admin.key,
    )
    asyncio.run(_allow(Client(asked.address, transport=as_admin)))
    shown = _flags(authority, alice)
    return {
        "bare": _Called(server=bare),
        "ignored": _Called(server=ignored, flags=shown),
        "asked": _Called(server=asked, flags=shown),
    }


def _within(folder: Path, name: str) -> Path:
    found = folder / name
    found.mkdir()
    return found


def _flags(authority: Authority, shown: Issued) -> Mapping[str, Any]:
    return {
        "tls_ca": str(authority.file),
        "tls_cert": str(shown.certificate),
        "tls_key": str(shown.key),
    }


def _fill(setting: Setting, called: _Called) -> None:
    made = setting.load.run(
        *("create", called.server, CONFIG_MAP),
        in_flight=64,
        count=_OBJECTS,
        prefix="get",
        **called.flags,
    )
    calls.require_success(made)


def _get(setting: Setting, called: _Called) -> float:
    """Return microseconds of the server's CPU for a get."""
    load = replace(
        setting.load, warm=setting.load.warm * _SHARE, counted=setting.load.counted * _SHARE
    )
    found = load.run(
        *("get", called.server, CONFIG_MAP),
        in_flight=rows.GETS_IN_FLIGHT,
        objects=_OBJECTS,
        prefix="get",
        **called.flags,
    )
    calls.require_success(found)
    return float(found["cpu_us_per_call"]["server"])


async def _allow(connecting: Client) -> None:
    """Let alice read and make ConfigMaps."""
    rule = PolicyRule(verbs=["get", "create"], api_groups=[""], resources=["configmaps"])
    role = ClusterRole(rules=[rule])
    role.metadata.name = "bench"
    binding = ClusterRoleBinding(
        role_ref=RoleRef(api_group=_GROUP, kind="ClusterRole", name="bench"),
        subjects=[Subject(kind="User", api_group=_GROUP, name="alice")],
    )
    binding.metadata.name = "bench"
    async with connecting as client:
        await client.create(role)
        await client.create(binding)
