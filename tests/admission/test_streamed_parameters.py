"""Bulk streams that write what policies have as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube.bulk.v1 import bulk_pb2
from tests.admission.admitted import admitting, binding, config_map, deployment, policy, rules
from tests.server import bulk_writes

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG_MAPS = {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.mark.parametrize(
    "ref",
    [{"name": "limit", "namespace": "default"}, {"selector": {"matchLabels": {"limit": "yes"}}}],
    ids=["by name", "by labels"],
)
async def test_a_write_is_judged_by_the_parameters_before_it(
    tmp_path: Path, ref: dict[str, Any]
) -> None:
    """As a call of its own would be that comes behind the write of the parameters."""
    async with admitting(tmp_path) as caller:
        rule = "object.spec.replicas <= int(params.data.most)"
        match = rules("apps/v1/deployments")
        await policy(caller, "p", rule, matchConstraints=match, paramKind=_CONFIG_MAPS)
        await binding(caller, "p", paramRef={**ref, "parameterNotFoundAction": "Deny"})

        def limit(most: str) -> Any:
            found = config_map(caller, "limit", most=most)
            found.metadata.labels["limit"] = "yes"
            return found

        made = await bulk_writes.outcomes(
            caller,
            bulk_writes.create(config_map(caller, "before")),
            bulk_writes.create(limit("3")),
            bulk_writes.create(deployment(caller, "three", 3)),
            bulk_writes.create(deployment(caller, "five", 5)),
            bulk_pb2.Write(update=bulk_writes.packed(limit("5"))),
            bulk_writes.create(deployment(caller, "five", 5)),
            bulk_writes.delete(caller.resource("cm").service, "limit"),
            bulk_writes.create(deployment(caller, "one", 1)),
        )
        kinds = [each.WhichOneof("outcome") for each in made]
        assert kinds == ["written"] * 3 + ["failure"] + ["written"] * 3 + ["failure"]
        assert "failed expression: object.spec.replicas" in made[3].failure.message
        assert "no params found" in made[7].failure.message
