"""Policies, quotas and limits that cannot be read: what they might refuse is refused."""

from __future__ import annotations

import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from protocube_server.storage.base import Put
from tests.admission.admitted import binding, config_map, policy, refused
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

_GROUP = "admissionregistration.k8s.io"
_UNKNOWN = "nobody knows what it refuses until it can be read, or is deleted"
_DAMAGED = b"\xff\xff"


@asynccontextmanager
async def _damaged(folder: Path, key: str, **chosen: Any) -> AsyncGenerator[Caller, None]:
    """Provide a caller of a server in whose store a value is damaged from the start on."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{folder}/store.db", grace=0.1)
    async with app.running(settings) as running:
        await running.api.store.write([Put(key=f"/registry/{key}".encode(), value=_DAMAGED)])
    settings = Settings(
        listen="127.0.0.1:0", store=f"sqlite:{folder}/store.db", grace=0.1, **chosen
    )
    async with (
        app.running(settings) as running,
        Caller(running.address, Catalog.shipped(), OWN) as caller,
    ):
        yield caller


@pytest.mark.parametrize(
    "plural",
    [
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations",
    ],
)
async def test_no_write_passes_a_policy_that_cannot_be_read(tmp_path: Path, plural: str) -> None:
    """It might refuse the write. Policies can be written all the same, and it can be deleted."""
    name = f"{plural}.{_GROUP}/p"
    async with _damaged(tmp_path, name) as caller:
        error = await refused(caller.create(config_map(caller, "a")))
        assert isinstance(error, errors.Unavailable)
        assert error.message == (
            f"the stored value of {name} is damaged or no object of this kind: {_UNKNOWN}"
        )
        await policy(caller, "q", "true")
        await binding(caller, "q")
        await caller.delete(f"{plural}.{_GROUP}", "p", ignore_store_read_error=True)
        await caller.create(config_map(caller, "a"))


@pytest.mark.parametrize("plural", ["resourcequotas", "limitranges"])
async def test_nothing_is_made_where_a_quota_or_a_limit_cannot_be_read(
    tmp_path: Path, plural: str
) -> None:
    """In its namespace; what is there can be deleted."""
    async with _damaged(tmp_path, f"{plural}/dev/q") as caller:
        with contextlib.suppress(errors.AlreadyExists):
            await caller.create(caller.make("ns", "dev"))
        await caller.create(config_map(caller, "a"))
        error = await refused(caller.create(config_map(caller, "a", namespace="dev")))
        assert isinstance(error, errors.Unavailable)
        assert _UNKNOWN in error.message
        await caller.create(caller.make("quota", "other", metadata={"namespace": "dev"}))
        await caller.delete(plural, "q", namespace="dev", ignore_store_read_error=True)
        await caller.create(config_map(caller, "a", namespace="dev"))


async def test_what_is_not_asked_need_not_be_read(tmp_path: Path) -> None:
    """A server whose policies are switched off writes beside one that cannot be read."""
    off = frozenset({"ValidatingAdmissionPolicy"})
    key = f"validatingadmissionpolicies.{_GROUP}/p"
    async with _damaged(tmp_path, key, admission_off=off) as caller:
        await caller.create(config_map(caller, "a"))
