"""``cubectl explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.explain.options import OPENAPI_V2, PLAINTEXT, ExplainOptions
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session


@click.pass_obj
def _explain(app: App, /, **given: Any) -> None:
    options = ExplainOptions(**given)
    options.validate()
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: ExplainOptions, session: Session) -> None:
    """Ask the server for its schema and explain a part of it."""
    from protocube_client.cli.commands.explain import plaintext, plaintext_openapiv2
    from protocube_client.cli.commands.explain.comments import Comments
    from protocube_client.cli.commands.explain.schema import Schema

    catalog = await session.kinds.described()
    wanted = options.find(catalog)
    form = plaintext_openapiv2 if options.output == OPENAPI_V2 else plaintext
    schema = Schema(Comments(catalog.files))
    for line in form.lines(wanted, schema, recursive=options.recursive):
        session.streams.out.write(f"{line}\n")


COMMAND = Command(
    "explain",
    callback=_explain,
    usage="KIND[.FIELD...] [flags]",
    help="Show what a kind and its fields are for.\n\nThe texts are the comments of the schema "
    "that the server serves; a field is named with those above it, as in pods.spec.containers.",
    completes=("kinds", ""),
    examples="""
# What a pod is, and which fields it has
cubectl explain pods

# One field, and what is below it
cubectl explain pods.spec.containers

# The names of all fields, at any depth
cubectl explain pods --recursive

# A kind in another version
cubectl explain hpa --api-version=autoscaling/v1

# A kind of a group
cubectl explain deployments.apps.spec
""",
    params=[
        Switch(["--recursive"], help="Show the names and types of all fields below it."),
        Flag(
            ["--api-version"],
            default="",
            metavar="GROUP/VERSION",
            help="The version of the kind to explain.",
        ),
        Flag(
            ["-o", "--output"],
            default=PLAINTEXT,
            metavar="FORMAT",
            help=f"The form of output: {PLAINTEXT} or {OPENAPI_V2}.",
            values=(PLAINTEXT, OPENAPI_V2),
        ),
    ],
)
