"""``cubectl apply set-last-applied``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, output
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    files: Files
    create_annotation: bool
    dry_run: DryRun
    format: Format


@click.pass_obj
def _set(app: App, /, *, create_annotation: bool, arguments: tuple[str, ...], **given: Any) -> None:
    # What is no flag is left aside, as in kubectl.
    del arguments
    options = _Options(
        files=files.take({"recursive": False, "kustomize": "", **given}),
        create_annotation=create_annotation,
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
    )
    app.run(app.settings(), lambda session: _run(options, session))


async def _run(options: _Options, session: Session) -> None:
    """Look at all objects, then change those whose annotation says something else.

    Nothing is changed after an error. Raises the exceptions of :mod:`protocube.errors`,
    ``ManifestError`` and :class:`CommandError`.
    """
    from protocube_client.cli import results
    from protocube_client.cli.commands.apply import annotating
    from protocube_client.printers.printable import Printable
    from protocube_client.resource.validation import Validation

    result = files.result(options.files, session, validation=Validation.IGNORE, keep_going=False)
    wanted: list[Info] = []

    async def look(info: Info | None, error: Exception | None) -> None:
        info = files.object_of(info, error)
        if await _is_other(info, options, session):
            wanted.append(info)

    await result.visit(look)
    printer = results.printer(options.format, f"configured{options.dry_run.suffix}")
    for info in wanted:
        if options.dry_run is not DryRun.CLIENT:
            message = await annotating.write(
                session,
                info.mapping,
                info.name,
                info.manifest,
                {
                    "namespace": info.namespace,
                    "dry_run": options.dry_run is DryRun.SERVER,
                },
            )
            info.refresh(message)
        shown = Printable(resource=info.mapping, message=info.object)
        printer.print([shown], session.streams.out)


async def _is_other(info: Info, options: _Options, session: Session) -> bool:
    """Refresh ``info`` from its object, and tell whether the annotation says something else."""
    from protocube_client.cli import last_applied
    from protocube_client.cli.commands.apply import annotating

    info.refresh(
        await session.client.get(info.mapping.message_class, info.name, namespace=info.namespace)
    )
    if last_applied.of(info.object) is None and not options.create_annotation:
        raise CommandError(
            f"no last-applied-configuration annotation found on resource: {info.name}, "
            "to create the annotation, run the command with --create-annotation"
        )
    if annotating.is_kept(info.object, info.manifest):
        session.streams.out.write(f"set-last-applied {info.name}: no changes required.\n")
        return False
    return True


COMMAND = Command(
    "set-last-applied",
    callback=_set,
    usage="-f FILE [flags]",
    help="Write what files say into the annotations of their objects, as if it had been applied "
    "last. Nothing else of the objects changes.",
    examples="""
# Let the annotation of a Deployment say what a file says
cubectl apply set-last-applied -f deployment.yaml

# Give the annotation to an object that has none
cubectl apply set-last-applied -f deployment.yaml --create-annotation
""",
    params=[
        files.filename("write"),
        Switch(["--create-annotation"], help="Also where the object has no such annotation."),
        dry_run.flag(),
        *output.flags(tables=False),
    ],
)
