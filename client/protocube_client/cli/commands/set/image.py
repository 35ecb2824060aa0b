"""``cubectl set image``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import writing
from protocube_client.cli.marking import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Images:
    """Images by the names of containers."""

    images: Mapping[str, str]
    done = "image updated"
    complaint = "failed to patch image update to pod template:"
    tells_of_unchanged = False

    def faults(self) -> list[CommandError]:
        """Return what cannot be meant."""
        if not self.images:
            return [CommandError("at least one image update is required")]
        if len(self.images) > 1 and _ALL in self.images:
            return [
                CommandError(
                    "all containers are already specified by *, but saw more than one "
                    "container_name=container_image pairs"
                )
            ]
        return []

    async def make(self, chosen: Chosen, data: dict[str, Any], _: Session) -> list[str]:
        """Set the images of the containers."""
        from protocube_client.cli.commands.set import pod_specs

        spec = pod_specs.of_object(chosen.resource, data)
        missing: list[str] = []
        every = pod_specs.containers(spec, _ALL)
        for name, image in self.images.items():
            meant = [each for each in every if name in (_ALL, each.get("name"))]
            if not meant:
                missing.append(f"unable to find container named {quote(name)}")
            for container in meant:
                container["image"] = image
        return missing


def _images(pairs: tuple[str, ...]) -> _Images:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise CommandError(f"invalid image format: {', '.join(wrong)}")
    return _Images(images=dict(pair.split("=", 1) for pair in pairs))


@click.pass_obj
def _set(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    named, pairs = changes.split(arguments, "image")
    images = _images(pairs)
    options = set_options.take(given, arguments=named)

    async def run(session: Session) -> None:
        from protocube_client.cli.commands.set import setting

        faults = [*options.faults(), *images.faults()]
        chosen = await setting.read(options, session, faults)
        await setting.change_all(chosen, images, options, session)

    app.run(app.settings(), run)


COMMAND = Command(
    "image",
    callback=_set,
    usage=f"{set_options.USAGE} CONTAINER=IMAGE... [flags]",
    help="Set the images of containers, also of those that run first.",
    completes=("kinds", "names"),
    examples="""
# Roll out another image
cubectl set image deployment/web web=nginx:2

# The same image for all containers of all Deployments
cubectl set image deployments --all '*=nginx:2'

# Show what becomes of a file
cubectl set image -f deployment.yaml web=nginx:2 --local -o yaml
""",
    params=[*set_options.flags(), writing.record()],
)
