"""``cubectl create configmap``."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, key_names, key_sources, name_hash
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.create.key_sources import KeySources


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMapOptions:
    """What the ConfigMap holds."""

    sources: KeySources
    append_hash: bool
    environ: Mapping[str, str]

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the ConfigMap. Raises :class:`CommandError`."""
        data = _Data(name=metadata["name"])
        data.add(self.sources.from_files())
        data.add(self.sources.from_literals())
        data.add(self.sources.from_env_files(self.environ, noun="config"))
        if self.append_hash:
            metadata = {**metadata, "name": data.hashed_name()}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        return manifest | data.filled()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """The data so far: text, and in base64 what is none."""

    name: str
    text: dict[str, str] = field(default_factory=dict)
    binary: dict[str, str] = field(default_factory=dict)

    def add(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Add keys with their values. Raises :class:`CommandError` for a key that cannot be."""
        for key, value in entries:
            self._check(key)
            try:
                self.text[key] = value.decode()
            except UnicodeDecodeError:
                self.binary[key] = base64.b64encode(value).decode()

    def filled(self) -> dict[str, Any]:
        """Return the fields that hold something."""
        fields = {"data": self.text, "binaryData": self.binary}
        return {name: values for name, values in fields.items() if values}

    def hashed_name(self) -> str:
        """Return the name with a hash of the content."""
        content = {"kind": "ConfigMap", "name": self.name, "data": self.text} | self.filled()
        return f"{self.name}-{name_hash.of(content)}"

    def _check(self, key: str) -> None:
        if faults := key_names.faults_of_key(key):
            raise CommandError(
                f"{quote(key)} is not a valid key name for a ConfigMap: {','.join(faults)}"
            )
        for name, values in (("Data", self.text), ("BinaryData", self.binary)):
            if key in values:
                raise CommandError(
                    f"cannot add key {quote(key)}, another key by that name already exists "
                    f"in {name} for ConfigMap {quote(self.name)}"
                )


@click.pass_obj
def _create(app: App, /, *, append_hash: bool, **flags: Any) -> None:
    given = {name: flags.pop(name) for name in ("from_file", "from_literal", "from_env_file")}
    created = generation.take(flags)
    options = ConfigMapOptions(
        sources=key_sources.take(given), append_hash=append_hash, environ=app.environ
    )
    created.run(app, options.manifest, complaint="failed to create configmap: ")


COMMAND = Command(
    "configmap",
    callback=_create,
    usage="NAME [--from-literal=KEY=VALUE] [--from-file=[KEY=]FILE] [flags]",
    help="Create a ConfigMap from literals, files, directories or environment files.",
    examples="""
# Create a ConfigMap with two keys
cubectl create configmap web --from-literal=colour=red --from-literal=size=2

# Create one with a key for each file of a folder
cubectl create configmap web --from-file=config/

# Create one with the content of a file under a key
cubectl create configmap web --from-file=settings=web.conf

# Create one from lines of KEY=VALUE
cubectl create configmap web --from-env-file=web.env
""",
    params=[*key_sources.flags(), *generation.flags()],
)
