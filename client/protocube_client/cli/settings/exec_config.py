"""The entry ``exec`` of a user: the program that gives the credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from protocube.errors import quote
from protocube_client.connection.exec_plugin import MODES, VERSIONS, ExecPlugin

_KNOWN: Final = frozenset(
    {"command", "args", "env", "apiVersion", "installHint", "interactiveMode"}
    | {"provideClusterInfo"}
)
_PLUGIN: Final = "to use exec authentication plugin"


class WrongPluginError(Exception):
    """What is wrong with the entry."""


def read(data: dict[str, Any], user: str, folder: Path) -> ExecPlugin:
    """Return the plugin of a user; a command with a slash is found from ``folder`` on.

    Raises :class:`WrongPluginError`.
    """
    unknown = next((key for key in data if key not in _KNOWN), None)
    if unknown is not None:
        raise WrongPluginError(f"exec.{unknown} is unknown")
    command, version = _text(data, "command"), _text(data, "apiVersion")
    if not command:
        raise WrongPluginError(f"command must be specified for {user} {_PLUGIN}")
    if not version:
        raise WrongPluginError(f"apiVersion must be specified for {user} {_PLUGIN}")
    if version not in VERSIONS:
        raise WrongPluginError(f"exec plugin: invalid apiVersion {quote(version)}")
    mode = _text(data, "interactiveMode")
    if not mode:
        # The older version has a default.
        if version == VERSIONS[0]:
            raise WrongPluginError(f"interactiveMode must be specified for {user} {_PLUGIN}")
        mode = MODES[0]
    if mode not in MODES:
        raise WrongPluginError(f"invalid interactiveMode for {user}: {quote(mode)}")
    provide = data.get("provideClusterInfo") or False
    if not isinstance(provide, bool):
        raise WrongPluginError("exec.provideClusterInfo must be true or false")
    return ExecPlugin(
        command=resolved(command, folder),
        args=_args(data),
        env=_env(data, user),
        api_version=version,
        interactive_mode=mode,
        provide_cluster_info=provide,
        install_hint=_text(data, "installHint"),
    )


def fault(data: dict[str, Any], user: str) -> str:
    """Return what is wrong with the plugin of a user; nothing when it can be used."""
    try:
        read(data, user, Path())
    except WrongPluginError as error:
        return str(error)
    return ""


def resolved(command: str, folder: Path) -> str:
    """Return the command of a file in ``folder``: a relative path begins there."""
    return str(folder / command) if "/" in command else command


def _text(data: dict[str, Any], key: str) -> str:
    found = data.get(key)
    if found is None or isinstance(found, str):
        return found or ""
    raise WrongPluginError(f"exec.{key} must be a string")


def _args(data: dict[str, Any]) -> tuple[str, ...]:
    found = data.get("args") or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise WrongPluginError("exec.args must be a list of strings")
    return tuple(found)


def _env(data: dict[str, Any], user: str) -> tuple[tuple[str, str], ...]:
    found, pairs = data.get("env") or [], []
    if not isinstance(found, list):
        raise WrongPluginError("exec.env must be a list")
    for each in found:
        name = each.get("name") if isinstance(each, dict) else None
        value = each.get("value", "") if isinstance(each, dict) else None
        if not isinstance(name, str) or not name:
            raise WrongPluginError(f"env variable name must be specified for {user} {_PLUGIN}")
        if not isinstance(value, str):
            raise WrongPluginError("exec.env: a value must be a string")
        pairs.append((name, value))
    return tuple(pairs)
