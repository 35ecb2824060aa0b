"""The flags that every command takes, before or after the command's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube_client.cli.app import SEPARATOR, App
from protocube_client.cli.flags import integers
from protocube_client.cli.flags.pflag import Flag, Switch, Unsupported
from protocube_client.connection.address import DEFAULT_SERVER

if TYPE_CHECKING:
    import click


_NO_PASSWORDS: Final = "the server knows tokens and certificates, and no passwords"
_NO_LOGS: Final = "what -v tells of is written at once, and comes from one place"
_NO_PROFILES: Final = "run python -m cProfile -m protocube_client"
_NOT_HERE: Final = {
    "--cache-dir": "nothing is kept between two runs",
    "--cluster": "name the context of the config file that has it, with --context",
    "--disable-compression": "gRPC's answers are not compressed",
    "--kubeconfig": (
        "it names servers that speak HTTP; --config names cubectl's own file, and "
        "cubectl config import takes over what fits into it"
    ),
    "--log-flush-frequency": _NO_LOGS,
    "--match-server-version": "releases of one major version understand each other",
    "--password": _NO_PASSWORDS,
    "--profile": _NO_PROFILES,
    "--profile-output": _NO_PROFILES,
    "--username": _NO_PASSWORDS,
    "--vmodule": _NO_LOGS,
}
"""What kubectl's commands take and ours do not, and why."""


def of_every_command(*, hidden: bool) -> list[click.Parameter]:
    """Return the flags; with ``hidden`` the help text leaves them out."""
    return [
        _flag(
            ["-s", "--server"],
            "HOST:PORT",
            f"The server to talk to, or several of one store with commas between"
            f" ($PROTOCUBE_SERVER; {DEFAULT_SERVER} unless configured).",
            hidden=hidden,
        ),
        _flag(["--context"], "NAME", "The context of the config file to use.", hidden=hidden),
        _flag(
            ["--user"],
            "NAME",
            "The user of the config file to be, instead of the context's.",
            hidden=hidden,
        ),
        _flag(["-n", "--namespace"], "NAME", "The namespace to work in (default).", hidden=hidden),
        _flag(
            ["--request-timeout"],
            "DURATION",
            "How long one request may take, such as 5s or 2m; 0 for any time.",
            hidden=hidden,
        ),
        _flag(
            ["--config"],
            "FILE",
            "The config file ($PROTOCUBE_CONFIG; ~/.config/protocube/config.yaml).",
            hidden=hidden,
        ),
        *_transport(hidden=hidden),
        *_acting_as(hidden=hidden),
        _switch(
            "--warnings-as-errors",
            "Fail when the server has warned of something.",
            hidden=hidden,
        ),
        Flag(
            ["-v", "--v"],
            type=integers.INT32,
            metavar="LEVEL",
            help="Tell of the calls on standard error: 6 of each in a line, 7 with its metadata, "
            "8 with what is sent and answered (9 more of it, 10 all). Secrets are masked.",
            hidden=hidden,
            expose_value=False,
            callback=_remember,
        ),
        Switch(
            ["-h", "--help"],
            help="Show this help.",
            expose_value=False,
            is_eager=True,
            callback=_help,
        ),
    ]


def not_here() -> list[Unsupported]:
    """Return the flags that kubectl's commands all take, and ours refuse."""
    return [Unsupported(name, reason) for name, reason in _NOT_HERE.items()]


def _transport(*, hidden: bool) -> list[click.Parameter]:
    return [
        _flag(
            ["--certificate-authority"],
            "FILE",
            "The certificates that the server's must come from, PEM (the system's).",
            hidden=hidden,
        ),
        _flag(
            ["--client-certificate"],
            "FILE",
            "The certificate to show to a server that asks for one, PEM.",
            hidden=hidden,
        ),
        _flag(["--client-key"], "FILE", "The private key of that certificate.", hidden=hidden),
        _flag(
            ["--token"],
            "TOKEN",
            "The bearer token that proves who calls ($PROTOCUBE_TOKEN).",
            hidden=hidden,
        ),
        _flag(
            ["--tls-server-name"],
            "NAME",
            "The name that the server's certificate must have (the server's host).",
            hidden=hidden,
        ),
        _switch(
            "--insecure-skip-tls-verify",
            "Do not check whose certificate the server shows: any other server can pose as it.",
            hidden=hidden,
        ),
        _switch(
            "--plaintext",
            "Speak without TLS, also to a server on another machine: "
            "anyone on the way can read and change everything.",
            hidden=hidden,
        ),
    ]


def _acting_as(*, hidden: bool) -> list[click.Parameter]:
    groups = Flag(
        ["--as-group"],
        metavar="GROUP",
        multiple=True,
        help="A group to act in with --as; may be given several times.",
        hidden=hidden,
        expose_value=False,
        callback=_remember_all,
    )
    return [
        _flag(
            ["--as"],
            "USER",
            "Act as another user, which the caller must be allowed.",
            hidden=hidden,
        ),
        groups,
        _flag(["--as-uid"], "UID", "The uid to act with, beside --as.", hidden=hidden),
    ]


def _switch(name: str, text: str, *, hidden: bool) -> Switch:
    return Switch(
        [name], default=None, help=text, hidden=hidden, expose_value=False, callback=_remember
    )


def _flag(names: list[str], metavar: str, text: str, *, hidden: bool) -> Flag:
    return Flag(
        names,
        metavar=metavar,
        help=text,
        hidden=hidden,
        expose_value=False,
        callback=_remember,
        source="file" if metavar == "FILE" else "",
    )


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and param.name is not None:
        ctx.ensure_object(App).given[param.name] = (
            str(value).lower() if isinstance(value, bool) else str(value)
        )


def _remember_all(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> None:
    """Add the values to those that were given before the command's name."""
    if value and param.name is not None:
        given = ctx.ensure_object(App).given
        before = (given[param.name],) if param.name in given else ()
        given[param.name] = SEPARATOR.join([*before, *value])


def _help(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
    if value:
        ctx.ensure_object(App).streams.out.write(ctx.get_help() + "\n")
        ctx.exit()
