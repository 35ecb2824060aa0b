"""Credentials that a program of the user's gives: kubeconfig's exec plugins.

Source: ``ExecCredential`` of ``client.authentication.k8s.io``; the sentences are client-go's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protocube.pem import Pair

_GROUP: Final = "client.authentication.k8s.io"
VERSIONS: Final = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
MODES: Final = ("IfAvailable", "Never", "Always")

_INFO: Final = "KUBERNETES_EXEC_INFO"
_KIND: Final = "ExecCredential"
_MOST_BYTES: Final = 1 << 20
_PATIENCE_SECONDS: Final = 300.0
"""For a plugin that cannot ask anybody: it may have to wait for a browser all the same."""
_MOST_SHOWN: Final = 100
"""Characters of what a plugin has printed that an error repeats."""
_NOT_INSTALLED: Final = (
    "\n\nThe plugin that gives the credentials of this user is not installed, or is not on PATH."
)


class CannotGetError(Exception):
    """The plugin gives no credentials; the text says why, and has none of them in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that is run for credentials, and again when they have expired."""

    command: str
    """The program, by its path or as it is found on ``PATH``."""
    args: tuple[str, ...] = ()
    """What it is called with."""
    env: tuple[tuple[str, str], ...] = ()
    """Added to the environment."""
    api_version: str = VERSIONS[0]
    """The version of ``client.authentication.k8s.io`` in which it is spoken with."""
    interactive_mode: str = MODES[0]
    """Whether it may ask on the terminal: ``Never``, ``IfAvailable`` or ``Always``."""
    provide_cluster_info: bool = False
    """Tell it of the server."""
    install_hint: str = ""
    """What to say when there is no such program."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What a plugin has given."""

    token: str = field(default="", repr=False)
    pair: Pair | None = field(default=None, repr=False)
    ends: float | None = None
    """When it expires, in seconds since 1970; ``None`` for never."""


class Plugin:
    """Runs a plugin when its credentials are needed, and keeps them as long as they are good."""

    def __init__(
        self,
        plugin: ExecPlugin,
        cluster: Mapping[str, Any],
        *,
        clock: Callable[[], float] = time.time,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        """``cluster`` is what is told of the server; ``patience`` is in seconds.

        Raises ``ValueError`` for another version.
        """
        if plugin.api_version not in VERSIONS:
            raise ValueError(f"exec plugin: invalid apiVersion {quote(plugin.api_version)}")
        if plugin.interactive_mode not in MODES:
            raise ValueError(f"unknown interactiveMode: {quote(plugin.interactive_mode)}")
        self._plugin = plugin
        self._cluster = cluster
        self._clock = clock
        self._patience = patience
        self._given: Given | None = None
        self._running = asyncio.Lock()

    async def given(self) -> Given:
        """Return the credentials. Raises :class:`CannotGetError`."""
        async with self._running:
            found = self._given
            if found is None or (found.ends is not None and self._clock() > found.ends):
                found = self._given = await self._run()
            return found

    async def another(self, refused: Given) -> bool:
        """Get others in place of those that a server has refused; tell whether there are any.

        Raises :class:`CannotGetError`.
        """
        async with self._running:
            # Another call may have got them meanwhile.
            if self._given is refused:
                self._given = await self._run()
            found = self._given
            return found is not None and (found.token, found.pair) != (refused.token, refused.pair)

    async def _run(self) -> Given:
        plugin = self._plugin
        interactive = self._is_interactive()
        spec: dict[str, Any] = {"interactive": interactive}
        if plugin.provide_cluster_info:
            spec["cluster"] = dict(self._cluster)
        info = {"apiVersion": plugin.api_version, "kind": _KIND, "spec": spec}
        environ = {**os.environ, **dict(plugin.env), _INFO: json.dumps(info)}
        try:
            process = await asyncio.create_subprocess_exec(
                plugin.command,
                *plugin.args,
                env=environ,
                stdin=None if interactive else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError:
            hint = f"\n\n{plugin.install_hint}" if plugin.install_hint else ""
            raise CannotGetError(
                f"exec: executable {plugin.command} not found{_NOT_INSTALLED}{hint}"
            ) from None
        except (OSError, ValueError) as error:
            raise CannotGetError(f"exec: {error}") from None
        try:
            async with asyncio.timeout(None if interactive else self._patience):
                output = await self._output(process)
                code = await process.wait()
        except TimeoutError:
            text = f"exec: executable {plugin.command} did not end within {self._patience:g} s"
            raise CannotGetError(text) from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if code:
            raise CannotGetError(f"exec: executable {plugin.command} failed with exit code {code}")
        return _read(output, plugin.api_version)

    async def _output(self, process: asyncio.subprocess.Process) -> bytes:
        """Return all that a plugin prints. Raises :class:`CannotGetError` when it is too much."""
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        output = b""
        # What is there is read, and it comes in parts.
        while part := await process.stdout.read(_MOST_BYTES):
            output += part
            if len(output) > _MOST_BYTES:
                text = f"{self._plugin.command} printed more than {_MOST_BYTES} bytes"
                raise CannotGetError(f"exec: executable {text}")
        return output

    def _is_interactive(self) -> bool:
        mode, is_terminal = self._plugin.interactive_mode, sys.stdin is not None
        is_terminal = is_terminal and not sys.stdin.closed and sys.stdin.isatty()
        if mode == "Always" and not is_terminal:
            raise CannotGetError(
                "exec plugin cannot support interactive mode: standard input is not a terminal"
            )
        return mode != "Never" and is_terminal


def _read(output: bytes, version: str) -> Given:
    """Return what a plugin has printed. Raises :class:`CannotGetError`."""
    try:
        data = json.loads(output)
    except (ValueError, RecursionError):
        # Not with its text: that can have the credentials in it.
        raise CannotGetError("decoding stdout: it is no JSON") from None
    if not isinstance(data, dict) or data.get("kind") != _KIND:
        raise CannotGetError(f"decoding stdout: it is no {_KIND}")
    if (found := data.get("apiVersion")) != version:
        raise CannotGetError(
            f"exec plugin is configured to use API version {version}, plugin returned version "
            f"{str(found)[:_MOST_SHOWN]}"
        )
    status = data.get("status")
    if not isinstance(status, dict):
        raise CannotGetError("exec plugin didn't return a status field")
    token, certificate, key = (
        _text(status, name) for name in ("token", "clientCertificateData", "clientKeyData")
    )
    if not (token or certificate or key):
        raise CannotGetError("exec plugin didn't return a token or cert/key pair")
    if bool(certificate) != bool(key):
        raise CannotGetError("exec plugin returned only certificate or key, not both")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise CannotGetError("the token has characters that no token has")
    pair = _pair(certificate, key) if certificate else None
    return Given(token=token, pair=pair, ends=_time(_text(status, "expirationTimestamp")))


def _text(status: Mapping[str, Any], name: str) -> str:
    found = status.get(name)
    if found is None or isinstance(found, str):
        return found or ""
    raise CannotGetError(f"decoding stdout: status.{name} is no string")


def _pair(certificate: str, key: str) -> Pair:
    from protocube import pem

    try:
        return pem.client_pair_of(certificate.encode(), key.encode())
    except pem.UnusableCertificate as error:
        raise CannotGetError(f"failed parsing client key/certificate: {error}") from None


def _time(text: str) -> float | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CannotGetError("decoding stdout: status.expirationTimestamp is no time")
    return found.timestamp()
