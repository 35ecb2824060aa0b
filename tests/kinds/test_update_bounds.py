"""Updates of objects with more faults than are told."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds import validation
from protocube_server.kinds.kind import Kind

_MANY = 3 * validation.MOST


def _config_map(**metadata: Any) -> Any:
    resource = Catalog.shipped().find("configmaps")
    assert resource is not None
    manifest = {"metadata": {"name": "a", **metadata}}
    return json_format.ParseDict(manifest, resource.message_class())


async def _said(old: Any, new: Any) -> list[str]:
    resource = Catalog.shipped().find("configmaps")
    assert resource is not None
    rules = Kind(resource, "/registry", functions=FUNCTIONS).validation
    try:
        await rules.check_update_in_turns(old, new)
    except errors.Invalid as error:
        return [item.field for item in error.violations]
    return []


@pytest.mark.parametrize("changed", [{}, {"annotations": {"a": "b"}}])
async def test_old_faults_do_not_count_however_many_there_are(changed: dict[str, Any]) -> None:
    """An object with more of them than are told can be changed elsewhere."""
    finalizers = [f"old-{number}!" for number in range(_MANY)]
    old = _config_map(finalizers=finalizers)
    assert await _said(old, _config_map(finalizers=finalizers, **changed)) == []


async def test_a_new_fault_behind_many_old_ones_counts() -> None:
    """It is told, though it is not among the first."""
    finalizers = [f"old-{number}!" for number in range(_MANY)]
    new = _config_map(finalizers=[*finalizers, "new!"])
    told = await _said(_config_map(finalizers=finalizers), new)
    assert told == ["metadata.finalizers", f"metadata.finalizers[{_MANY}]"]
    assert len(await _said(_config_map(), new)) == validation.MOST
