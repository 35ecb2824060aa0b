"""Servers with all of admission, and the objects that tests of it write."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine
    from pathlib import Path


@asynccontextmanager
async def admitting(folder: Path, store: str = "", **chosen: Any) -> AsyncGenerator[Caller, None]:
    """Start a server on which everybody may do everything, and call it."""
    settings = Settings(
        listen="127.0.0.1:0", store=store or f"sqlite:{folder}/store.db", grace=0.1, **chosen
    )
    async with (
        app.running(settings) as running,
        Caller(running.address, Catalog.shipped(), OWN) as caller,
    ):
        yield caller


def rules(resources: str, operations: str = "CREATE,UPDATE", **more: Any) -> dict[str, Any]:
    """Return a ``MatchResources`` for ``configmaps`` or ``apps/v1/deployments,replicasets``."""
    *before, plurals = resources.split("/", 2) if "/v" in resources else (resources,)
    group, version = before or ("", "v1")
    rule = {
        "apiGroups": [group],
        "apiVersions": [version],
        "operations": operations.split(","),
        "resources": plurals.split(","),
    }
    return {"resourceRules": [rule | more.pop("rule", {})], **more}


async def policy(caller: Caller, name: str, *expressions: str | dict[str, Any], **spec: Any) -> Any:
    """Make a policy; it is for config maps unless ``matchConstraints`` are given."""
    validations = [{"expression": each} if isinstance(each, str) else each for each in expressions]
    spec.setdefault("matchConstraints", rules("configmaps"))
    if validations:
        spec["validations"] = validations
    return await caller.create(caller.make("validatingadmissionpolicy", name, spec=spec))


async def stated(caller: Caller, name: str) -> Any:
    """Return a validating policy once its status is written, so that it moves no more."""
    return await caller.until("validatingadmissionpolicy", name, is_stated)


def is_stated(found: Any) -> bool:
    """Tell whether the status of a policy is about what it is now."""
    return bool(found.status.observed_generation == found.metadata.generation)


async def binding(caller: Caller, name: str, actions: str = "Deny", **spec: Any) -> Any:
    """Put the policy of the same name into effect."""
    spec = {"policyName": name, "validationActions": actions.split(","), **spec}
    return await caller.create(
        caller.make("validatingadmissionpolicybinding", f"{name}-b", spec=spec)
    )


def config_map(caller: Caller, name: str, *, namespace: str = "", **data: str) -> Any:
    """Return a config map."""
    metadata = {"namespace": namespace} if namespace else {}
    return caller.make("cm", name, metadata=metadata, data=data)


def deployment(caller: Caller, name: str, replicas: int, **metadata: Any) -> Any:
    """Return a deployment of one container."""
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    return caller.make("deploy", name, metadata=metadata, spec=spec)


async def refused(call: Coroutine[Any, Any, Any]) -> errors.ApiError:
    """Return the error that a call must give."""
    try:
        found = await call
    except errors.ApiError as error:
        return error
    raise AssertionError(f"it was let through: {found}")
