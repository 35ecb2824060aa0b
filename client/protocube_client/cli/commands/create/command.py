"""``cubectl create``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files, results
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags import dry_run, editing, output, selecting, writing
from protocube_client.cli.flags import parallel as parallel_flag
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import RAW, Switch, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.app import App
    from protocube_client.cli.command import Table
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.cli.written import Writing
    from protocube_client.request import Caller
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.validation import Validation

_HERE = "protocube_client.cli.commands.create"
_GENERATORS: Table = {
    "clusterrole": (f"{_HERE}.cluster_role", "What may be done in all namespaces"),
    "clusterrolebinding": (f"{_HERE}.cluster_role_binding", "Who has a cluster role"),
    "configmap": (f"{_HERE}.config_map", "A ConfigMap from literals or files"),
    "cronjob": (f"{_HERE}.cron_job", "A CronJob that runs an image again and again"),
    "deployment": (f"{_HERE}.deployment", "A Deployment that runs images"),
    "ingress": (f"{_HERE}.ingress", "An Ingress from rules"),
    "job": (f"{_HERE}.job", "A Job that runs an image once"),
    "namespace": (f"{_HERE}.namespace", "A namespace"),
    "poddisruptionbudget": (f"{_HERE}.disruption_budget", "How many pods must stay"),
    "priorityclass": (f"{_HERE}.priority_class", "How important pods are"),
    "quota": (f"{_HERE}.quota", "How much a namespace may use"),
    "role": (f"{_HERE}.role", "What may be done in a namespace"),
    "rolebinding": (f"{_HERE}.role_binding", "Who has a role in a namespace"),
    "secret": (f"{_HERE}.secret", "A Secret of one of several types"),
    "service": (f"{_HERE}.service", "A Service of one of several types"),
    "serviceaccount": (f"{_HERE}.service_account", "A service account"),
    "token": (f"{_HERE}.token", "A token of a service account"),
}
_ALIASES = {
    "cj": "cronjob",
    "cm": "configmap",
    "deploy": "deployment",
    "ing": "ingress",
    "ns": "namespace",
    "pc": "priorityclass",
    "pdb": "poddisruptionbudget",
    "resourcequota": "quota",
    "sa": "serviceaccount",
    "svc": "service",
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
    atomic: bool
    trace: bool
    edit: bool
    windows_line_endings: bool
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        if self.arguments:
            raise misuse(f"Unexpected args: [{' '.join(self.arguments)}]", "cubectl create")
        files.require(self.files)
        if self.edit:
            if self.atomic:
                raise CommandError("--atomic contradicts --edit, which creates one by one")
            editing.check(self.format)
        parallel_flag.check(self.parallel)

    async def run(self, session: Session, environ: Mapping[str, str]) -> None:
        """Create every object; raises all errors together after the last one."""
        from protocube_client.cli import together
        from protocube_client.cli.written import Writing
        from protocube_client.resource.trace import Trace

        trace = Trace(session.streams.err) if self.trace else None
        writing = Writing(
            partial(self._send, trace=trace),
            session,
            printer=results.printer(self.format, f"created{self.dry_run.suffix}"),
            dry_run=self.dry_run,
            save_config=self.save_config,
        )
        if self.edit:
            await self._edit(self._result(session), writing, session, environ)
            return
        if self.atomic and self.dry_run is not DryRun.CLIENT:
            at_once = together.all_or_nothing(session, dry_run=self.dry_run)
            result = self._result(session, caller=at_once)
            await writing.write_together(result, at_once, done="created")
        elif trace is not None or self.dry_run is DryRun.CLIENT:
            await writing.write_all(self._result(session, trace=trace))
        else:
            way = together.streamed(session, parallel=self.parallel, dry_run=self.dry_run)
            async with way:
                most = parallel_flag.under_way(self.parallel)
                await writing.write_all(self._result(session, caller=way, parallel=most))
        if not writing.count:
            raise CommandError("no objects passed to create")

    def _result(
        self,
        session: Session,
        *,
        caller: Caller | None = None,
        parallel: int = 1,
        trace: Trace | None = None,
    ) -> Result:
        return files.result(
            self.files,
            session,
            validation=self.validation,
            selector=self.selector,
            local=self.dry_run is DryRun.CLIENT,
            parallel=parallel,
            caller=caller,
            trace=trace,
        )

    async def _edit(
        self, result: Result, writing: Writing, session: Session, environ: Mapping[str, str]
    ) -> None:
        from protocube_client.cli.commands.create import editing as edited
        from protocube_client.cli.editing import editor

        flags = editing.Editing(
            windows_line_endings=self.windows_line_endings,
            validation=self.validation,
            field_manager=self.field_manager,
            format=self.format,
        )
        await edited.run(result, writing, session, editor=editor.of(environ), flags=flags)

    async def _send(self, info: Info, trace: Trace | None) -> tuple[str, ...]:
        from protocube_client.resource.create import create_and_refresh

        return await create_and_refresh(
            info,
            dry_run=self.dry_run is DryRun.SERVER,
            field_manager=self.field_manager,
            validation=self.validation,
            trace=trace,
        )


@click.pass_obj
def _create(app: App, /, **given: Any) -> None:
    from protocube_client.resource.validation import Validation

    options = CreateOptions(
        files=files.take(given),
        dry_run=DryRun.parse(given.pop("dry_run")),
        validation=Validation.parse(given.pop("validate")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), lambda session: options.run(session, app.environ))


COMMAND = Command(
    "create",
    callback=_create,
    usage="(-f FILE | KIND NAME) [flags]",
    help="Create objects from files, directories, URLs or standard input, or out of flags.",
    table=_GENERATORS,
    aliases=_ALIASES,
    takes_plugins=True,
    examples="""
# Create the objects in a file
cubectl create -f pod.yaml

# Create the objects in a folder and all folders below it
cubectl create -R -f manifests/

# Create what another program writes
cat pod.json | cubectl create -f -

# Create an object out of flags
cubectl create configmap web --from-literal=colour=red

# Change objects in an editor before they are created
cubectl create -f pod.yaml --edit

# Show what would be created, checked by the server
cubectl create -f pod.yaml --dry-run=server -o yaml

# Create all objects in a folder, or none of them
cubectl create --atomic -f manifests/

# Watch a manifest on its way to the server
cubectl create -f pod.yaml --trace
""",
    params=[
        *files.flags("create"),
        selecting.labels(),
        dry_run.flag(),
        writing.validate(),
        writing.field_manager("kubectl-create"),
        writing.save_config(),
        *output.flags(tables=False),
        parallel_flag.flag(),
        parallel_flag.atomic("create"),
        Switch(["--trace"], help="Print each station of the way to stderr."),
        Switch(["--edit"], help="Open each object in an editor before it is created."),
        editing.windows_line_endings(),
        Unsupported("--raw", RAW),
    ],
)
