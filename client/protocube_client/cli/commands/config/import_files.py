"""``cubectl config import``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote as escaped

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Switch
from protocube_client.cli.settings import config, config_path
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.config.kubeconfig import Entry, Kubeconfig

_FOLDER: Final = "certificates"
"""Beside the config file; what a kubeconfig embeds is written into it."""
_PRIVATE: Final = 0o600
_MOST_NAME: Final = 100
"""Characters of a file's name; longer ones could be too long for a file system."""


@click.pass_obj
def _import(app: App, /, *, overwrite: bool, arguments: tuple[str, ...]) -> None:
    from protocube_client.cli.commands.config import kubeconfig

    files = [Path(name) for name in arguments] or _usual(app.environ)
    found = kubeconfig.load(files, server=app.given.get("server", ""))
    file = config_path.of(app.given, app.environ)
    _Importing(app, file, overwrite=overwrite).run(found)


def _usual(environ: Mapping[str, str]) -> list[Path]:
    """Return the files that kubectl reads, those that there are."""
    named = [Path(name) for name in environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    if not named:
        return [Path(environ.get("HOME") or Path.home()) / ".kube" / "config"]
    return [file for file in named if os.path.lexists(file)] or named[:1]


class _Importing:
    """Takes entries over, one list after the other."""

    def __init__(self, app: App, file: Path, *, overwrite: bool) -> None:
        self._app = app
        self._file = file
        self._overwrite = overwrite
        self._data = config.load(file).data
        self._count = 0
        self._left_out: dict[str, set[str]] = {}

    def run(self, found: Kubeconfig) -> None:
        """Write the config file anew. Raises :class:`CommandError` when nothing fits into it."""
        for key, entries in found.entries.items():
            self._left_out[key] = {
                name for name, entry in entries.items() if not self._take(key, entry)
            }
        if not self._count:
            raise CommandError("there is nothing to import")
        usable = any(each["name"] == found.current for each in self._data.get("contexts") or [])
        if found.current and usable and not self._data.get("current-context"):
            self._data = {**self._data, "current-context": found.current}
            self._say(f"Switched to context {quote(found.current)}.")
        editing.save(self._file, self._data)

    def _take(self, key: str, entry: Entry) -> bool:
        """Take an entry over unless it does not fit; tell whether there is one of its name now."""
        noun = key.removesuffix("s")
        present = any(each["name"] == entry.name for each in self._data.get(key) or [])
        if present and not self._overwrite:
            self._leave(noun, entry, "there is one already (--overwrite replaces it)")
            return True
        fault = entry.fault or self._missing(entry)
        if fault:
            self._leave(noun, entry, fault)
            return present
        fields = {**entry.fields, **self._written(noun, entry)}
        if present:
            self._data = editing.without_entry(self._data, key, entry.name)
        self._data = editing.with_entry(self._data, key, entry.name, fields)
        self._count += 1
        self._say(f"{noun.capitalize()} {quote(entry.name)} imported.")
        return True

    def _missing(self, entry: Entry) -> str:
        """Return why the cluster or the user of a context is not there."""
        for noun in ("cluster", "user"):
            name = entry.fields.get(noun, "")
            key = f"{noun}s"
            known = any(each["name"] == name for each in self._data.get(key) or [])
            if name and not known:
                why = "is not imported" if name in self._left_out[key] else "does not exist"
                return f"its {noun} {quote(name)} {why}"
        return ""

    def _written(self, noun: str, entry: Entry) -> dict[str, Any]:
        """Write what an entry embeds into files, and return the fields that name them."""
        fields = {}
        for key, content in entry.files.items():
            folder = self._file.absolute().parent / _FOLDER
            name = f"{noun}-{escaped(entry.name, safe='')[:_MOST_NAME]}-{key}.pem"
            _write(folder / name, content)
            fields[key] = str(folder / name)
        return fields

    def _leave(self, noun: str, entry: Entry, why: str) -> None:
        self._app.streams.err.write(f"{noun} {quote(entry.name)} is not imported: {why}\n")

    def _say(self, text: str) -> None:
        self._app.streams.out.write(f"{text}\n")


def _write(file: Path, content: bytes) -> None:
    """Write a file that its owner alone can read. Raises :class:`CommandError`."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A new file, so that none is readable to others that was so before.
        file.unlink(missing_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise CommandError(go_os.describe(error, "open", path=str(file))) from None


COMMAND = Command(
    "import",
    callback=_import,
    usage="[KUBECONFIG...] [flags]",
    help="Take clusters, users and contexts of a kubeconfig over into the config file: of the "
    "files that are named, else of those that kubectl reads.\n\nWhat fits is taken, and of "
    "everything else it is said why it does not: users by passwords and plugins of kubectl, "
    "servers with a path. Certificates and keys that are embedded become files beside the config "
    "file, which only their owner can read. The kubeconfig stays as it is.\n\nWith --server, all "
    "clusters are at that server: Protocube's server is not Kubernetes'.",
    completes=("file",),
    examples="""
# Take over what kubectl uses
cubectl config import

# Take over a file, for a server
cubectl config import team.kubeconfig --server=cube.example.com:7443

# Replace what was imported before
cubectl config import team.kubeconfig --overwrite
""",
    params=[Switch(["--overwrite"], help="Replace entries of the same names.")],
)
