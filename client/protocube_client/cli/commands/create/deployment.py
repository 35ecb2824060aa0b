"""``cubectl create deployment``."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App

# Neither vowels nor digits that look like letters: no words come about by chance.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOptions:
    """What the deployment runs."""

    images: tuple[str, ...]
    port: int
    replicas: int
    command: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if len(self.images) > 1 and self.command:
            raise CommandError("cannot specify multiple --image options and command")

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the Deployment."""
        labels = {"app": metadata["name"]}
        containers = [self._container(image) for image in self.images]
        if self.port >= 0 and containers:
            containers[0]["ports"] = [{"containerPort": self.port}]
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {**metadata, "labels": labels},
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": containers},
                },
            },
        }

    def _container(self, image: str) -> dict[str, Any]:
        container: dict[str, Any] = {"name": container_name(image), "image": image}
        if self.command:
            container["command"] = list(self.command)
        return container


def container_name(image: str) -> str:
    """Return a container's name: the image's without registry, tag and digest.

    What a name must not hold becomes a dash; a suffix keeps such names apart.
    """
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    if "_" not in name and "." not in name:
        return name
    suffix = "".join(random.choices(_LETTERS, k=_SUFFIX))  # noqa: S311  # no secret
    return f"{name.replace('_', '-').replace('.', '-')}-{suffix}"


@click.pass_obj
def _create(app: App, /, *, image: tuple[str, ...], port: int, replicas: int, **flags: Any) -> None:
    images = words(image)
    command = flags["arguments"][1:]
    created = generation.take(flags)
    options = DeploymentOptions(images=images, port=port, replicas=replicas, command=command)
    options.validate()
    created.run(app, options.manifest, complaint="failed to create deployment: ")


COMMAND = Command(
    "deployment",
    callback=_create,
    usage="NAME --image=IMAGE [flags] [-- COMMAND ARGUMENT...]",
    help="Create a deployment that runs one or more images.",
    examples="""
# Create a deployment that runs an image three times
cubectl create deployment web --image=nginx --replicas=3

# Create one whose container listens on a port
cubectl create deployment web --image=nginx --port=80

# Create one with a command of its own
cubectl create deployment clock --image=busybox -- date
""",
    params=[
        Flag(
            ["--image"],
            multiple=True,
            needed=True,
            metavar="IMAGE",
            help="An image to run; may be repeated.",
        ),
        Flag(
            ["--port"],
            type=click.INT,
            default=-1,
            metavar="PORT",
            help="The port that the first container listens on.",
        ),
        Flag(
            ["-r", "--replicas"],
            type=click.INT,
            default=1,
            metavar="NUMBER",
            help="How many copies are to run.",
        ),
        *generation.flags(),
    ],
)
