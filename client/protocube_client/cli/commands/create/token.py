"""``cubectl create token``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube import errors
from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import naming
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import durations, output
from protocube_client.cli.flags.pflag import Duration, Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_KINDS = ("Node", "Pod", "Secret")
_FAILED = "failed to create token: "


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOptions:
    """Of whom a token is asked for, and what for."""

    name: str
    audiences: tuple[str, ...]
    seconds: float
    bound_kind: str
    bound_name: str
    bound_uid: str
    format: Format

    def validate(self) -> None:
        """Raise :class:`CommandError`, in kubectl's order and words."""
        if not self.name:
            raise CommandError("service account name is required")
        if self.seconds < 0:
            raise CommandError("--duration must be greater than or equal to 0")
        if self.seconds % 1:
            raise CommandError("--duration cannot be expressed in units less than seconds")
        if "" in self.audiences:
            raise CommandError("--audience must not be an empty string")
        if not self.bound_kind:
            for value, flag in ((self.bound_name, "name"), (self.bound_uid, "uid")):
                if value:
                    raise CommandError(
                        f"--bound-object-{flag} can only be set if --bound-object-kind is provided"
                    )
        elif self.bound_kind not in _KINDS:
            raise CommandError(f"supported --bound-object-kind values are {', '.join(_KINDS)}")
        elif not self.bound_name:
            raise CommandError("--bound-object-name is required if --bound-object-kind is provided")

    async def run(self, session: Session) -> None:
        """Ask for the token and show it."""
        from protocube_client.connection.unreachable import CannotConnect

        try:
            found = await session.client.create_token(
                self.name,
                namespace=session.settings.namespace,
                audiences=self.audiences,
                expiration_seconds=int(self.seconds) or None,
                bound_kind=self.bound_kind,
                bound_name=self.bound_name,
                bound_uid=self.bound_uid,
            )
        except CannotConnect:
            raise
        except errors.ApiError as error:
            raise CommandError(f"{_FAILED}{error}") from None
        if not found.status.token:
            raise CommandError(f"{_FAILED}no token in server response")
        self._show(session, found)

    def _show(self, session: Session, found: Any) -> None:
        out = session.streams.out
        if self.format.is_table:
            # Nothing but the token for a program, and a line for a person.
            out.write(f"{found.status.token}\n" if out.isatty() else found.status.token)
            return
        if self.format.name == "name":
            out.write(f"tokenrequest.authentication.k8s.io/{found.metadata.name}\n")
            return
        from protocube_client.printers.printable import Printable

        account = session.catalog.find("serviceaccounts")
        assert account is not None  # noqa: S101  # a kind that cubectl is built with
        shown = Printable(resource=account, message=found, typed=True)
        self.format.printer().print([shown], out)


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    options = TokenOptions(
        name=naming.take(flags),
        audiences=flags.pop("audience"),
        seconds=durations.seconds(flags.pop("duration")),
        format=output.take(flags).format(tables=False),
        bound_kind=flags.pop("bound_object_kind"),
        bound_name=flags.pop("bound_object_name"),
        bound_uid=flags.pop("bound_object_uid"),
    )
    options.validate()
    app.run(app.settings(), options.run)


COMMAND = Command(
    "token",
    callback=_create,
    usage="SERVICE_ACCOUNT_NAME [flags]",
    help=(
        "Ask for a token that proves to be a service account. The server has to have a key to "
        "sign it with (--service-account-key)."
    ),
    completes=("serviceaccounts",),
    examples="""
# Get a token for an hour
cubectl create token robot

# Get one for ten minutes, for another server
cubectl create token robot --duration=10m --audience=https://example.com

# Get one that ends with a secret
cubectl create token robot --bound-object-kind=Secret \\
  --bound-object-name=login
""",
    params=[
        Flag(
            ["--audience"],
            multiple=True,
            metavar="NAME",
            help="Who may accept the token; the server itself unless given. Can be repeated.",
        ),
        Duration(
            ["--duration"],
            default="0",
            metavar="DURATION",
            help="How long it is good for; an hour when 0.",
        ),
        Flag(
            ["--bound-object-kind"],
            default="",
            metavar="KIND",
            help="Let it end with an object: a Node, a Pod or a Secret.",
        ),
        Flag(["--bound-object-name"], default="", metavar="NAME", help="The object's name."),
        Flag(
            ["--bound-object-uid"],
            default="",
            metavar="UID",
            help="The object's uid; that of the one there is unless given.",
        ),
        *output.flags(tables=False),
    ],
)
