"""``cubectl create clusterrolebinding``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import bindings, generation
from protocube_client.cli.flags import subjects
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App


@click.pass_obj
def _create(app: App, /, *, clusterrole: str, **flags: Any) -> None:
    who = subjects.take(flags)

    def make(metadata: dict[str, Any]) -> dict[str, Any]:
        return bindings.bound(
            who, "ClusterRoleBinding", metadata, role_kind="ClusterRole", role=clusterrole
        )

    complaint = "failed to create clusterrolebinding: "
    generation.take(flags).run(app, make, complaint=complaint)


COMMAND = Command(
    "clusterrolebinding",
    callback=_create,
    usage="NAME --clusterrole=NAME [--user=NAME] [--group=NAME] "
    "[--serviceaccount=NAMESPACE:NAME] [flags]",
    help="Bind users, groups and service accounts to a cluster role, in all namespaces.",
    examples="""
# Give a group what the cluster role view allows
cubectl create clusterrolebinding readers --clusterrole=view --group=dev
""",
    params=[
        Flag(
            ["--clusterrole"],
            default="",
            needed=True,
            metavar="NAME",
            help="The cluster role.",
        ),
        *subjects.flags(),
        *generation.flags(),
    ],
)
