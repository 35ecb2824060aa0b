"""Where the keys of a ConfigMap or Secret come from: literals, files and environment files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube_client.cli.commands.create import env_file
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch, words
from protocube_client.resource.go import os as go_os

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySources:
    """What ``--from-file``, ``--from-literal`` and ``--from-env-file`` said."""

    files: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()

    def validate(self) -> None:
        """Raise :class:`CommandError` for sources that do not go together."""
        if self.env_files and (self.files or self.literals):
            raise CommandError("from-env-file cannot be combined with from-file or from-literal")

    def from_literals(self) -> Iterator[tuple[str, bytes]]:
        """Yield the keys and values of literals. Raises :class:`CommandError`."""
        for literal in self.literals:
            name, equals, value = literal.partition("=")
            if not name or not equals:
                raise CommandError(f"invalid literal source {literal}, expected key=value")
            yield name, value.encode()

    def from_files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the keys and contents of files; of a directory, of all files in it.

        Raises :class:`CommandError`.
        """
        for source in self.files:
            name, path = _file_source(source)
            if not _is_directory(path):
                yield name, _content(Path(path))
                continue
            if "=" in source:
                raise CommandError("cannot give a key name for a directory path")
            for inner in sorted(Path(path).iterdir()):
                if inner.is_file() and not inner.is_symlink():
                    yield inner.name, _content(inner)

    def from_env_files(
        self, environ: Mapping[str, str], *, noun: str
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the names and values in environment files. Raises :class:`CommandError`.

        ``noun`` says whose file it is.
        """
        for path in self.env_files:
            if _is_directory(path):
                raise CommandError(f"env {noun} file cannot be a directory")
            for name, value in env_file.entries(path, environ):
                yield name, value.encode()


def flags() -> list[Flag]:
    """Return the flags that :class:`KeySources` is made of, and ``--append-hash``."""
    return [
        Flag(
            ["--from-file"],
            multiple=True,
            metavar="[KEY=]FILE",
            help="A file whose content is a value, its name the key; or a directory of them.",
            source="file",
        ),
        Flag(
            ["--from-literal"],
            multiple=True,
            metavar="KEY=VALUE",
            help="A key with its value; may be repeated.",
        ),
        Flag(
            ["--from-env-file"],
            multiple=True,
            metavar="FILE",
            help="A file of KEY=VALUE lines.",
            source="file",
        ),
        hash_flag(),
    ]


def hash_flag() -> Flag:
    """Return ``--append-hash``."""
    return Switch(["--append-hash"], help="Append a hash of the content to the name.")


def take(flags: dict[str, Any]) -> KeySources:
    """Take the sources out of what click gave a callback. Raises :class:`CommandError`."""
    sources = KeySources(
        files=words(flags.pop("from_file")),
        literals=flags.pop("from_literal"),
        env_files=words(flags.pop("from_env_file")),
    )
    sources.validate()
    return sources


def _file_source(source: str) -> tuple[str, str]:
    name, equals, path = source.partition("=")
    if not equals:
        return Path(source).name, source
    if "=" in path:
        raise CommandError("key names or file paths cannot contain '='")
    if not name:
        raise CommandError(f"key name for file path {path} missing")
    if not path:
        raise CommandError(f"file path for key name {name} missing")
    return name, path


def _is_directory(path: str) -> bool:
    try:
        Path(path).stat()
    except OSError as error:
        reason = go_os.describe(error, "stat", path=path).rpartition(f"{path}: ")[2]
        raise CommandError(f"error reading {path}: {reason}") from None
    return Path(path).is_dir()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(go_os.describe(error, "open", path=str(path))) from None
