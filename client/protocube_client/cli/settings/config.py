"""The config file: contexts, each a server, a user and a namespace under a name.

An example::

    clusters:
    - name: local
      server: 127.0.0.1:7443
    users:
    - name: ada
      client-certificate: ada.crt
      client-key: ada.key
    contexts:
    - name: dev
      cluster: local
      user: ada
      namespace: team-a
    current-context: dev

A context may name its ``server`` itself, without a cluster. Both may say how the
connection is secured: ``certificate-authority``, ``client-certificate``, ``client-key``
(files, from the config file's folder on), ``tls-server-name``,
``insecure-skip-tls-verify`` and ``plaintext``; ``certificate-authority-data`` and the like hold
the PEM itself, in base64, and beat the file. A user is a client certificate and its key, or a
``token``, or a ``tokenFile`` that is read again when it changes and beats a ``token``, or with
``exec`` a program that gives one of those.
What a context says beats its user, and what a user says beats the cluster.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.errors import quote
from protocube_client.cli.failures import CommandError
from protocube_client.cli.places import positions
from protocube_client.cli.settings import config_path
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_client.connection.exec_plugin import ExecPlugin

_SHOWN = ("client-certificate", "client-key")
_FILES = ("certificate-authority", *_SHOWN)
TOKEN_FILE = "tokenFile"  # noqa: S105  # kubeconfig's name of a field
_DATA: Final = "-data"
Certificate = str | bytes
"""A file, or PEM."""
_HAS_LINE = re.compile(r"\bline [0-9]+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A server under a name, and how to speak to it; what is not said is empty."""

    name: str = ""
    server: str = ""
    certificate_authority: Certificate = ""
    client_certificate: Certificate = ""
    client_key: Certificate = field(default="", repr=False)
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    plaintext: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user's credentials, under a name; what is not given is empty."""

    name: str = ""
    client_certificate: Certificate = ""
    client_key: Certificate = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    exec: ExecPlugin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Cluster):
    """One context: a cluster's name or what a cluster says, a user's name, and a namespace."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""
    token: str = field(default="", repr=False)
    """Of the user; a context has none of its own."""
    token_file: str = ""
    exec: ExecPlugin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a config file says."""

    current: str = ""
    contexts: tuple[Context, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    users: tuple[User, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    """All that is in the file, also what is not known here."""

    def find(self, name: str) -> Context | None:
        """Return the context called ``name``."""
        return next((context for context in self.contexts if context.name == name), None)

    def complete(self, context: Context) -> Context:
        """Return a context with what its user and its cluster say where it says nothing itself.

        Raises :class:`CommandError` when one of them does not exist.
        """
        cluster = next((found for found in self.clusters if found.name == context.cluster), None)
        user = next((found for found in self.users if found.name == context.user), None)
        if context.cluster and cluster is None:
            raise CommandError(f"cluster {quote(context.cluster)} does not exist")
        if context.user and user is None:
            raise CommandError(f"user {quote(context.user)} does not exist")
        weakest_first: tuple[Cluster | User | None, ...] = (cluster, user, context)
        said: dict[str, Any] = {}
        for source in weakest_first:
            if source is not None:
                found = {item.name: getattr(source, item.name) for item in fields(source)}
                said |= {key: value for key, value in found.items() if value}
        return Context(**said)


def context(flags: Mapping[str, str], environ: Mapping[str, str]) -> Context:
    """Return the context to use: the one that ``--context`` names, or the current one.

    What its cluster says is in it. The user that ``--user`` names is in place of its own, and of
    the certificate that it says itself. Raises :class:`CommandError` when something named does not
    exist, or the file cannot be used.
    """
    config = _named_or_usual(flags, environ)
    name, user = flags.get("context", "") or config.current, flags.get("user", "")
    found = config.find(name) if name else Context()
    if found is None:
        raise CommandError(f"context {quote(name)} does not exist")
    if user:
        found = replace(found, user=user, client_certificate="", client_key="")
    return config.complete(found)


def user(flags: Mapping[str, str], environ: Mapping[str, str]) -> Context:
    """Return what the user that ``--user`` names says, and nothing of any context or cluster.

    Raises as :func:`context` does.
    """
    return _named_or_usual(flags, environ).complete(Context(user=flags["user"]))


def _named_or_usual(flags: Mapping[str, str], environ: Mapping[str, str]) -> Config:
    file = config_path.of(flags, environ)
    if config_path.given(flags, environ) and not file.exists():
        raise CommandError(f"the config file {quote(str(file))} does not exist")
    return load(file)


def load(file: Path) -> Config:
    """Read a config file; one that does not exist says nothing. Raises :class:`CommandError`."""
    text = text_of(file)
    return Config() if text is None else parse(text, str(file))


def text_of(file: Path) -> str | None:
    """Return the text of a config file, ``None`` of one that does not exist.

    Raises :class:`CommandError`.
    """
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        fault = go_os.describe(error, "open", path=str(file))
    except UnicodeError:
        fault = "it is not text in UTF-8"
    raise CommandError(f"error loading config file {quote(str(file))}: {fault}")


def parse(text: str, name: str) -> Config:
    """Read a config file's ``text``; ``name`` is the file's in errors, which say the line."""
    data = data_of(text, name)
    try:
        return _config(data if data is not None else {}, Path(name).parent)
    except _FaultError as error:
        position = positions.of(text, error.steps)
        message = f"line {position.line}: {error}" if position else str(error)
    raise CommandError(f"error loading config file {quote(name)}: {message}")


def data_of(text: str, name: str) -> Any:
    """Return what the YAML of a config file says. Raises :class:`CommandError`."""
    from protocube.manifests.manifest_error import ManifestError
    from protocube.manifests.yaml import values as yaml_values

    try:
        return yaml_values.load(text)
    except ManifestError as error:
        # go-yaml keeps the first line to itself.
        where = "" if _HAS_LINE.search(str(error)) or not error.line else f" (line {error.line})"
        message = f"{error}{where}"
    raise CommandError(f"error loading config file {quote(name)}: {message}")


class _FaultError(Exception):
    """What is wrong with the data, without the file's name, and where that is."""

    def __init__(self, message: str, *steps: positions.Step) -> None:
        super().__init__(message)
        self.steps = steps


def _config(data: Any, folder: Path) -> Config:
    if not isinstance(data, dict):
        raise _FaultError("it must hold an object")
    contexts = tuple(
        Context(
            **_cluster(entry, where, folder) | _texts(entry, where, "cluster", "user", "namespace")
        )
        for entry, where in _entries(data, "contexts")
    )
    clusters = tuple(
        Cluster(**_cluster(entry, where, folder)) for entry, where in _entries(data, "clusters")
    )
    users = tuple(
        User(
            **_texts(entry, where, "name", "token")
            | _files(entry, where, folder, *_SHOWN, TOKEN_FILE),
            exec=_exec(entry, where, folder),
        )
        for entry, where in _entries(data, "users")
    )
    current = _texts(data, (), "current-context")["current_context"]
    return Config(current=current, contexts=contexts, clusters=clusters, users=users, data=data)


_Where = tuple[positions.Step, ...]


def _entries(data: dict[str, Any], key: str) -> Iterator[tuple[dict[str, Any], _Where]]:
    """Yield the entries of a list, each with where it is."""
    entries = data.get(key) or []
    if not isinstance(entries, list):
        raise _FaultError(f"{key} must be a list", key)
    for index, entry in enumerate(entries):
        where: _Where = (key, index)
        if not isinstance(entry, dict):
            raise _FaultError(f"{key}[{index}] must be an object", *where)
        if not _texts(entry, where, "name")["name"]:
            raise _FaultError(f"{key}[{index}].name must be set", *where)
        nested = key.removesuffix("s")
        if isinstance(entry.get(nested), dict):
            shown = f"{key}[{index}].{nested}"
            raise _FaultError(
                f"{shown} is an object, as in a file of kubectl's: what it holds belongs beside "
                "the name, and a server is HOST:PORT",
                *where,
                nested,
            )
        yield entry, where


def _cluster(entry: dict[str, Any], where: _Where, folder: Path) -> dict[str, Any]:
    """Return what an entry says of a server."""
    return {
        **_texts(entry, where, "name", "server", "tls-server-name"),
        **_files(entry, where, folder, *_FILES),
        **_switches(entry, where, "insecure-skip-tls-verify", "plaintext"),
    }


def _files(entry: dict[str, Any], where: _Where, folder: Path, *keys: str) -> dict[str, Any]:
    """Return the files at ``keys``, each found from ``folder``, or what is embedded instead.

    Empty where there is none.
    """
    files = _texts(entry, where, *keys)
    found: dict[str, Any] = {key: str(folder / file) if file else "" for key, file in files.items()}
    for key in keys:
        text = _value(entry, where, f"{key}{_DATA}", str, "a string")
        if text:
            found[_field(key)] = _decoded(text, where, f"{key}{_DATA}")
    return found


def _decoded(text: str, where: _Where, key: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise _FaultError(f"{where[0]}[{where[1]}].{key} is not base64", *where, key) from None


def _exec(entry: dict[str, Any], where: _Where, folder: Path) -> ExecPlugin | None:
    """Return the plugin of a user; ``None`` without one. The sentences are client-go's."""
    data = _value(entry, where, "exec", dict, "an object")
    if data is None:
        return None
    from protocube_client.cli.settings import exec_config

    try:
        return exec_config.read(data, entry["name"], folder)
    except exec_config.WrongPluginError as error:
        raise _FaultError(str(error), *where, "exec") from None


def _texts(entry: dict[str, Any], where: _Where, *keys: str) -> dict[str, str]:
    """Return the texts at ``keys``, empty where there is none."""
    return {_field(key): _value(entry, where, key, str, "a string") or "" for key in keys}


def _switches(entry: dict[str, Any], where: _Where, *keys: str) -> dict[str, bool]:
    return {_field(key): _value(entry, where, key, bool, "true or false") or False for key in keys}


def _value(entry: dict[str, Any], where: _Where, key: str, kind: type, form: str) -> Any:
    value = entry.get(key)
    if value is not None and not isinstance(value, kind):
        shown = f"{where[0]}[{where[1]}].{key}" if where else key
        raise _FaultError(f"{shown} must be {form}", *where, key)
    return value


def _field(key: str) -> str:
    return "token_file" if key == TOKEN_FILE else key.replace("-", "_")
