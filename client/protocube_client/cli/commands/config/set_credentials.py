"""``cubectl config set-credentials``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags.pflag import FALSE, Unsupported
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_PROPERTIES = ("client-certificate", "client-key", "token")
_KNOWN_BY: Final = "a user shows a certificate or a token"
_OTHER_MEANS: Final = (
    "--auth-provider",
    "--auth-provider-arg",
    "--exec-api-version",
    "--exec-arg",
    "--exec-command",
    "--exec-env",
    "--exec-interactive-mode",
    "--exec-provide-cluster-info",
    "--password",
    "--username",
)


@click.pass_obj
def _set_credentials(app: App, *, arguments: tuple[str, ...]) -> None:
    if len(arguments) != 1:
        raise misuse(f"unexpected args: [{' '.join(arguments)}]", "cubectl config set-credentials")
    name = arguments[0]
    if not name:
        raise CommandError("you must specify a non-empty user name")
    file = config_path.of(app.given, app.environ)
    said = editing.said(app.given)
    changes = {key: said[key] for key in _PROPERTIES if key in said}
    editing.save(file, editing.with_entry(config.load(file).data, "users", name, changes))
    app.streams.out.write(f"User {quote(name)} set.\n")


COMMAND = Command(
    "set-credentials",
    callback=_set_credentials,
    usage="NAME [--client-certificate=FILE] [--client-key=FILE] [--token=TOKEN]",
    help=(
        "Add a user to the config file, or change one; what is not given stays. A user is a "
        "certificate that a server asks for, and its key, or a bearer token. A token that a file "
        "holds, which others may renew, is named by the user's property tokenFile."
    ),
    completes=("users",),
    examples="""
# Add a user, for contexts to name
cubectl config set-credentials ada --client-certificate=ada.crt \\
  --client-key=ada.key

# Add a user with a token
cubectl config set-credentials robot --token="$TOKEN"

# Let a user have another key
cubectl config set-credentials ada --client-key=new.key
""",
    params=[
        Unsupported("--embed-certs", editing.NOT_EMBEDDED, harmless=FALSE),
        *(Unsupported(name, _KNOWN_BY) for name in _OTHER_MEANS),
    ],
)
