"""``cubectl create role``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, rules
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.create.rules import Permission
    from protocube_client.cli.session import Session
    from protocube_client.cli.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOptions:
    """What the role allows."""

    permission: Permission

    def validate(self, streams: Streams) -> None:
        """Raise :class:`CommandError` for what cannot be done, and warn of odd verbs."""
        if not self.permission.verbs:
            raise CommandError("at least one verb must be specified")
        rules.warn(self.permission.verbs, streams)
        if not self.permission.targets:
            raise CommandError("at least one resource must be specified")

    async def manifest(self, metadata: dict[str, Any], session: Session) -> dict[str, Any]:
        """Return the Role. Raises what :meth:`Permission.check_targets` raises."""
        catalog = await rules.catalog_for(self.permission.targets, session)
        self.permission.check_targets(catalog)
        return {
            "apiVersion": rules.API_VERSION,
            "kind": "Role",
            "metadata": metadata,
            "rules": self.permission.rules(catalog),
        }


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    options = RoleOptions(permission=rules.take(flags))
    created = generation.take(flags)
    options.validate(app.streams)
    created.run_asking(app, options.manifest)


COMMAND = Command(
    "role",
    callback=_create,
    usage="NAME --verb=VERB --resource=RESOURCE[.GROUP][/SUBRESOURCE] [flags]",
    help="Create a role: what may be done to some objects of a namespace.",
    examples="""
# Allow to read pods
cubectl create role reader --verb=get,list,watch --resource=pods

# Allow to read two ConfigMaps
cubectl create role reader --verb=get --resource=cm --resource-name=a --resource-name=b

# Allow to scale Deployments
cubectl create role scaler --verb=get,update --resource=deployments.apps/scale
""",
    params=[*rules.flags(), *generation.flags()],
)
