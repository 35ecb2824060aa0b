"""``cubectl config set-credentials``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing, exec_entry
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags.pflag import Flag, Switch, Unsupported
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_SHOWN: Final = ("client-certificate", "client-key")
_NO_PASSWORDS: Final = "the server knows tokens and certificates, and no passwords"  # a sentence
_NO_PROVIDERS: Final = "kubectl has none any more: a program gives credentials by --exec-command"


@click.pass_obj
def _set_credentials(
    app: App, /, *, embed_certs: bool, arguments: tuple[str, ...], **given: Any
) -> None:
    if len(arguments) != 1:
        raise misuse(f"unexpected args: [{' '.join(arguments)}]", "cubectl config set-credentials")
    name = arguments[0]
    if not name:
        raise CommandError("you must specify a non-empty user name")
    said = editing.said(app.given)
    if embed_certs and not any(said.get(key) for key in _SHOWN):
        raise CommandError("you must specify a --client-certificate or --client-key to embed")
    changes = editing.certificates(said, *_SHOWN, embed=embed_certs)
    if "token" in said:
        changes["token"] = said["token"]
    file = config_path.of(app.given, app.environ)
    data = config.load(file).data
    users: list[dict[str, Any]] = data.get("users") or []
    known = next((user for user in users if user["name"] == name), {})
    if (plugin := exec_entry.changed(known.get("exec"), given)) is not None:
        changes["exec"] = plugin
    editing.save(file, editing.with_entry(data, "users", name, changes))
    app.streams.out.write(f"User {quote(name)} set.\n")


COMMAND = Command(
    "set-credentials",
    callback=_set_credentials,
    usage="NAME [--client-certificate=FILE] [--client-key=FILE] [--token=TOKEN]",
    help=(
        "Add a user to the config file, or change one; what is not given stays. A user is a "
        "certificate that a server asks for, and its key, or a bearer token, or a program that "
        "gives one of those, as in a kubeconfig. A token that a file holds, which others may "
        "renew, is named by the user's property tokenFile."
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

# Let a program give the token
cubectl config set-credentials me --exec-command=get-token \\
  --exec-api-version=client.authentication.k8s.io/v1 \\
  --exec-interactive-mode=IfAvailable --exec-arg=--for=cube
""",
    params=[
        Switch(
            ["--embed-certs"],
            help="Write the certificate and the key into the file, not their paths.",
        ),
        Flag(["--exec-command"], metavar="COMMAND", help="A program that gives the credentials."),
        Flag(
            ["--exec-api-version"],
            metavar="VERSION",
            help="What it speaks: v1 or v1beta1 of client.authentication.k8s.io, in full.",
        ),
        Flag(
            ["--exec-arg"],
            metavar="ARG[,ARG...]",
            multiple=True,
            help="Its arguments, instead of those that it has; can be repeated.",
        ),
        Flag(
            ["--exec-env"],
            metavar="NAME=VALUE",
            multiple=True,
            help="What is added to its environment; NAME- takes one away. Can be repeated.",
        ),
        Flag(
            ["--exec-interactive-mode"],
            metavar="MODE",
            help="Whether it may ask on the terminal: Never, IfAvailable or Always.",
        ),
        Switch(
            ["--exec-provide-cluster-info"],
            default=None,
            help="Tell it of the server.",
        ),
        *(Unsupported(name, _NO_PROVIDERS) for name in ("--auth-provider", "--auth-provider-arg")),
        *(Unsupported(name, _NO_PASSWORDS) for name in ("--password", "--username")),
    ],
)
