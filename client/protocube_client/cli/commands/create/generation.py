"""What every generator does with the object it made: shows it or has it created."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import BEFORE_DASHES
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags import dry_run, output
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube.catalog import Resource
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printable
    from protocube_client.resource.validation import Validation

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

Make = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the manifest of an object out of its metadata. Raises ``CommandError``."""


def flags() -> list[Flag]:
    """Return the flags that every generator takes."""
    return [
        dry_run.flag(),
        *output.flags(tables=False),
        Switch(["--save-config"], help="Keep the configuration in an annotation."),
        Flag(
            ["--field-manager"],
            default="kubectl-create",
            metavar="NAME",
            help="Who is said to have written the fields.",
        ),
        Flag(
            ["--validate"],
            bare="strict",
            default="strict",
            metavar="MODE",
            help="What to do with unknown fields: strict (refuse), warn, ignore.",
            values=("strict", "warn", "ignore"),
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How an object is created and shown."""

    name: str
    dry_run: DryRun
    format: Format
    save_config: bool
    field_manager: str
    validation: Validation

    def run(self, app: App, make: Make, *, complaint: str = "") -> None:
        """Create what ``make`` makes; the server's refusal is told behind ``complaint``."""
        settings = app.settings()
        metadata: dict[str, Any] = {"name": self.name, "creationTimestamp": None}
        if settings.namespace_given:
            metadata["namespace"] = settings.namespace
        manifest = make(metadata)
        app.run(settings, lambda session: self._create(session, manifest, complaint))

    async def _create(self, session: Session, manifest: dict[str, Any], complaint: str) -> None:
        from protocube_client.printers import typed_order
        from protocube_client.printers.printable import Printable

        resource = session.catalog.for_kind(manifest["apiVersion"], manifest["kind"])
        if resource is None:
            raise CommandError(f"this cubectl does not know the kind {manifest['kind']}")
        if not resource.namespaced:
            manifest["metadata"].pop("namespace", None)
        manifest = typed_order.of(manifest, resource.descriptor)
        if self.save_config:
            manifest = _with_annotation(manifest, resource)
        if self.dry_run is DryRun.CLIENT:
            message: Any = resource.message_class()
            message.metadata.name = manifest["metadata"]["name"]
            shown = Printable(resource=resource, message=message, given=manifest, typed=True)
        else:
            shown = await self._send(session, manifest, complaint)
        self._show(shown, session)

    async def _send(self, session: Session, manifest: dict[str, Any], complaint: str) -> Printable:
        from protocube import errors
        from protocube_client.connection.unreachable import CannotConnect
        from protocube_client.printers.printable import Printable
        from protocube_client.resource.create import create_and_refresh
        from protocube_client.resource.mapper import Mapper
        from protocube_client.resource.text.document import Document

        document = Document(raw=b"", value=manifest, line=0)
        info = Mapper(session.catalog, session.connection).info_for_data(document, "")
        if info.namespaced and not info.namespace:
            info.set_namespace(session.settings.namespace)
        try:
            warnings = await create_and_refresh(
                info,
                dry_run=self.dry_run is DryRun.SERVER,
                field_manager=self.field_manager,
                validation=self.validation,
            )
        except CannotConnect:
            # kubectl would tell of the request's address; who refused says more.
            raise
        except errors.ApiError as error:
            if not complaint:
                raise
            raise CommandError(f"{complaint}{error}") from None
        for warning in warnings:
            session.streams.warn(warning)
        return Printable(resource=info.mapping, message=info.object)

    def _show(self, shown: Printable, session: Session) -> None:
        from protocube_client.printers import typed_order
        from protocube_client.printers.name_printer import NamePrinter

        if not self.format.name:
            NamePrinter(f"created{self.dry_run.suffix}").print([shown], session.streams.out)
            return
        if self.format.name != "name":
            manifest = typed_order.of(shown.manifest(), shown.resource.descriptor)
            shown = replace(shown, given=manifest, typed=True)
        self.format.printer().print([shown], session.streams.out)


def take(flags: dict[str, Any]) -> Generation:
    """Take the flags of :func:`flags` and the name out of what click gave a callback.

    Raises :class:`CommandError` or :class:`UsageError` for what cannot be done.
    """
    from protocube_client.resource.validation import Validation

    context = click.get_current_context()
    arguments = flags.pop("arguments")
    count = min(context.meta[BEFORE_DASHES], len(arguments))
    if count != 1:
        raise UsageError(
            f"error: exactly one NAME is required, got {count}",
            f"See '{context.command_path} -h' for help and examples",
        )
    generation = Generation(
        name=arguments[0],
        dry_run=DryRun.parse(flags.pop("dry_run")),
        format=output.take(flags).format(tables=False),
        save_config=flags.pop("save_config"),
        field_manager=flags.pop("field_manager"),
        validation=Validation.parse(flags.pop("validate")),
    )
    if not generation.name:
        raise CommandError("name must be specified")
    return generation


def _with_annotation(manifest: dict[str, Any], resource: Resource) -> dict[str, Any]:
    from protocube.manifests import json_text
    from protocube_client.printers import typed_order

    applied = json_text.compact(manifest, order=list) + "\n"
    metadata = {**manifest["metadata"], "annotations": {_LAST_APPLIED: applied}}
    return typed_order.of({**manifest, "metadata": metadata}, resource.descriptor)
