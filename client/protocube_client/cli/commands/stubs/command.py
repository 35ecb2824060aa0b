"""``cubectl stubs``: what another language builds its client of a server's kinds from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    from protocube.discovery.v1.discovery_pb2 import ResourceInfo
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

_ARGUMENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StubsOptions:
    """For which language, where to, and of which kinds."""

    language: str
    out: str
    kinds: tuple[str, ...]
    go_package: str
    module: str

    def validate(self) -> None:
        """Raise :class:`CommandError` for a language that there is not."""
        from protocube.codegen import stubs

        if self.language not in stubs.LANGUAGES:
            known = ", ".join(stubs.LANGUAGES)
            raise CommandError(f"no stubs for {self.language}: it is one of {known}")

    async def run(self, session: Session) -> None:
        """Ask the server for its schema, and write the stubs."""
        from google.protobuf.descriptor_pb2 import FileDescriptorSet

        from protocube.codegen import stubs
        from protocube_client import discovered

        chosen = self._chosen(await discovered.resources(session.connection))
        found = await discovered.files(session.connection, chosen)
        files = FileDescriptorSet(file=found)
        texts = await _texts(session, chosen, files) if self.language in _TAKE_TEXTS else {}
        try:
            notes = await asyncio.to_thread(
                stubs.write,
                self.language,
                Path(self.out),
                files,
                texts=texts,
                go_package=self.go_package,
                module=self.module,
            )
        except stubs.CannotGenerate as error:
            raise CommandError(str(error)) from None
        for note in notes:
            session.streams.err.write(f"note: {note}\n")
        names = ", ".join(sorted({f"{info.resource.plural}.{info.group}" for info in chosen}))
        session.streams.out.write(f"{self.language} stubs of {names} written to {self.out}\n")

    def _chosen(self, resources: Sequence[ResourceInfo]) -> list[ResourceInfo]:
        """Return the kinds that are meant: those that are named, or all that are not shipped."""
        if not self.kinds:
            found = [info for info in resources if not info.message.startswith("protocube.")]
            if not found:
                raise CommandError("the server has no kinds but those that are shipped (--kind)")
            return found
        chosen: list[ResourceInfo] = []
        for word in self.kinds:
            name, _, group = word.lower().partition(".")
            found = [info for info in resources if _is_called(info, name, group)]
            if not found:
                raise CommandError(f'the server doesn\'t have a resource type "{word}"')
            chosen += found
        return chosen


_TAKE_TEXTS = ("java", "protos")


def _is_called(info: ResourceInfo, name: str, group: str) -> bool:
    option = info.resource
    names = (option.plural, option.singular, info.kind.lower(), *option.short_names)
    return name in names and group in ("", info.group)


async def _texts(
    session: Session, kinds: Sequence[ResourceInfo], files: FileDescriptorSet
) -> dict[str, str]:
    """Return the texts of users' files as they were sent, and of the services beside those."""
    from protocube import errors
    from protocube.codegen import proto_text
    from protocube_client import Client

    texts: dict[str, str] = {}
    client = Client(session.connection)
    for name in {f"{info.resource.plural}.{info.group}" for info in kinds}:
        try:
            definition: Any = await client.get("definitions", name)
        except errors.NotFound:
            continue
        texts |= {file.name: file.source for file in _sent(definition) if file.source}
    # They have the options of other languages that the text beside them has.
    services = {
        file.name: proto_text.render(file, proto_text.HEADER_OF_STUBS)
        for file in files.file
        if file.service and not texts.keys().isdisjoint(file.dependency)
    }
    return texts | services


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    name: str
    source: str


def _sent(definition: Any) -> list[_Sent]:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    return [
        _Sent(name=FileDescriptorProto.FromString(item.file_descriptor).name, source=item.source)
        for item in definition.spec.files
    ]


@click.pass_obj
def _stubs(app: App, /, **given: Any) -> None:
    arguments = given.pop("arguments")
    if len(arguments) != _ARGUMENTS:
        from protocube.codegen import stubs

        languages = ", ".join(stubs.LANGUAGES)
        raise UsageError(
            f"error: a language ({languages}) and a folder are needed",
            "See 'cubectl stubs -h' for help",
        )
    options = StubsOptions(
        language=arguments[0],
        out=arguments[1],
        kinds=words(given.pop("kind")),
        go_package=given.pop("go_package"),
        module=given.pop("module"),
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "stubs",
    callback=_stubs,
    usage="LANG OUT [flags]",
    help="Write what another language builds a client from.\n\nLANG is go, image, java, node, "
    "protos, python or rust. OUT is a folder. The kinds are those of the server that are not "
    "shipped, unless --kind names some. docs/clients has how each language goes on.\n\nThose that "
    "are shipped need no server: python -m protocube.codegen.stubs LANG OUT [--only KIND...].",
    examples="""
# Python modules of all kinds that users have defined
cubectl stubs python gen/

# Go packages of one kind
cubectl stubs go gen/ --kind machines.fleet.example.com

# A package for npm
cubectl stubs node fleet/ --module fleet-stubs

# A descriptor set for any other tool
cubectl stubs image gen/ --kind machines
""",
    params=[
        Flag(["--kind"], multiple=True, metavar="KIND", help="Only this kind; can be repeated."),
        Flag(
            ["--go-package"],
            default="",
            metavar="PATH",
            help="Go's import path of OUT; otherwise that of the go.mod around it.",
        ),
        Flag(
            ["--module"],
            default="",
            metavar="NAME",
            help="Make OUT a module of this name, with go.mod (go) or package.json (node).",
        ),
    ],
)
