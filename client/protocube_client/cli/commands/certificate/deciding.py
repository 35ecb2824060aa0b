"""The two commands that decide on CertificateSigningRequests, which differ in the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output
from protocube_client.cli.flags.pflag import Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.certificate.verdict import Verdict
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_KIND = "certificatesigningrequests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided, and on which requests."""

    verdict: Verdict
    names: tuple[str, ...]
    files: Files
    force: bool
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError` unless requests are named, in one way."""
        if self.names and self.files:
            raise CommandError(
                "resource/name arguments cannot be provided when a path is specified"
            )
        if not self.names and not self.files:
            raise CommandError("one or more CSRs must be specified as <name> or -f <filename>")

    async def run(self, session: Session) -> None:
        """Decide on each request; raises all errors together after the last one."""
        from protocube_client.cli import objects, results

        named = (_KIND, *self.names) if self.names else ()
        choice = objects.Choice(arguments=named, files=self.files, latest=True)
        found = await objects.find(choice, session)
        printer = results.printer(self.format, self.verdict.done)

        async def visit(chosen: Chosen) -> None:
            shown = await self._decide(chosen, session)
            printer.print([shown], session.streams.out)

        await found.visit(visit)

    async def _decide(self, chosen: Chosen, session: Session) -> Any:
        from protocube_client.printers.printable import Printable
        from protocube_client.retry import update_with_retry

        if chosen.resource.kind != "CertificateSigningRequest":
            raise CommandError("can only handle certificates.k8s.io CSRs")
        if self.verdict.is_given(chosen.message) and not self.force:
            return chosen.printable()
        message = await update_with_retry(
            session.client,
            chosen.resource.message_class,
            chosen.name,
            self.verdict.give,
            subresource="status",
        )
        return Printable(resource=chosen.resource, message=message)


def command(name: str, verdict: Verdict, **attributes: Any) -> Command:
    """Return the command ``name`` that gives a verdict."""

    @click.pass_obj
    def decide(app: App, /, **given: Any) -> None:
        decision = Decision(
            verdict=verdict,
            names=given.pop("arguments"),
            files=files.take(given),
            force=given.pop("force"),
            format=output.take(given).format(tables=False),
        )
        decision.validate()
        app.run(app.settings(), decision.run)

    return Command(
        name,
        callback=decide,
        usage="(NAME... | -f FILE) [flags]",
        completes=(_KIND,),
        params=[
            *files.flags(name),
            Switch(["--force"], help="Write the request even if it is decided so already."),
            *output.flags(tables=False),
        ],
        **attributes,
    )
