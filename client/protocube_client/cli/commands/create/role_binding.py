"""``cubectl create rolebinding``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import bindings, generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import subjects
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(app: App, /, *, clusterrole: str, role: str, **flags: Any) -> None:
    who = subjects.take(flags)
    created = generation.take(flags)
    if bool(clusterrole) == bool(role):
        raise CommandError("exactly one of clusterrole or role must be specified")
    role_kind = "Role" if role else "ClusterRole"

    def make(metadata: dict[str, Any]) -> dict[str, Any]:
        return bindings.bound(
            who, "RoleBinding", metadata, role_kind=role_kind, role=role or clusterrole
        )

    created.run(app, make, complaint="failed to create rolebinding: ")


COMMAND = Command(
    "rolebinding",
    callback=_create,
    usage="NAME (--role=NAME | --clusterrole=NAME) [--user=NAME] [--group=NAME] "
    "[--serviceaccount=NAMESPACE:NAME] [flags]",
    help="Bind users, groups and service accounts to a role in a namespace.",
    examples="""
# Give a user and a group what the cluster role view allows, in one namespace
cubectl create rolebinding readers --clusterrole=view --user=ada --group=dev

# Give a service account what a role allows
cubectl create rolebinding robots --role=reader --serviceaccount=team-a:robot
""",
    params=[
        Flag(["--clusterrole"], default="", metavar="NAME", help="The cluster role."),
        Flag(["--role"], default="", metavar="NAME", help="The role."),
        *subjects.flags(),
        *generation.flags(),
    ],
)
