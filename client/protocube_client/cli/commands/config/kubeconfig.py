"""What a kubeconfig says, as entries of the config file, and why some of it has no place there."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.settings import config, exec_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LISTS: Final = ("clusters", "users", "contexts")
"""The lists of a kubeconfig, in the order in which they need each other."""
_PORTS: Final = {"https": 443, "http": 80}
_MEANS: Final = {
    "auth-provider": "a plugin gives its credentials: a user shows a certificate or a token",
    "username": "it has a password: a user shows a certificate or a token",
    "password": "it has a password: a user shows a certificate or a token",
}
_DATA: Final = "-data"
_FILES: Final = ("certificate-authority", "client-certificate", "client-key")
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A cluster, a user or a context, as the config file has it."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """Fields that name files in the config file, and hold their content in a kubeconfig."""
    fault: str = ""
    """Why it cannot be taken over; nothing when it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """Several files, of which the first that has an entry decides."""

    entries: dict[str, dict[str, Entry]]
    """By list and name."""
    current: str


def load(files: Sequence[Path], *, server: str = "") -> Kubeconfig:
    """Read kubeconfigs; with ``server`` that is where all clusters are.

    Raises :class:`CommandError`, which names the file.
    """
    entries: dict[str, dict[str, Entry]] = {key: {} for key in LISTS}
    current = ""
    for file in files:
        text = config.text_of(file)
        if text is None:
            raise CommandError(f"the kubeconfig {quote(str(file))} does not exist")
        data = config.data_of(text, str(file))
        if data is None:
            continue
        if not isinstance(data, dict):
            raise _wrong(file, "it must hold an object")
        for key in LISTS:
            for name, said in _entries(data, key, file):
                if key == "clusters":
                    entry = _cluster(name, said, file.parent, at=server)
                elif key == "users":
                    entry = _user(name, said, file.parent)
                else:
                    entry = Entry(name=name, fields=_texts(said, "cluster", "user", "namespace"))
                entries[key].setdefault(name, entry)
        current = current or _text(data, "current-context")
    return Kubeconfig(entries=entries, current=current)


def _entries(data: dict[str, Any], key: str, file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the names of a list's entries, each with what it says."""
    found = data.get(key) or []
    if not isinstance(found, list):
        raise _wrong(file, f"{key} must be a list")
    nested = key.removesuffix("s")
    for index, item in enumerate(found):
        said = item.get(nested) if isinstance(item, dict) else None
        name = _text(item, "name") if isinstance(item, dict) else ""
        if not name:
            raise _wrong(file, f"{key}[{index}].name must be set")
        if said is not None and not isinstance(said, dict):
            raise _wrong(file, f"{key}[{index}].{nested} must be an object")
        yield name, said or {}


def _cluster(name: str, said: dict[str, Any], folder: Path, *, at: str) -> Entry:
    server, fault = ({"server": at}, "") if at else _server(_text(said, "server"))
    fields = {**server, **_texts(said, "tls-server-name")}
    if said.get("insecure-skip-tls-verify") is True:
        fields["insecure-skip-tls-verify"] = True
    if said.get("proxy-url"):
        fault = fault or "it has a proxy-url, which gRPC reads from the environment: https_proxy"
    return _with_files(Entry(name=name, fields=fields, fault=fault), said, folder)


def _user(name: str, said: dict[str, Any], folder: Path) -> Entry:
    fault = next((why for means, why in _MEANS.items() if said.get(means)), "")
    fields = _texts(said, "token")
    if token_file := _text(said, config.TOKEN_FILE):
        fields[config.TOKEN_FILE] = str((folder / token_file).absolute())
    if isinstance(plugin := said.get("exec"), dict):
        fault = fault or exec_config.fault(plugin, name)
        command = exec_config.resolved(_text(plugin, "command"), folder.absolute())
        fields["exec"] = {**plugin, "command": command}
    return _with_files(Entry(name=name, fields=fields, fault=fault), said, folder)


def _with_files(entry: Entry, said: dict[str, Any], folder: Path) -> Entry:
    """Return an entry with the files that are named, and those that are embedded."""
    fields, files, fault = dict(entry.fields), {}, entry.fault
    for key in _FILES:
        if named := _text(said, key):
            fields[key] = str((folder / named).absolute())
        # As in kubectl, what is embedded goes before what is named.
        if embedded := _text(said, key + _DATA):
            fields.pop(key, None)
            try:
                files[key] = base64.b64decode(embedded, validate=True)
            except binascii.Error:
                fault = fault or f"{key}{_DATA} is not base64"
    return Entry(name=entry.name, fields=fields, files=files, fault=fault)


def _server(url: str) -> tuple[dict[str, Any], str]:
    """Return what the config file says of a URL, or what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return {}, f"its server {quote(url)} is no URL"
    if parts.scheme not in _PORTS or not parts.hostname or not 0 < port <= _LAST_PORT:
        return {}, f"its server {quote(url)} is no URL of a host and a port"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return {}, f"its server {quote(url)} has a path, and gRPC has none"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    found: dict[str, Any] = {"server": f"{host}:{port}"}
    return ({**found, "plaintext": True} if parts.scheme == "http" else found), ""


def _texts(said: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: found for key in keys if (found := _text(said, key))}


def _text(said: dict[str, Any], key: str) -> str:
    found = said.get(key)
    return found if isinstance(found, str) else ""


def _wrong(file: Path, fault: str) -> CommandError:
    return CommandError(f"error loading config file {quote(str(file))}: {fault}")
