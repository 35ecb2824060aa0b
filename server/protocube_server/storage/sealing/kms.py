"""Keys that a key management plugin keeps: Kubernetes' KMS v2, over its own gRPC service.

The plugin encrypts a seed, and each value has a key of its own that follows from the seed, so the
plugin is asked once for a seed and not for each value. A new seed is made when the plugin encrypts
with another key.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from protocube import errors
from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.keys import NONCE, CannotOpen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

    from protocube_server.storage.sealing.proto.encrypted_object_pb2 import EncryptedObject
    from protocube_server.storage.sealing.proto.kms_pb2 import EncryptResponse, StatusResponse

_SEED: Final = 32
"""Bytes of a seed, of a value's info and of a derived key."""
_WELL_SECONDS, _ILL_SECONDS = 60.0, 10.0
"""So often the plugin is asked how it is, after it has answered and after it has not."""
_LAST_SECONDS: Final = 180.0
"""So long values are sealed without its word; as in Kubernetes."""
_MOST_SOURCES: Final = 1024
_MOST_BYTES: Final = 1024
"""Of a key's id, and of an encrypted seed."""
_MOST_ANNOTATIONS: Final = 32 * 1024
_VERSIONS: Final = ("v2", "v2beta1")
_PASSING: Final = (4, 8, 14)
"""Codes of gRPC that say nothing of the value: deadline, exhausted, unavailable."""

