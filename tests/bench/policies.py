"""What a policy costs a write that it lets through, in this process: no call goes anywhere."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.admission.order import InOrder
from protocube_server.admission.state import VALIDATING_BINDING, VALIDATING_POLICY, State
from protocube_server.authorization.may import everything
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.calls.call import Call
from protocube_server.calls.user import ADMIN
from protocube_server.calls.verb import Target
from protocube_server.kinds.edition import Edition
from protocube_server.kinds.kind import NAMESPACE
from protocube_server.kinds.registry import Registry
from protocube_server.storage.base import Record
from protocube_server.verbs.methods import METHODS
from tests.bench import rows
from tests.bench.figures import SQLITE
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.subjects import Subject as Measured

_MORE: Final = 10
"""Policies that are asked beside the first one."""
_TURNS: Final = 500
_TIMES: Final = 5
_NOWHERE: Any = None
"""What is in memory needs neither a store nor a cache."""


def steps() -> Iterator[Step]:
    """Yield the step."""
    yield Step(row=rows.POLICIES, subjects=(SQLITE,), measure=_measure, loads=False, once=True)


def _measure(setting: Setting, subject: Measured) -> None:
    setting.results.add(rows.POLICIES, subject.name, asyncio.run(measured()))


async def measured(turns: int = _TURNS) -> dict[str, float]:
    """Return microseconds of CPU for each figure of the row: the least of several times."""
    kinds = Registry(Catalog.shipped(), "/registry", FUNCTIONS)
    edition = Edition(number=1, kinds=kinds)
    state = State(_NOWHERE, _NOWHERE, kinds)
    state.know(is_current=True)
    admission = InOrder(state, _NOWHERE, everything)
    _put(state, kinds, NAMESPACE, {"metadata": {"name": "default"}})
    found: dict[str, float] = {}
    none = await _cost(admission, edition, 1, turns)
    _policy(state, kinds, 0)
    for name, containers in (("small", 1), ("large", 60)):
        found[name] = await _cost(admission, edition, containers, turns) - none
    for number in range(1, _MORE + 1):
        _policy(state, kinds, number)
    for name, containers in (("small", 1), ("large", 60)):
        whole = await _cost(admission, edition, containers, turns) - none
        found[f"{name}_more"] = (whole - found[name]) / _MORE
    return found


async def _cost(admission: InOrder, edition: Edition, containers: int, turns: int) -> float:
    kind = edition.kinds.for_message("protocube.apps.v1.Deployment")
    assert kind is not None
    message = _deployment(kind.resource.message_class(), containers)
    call = Call(user=ADMIN, edition=edition, kind=kind, verb=METHODS["Create"].verb, raw=b"")
    call.request = kind.resource.create_request_class()
    call.target = Target("default", "web")
    found = []
    for _ in range(_TIMES):
        begun = time.process_time()
        for _ in range(turns):
            await admission.validate(call, None, message)
        found.append((time.process_time() - begun) / turns * 1e6)
    return min(found)


def _deployment(message: Any, containers: int) -> Any:
    """Return a deployment: of 80 bytes, or with many containers of about 10 kB."""
    environment = [{"name": f"E{number}", "value": "x" * 20} for number in range(4)]
    listed = [
        {"name": f"c{number}", "image": "nginx:1", "env": environment if containers > 1 else []}
        for number in range(containers)
    ]
    labels = {"a": "b"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": listed}}
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "web", "namespace": "default"}
    return json_format.ParseDict({"metadata": metadata, "spec": spec}, message)


def _policy(state: State, kinds: Registry, number: int) -> None:
    rule = {
        "apiGroups": ["apps"],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["deployments"],
    }
    spec = {
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": f"object.spec.replicas <= {5 + number}"}],
    }
    name = {"name": f"p{number}"}
    _put(state, kinds, VALIDATING_POLICY, {"metadata": name, "spec": spec})
    bound = {"policyName": name["name"], "validationActions": ["Deny"]}
    _put(state, kinds, VALIDATING_BINDING, {"metadata": name, "spec": bound})


def _put(state: State, kinds: Registry, message: str, data: dict[str, Any]) -> None:
    kind = kinds.for_message(message)
    assert kind is not None
    found: Any = json_format.ParseDict(data, kind.resource.message_class())
    key = kind.key("", found.metadata.name)
    record = Record(key=key, value=b"", create_revision=1, mod_revision=1, version=1)
    state.put(kind, record, found)
