"""``cubectl create``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags import dry_run, output
from protocube_client.cli.flags import parallel as parallel_flag
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import FALSE, RAW, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.command import Table
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.progress import Progress
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printer
    from protocube_client.resource.info import Info
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.validation import Validation
    from protocube_client.resource.visitor import Landing

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HERE = "protocube_client.cli.commands.create"
_GENERATORS: Table = {
    "configmap": (f"{_HERE}.config_map", "A ConfigMap from literals or files"),
    "deployment": (f"{_HERE}.deployment", "A Deployment that runs images"),
    "namespace": (f"{_HERE}.namespace", "A namespace"),
    "secret": (f"{_HERE}.secret", "A Secret of one of several types"),
    "serviceaccount": (f"{_HERE}.service_account", "A service account"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """What to create, and how."""

    files: Files
    selector: str
    dry_run: DryRun
    validation: Validation
    field_manager: str
    save_config: bool
    format: Format
    parallel: int
    trace: bool
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        if self.arguments:
            raise UsageError(
                f"error: Unexpected args: [{' '.join(self.arguments)}]",
                "See 'cubectl create -h' for help and examples",
            )
        if not self.files:
            raise CommandError("must specify one of -f and -k")
        parallel_flag.check(self.parallel)

    async def run(self, session: Session) -> None:
        """Create every object; raises all errors together after the last one."""
        from protocube_client.cli.progress import Progress
        from protocube_client.resource.trace import Trace

        trace = Trace(session.streams.err) if self.trace else None
        result = files.result(
            self.files,
            session,
            validation=self.validation,
            selector=self.selector,
            local=self.dry_run is DryRun.CLIENT,
            parallel=self.parallel,
            trace=trace,
        )
        with Progress(session.streams.err, result.files) as progress:
            creation = _Creation(self, session, progress, trace)
            await result.visit(creation.visit)
        if not creation.count:
            raise CommandError("no objects passed to create")

    def printer(self) -> Printer:
        """Return what shows each object that was created."""
        from protocube_client.printers.name_printer import NamePrinter

        if self.format.name:
            return self.format.printer()
        return NamePrinter(f"created{self.dry_run.suffix}")


class _Creation:
    """The function that the walk calls with each object."""

    def __init__(
        self, options: CreateOptions, session: Session, progress: Progress, trace: Trace | None
    ) -> None:
        self.count = 0
        self._options = options
        self._streams = session.streams
        self._places = session.places
        self._progress = progress
        self._trace = trace
        self._printer = options.printer()

    async def visit(self, info: Info | None, error: Exception | None) -> Landing:
        """Create one object and give what shows it. Raises what stood in its place."""
        info = files.object_of(info, error)
        options = self._options
        if options.save_config:
            _save_config(info)
        warnings = () if options.dry_run is DryRun.CLIENT else await self._send(info)
        return self._progress.counting(partial(self._show, info, warnings), info.size)

    def _show(self, info: Info, warnings: tuple[str, ...]) -> None:
        from protocube_client.printers.printable import Printable

        for warning in warnings:
            self._streams.warn(warning)
        self.count += 1
        given = info.manifest if self._options.dry_run is DryRun.CLIENT else None
        shown = Printable(resource=info.mapping, message=info.object, given=given)
        self._printer.print([shown], self._streams.out)

    async def _send(self, info: Info) -> tuple[str, ...]:
        from protocube_client.resource.create import create_and_refresh

        options = self._options
        try:
            return await create_and_refresh(
                info,
                dry_run=options.dry_run is DryRun.SERVER,
                field_manager=options.field_manager,
                validation=options.validation,
                trace=self._trace,
            )
        except Exception as error:
            self._places.remember(error, info)
            raise


def _save_config(info: Info) -> None:
    """Keep the object as it was given in the annotation that kubectl's ``apply`` reads."""
    from protocube.manifests import json_text

    manifest = dict(info.manifest)
    metadata = dict(manifest.get("metadata") or {})
    annotations = dict(metadata.get("annotations") or {})
    annotations.pop(_LAST_APPLIED, None)
    manifest["metadata"] = {**metadata, "annotations": annotations}
    info.set_annotation(_LAST_APPLIED, json_text.compact(manifest) + "\n")


@click.pass_obj
def _create(
    app: App,
    /,
    *,
    filename: tuple[str, ...],
    recursive: bool,
    kustomize: str,
    selector: str,
    dry_run: str,
    validate: str,
    field_manager: str,
    save_config: bool,
    parallel: int,
    trace: bool,
    arguments: tuple[str, ...],
    **given: Any,
) -> None:
    from protocube_client.resource.validation import Validation

    options = CreateOptions(
        files=files.of(filename, kustomize, recursive=recursive),
        selector=selector,
        dry_run=DryRun.parse(dry_run),
        validation=Validation.parse(validate),
        field_manager=field_manager,
        save_config=save_config,
        format=output.take(given).format(tables=False),
        parallel=parallel,
        trace=trace,
        arguments=arguments,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "create",
    callback=_create,
    usage="(-f FILE | KIND NAME) [flags]",
    help="Create objects from files, directories, URLs or standard input, or out of flags.",
    table=_GENERATORS,
    aliases={"cm": "configmap", "deploy": "deployment", "ns": "namespace", "sa": "serviceaccount"},
    examples="""
# Create the objects in a file
cubectl create -f pod.yaml

# Create the objects in a folder and all folders below it
cubectl create -R -f manifests/

# Create what another program writes
cat pod.json | cubectl create -f -

# Create an object out of flags
cubectl create configmap web --from-literal=colour=red

# Show what would be created, checked by the server
cubectl create -f pod.yaml --dry-run=server -o yaml

# Watch a manifest on its way to the server
cubectl create -f pod.yaml --trace
""",
    params=[
        *files.flags("create"),
        Flag(["-l", "--selector"], default="", metavar="LABELS", help="Only objects with these."),
        dry_run.flag(),
        Flag(
            ["--validate"],
            bare="strict",
            default="strict",
            metavar="MODE",
            help="What to do with unknown fields: strict (refuse), warn, ignore.",
            values=("strict", "warn", "ignore"),
        ),
        Flag(
            ["--field-manager"],
            default="kubectl-create",
            metavar="NAME",
            help="Who is said to have written the fields.",
        ),
        Switch(["--save-config"], help="Keep the configuration in an annotation."),
        *output.flags(tables=False),
        parallel_flag.flag(),
        Switch(["--trace"], help="Print each station of the way to stderr."),
        Unsupported("--edit", "open the file in an editor, then create -f it", harmless=FALSE),
        Unsupported("--raw", RAW),
    ],
)