_OPTIONS: Final = (
    # A plugin is a program of this machine.
    ("grpc.enable_http_proxy", 0),
    # gRPC's own pauses grow to two minutes, for which one that is back would be missed.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)

_LOG = logging.getLogger("protocube.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What the plugin said of an encrypted seed."""

    seed: bytes = b""
    fault: str = ""
    until: float = 0.0
    """When a fault may have been mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current:
    """What values are sealed with now."""

    seed: bytes
    head: EncryptedObject
    """All of a stored value but the data."""
    until: float


class Kms:
    """A plugin at a socket. Its connection is of the event loop that uses it first."""

    provider = "kms"

    def __init__(self, name: str, endpoint: str, *, timeout: float = 3.0) -> None:
        """``endpoint`` is ``unix:///PATH``; ``timeout`` is in seconds."""
        self.name = name
        self.mark = marks.made(self.provider, "v2", name)
        self._endpoint = endpoint
        self._timeout = timeout
        self._channel: Any = None
        self._lock = asyncio.Lock()
        self._current: _Current | None = None
        self._ask_at = 0.0
        self._is_ill = False
        self._sources: OrderedDict[bytes, _Source] = OrderedDict()

    def is_same(self, other: Kms) -> bool:
        """Tell whether another one speaks of the same plugin in the same way."""
        mine = (self.name, self._endpoint, self._timeout)
        return mine == (other.name, other._endpoint, other._timeout)  # of this class

    def seal(self, value: bytes, place: bytes) -> bytes:
        """See :class:`~protocube_server.storage.sealing.keys.Key`."""
        from protocube_server.storage.sealing.proto.encrypted_object_pb2 import EncryptedObject

        assert self._current is not None  # noqa: S101  # see before
        info, nonce = os.urandom(_SEED), os.urandom(NONCE)
        cipher = _derived(self._current.seed, info)
        sealed = EncryptedObject()
        sealed.CopyFrom(self._current.head)
        sealed.encryptedData = info + nonce + cipher.encrypt(nonce, value, place)
        return sealed.SerializeToString()

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """See :class:`~protocube_server.storage.sealing.keys.Key`."""
        from cryptography.exceptions import InvalidTag

        found = self._read(sealed)
        source = self._sources.get(_name(found))
        if source is None or source.fault:
            why = source.fault if source is not None else "its key was not asked for"
            raise CannotOpen(f"the plugin {self.name}: {why}")
        data = found.encryptedData
        try:
            if found.encryptedDEKSourceType:
                cipher, data = _derived(source.seed, data[:_SEED]), data[_SEED:]
            else:
                cipher = _cipher(source.seed)
            plain: bytes = cipher.decrypt(data[:NONCE], data[NONCE:], place)
        except (InvalidTag, ValueError):
            message = "does not open it: the value was changed or moved"
            raise CannotOpen(f"the key of the plugin {self.name} {message}") from None
        return plain

    def is_stale(self, sealed: bytes) -> bool:
        """See :class:`~protocube_server.storage.sealing.keys.Key`."""
        return self._current is not None and self._read(sealed).keyID != self._current.head.keyID

    def before(self, sealed: bytes | None) -> Coroutine[None, None, None] | None:
        """See :class:`~protocube_server.storage.sealing.keys.Key`."""
        now = time.monotonic()
        if sealed is None:
            is_due = self._current is None or now >= self._ask_at
            return self._refresh() if is_due else None
        try:
            found = self._read(sealed)
        except CannotOpen:
            return None
        source = self._sources.get(_name(found))
        if source is not None and (not source.fault or now < source.until):
            self._sources.move_to_end(_name(found))
            return None
        return self._fetch(found)

    async def close(self) -> None:
        """Let go of the connection."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    def _read(self, sealed: bytes) -> EncryptedObject:
        from protocube_server.storage.sealing.proto.encrypted_object_pb2 import EncryptedObject

        try:
            found = EncryptedObject.FromString(sealed)
        except DecodeError:
            raise CannotOpen("it is cut off, or no value that a plugin has sealed") from None
        if not found.encryptedDEKSource or found.encryptedDEKSourceType not in (0, 1):
            raise CannotOpen("it is no value that a plugin has sealed, or of a newer form")
        return found

    async def _refresh(self) -> None:
        """Ask how the plugin is, and make a new seed when it has another key.

        Raises ``errors.Unavailable`` when values can be sealed no longer.
        """
        async with self._lock:
            if self._current is not None and time.monotonic() < self._ask_at:
                return  # Another call has asked meanwhile.
            begun = time.monotonic()
            try:
                status = await self._status()
                if self._current is None or self._current.head.keyID != status.key_id:
                    await self._make_seed(status.key_id, begun)
                else:
                    current = self._current
                    self._current = _Current(
                        seed=current.seed, head=current.head, until=begun + _LAST_SECONDS
                    )
            except (errors.Unavailable, CannotOpen) as error:
                self._ask_at = begun + _ILL_SECONDS
                if not self._is_ill:
                    _LOG.warning("%s", error)
                self._is_ill = True
                if self._current is None or time.monotonic() >= self._current.until:
                    self._current = None
                    raise errors.Unavailable(str(error), retry_after=1) from None
            else:
                self._ask_at, self._is_ill = begun + _WELL_SECONDS, False

    async def _status(self) -> StatusResponse:
        from protocube_server.storage.sealing.proto import kms_pb2

        found: StatusResponse = await self._call("Status", kms_pb2.StatusRequest())
        if found.healthz != "ok":
            raise self._fault(f"it is not well: {found.healthz[:_MOST_BYTES]}")
        if found.version not in _VERSIONS:
            raise self._fault("it is not of version v2")
        self._require_key_id(found.key_id)
        return found

    async def _make_seed(self, key_id: str, begun: float) -> None:
        from protocube_server.storage.sealing.proto import kms_pb2
        from protocube_server.storage.sealing.proto.encrypted_object_pb2 import (
            EncryptedDEKSourceType,
            EncryptedObject,
        )

        seed = os.urandom(_SEED)
        request = kms_pb2.EncryptRequest(plaintext=seed, uid=str(uuid.uuid4()))
        found: EncryptResponse = await self._call("Encrypt", request)
        if found.key_id != key_id:
            raise self._fault("it encrypts with another key than it says")
        if not 0 < len(found.ciphertext) <= _MOST_BYTES:
            raise self._fault(f"its ciphertext has {len(found.ciphertext)} bytes")
        size = sum(len(name) + len(value) for name, value in found.annotations.items())
        if size > _MOST_ANNOTATIONS:
            raise self._fault(f"its annotations have {size} bytes")
        head = EncryptedObject(
            keyID=key_id,
            encryptedDEKSource=found.ciphertext,
            annotations=found.annotations,
            encryptedDEKSourceType=EncryptedDEKSourceType.HKDF_SHA256_XNONCE_AES_GCM_SEED,
        )
        self._remember(head, _Source(seed=seed))
        self._current = _Current(seed=seed, head=head, until=begun + _LAST_SECONDS)

    async def _fetch(self, sealed: EncryptedObject) -> None:
        """Have the seed of a value decrypted. Raises ``errors.Unavailable``."""
        from protocube_server.storage.sealing.proto import kms_pb2

        async with self._lock:
            known = self._sources.get(_name(sealed))
            if known is not None and not known.fault:
                return  # Another call has asked meanwhile.
            request = kms_pb2.DecryptRequest(
                ciphertext=sealed.encryptedDEKSource,
                uid=str(uuid.uuid4()),
                key_id=sealed.keyID,
                annotations=sealed.annotations,
            )
            try:
                found = await self._call("Decrypt", request)
                _check(found.plaintext)
            except CannotOpen as error:
                until = time.monotonic() + _ILL_SECONDS
                self._remember(sealed, _Source(fault=str(error), until=until))
                return
            self._remember(sealed, _Source(seed=found.plaintext))
        if self._current is None and time.monotonic() >= self._ask_at:
            # What is stale is not known before. That it fails is told where it matters.
            await asyncio.gather(self._refresh(), return_exceptions=True)

    def _remember(self, sealed: EncryptedObject, source: _Source) -> None:
        self._sources[_name(sealed)] = source
        while len(self._sources) > _MOST_SOURCES:
            self._sources.popitem(last=False)

    def _require_key_id(self, key_id: str) -> None:
        if not 0 < len(key_id.encode()) <= _MOST_BYTES:
            raise self._fault(f"the id of its key has {len(key_id.encode())} bytes")

    def _call(self, method: str, request: Any) -> Awaitable[Any]:
        return self._called(method, request)

    async def _called(self, method: str, request: Any) -> Any:
        """Call the plugin.

        Raises ``errors.Unavailable`` when it cannot be reached now, and :class:`CannotOpen` when it
        refuses.
        """
        import grpc

        from protocube_server.storage.sealing.proto import kms_pb2_grpc

        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(_target(self._endpoint), options=_OPTIONS)
        stub = kms_pb2_grpc.KeyManagementServiceStub(self._channel)
        try:
            return await getattr(stub, method)(request, timeout=self._timeout)
        except grpc.aio.AioRpcError as error:
            why = f"{method} failed: {error.code().name}: {(error.details() or '')[:_MOST_BYTES]}"
            if error.code().value[0] in _PASSING:
                raise self._fault(why) from None
            raise CannotOpen(why) from None

    def _fault(self, why: str) -> errors.Unavailable:
        return errors.Unavailable(f"the key plugin {self.name}: {why}", retry_after=1)


def _name(sealed: EncryptedObject) -> bytes:
    """Return what two values have in common that were sealed with one seed."""
    head = type(sealed)()
    head.CopyFrom(sealed)
    head.ClearField("encryptedData")
    return head.SerializeToString(deterministic=True)


def _derived(seed: bytes, info: bytes) -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    if len(info) != _SEED:
        raise ValueError("the value is too short")
    return _cipher(HKDFExpand(hashes.SHA256(), _SEED, info).derive(seed))


def _cipher(secret: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(secret)


def _check(seed: bytes) -> None:
    if len(seed) != _SEED:
        raise CannotOpen(f"it gave a key of {len(seed)} bytes")


def _target(endpoint: str) -> str:
    """Return an endpoint as gRPC names it: ``unix:///PATH``, or ``unix:///@NAME`` of no file."""
    path = endpoint.removeprefix("unix://")
    return f"unix-abstract:{path[2:]}" if path.startswith("/@") else f"unix:{path}"
