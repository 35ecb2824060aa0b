"""The command ``cube-apiserver``."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import protocube

if TYPE_CHECKING:
    from protocube_server.edge.tls import TlsFiles
    from protocube_server.kinds.named.allocation import Network

# gRPC's own log lines are not for people, and it reads this when it is imported.
# GRPC_VERBOSITY=INFO shows, among others, why a TLS handshake was refused.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

_OBJECTS_BEFORE_COLLECTION = 10_000
"""Calls in flight hold many objects that live for milliseconds: no reason to look for cycles."""
_EXTRA = ("cryptography", "grpc_health", "grpc_reflection", "joserfc", "protovalidate")
_MISSING = [name for name in _EXTRA if importlib.util.find_spec(name) is None]
if _MISSING:
    # This command is installed with the client, too; what it runs on is not.
    sys.exit(
        f"error: no {', '.join(_MISSING)}: pip install 'protocube[server]' installs the server"
    )

from protocube_server.commands import (  # noqa: E402  # as above
    admission_flags,
    audit_flags,
    caller_flags,
    encryption_flag,
    etcd_flags,
    ranges,
    tls_flags,
)
from protocube_server.commands import store as store_command  # noqa: E402  # as above
from protocube_server.commands.durations import duration  # noqa: E402  # as above
from protocube_server.commands.store import flags as store_flags  # noqa: E402  # as above
from protocube_server.settings import (  # noqa: E402  # needs what is checked above
    DEFAULT_LISTEN,
    Settings,
    default_store,
    make_default_folder,
)

_LOG = logging.getLogger("protocube.server")


@click.group(
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": "PROTOCUBE", "show_default": True},
    subcommand_metavar="[COMMAND [ARGS]...]",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default=DEFAULT_LISTEN,
    help="Where to listen; port 0 takes a free one.",
)
@click.option(
    "--store",
    metavar="URL",
    default=default_store,
    show_default="sqlite: in the user's data directory",
    help="sqlite:PATH, sqlite::memory: or etcd://HOST:PORT[,HOST:PORT...][/PREFIX].",
)
@click.option(
    "--kinds",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Serve the kinds of this descriptor set (protoc, buf) from the start; can be repeated.",
)
@etcd_flags.etcd_flags
@click.option(
    "--etcd-quota-bytes",
    type=click.IntRange(0),
    default=0,
    help="etcd's --quota-backend-bytes, to warn before it is full; 3.6 and newer tell it.",
)
@encryption_flag.encryption_flag
@encryption_flag.reencrypt_flag
@tls_flags.tls_flags
@caller_flags.caller_flags
@audit_flags.audit_flags
@admission_flags.admission_flags
@click.option("--max-calls", type=click.IntRange(1), default=1000, help="Unary calls in flight.")
@click.option("--max-streams", type=click.IntRange(1), default=10_000, help="Open streams.")
@click.option(
    "--max-connections", type=click.IntRange(1), default=10_000, help="Connections at a listener."
)
@click.option(
    "--max-request-bytes",
    type=click.IntRange(1024, 1 << 28),
    default=3 * 1024 * 1024,
    help="Size of one request.",
)
@click.option(
    "--max-metadata-bytes",
    type=click.IntRange(1024),
    default=16 * 1024,
    help="Metadata of one call.",
)
@click.option(
    "--call-timeout",
    type=click.FloatRange(0.1),
    default=34.0,
    help="Seconds a unary call may take.",
)
@click.option(
    "--compact-interval",
    type=click.FloatRange(0),
    default=300.0,
    help="Seconds of history to keep at least; 0 keeps everything.",
)
@click.option(
    "--request-ids",
    type=click.FloatRange(1, 3600),
    default=600.0,
    help="Seconds for which a request id is remembered.",
)
@click.option(
    "--event-ttl",
    metavar="DURATION",
    type=duration,
    default="1h",
    help="How long events are kept after their last write, as in 1h30m; 0 keeps them.",
)
@click.option(
    "--service-cluster-ip-range",
    metavar="CIDR[,CIDR]",
    type=ranges.networks,
    default="10.0.0.0/16",
    help="Where Services get addresses from: a range, or one of each family. It is for a store: "
    "all its servers have the same.",
)
@click.option(
    "--service-node-port-range",
    metavar="FIRST-LAST",
    type=ranges.ports,
    default="30000-32767",
    help="Where Services get ports of the nodes from.",
)
@click.option(
    "--watch-cache/--no-watch-cache",
    default=True,
    help="Keep recent events and listed kinds in memory for readers.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=10.0,
    help="Seconds that calls in flight get after SIGTERM.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    help="What is logged.",
)
@click.version_option(
    protocube.__version__, prog_name="cube-apiserver", message="%(prog)s %(version)s"
)
@click.pass_context
def main(context: click.Context, /, **flags: Any) -> None:
    """Serve Protocube's API over gRPC.

    One line on stderr says when the server is ready. SIGTERM and Ctrl-C drain it, a
    second one ends it at once. Every flag can be set by an environment variable:
    --max-calls by PROTOCUBE_MAX_CALLS.

    \b
    Examples:
      cube-apiserver
      cube-apiserver --listen 127.0.0.1:7443 --store sqlite:/var/lib/protocube/data.db
      cube-apiserver --store etcd://127.0.0.1:2379
      cube-apiserver --store sqlite::memory:
      cube-apiserver store show pods/
    """  # noqa: D301  # click wants the character itself
    if context.invoked_subcommand is not None:
        _refuse_flags_before(context)
        return
    started = time.monotonic()
    logging.basicConfig(
        level=flags.pop("log_level").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    sys.exit(_run(_settings(**flags), started))


main.add_command(store_command.store)


def _refuse_flags_before(context: click.Context) -> None:
    """Refuse the server's flags before a command: it would go without them, and not say so.

    The store alone is the command's, too.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not click.core.ParameterSource.COMMANDLINE:
            continue
        if parameter.name == "store":
            context.meta[store_flags.STORE_BEFORE] = context.params["store"]
        else:
            raise click.UsageError(
                f"{parameter.opts[0]} before {context.invoked_subcommand} is the server's, and "
                "no server is started; the flags of a command stand behind it"
            )


