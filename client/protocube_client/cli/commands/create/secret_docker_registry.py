"""``cubectl create secret docker-registry``."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, key_sources, secret
from protocube_client.cli.commands.create.key_sources import KeySources
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_KEY = ".dockerconfigjson"
_TYPE = "kubernetes.io/dockerconfigjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerRegistryOptions:
    """Who logs in where; or the file that says so."""

    files: tuple[str, ...]
    server: str
    username: str
    password: str
    email: str
    append_hash: bool

    def validate(self) -> None:
        """Raise :class:`CommandError` when something is missing."""
        if not self.files and not (self.username and self.password and self.server):
            raise CommandError(
                "either --from-file or the combination of --docker-username, --docker-password "
                "and --docker-server is required"
            )

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Secret. Raises :class:`CommandError`."""
        content = secret.SecretData()
        if self.files:
            named = tuple(file if "=" in file else f"{_KEY}={file}" for file in self.files)
            content.add(KeySources(files=named).from_files())
        else:
            content.add([(_KEY, self._login().encode())])
        return content.manifest(metadata, _TYPE, append_hash=self.append_hash)

    def _login(self) -> str:
        """Return the content of a ``~/.docker/config.json``."""
        from protocube.manifests import json_text

        entry = {"username": self.username, "password": self.password}
        if self.email:
            entry["email"] = self.email
        entry["auth"] = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return json_text.compact({"auths": {self.server: entry}}, order=list)


@click.pass_obj
def _create(
    app: App,
    /,
    *,
    from_file: tuple[str, ...],
    docker_server: str,
    docker_username: str,
    docker_password: str,
    docker_email: str,
    append_hash: bool,
    **flags: Any,
) -> None:
    created = generation.take(flags)
    options = DockerRegistryOptions(
        files=words(from_file),
        server=docker_server,
        username=docker_username,
        password=docker_password,
        email=docker_email,
        append_hash=append_hash,
    )
    options.validate()
    created.run(app, options.manifest, complaint=secret.COMPLAINT)


COMMAND = Command(
    "docker-registry",
    callback=_create,
    usage="NAME (--docker-username=USER --docker-password=PASSWORD | --from-file=FILE) [flags]",
    help="Create a Secret that logs in at a Docker registry.",
    examples="""
# Create one with name and password
cubectl create secret docker-registry hub --docker-username=me --docker-password=x

# Create one from Docker's own file
cubectl create secret docker-registry hub --from-file="$HOME/.docker/config.json"
""",
    params=[
        Flag(["--docker-username"], default="", metavar="USER", help="Who logs in."),
        Flag(["--docker-password"], default="", metavar="PASSWORD", help="The password."),
        Flag(["--docker-email"], default="", metavar="EMAIL", help="The e-mail address."),
        Flag(
            ["--docker-server"],
            default="https://index.docker.io/v1/",
            metavar="URL",
            help="The registry.",
        ),
        Flag(
            ["--from-file"],
            multiple=True,
            metavar="FILE",
            help="A Docker config file to take in place of name and password.",
            source="file",
        ),
        key_sources.hash_flag(),
        *generation.flags(),
    ],
)
