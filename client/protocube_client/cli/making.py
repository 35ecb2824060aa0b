"""Objects that a command makes itself: they are created, or only shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube_client.cli import results
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output
from protocube_client.cli.flags.dry_run import DryRun

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printable, Printer
    from protocube_client.resource.info import Info
    from protocube_client.resource.validation import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How objects are created and shown."""

    dry_run: DryRun
    format: Format
    save_config: bool
    field_manager: str
    validation: Validation

    def printer(self, done: str) -> Printer:
        """Return what prints each object, or tells what was ``done``."""
        return results.printer(self.format, f"{done}{self.dry_run.suffix}")

    async def make(
        self, session: Session, manifest: dict[str, Any], *, complaint: str = ""
    ) -> Printable:
        """Create an object, unless nothing is to be sent, and return it as it is to be shown.

        The server's refusal is told behind ``complaint``. Raises ``ApiError`` and
        :class:`CommandError`.
        """
        from protocube_client.resource.mapper import Mapper
        from protocube_client.resource.text.document import Document

        resource = session.kinds.require(manifest["apiVersion"], manifest["kind"])
        if not resource.namespaced:
            manifest["metadata"].pop("namespace", None)
        document = Document(raw=b"", value=manifest, line=0)
        info = Mapper(session.catalog, session.connection).info_for_data(document, "")
        if self.save_config:
            _annotate(info)
        if self.dry_run is not DryRun.CLIENT:
            await self._send(session, info, complaint)
        return self._printable(info.object, resource)

    async def _send(self, session: Session, info: Info, complaint: str) -> None:
        from protocube import errors
        from protocube_client.connection.unreachable import CannotConnect
        from protocube_client.resource.create import create_and_refresh

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
            # kubectl tells of the address of the request here. The address of the server, which
            # this error has, says more.
            raise
        except errors.ApiError as error:
            if not complaint:
                raise
            raise CommandError(f"{complaint}{error}") from None
        for warning in warnings:
            session.streams.warn(warning)

    def _printable(self, message: Message, resource: Resource) -> Printable:
        from protocube_client.printers.printable import Printable

        if self.format.name in ("", "name"):
            return Printable(resource=resource, message=message)
        given = _typed(message, resource)
        return Printable(resource=resource, message=message, given=given, typed=True)


def take(given: dict[str, Any], *, validation: Validation) -> Making:
    """Take the flags of how objects are made out of what click gave a callback."""
    return Making(
        dry_run=DryRun.parse(given.pop("dry_run")),
        format=output.take(given).format(tables=False),
        save_config=given.pop("save_config"),
        field_manager=given.pop("field_manager"),
        validation=validation,
    )


def _typed(message: Message, resource: Resource) -> dict[str, Any]:
    """Return an object with what Kubernetes always writes, in the order of its fields."""
    from protocube.manifests import encode
    from protocube_client.printers import typed_order

    return typed_order.of(encode.shown(message), resource.descriptor)


def _annotate(info: Info) -> None:
    """Write down in the object how it is configured."""
    from protocube.manifests import json_text
    from protocube_client.cli import last_applied

    message: Any = info.object
    applied = json_text.compact(_typed(message, info.mapping), order=list) + "\n"
    message.metadata.annotations[last_applied.ANNOTATION] = applied