def _settings(
    *,
    listen: str,
    store: str,
    kinds: tuple[Path, ...],
    etcd_cacert: str,
    etcd_cert: str,
    etcd_key: str,
    etcd_user: str,
    etcd_quota_bytes: int,
    encryption_config: str,
    reencrypt: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    client_ca: Path | None,
    insecure_plaintext: bool,
    enable_admission_plugins: frozenset[str],
    disable_admission_plugins: frozenset[str],
    max_calls: int,
    max_streams: int,
    max_connections: int,
    max_request_bytes: int,
    max_metadata_bytes: int,
    call_timeout: float,
    compact_interval: float,
    request_ids: float,
    event_ttl: float,
    service_cluster_ip_range: tuple[Network, ...],
    service_node_port_range: range,
    watch_cache: bool,
    grace: float,
    **others: Any,
) -> Settings:
    from protocube_server.calls.limits import Limits
    from protocube_server.edge.gate import CallLimits
    from protocube_server.kinds.named.allocation import Ranges

    return Settings(
        listen=listen,
        store=store,
        kinds=kinds,
        etcd=etcd_flags.security(
            etcd_cacert=etcd_cacert, etcd_cert=etcd_cert, etcd_key=etcd_key, etcd_user=etcd_user
        ),
        etcd_quota=etcd_quota_bytes,
        encryption=Path(encryption_config) if encryption_config else None,
        reencrypt=reencrypt,
        tls=tls_flags.files(tls_cert, tls_key, client_ca),
        insecure_plaintext=insecure_plaintext,
        audit=audit_flags.settings(**_taken(others, "audit_")),
        **caller_flags.settings(store=store, **others),
        admission_on=enable_admission_plugins,
        admission_off=disable_admission_plugins,
        limits=Limits(request=max_request_bytes),
        call_limits=CallLimits(
            calls=max_calls,
            streams=max_streams,
            metadata=max_metadata_bytes,
            seconds=call_timeout,
            connections=max_connections,
        ),
        compact_interval=compact_interval,
        request_ids=request_ids,
        lifetimes={"event-ttl": event_ttl},
        ranges=Ranges(networks=service_cluster_ip_range, ports=service_node_port_range),
        watch_cache=watch_cache,
        grace=grace,
    )


def _taken(flags: dict[str, Any], beginning: str) -> dict[str, Any]:
    """Take the flags whose names begin so out of others."""
    return {name: flags.pop(name) for name in list(flags) if name.startswith(beginning)}


def _run(settings: Settings, started: float) -> int:
    from protocube import errors
    from protocube_server import app

    try:
        make_default_folder(settings.store)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings, started))
    except (app.CannotListen, errors.ApiError, OSError, ValueError) as error:
        click.echo(f"error: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:  # not built for every platform
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, started: float) -> None:
    from protocube_server import app

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            # The second one means it.
            os._exit(130)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    async with contextlib.AsyncExitStack() as stack:
        # A signal while the store is still being opened ends the wait.
        opening = asyncio.ensure_future(stack.enter_async_context(app.running(settings)))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await opening
            return
        served = opening.result()
        # Descriptors, rules and modules stay: the collector need not go through them again.
        gc.freeze()
        gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
        seconds = time.monotonic() - started
        _say(
            f"cube-apiserver {protocube.__version__} ready on {served.address} "
            f"({served.kinds} kinds, store {settings.store}, {served.held}, "
            f"{_transport(settings.tls, served.mtls_address)}{_callers(settings)}"
            f"pid {os.getpid()}, {seconds:.2f} s)"
        )
        await stopping
        _say("draining; again to stop at once")


def _say(text: str) -> None:
    """Log a line that comes whatever level is logged."""
    record = _LOG.makeRecord(_LOG.name, logging.INFO, __file__, 0, text, (), None)
    _LOG.handle(record)


def _transport(tls: TlsFiles | None, mtls_address: str) -> str:
    if tls is None:
        return ""
    if mtls_address:
        return f"TLS, mutual TLS on {mtls_address}, "
    return "mutual TLS, " if tls.client_authority else "TLS, "


def _callers(settings: Settings) -> str:
    from protocube_server import securing

    if securing.asks(settings):
        return ""
    who = "everybody" if settings.allow_everyone else "everybody on this machine"
    return f"{who} is system:admin, "


if __name__ == "__main__":
    main()
