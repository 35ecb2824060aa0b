"""Changing the config file: what is not known here stays as it is."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.settings import config, config_path
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube_client.cli.app import App

NOT_EMBEDDED: Final = "a file that holds certificates names none: set it with --embed-certs"
_PRIVATE = 0o700


def save(file: Path, data: dict[str, Any]) -> None:
    """Replace the file's content at once, or not at all. Raises :class:`CommandError`.

    Only its owner can read a new file.
    """
    from protocube_client.printers import yaml_printer

    # A link to the file stays one.
    target = Path(os.path.realpath(file))
    try:
        target.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(yaml_printer.text(data))
            if target.exists():
                Path(name).chmod(target.stat().st_mode & 0o777)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        told = go_os.describe(error, "open", path=str(file))
        raise CommandError(f"cannot write the config file: {told}") from None


def said(given: Mapping[str, str]) -> dict[str, Any]:
    """Return what global flags say of a server, as the config file's fields.

    Files are named so that they are found from everywhere.
    """
    changes: dict[str, Any] = {}
    for key in ("server", "tls_server_name", "token"):
        if key in given:
            changes[key] = given[key]
    for key in ("certificate_authority", "client_certificate", "client_key"):
        if key in given:
            changes[key] = given[key] and str(Path(given[key]).absolute())
    for key in ("insecure_skip_tls_verify", "plaintext"):
        if key in given:
            changes[key] = given[key] == "true"
    return {key.replace("_", "-"): value for key, value in changes.items()}


def certificates(changes: Mapping[str, Any], *keys: str, embed: bool) -> dict[str, Any]:
    """Return what is to be changed at ``keys``, files of certificates.

    With ``embed`` it is their content. What is said takes the other form away. Raises
    :class:`CommandError` for a file that cannot be read, in kubectl's words.
    """
    found: dict[str, Any] = {}
    for key in keys:
        if key not in changes:
            continue
        path = changes[key]
        found[key], found[f"{key}-data"] = path, ""
        if embed and path:
            found[key], found[f"{key}-data"] = "", _embedded(key, Path(path))
    return found


def _embedded(key: str, path: Path) -> str:
    try:
        return base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        told = go_os.describe(error, "stat", path=str(path))
        raise CommandError(f"could not stat {key} file {path}: {told}") from None


def with_entry(
    data: Mapping[str, Any], key: str, name: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return ``data`` with an entry of the list ``key`` changed, or added.

    A change to nothing takes the field away.
    """
    entries = list(data.get(key) or [])
    found = next((entry for entry in entries if entry["name"] == name), None)
    entry = {**(found or {"name": name}), **changes}
    entry = {field: value for field, value in entry.items() if value not in ("", False)}
    if found is None:
        entries.append(entry)
    else:
        entries[entries.index(found)] = entry
    return {**data, key: entries}


def delete(app: App, key: str, noun: str, name: str) -> None:
    """Take the entry ``name`` of the list ``key`` out of the file, and say so.

    Raises :class:`CommandError` when it is not there.
    """
    file = config_path.of(app.given, app.environ)
    data = config.load(file).data
    if not any(entry["name"] == name for entry in data.get(key) or []):
        raise CommandError(f"cannot delete {noun} {name}, not in {file}")
    save(file, without_entry(data, key, name))
    app.streams.out.write(f"deleted {noun} {name} from {file}\n")


def without_entry(data: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """Return ``data`` without an entry of the list ``key``."""
    return {**data, key: [entry for entry in data[key] if entry["name"] != name]}


def one_name(arguments: Sequence[str], command: str) -> str:
    """Return the one argument of ``command``. Raises :class:`UsageError` for any other number."""
    if len(arguments) != 1:
        raise misuse(f"Unexpected args: [{' '.join(arguments)}]", f"cubectl config {command}")
    return arguments[0]
