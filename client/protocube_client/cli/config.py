"""The config file: contexts, each a server and a namespace under a name.

An example::

    current-context: dev
    contexts:
    - name: dev
      server: 127.0.0.1:7443
      namespace: team-a
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube.errors import quote

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One context; what it does not say is empty."""

    name: str = ""
    server: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a config file says."""

    current: str = ""
    contexts: tuple[Context, ...] = ()

    def find(self, name: str) -> Context | None:
        """Give the context called ``name``."""
        return next((context for context in self.contexts if context.name == name), None)


def context(flags: Mapping[str, str], environ: Mapping[str, str]) -> Context:
    """Give the context to use: the one that ``--context`` names, or the current one.

    Raises :class:`CommandError` when it does not exist, or the file cannot be used.
    """
    named = flags.get("context", "")
    config = _load(flags, environ)
    name = named or config.current
    if not name:
        return Context()
    found = config.find(name)
    if found is None:
        raise CommandError(f"context {quote(name)} does not exist")
    return found


def _load(flags: Mapping[str, str], environ: Mapping[str, str]) -> Config:
    given = flags.get("config") or environ.get("PROTOCUBE_CONFIG")
    path = Path(given) if given else _default(environ)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if given:
            raise CommandError(f"the config file {quote(str(path))} does not exist") from None
        return Config()
    except (OSError, UnicodeError) as error:
        raise CommandError(f"error loading config file {quote(str(path))}: {error}") from None
    return parse(text, str(path))


def _default(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path(environ.get("HOME") or Path.home()) / ".config"
    return folder / "protocube" / "config.yaml"


def parse(text: str, path: str) -> Config:
    """Read a config file's ``text``; ``path`` names it in errors."""
    from protocube_client.resource import yaml_values
    from protocube_client.resource.manifest_error import ManifestError

    try:
        data = yaml_values.load(text)
        return _config(data if data is not None else {})
    except (ManifestError, _FaultError) as error:
        message = f"error loading config file {quote(path)}: {error}"
        raise CommandError(message) from None


class _FaultError(Exception):
    """What is wrong with the data, without the file's name."""


def _config(data: Any) -> Config:
    if not isinstance(data, dict):
        raise _FaultError("it must hold an object")
    entries = data.get("contexts") or []
    if not isinstance(entries, list):
        raise _FaultError("contexts must be a list")
    contexts = tuple(_context(entry, f"contexts[{index}]") for index, entry in enumerate(entries))
    return Config(current=_text(data, "current-context", ""), contexts=contexts)


def _context(entry: Any, path: str) -> Context:
    if not isinstance(entry, dict):
        raise _FaultError(f"{path} must be an object")
    name = _text(entry, "name", path)
    if not name:
        raise _FaultError(f"{path}.name must be set")
    return Context(
        name=name,
        server=_text(entry, "server", path),
        namespace=_text(entry, "namespace", path),
    )


def _text(entry: dict[str, Any], key: str, path: str) -> str:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise _FaultError(f"{path}{'.' if path else ''}{key} must be a string")
    return value or ""
