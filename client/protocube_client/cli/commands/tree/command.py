"""``cubectl tree``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeOptions:
    """Whose trees to show, and how."""

    arguments: tuple[str, ...]
    no_headers: bool


@click.pass_obj
def _tree(app: App, /, **given: Any) -> None:
    options = TreeOptions(**given)
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: TreeOptions, session: Session) -> None:
    """Show the tree of each object; raises what could not be read after the last one."""
    from protocube_client.cli import objects
    from protocube_client.cli.commands.tree import drawing
    from protocube_client.cli.commands.tree.family import Family
    from protocube_client.cli.files import Files

    # What an object owns can be of any kind that the server has.
    await session.kinds.learn()
    families: dict[str, Family] = {}
    out = session.streams.out

    async def show(chosen: Chosen) -> None:
        item = chosen.printable()
        namespace = item.metadata.namespace
        family = families.get(namespace)
        if family is None:
            family = families[namespace] = Family(session)
            await family.read(namespace)
            if family.unread:
                session.streams.note(f"not shown: {', '.join(family.unread)}, which cannot be read")
        elif not options.no_headers:
            out.write("\n")
        out.writelines(await drawing.lines(item, family, headers=not options.no_headers))

    choice = objects.Choice(arguments=options.arguments, files=Files())
    chosen = await objects.find(choice, session)
    await chosen.visit(show)


COMMAND = Command(
    "tree",
    callback=_tree,
    usage="(KIND NAME... | KIND/NAME...) [flags]",
    help="Show what an object belongs to, and what belongs to it.\n\nOwners stand above it and "
    "dependents below, as owner references name them. Further owners of the object, and of those "
    "above it, are named behind an arrow; what a dependent owns is shown once.",
    completes=("kinds", "names"),
    examples="""
# The replica sets and pods of a Deployment
cubectl tree deployment/web

# What a pod belongs to
cubectl tree pod web-7d9c-x2x4p
""",
    params=[Switch(["--no-headers"], help="Leave the headings out.")],
)
