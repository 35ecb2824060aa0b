"""Configurations of keys, and a key plugin of the tests' own: a real one, at a socket."""

from __future__ import annotations

import base64
import hashlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocube_server.storage.sealing.proto import kms_pb2, kms_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

HEAD = "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\n"


def secret(name: str, size: int = 32) -> str:
    """Return the bytes of a key, which follow from its name, as a configuration has them."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()[:size]).decode()


def provider(text: str) -> str:
    """Return a provider as YAML: ``aesgcm key1 key2``, ``secretbox key1``, ``identity``."""
    kind, *names = text.split()
    if kind == "identity":
        return "{identity: {}}"
    if kind == "kms":
        name, endpoint = names
        return f"{{kms: {{apiVersion: v2, name: {name}, endpoint: 'unix://{endpoint}'}}}}"
    keys = (f"{{name: {name.partition('=')[0]}, secret: {secret(name)}}}" for name in names)
    return f"{{{kind}: {{keys: [{', '.join(keys)}]}}}}"


def configured(file: Path, **rules: list[str]) -> Path:
    """Write a configuration: providers by resources, whose dots and stars are spelt out."""
    lines = []
    for words, providers in rules.items():
        resources = ", ".join(
            f'"{word.replace("_dot_", ".").replace("all", "*")}"' for word in words.split("__")
        )
        listed = ", ".join(map(provider, providers))
        lines.append(f"- {{resources: [{resources}], providers: [{listed}]}}\n")
    file.write_text(f"{HEAD}resources:\n{''.join(lines)}")
    file.chmod(0o600)
    return file


class Plugin(kms_pb2_grpc.KeyManagementServiceServicer):
    """Keeps a key, or another one after :meth:`turn`, and counts what it is asked."""

    def __init__(self) -> None:
        self.key_id = "kek-1"
        self.asked: list[str] = []
        self.health = "ok"
        self.refusing: grpc.StatusCode | None = None

    def turn(self, key_id: str) -> None:
        """Encrypt with another key from now on."""
        self.key_id = key_id

    async def Status(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's names
        """See the contract."""
        del request
        await self._note("Status", context)
        return kms_pb2.StatusResponse(version="v2", healthz=self.health, key_id=self.key_id)

    async def Encrypt(self, request: Any, context: Any) -> Any:  # noqa: N802  # likewise
        """See the contract."""
        await self._note("Encrypt", context)
        sealed = _cipher(self.key_id).encrypt(bytes(12), request.plaintext, None)
        return kms_pb2.EncryptResponse(
            ciphertext=sealed, key_id=self.key_id, annotations={"version.example.com": b"1"}
        )

    async def Decrypt(self, request: Any, context: Any) -> Any:  # noqa: N802  # likewise
        """See the contract."""
        await self._note("Decrypt", context)
        assert request.annotations["version.example.com"] == b"1"
        plain = _cipher(request.key_id).decrypt(bytes(12), request.ciphertext, None)
        return kms_pb2.DecryptResponse(plaintext=plain)

    async def _note(self, method: str, context: Any) -> None:
        self.asked.append(method)
        if self.refusing is not None:
            await context.abort(self.refusing, "refused")


def _cipher(key_id: str) -> AESGCM:
    return AESGCM(hashlib.sha256(key_id.encode()).digest())


@asynccontextmanager
async def serving(plugin: Plugin, socket: Path) -> AsyncGenerator[Plugin, None]:
    """Serve a plugin at a socket."""
    server = grpc.aio.server()
    kms_pb2_grpc.add_KeyManagementServiceServicer_to_server(plugin, server)
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield plugin
    finally:
        await server.stop(None)
