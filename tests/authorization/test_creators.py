"""Objects that say who created them: requests for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.authorization.ruled import bind, role, rule, ruled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller

_GROUP = "certificates.k8s.io"
_FORGED = {
    "username": "admin",
    "uid": "0",
    "groups": ["system:masters"],
    "extra": {"k": ["v"]},
}


def _request(caller: Caller, name: str, **spec: Any) -> Any:
    return caller.make(
        "certificatesigningrequest",
        name,
        spec={
            "request": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",
            "signerName": "example.test/signer",
            "usages": ["client auth"],
            **spec,
        },
    )


def _creator(message: Any) -> tuple[str, str, list[str], dict[str, list[Any]]]:
    spec = message.spec
    extra = {key: list(values) for key, values in spec.extra.items()}
    return spec.username, spec.uid, list(spec.groups), extra


async def test_a_request_says_who_asks_whatever_it_was_given(tmp_path: Path) -> None:
    """The server writes it at the creation, and no update changes it."""
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        csr = "certificatesigningrequests"
        everything = rule("create,update,patch,get", csr, group="certificates.k8s.io")
        await role(admin, "asks", everything)
        await bind(admin, "alice", "ClusterRole", "asks")
        is_alice: Any = ("alice", "alice", ["devs", "system:authenticated"], {})
        made = await alice.create(_request(alice, "r", **_FORGED))
        assert _creator(made) == is_alice
        made.spec.username = "admin"
        made.spec.groups[:] = ["system:masters"]
        made.metadata.labels["a"] = "b"
        changed = await alice.update(made)
        assert _creator(changed) == is_alice, "an update says who asked"
        assert changed.metadata.labels["a"] == "b"
        patched = await alice.patch(
            "certificatesigningrequest", "r", merge_patch={"spec": {"username": "admin"}}
        )
        assert _creator(patched) == is_alice, "a patch says who asked"
        status = await admin.get("certificatesigningrequest", "r")
        status.spec.username = "x"
        assert _creator(await admin.write("UpdateStatus", status)) == is_alice


async def test_an_applied_request_says_who_asks(tmp_path: Path) -> None:
    """A server-side apply that creates an object is a creation like others."""
    async with ruled(tmp_path) as server:
        admin = await server.caller("admin")
        made = await admin.apply(_request(admin, "r", username="alice"))
        assert made.spec.username == "admin"


async def test_deciding_about_a_request_is_a_right_on_its_signer(tmp_path: Path) -> None:
    """So is answering it; the right to write its status is not enough."""
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        csr = "certificatesigningrequests"
        await role(admin, "s", rule("get,update", f"{csr},{csr}/status", group=_GROUP))
        await bind(admin, "alice", "ClusterRole", "s")
        made = await admin.create(_request(admin, "r"))
        made.status.conditions.add(type="Approved", status="True", reason="Yes")
        await role(admin, "other", rule("approve", "signers", "example.test/other", group=_GROUP))
        await bind(admin, "alice", "ClusterRole", "other")
        with pytest.raises(errors.Forbidden) as refused:
            await alice.write("UpdateStatus", made)
        assert refused.value.message.endswith(
            "is forbidden: user not permitted to approve requests with signerName "
            '"example.test/signer"'
        )
        await role(admin, "all", rule("approve", "signers", "example.test/*", group=_GROUP))
        await bind(admin, "alice", "ClusterRole", "all")
        found = await alice.write("UpdateStatus", made)
        assert found.status.conditions[0].type == "Approved"
        found.status.certificate = b"-----BEGIN CERTIFICATE-----\n"
        with pytest.raises(errors.Forbidden, match="user not permitted to sign requests"):
            await alice.write("UpdateStatus", found)
        found = await alice.get("certificatesigningrequest", "r")
        found.metadata.labels["a"] = "b"
        await alice.write("UpdateStatus", found)
