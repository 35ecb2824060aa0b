"""Changes to the program that gives a user's credentials, as kubectl makes them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError
from protocube_client.connection.exec_plugin import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SIMPLE = {
    "apiVersion": "exec_api_version",
    "interactiveMode": "exec_interactive_mode",
    "provideClusterInfo": "exec_provide_cluster_info",
}


def changed(entry: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the entry ``exec`` with what flags say; ``None`` when there is none to change.

    Another command has none of the arguments of the one before. Raises :class:`CommandError`.
    """
    mode = given["exec_interactive_mode"]
    if mode is not None and mode not in MODES:
        raise CommandError("invalid interactive mode type, can be only IfAvailable, Never, Always")
    added, removed = _pairs(given["exec_env"])
    command = given["exec_command"]
    if entry is None and command is None:
        return None
    found = dict(entry or {})
    if command is not None:
        found["command"] = command
        found.pop("args", None)
    for key, flag in _SIMPLE.items():
        if given[flag] is not None:
            found[key] = given[flag]
    if given["exec_arg"]:
        found["args"] = [each for text in given["exec_arg"] for each in _listed(text)]
    env = [each for each in found.get("env") or [] if each.get("name") not in removed]
    known = {each.get("name") for each in env}
    env = [{**each, "value": added.get(each.get("name"), each.get("value"))} for each in env]
    env += [{"name": key, "value": value} for key, value in added.items() if key not in known]
    if env:
        found["env"] = env
    else:
        found.pop("env", None)
    return found


def _listed(text: str) -> list[str]:
    """Return the values of a flag that takes several, as pflag reads them: CSV."""
    return next(csv.reader([text]), [])


def _pairs(texts: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    added, removed, wrong = {}, set(), []
    for text in texts:
        name, equals, value = text.partition("=")
        if equals and name:
            added[name] = value
        elif not equals and text.endswith("-") and text != "-":
            removed.add(text[:-1])
        else:
            wrong.append(text)
    if wrong:
        raise CommandError(f"invalid exec-env format: {', '.join(wrong)}")
    return added, removed
