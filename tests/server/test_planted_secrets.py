"""Secrets are planted everywhere they can be given, and looked for where they must not be."""

from __future__ import annotations

import asyncio
import base64
import json
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.storage import url
from tests import server_process
from tests.client.command_line import CommandLine
from tests.server.caller import OWN, Caller

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = "planted-7f3a91c2d4"
FORMS = (PLANTED, base64.b64encode(PLANTED.encode()).decode().rstrip("="), PLANTED.encode().hex())
"""As it is given, and as what carries it may write it."""


def planted(text: str) -> bool:
    """Tell whether a text has the secret, in any of its forms."""
    return any(form in text for form in FORMS)


class Told:
    """What callers are told: the texts of errors, with all their details, and warnings."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def refused(self, call: Any) -> None:
        """Make a call that fails, and note all that its error says."""
        with pytest.raises(errors.ApiError) as refused:
            await call
        error = refused.value
        self.texts.append(f"{error!r} {error} {vars(error)}")


async def test_no_secret_is_told_or_logged(tmp_path: Path) -> None:
    """Tokens, data of Secrets and passwords: not in the log at any level, errors, or traces."""
    tokens = tmp_path / "tokens.csv"
    tokens.write_text(f'{PLANTED},admin,1,"system:masters"\nother,alice,2\n')
    audit = tmp_path / "audit.log"
    flags = (
        *("--token-file", str(tokens), "--log-level", "debug", "--listen", "127.0.0.1:0"),
        *("--audit-log", str(audit)),
    )
    told = Told()
    store = f"sqlite:{tmp_path}/store.db"
    async with server_process.started("--store", store, *flags) as process:
        address = await process.ready()
        async with Caller(address, Catalog.shipped(), OWN) as caller:
            caller.channel = _Signed(caller.channel)
            await _misuse(caller, told)
        traces = await asyncio.to_thread(_commands, address, tmp_path)
        tokens.write_text(f'{PLANTED},admin,1,"system:masters"\n{PLANTED}2,bob\n')
        while not any("what was read before stays in use" in line for line in process.lines):
            await process.told()
    log = "\n".join(process.lines)
    assert "DEBUG" in log, "the log is that of all levels"
    assert not planted(log), "the log has a secret"
    written = audit.read_text()
    assert '"secrets"' in written
    assert not planted(written), "the audit log has a secret"
    assert told.texts
    assert not [text for text in told.texts if planted(text)]
    assert not [text for text in traces if planted(text)]


class _Signed:
    """A channel whose calls carry the planted token."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        made = getattr(self._channel, name)
        if name != "unary_unary":
            return made

        def method(*words: Any) -> Any:
            def call(request: Any, *, metadata: Any = (), **options: Any) -> Any:
                sent = metadata or [("authorization", f"Bearer {PLANTED}")]
                return made(*words)(request, metadata=sent, **options)

            return call

        return method


async def _misuse(caller: Caller, told: Told) -> None:
    """Do all that can go wrong with an object that has the secret."""
    data = {"password": base64.b64encode(PLANTED.encode()).decode()}
    secret = caller.make("secret", "s", data=data)
    made = await caller.create(secret)
    await told.refused(caller.create(secret))
    await told.refused(caller.create(caller.make("secret", "S_", data=data)))
    for kind, entry in {
        "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
        "kubernetes.io/dockercfg": ".dockercfg",
        "kubernetes.io/tls": "tls.crt",
        "kubernetes.io/basic-auth": "wrong",
        "kubernetes.io/ssh-auth": "wrong",
    }.items():
        bad = caller.make("secret", "t", type=kind, data={entry: data["password"]})
        if kind != "kubernetes.io/tls":
            await told.refused(caller.create(bad))
    bad = caller.make("secret", "u", data={"a/b": data["password"]})
    await told.refused(caller.create(bad))
    made.type = "other"
    await told.refused(caller.update(made))
    made.type = "Opaque"
    made.metadata.resource_version = "1"
    await told.refused(caller.update(made))
    large = caller.make("secret", "v", stringData={"a": PLANTED * 200_000})
    await told.refused(caller.create(large))
    frozen = await caller.create(caller.make("secret", "w", data=data, immutable=True))
    frozen.data["password"] = f"{PLANTED}2".encode()
    await told.refused(caller.update(frozen))
    text = json.dumps({"data": {"password": PLANTED}})
    for form in ("merge_patch", "strategic_merge_patch"):
        await told.refused(caller.patch("secret", "s", **{form: text}))
        await told.refused(caller.patch("secret", "s", **{form: text[:-3]}))
    await told.refused(
        caller.patch(
            "secret", "s", json_patch=[{"op": "test", "path": "/data/password", "value": PLANTED}]
        )
    )
    wanted = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}
    await told.refused(caller.apply(wanted | {"data": {"password": PLANTED}}))
    other = base64.b64encode(f"{PLANTED}3".encode()).decode()
    await told.refused(caller.apply(wanted | {"data": {"password": other}}, manager="m"))
    service = "/protocube.core.v1.Secrets"
    await told.refused(caller.send(f"{service}/Create", b"\x0a\xff" + PLANTED.encode()))
    signed = [("authorization", f"Bearer {PLANTED}x")]
    await told.refused(caller.send(f"{service}/List", b"", metadata=signed))
    review: Any = await caller.create(caller.make("tokenreview", spec={"token": f"{PLANTED}x"}))
    told.texts.append(str(review.status))


def _commands(address: str, folder: Path) -> list[str]:
    """Run commands that carry the secret, with all that they can tell; return what they tell."""
    manifest = folder / "secret.yaml"
    manifest.write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: c}\n"
        f"stringData: {{password: {PLANTED}}}\n"
    )
    line = CommandLine(
        environ={
            "HOME": str(folder),
            "PROTOCUBE_SERVER": address,
            "PROTOCUBE_TOKEN": PLANTED,
            "PROTOCUBE_TRACEBACK": "1",
        }
    )
    told = []
    for words in (
        ("create", "-f", str(manifest), "--trace"),
        ("create", "-f", str(manifest), "--trace", "-v=9"),
        ("apply", "-f", str(manifest), "-v=9"),
        ("get", "secrets", "-v=9"),
        ("label", "secret", "c", "a=b", "-v=9"),
        ("auth", "whoami", "-v=9"),
        ("get", "secret", "c"),
        ("describe", "secret", "c"),
        ("get", "nothing"),
        ("config", "view"),
        ("get", "ns", f"--token={PLANTED}x"),
        ("get", "ns", f"--token={PLANTED}\n"),
        ("get", "ns", f"--password={PLANTED}"),
    ):
        try:
            done = line(*words)
        except Exception:  # noqa: BLE001  # the traceback that was asked for
            told.append(traceback.format_exc())
        else:
            told.append(f"{words[:2]}: {done.out}{done.err}")
    return told


def test_a_password_in_a_stores_address_is_not_told() -> None:
    """It is refused there, and the refusal does not repeat it."""
    for store in (f"etcd://user:{PLANTED}@127.0.0.1:1", f"etcd://{PLANTED}@127.0.0.1:1/x"):
        with pytest.raises(errors.BadRequest) as refused:
            url.parse(store)
        assert not planted(refused.value.message)
        assert "a user is named by --etcd-user" in refused.value.message
