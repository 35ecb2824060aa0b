"""``cubectl auth reconcile``."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files, results
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import dry_run, output
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.auth.reconciling import Outcome
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info
    from protocube_client.resource.visitor import Landing

_GROUP = "rbac.authorization.k8s.io"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOptions:
    """Which roles and bindings to reconcile, and how."""

    files: Files
    remove_extra_permissions: bool
    remove_extra_subjects: bool
    dry_run: DryRun
    format: Format
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        files.require(self.files)
        if self.arguments:
            raise CommandError("no arguments are allowed")

    async def run(self, session: Session) -> None:
        """Reconcile each object; raises all errors together after the last one."""
        from protocube_client.printers.printable import Printable
        from protocube_client.resource.validation import Validation

        result = files.result(self.files, session, validation=Validation.IGNORE)
        printer = results.printer(self.format, f"reconciled{self.dry_run.suffix}")

        async def visit(info: Info | None, error: Exception | None) -> Landing | None:
            info = files.object_of(info, error)
            if info.mapping.group == _GROUP:
                outcome, message = await self._reconcile(info, session)
                printer.print(
                    [Printable(resource=info.mapping, message=message)], session.streams.out
                )
                session.streams.out.flush()
                session.streams.err.writelines(f"{line}\n" for line in outcome.lines())
            return None

        await result.visit(visit)

    async def _reconcile(self, info: Info, session: Session) -> tuple[Outcome, Message]:
        """Reconcile an object, again when another writer was faster; return what it is now."""
        from protocube import errors
        from protocube.manifests.decode import decode

        for attempt in range(_ATTEMPTS):
            outcome = await self._outcome(info, session)
            message = info.mapping.message_class()
            decode(outcome.object, message)
            if self.dry_run is DryRun.CLIENT or not outcome.operation:
                return outcome, message
            try:
                return outcome, await self._write(info, outcome, message, session)
            except (errors.Conflict, errors.AlreadyExists):
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _outcome(self, info: Info, session: Session) -> Outcome:
        from protocube import errors
        from protocube.manifests import encode
        from protocube_client.cli.commands.auth import reconciling

        is_role = info.mapping.kind in reconciling.ROLES
        try:
            message = await session.client.get(
                info.mapping.message_class, info.name, namespace=info.namespace
            )
        except errors.NotFound:
            found = None
        else:
            found = encode.data(message)
        return reconciling.outcome(
            encode.data(info.object),
            found,
            remove_extra=self.remove_extra_permissions if is_role else self.remove_extra_subjects,
        )

    async def _write(
        self, info: Info, outcome: Outcome, message: Message, session: Session
    ) -> Message:
        dry_run, client = self.dry_run is DryRun.SERVER, session.client
        if outcome.operation == "update":
            return await client.update(message, dry_run=dry_run)
        if outcome.operation == "recreate":
            await client.delete(
                info.mapping.message_class, info.name, namespace=info.namespace, dry_run=dry_run
            )
            if dry_run:
                # What would be created is still there.
                return message
        elif info.namespaced and not dry_run:
            await _ensure_namespace(info.namespace, session)
        return await client.create(message, dry_run=dry_run)


async def _ensure_namespace(name: str, session: Session) -> None:
    """Create a namespace unless it is there.

    A caller who may not create it is refused by the server when an object needs it.
    """
    from protocube import errors

    namespace = session.kinds.require("v1", "Namespace")
    message = namespace.message_class()
    message.metadata.name = name  # type: ignore[attr-defined]  # every resource has it
    with contextlib.suppress(errors.AlreadyExists, errors.Forbidden):
        await session.client.create(message)


@click.pass_obj
def _reconcile(app: App, /, **given: Any) -> None:
    options = ReconcileOptions(
        files=files.take(given),
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        **given,
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "reconcile",
    callback=_reconcile,
    usage="-f FILE [flags]",
    help=(
        "Add to roles and bindings on the server what those in files allow. What is missing is "
        "created, with its namespace; objects of other kinds are left alone."
    ),
    examples="""
# Add what the roles and bindings in a file allow
cubectl auth reconcile -f roles.yaml

# Take away what they do not allow, too
cubectl auth reconcile -f roles.yaml --remove-extra-permissions --remove-extra-subjects

# Show what would be done
cubectl auth reconcile -f roles.yaml --dry-run=client
""",
    params=[
        *files.flags("reconcile"),
        Switch(["--remove-extra-permissions"], help="Take rules away that the file does not have."),
        Switch(["--remove-extra-subjects"], help="Take subjects away that the file does not have."),
        dry_run.flag(),
        *output.flags(tables=False),
    ],
)
