"""``cubectl set env``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.files import Files
from protocube_client.cli.flags.pflag import Flag, Switch, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.set.options import SetOptions
    from protocube_client.cli.commands.set.variables import Variable
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvOptions:
    """Which variables to set, and of which containers."""

    set: SetOptions
    changes: tuple[str, ...]
    containers: str
    from_object: str
    """The ConfigMap or Secret whose keys become variables; empty for none."""
    keys: tuple[str, ...]
    prefix: str
    list: bool
    resolve: bool
    overwrite: bool

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        for fault in self.set.faults():
            raise fault
        if not self.set.arguments and not self.set.files:
            raise CommandError(
                "one or more resources must be specified as <resource> <name> or <resource>/<name>"
            )
        if self.list and self.set.format.name:
            raise CommandError("--list and --output may not be specified together")
        if self.keys and not self.from_object:
            raise CommandError(
                "when specifying --keys, a configmap or secret must be provided with --from"
            )

    async def run(self, session: Session) -> None:
        """Change every object; raises all errors together after the last one."""
        from protocube_client.cli.commands.set import setting, variables
        from protocube_client.cli.commands.set.environment import Environment

        read = variables.read(self.changes, session.streams.stdin)
        values = [*read.values, *await self._injected(session)]
        if self.prefix:
            values = [{**each, "name": f"{self.prefix}{each['name']}"} for each in values]
        environment = Environment(self, replace(read, values=tuple(values)), session)
        chosen = await setting.read(self.set, session, ())
        await setting.change_all(chosen, environment, self.set, session)

    async def _injected(self, session: Session) -> Sequence[Variable]:
        """Return the variables of a ConfigMap or Secret."""
        from protocube_client.cli.commands.set import setting, sources

        if not self.from_object:
            return []
        options = self.set
        if not options.local:
            options = replace(options, arguments=(self.from_object,), files=Files())
        found = await setting.read(options, session, ())
        return [each for item in found for each in sources.of_object(item, self.keys, session)]


@click.pass_obj
def _set(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    from protocube_client.cli.commands.set import variables

    named, changes = variables.split(arguments)
    options = EnvOptions(
        set=set_options.take(given, arguments=named),
        changes=(*given.pop("env"), *changes),
        from_object=given.pop("from"),
        keys=words(given.pop("keys")),
        **given,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "env",
    callback=_set,
    usage=f"{set_options.USAGE} [NAME=VALUE...] [NAME-...] [flags]",
    help="Set variables of containers, take them away, or show them.",
    completes=("kinds", "names"),
    examples="""
# Set a variable of all containers of a Deployment
cubectl set env deployment/web LOG=debug

# Take it away in one of them
cubectl set env deployment/web -c web LOG-

# Let the keys of a Secret be variables
cubectl set env deployment/web --from=secret/keys --prefix=DB_

# Show the variables, and those that come from elsewhere with their values
cubectl set env deployment/web --list --resolve

# Set what another program writes
env | cubectl set env deployment/web -
""",
    params=[
        *set_options.flags(),
        Flag(
            ["-c", "--containers"],
            default="*",
            metavar="NAMES",
            help="The containers to change; * stands for anything.",
        ),
        Flag(
            ["-e", "--env"],
            multiple=True,
            metavar="NAME=VALUE",
            help="A variable, as in an argument; may be repeated.",
        ),
        Flag(
            ["--from"],
            default="",
            metavar="KIND/NAME",
            help="The ConfigMap or Secret whose keys become variables.",
        ),
        Flag(["--keys"], multiple=True, metavar="KEYS", help="With --from, only these keys."),
        Flag(["--prefix"], default="", metavar="TEXT", help="What all names are to begin with."),
        Switch(["--overwrite"], default=True, help="Let variables that exist get other values."),
        Switch(["--list"], help="Show the variables that there are then, and send nothing."),
        Switch(["--resolve"], help="With --list, show the values of those from elsewhere."),
    ],
)
