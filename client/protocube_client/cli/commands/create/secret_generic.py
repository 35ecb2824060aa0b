"""``cubectl create secret generic``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, key_sources, secret
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.create.key_sources import KeySources


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericOptions:
    """What the Secret holds."""

    sources: KeySources
    type: str
    append_hash: bool
    environ: Mapping[str, str]

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Secret. Raises ``CommandError``."""
        content = secret.SecretData()
        content.add(self.sources.from_literals())
        content.add(self.sources.from_files())
        content.add(self.sources.from_env_files(self.environ, noun="secret"))
        return content.manifest(metadata, self.type, append_hash=self.append_hash)


@click.pass_obj
def _create(app: App, /, *, type: str, append_hash: bool, **flags: Any) -> None:  # noqa: A002  # the flag's name
    given = {name: flags.pop(name) for name in ("from_file", "from_literal", "from_env_file")}
    created = generation.take(flags)
    options = GenericOptions(
        sources=key_sources.take(given), type=type, append_hash=append_hash, environ=app.environ
    )
    created.run(app, options.manifest, complaint=secret.COMPLAINT)


COMMAND = Command(
    "generic",
    callback=_create,
    usage="NAME [--from-literal=KEY=VALUE] [--from-file=[KEY=]FILE] [flags]",
    help="Create a Secret from literals, files, directories or environment files.",
    examples="""
# Create a Secret with a key
cubectl create secret generic db --from-literal=password=x

# Create one with the content of files
cubectl create secret generic ssh --from-file=id_ed25519 --from-file=public=id_ed25519.pub
""",
    params=[
        *key_sources.flags(),
        Flag(["--type"], default="", metavar="TYPE", help="The Secret's type."),
        *generation.flags(),
    ],
)
