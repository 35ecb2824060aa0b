"""``cubectl config view``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.config import editing
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags import output
from protocube_client.cli.flags.pflag import FALSE, TRUE, Switch, Unsupported
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.settings.config import Config

_REDACTED = "REDACTED"
_OMITTED = "DATA+OMITTED"


@click.pass_obj
def _view(
    app: App, /, *, minify: bool, raw: bool, arguments: tuple[str, ...], **given: Any
) -> None:
    if arguments:
        raise misuse(f"unexpected arguments: [{' '.join(arguments)}]", "cubectl config view")
    form = output.take(given).format(tables=False)
    found = config.load(config_path.of(app.given, app.environ))
    data: dict[str, Any] = {"clusters": [], "contexts": [], "current-context": ""} | found.data
    if minify:
        data |= _used(found, app.given.get("context") or found.current)
    if not raw:
        data = _redacted(data)
    out = app.streams.out
    if form.template is not None:
        from protocube_client.printers.jsonpath_printer import JsonPathPrinter

        as_json = form.name == "jsonpath-as-json"
        JsonPathPrinter(form.template, as_json=as_json).print_data(data, out)
    elif form.name == "json":
        from protocube.manifests import json_text

        out.write(f"{json_text.text(data)}\n")
    elif form.name in ("", "yaml"):
        from protocube_client.printers import yaml_printer

        out.write(yaml_printer.text(data))
    else:
        raise CommandError(f"the config file cannot be printed with -o {form.name}")


def _redacted(data: dict[str, Any]) -> dict[str, Any]:
    """Return data in which no token can be read, and no certificate takes room."""
    return {
        key: [_without_secrets(entry) for entry in value] if isinstance(value, list) else value
        for key, value in data.items()
    }


def _without_secrets(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    shown = {key: _OMITTED if key.endswith("-data") else value for key, value in entry.items()}
    return {**shown, "token": _REDACTED} if shown.get("token") else shown


def _used(found: Config, name: str) -> dict[str, Any]:
    """Return what belongs to the context ``name``. Raises :class:`CommandError`."""
    context = found.find(name)
    if not name:
        raise CommandError("current-context must exist in order to minify")
    if context is None:
        raise CommandError(f"cannot locate context {name}")
    keep = {"contexts": name, "clusters": context.cluster, "users": context.user}
    kept = {
        key: [entry for entry in found.data.get(key) or [] if entry["name"] == wanted]
        for key, wanted in keep.items()
        if key in found.data or key != "users"
    }
    return {**kept, "current-context": name}


COMMAND = Command(
    "view",
    callback=_view,
    help="Show the config file, without its tokens.",
    examples="""
# Show the file
cubectl config view

# Show what the current context uses
cubectl config view --minify

# Show the server of a cluster
cubectl config view -o jsonpath='{.clusters[?(@.name=="local")].server}'
""",
    params=[
        Switch(["--raw"], help="Show tokens, too."),
        Switch(["--minify"], help="Show only what the current context uses."),
        *output.flags(tables=False),
        Unsupported("--flatten", editing.NOT_EMBEDDED, harmless=FALSE),
        Unsupported("--merge", "there is one config file", harmless=TRUE),
    ],
)
