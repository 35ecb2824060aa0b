"""What policies say of a Secret is not written down, unless the audit policy wants that."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube.api.v1 import resource_pb2
from protocube_server.settings import Audit
from tests.admission.admitted import binding, policy, rules
from tests.audit.lines import events
from tests.authorization.ruled import ruled

if TYPE_CHECKING:
    from pathlib import Path

MARK = "secret-mark"
_HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"
_ACCEPTED = '{annotations: {audit.protocube/secret-data: "true"}}'


@pytest.mark.parametrize("metadata", ["{}", _ACCEPTED])
async def test_what_policies_say_of_a_secret(tmp_path: Path, metadata: str) -> None:
    """A refusal's words and annotations may be of the secret; their names are written down."""
    file, log = tmp_path / "policy.yaml", tmp_path / "audit.log"
    file.write_text(f"{_HEAD}metadata: {metadata}\nrules: [{{level: Metadata}}]\n")
    async with ruled(tmp_path, audit=Audit(log=str(log), policy=file)) as server:
        admin = await server.caller("admin")
        password = "string(object.data.password)"
        denial = {"expression": "false", "reason": "Forbidden", "messageExpression": password}
        notes = [{"key": "note", "valueExpression": password}]
        secrets = rules("secrets")
        await policy(admin, "p", denial, matchConstraints=secrets, auditAnnotations=notes)
        await binding(admin, "p", "Deny,Audit")
        data = {"password": base64.b64encode(MARK.encode()).decode()}
        with pytest.raises(errors.Forbidden, match=MARK):
            await admin.create(admin.make("secret", "s", data=data))
        (found,) = (event for event in events(log) if event["objectRef"]["resource"] == "secrets")
    assert found["responseStatus"]["reason"] == "Forbidden"
    assert {"p/note", "validation.policy.admission.k8s.io/validation_failure"} <= {
        *found["annotations"]
    }
    assert (MARK in str(found)) is (metadata == _ACCEPTED)


async def test_a_part_that_secrets_do_not_have_shows_no_data(tmp_path: Path) -> None:
    """A rule for secrets does not fit such a request. The next one does, and would show it."""
    file, log = tmp_path / "policy.yaml", tmp_path / "audit.log"
    first = "{level: Metadata, resources: [{resources: [secrets]}]}"
    file.write_text(f"{_HEAD}rules: [{first}, {{level: RequestResponse}}]\n")
    data = {"password": base64.b64encode(MARK.encode()).decode()}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}
    async with ruled(tmp_path, audit=Audit(log=str(log), policy=file)) as server:
        admin = await server.caller("admin")
        await admin.create(admin.make("secret", "s", data=data))
        begun = len(events(log))
        for part in (resource_pb2.SUBRESOURCE_STATUS, resource_pb2.SUBRESOURCE_TOKEN):
            with pytest.raises(errors.NotFound):
                await admin.patch("secret", "s", subresource=part, merge_patch={"data": data})
            with pytest.raises(errors.NotFound):
                await admin.apply(manifest, subresource=part)
        found = events(log)[begun:]
    assert [event["level"] for event in found] == ["Metadata"] * 4
    assert data["password"] not in log.read_text()
