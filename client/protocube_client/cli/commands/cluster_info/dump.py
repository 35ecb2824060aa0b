"""``cubectl cluster-info dump``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output, selecting
from protocube_client.cli.flags.pflag import Flag, Unsupported, words

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_SYSTEM = "kube-system"
_STDOUT = "-"
_KINDS = (
    ("v1", "Event"),
    ("v1", "ReplicationController"),
    ("v1", "Service"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("v1", "Pod"),
)
"""What is written of each namespace; the nodes come first."""
_EXTENSIONS = {"json": ".json", "yaml": ".yaml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpOptions:
    """What to write down, and where."""

    folder: str
    namespaces: tuple[str, ...]
    all_namespaces: bool
    format: Format

    async def run(self, session: Session) -> None:
        """Write the lists, each into a file of its own or all to standard output.

        Raises the exceptions of :mod:`protocube.errors` and :class:`CommandError`.
        """
        await self._write(session.kinds.require("v1", "Node"), "", session)
        for namespace in await self._chosen(session):
            for kind in _KINDS:
                await self._write(session.kinds.require(*kind), namespace, session)
        if self.folder not in ("", _STDOUT):
            session.streams.out.write(f"Cluster info dumped to {self.folder}\n")

    async def _chosen(self, session: Session) -> tuple[str, ...]:
        if self.all_namespaces:
            found = await session.client.list("namespaces")
            return tuple(item.metadata.name for item in found)  # type: ignore[attr-defined]  # every resource has it
        return self.namespaces or (_SYSTEM, session.settings.namespace)

    async def _write(self, resource: Resource, namespace: str, session: Session) -> None:
        from protocube_client.printers.printable import Printable

        listing = await session.client.list(resource.message_class, namespace=namespace)
        shown = [Printable(resource=resource, message=message) for message in listing]
        printer = self.format.printer(as_list=True)
        if self.folder in ("", _STDOUT):
            printer.print(shown, session.streams.out)
            return
        name = resource.plural + _EXTENSIONS.get(self.format.name, ".txt")
        with self._open(Path(self.folder) / namespace / name) as stream:
            printer.print(shown, stream)

    def _open(self, path: Path) -> TextIO:
        from protocube_client.resource.go import os as go_os

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(go_os.describe(error, "mkdir", path=str(path.parent))) from None
        try:
            return path.open("w", encoding="utf-8")
        except OSError as error:
            raise CommandError(go_os.describe(error, "open", path=str(path))) from None


@click.pass_obj
def _dump(app: App, /, **given: object) -> None:
    given.pop("arguments")
    folder, namespaces = given.pop("output_directory"), given.pop("namespaces")
    everywhere = given.pop("all_namespaces")
    options = DumpOptions(
        folder=str(folder),
        namespaces=words(namespaces),  # type: ignore[arg-type]  # click made a tuple of texts
        all_namespaces=bool(everywhere),
        format=output.take({**given, "output": given["output"] or "json"}).format(tables=False),
    )
    app.run(app.settings(), options.run)


COMMAND = Command(
    "dump",
    callback=_dump,
    usage="[--output-directory=DIR] [flags]",
    help=(
        "Write down all that could explain a fault: the nodes, and of some namespaces events, "
        "Services, workloads and pods. There are no logs, because no pods run here."
    ),
    examples="""
# Write to standard output
cubectl cluster-info dump

# Write a file for each kind into a folder
cubectl cluster-info dump --output-directory=state

# Write down all namespaces
cubectl cluster-info dump --all-namespaces --output-directory=state
""",
    params=[
        Flag(
            ["--output-directory"],
            default="",
            metavar="DIR",
            help="Where to write; standard output when it is empty or -.",
            source="file",
        ),
        Flag(
            ["--namespaces"],
            multiple=True,
            metavar="NAMES",
            help=f"The namespaces: {_SYSTEM} and the current one unless given.",
            source="namespaces",
        ),
        selecting.all_namespaces(),
        *output.flags(tables=False),
        Unsupported("--pod-running-timeout", "no pods run here, so there are no logs to wait for"),
    ],
)
