"""``cubectl kustomize``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import FALSE, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_RESTRICTED = "LoadRestrictionsRootOnly"
_ELSEWHERE = "run kustomize build with it"


@click.pass_obj
def _kustomize(
    app: App,
    /,
    *,
    output: str,
    enable_helm: bool,
    load_restrictor: str,
    arguments: tuple[str, ...],
) -> None:
    import asyncio

    from protocube_client.resource.visitors import kustomize

    if len(arguments) > 1:
        raise CommandError("specify one path to kustomization.yaml")
    flags = ["--enable-helm"] if enable_helm else []
    if load_restrictor != _RESTRICTED:
        flags.append(f"--load-restrictor={load_restrictor}")
    built = asyncio.run(kustomize.build(arguments[0] if arguments else ".", *flags))
    app.streams.err.write(built.warnings)
    text = built.manifests.decode("utf-8", "replace")
    if output:
        _write(output, text)
    else:
        app.streams.out.write(text)


def _write(path: str, text: str) -> None:
    from protocube_client.resource.go import os as go_os

    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(go_os.describe(error, "open", path=path)) from None


COMMAND = Command(
    "kustomize",
    callback=_kustomize,
    usage="[DIR] [flags]",
    help="Build a kustomization and print it. The kustomize on PATH does it, or the kubectl.",
    examples="""
# Build the kustomization in this folder
cubectl kustomize

# Build one in another folder, into a file
cubectl kustomize overlays/test -o test.yaml
""",
    params=[
        Flag(
            ["-o", "--output"],
            default="",
            metavar="FILE",
            help="Where to write; standard output unless given.",
            source="file",
        ),
        Switch(["--enable-helm"], help="Let charts of Helm be part of it."),
        Flag(
            ["--load-restrictor"],
            default=_RESTRICTED,
            metavar="RULE",
            help=f"Whether files from outside of the folder may be read: {_RESTRICTED} or "
            "LoadRestrictionsNone.",
            values=(_RESTRICTED, "LoadRestrictionsNone"),
        ),
        Unsupported("--as-current-user", _ELSEWHERE, harmless=FALSE),
        Unsupported("--enable-alpha-plugins", _ELSEWHERE, harmless=FALSE),
        Unsupported("--env", _ELSEWHERE),
        Unsupported("--helm-api-versions", _ELSEWHERE),
        Unsupported("--helm-command", _ELSEWHERE),
        Unsupported("--helm-debug", _ELSEWHERE, harmless=FALSE),
        Unsupported("--helm-kube-version", _ELSEWHERE),
        Unsupported("--mount", _ELSEWHERE),
        Unsupported("--network", _ELSEWHERE, harmless=FALSE),
        Unsupported("--network-name", _ELSEWHERE),
    ],
)
