"""``cubectl get``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.get.options import GetOptions
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output, selecting
from protocube_client.cli.flags.pflag import TRUE, Flag, Switch, Unsupported, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.get.objects import Retrieval
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session


@click.pass_obj
def _get(app: App, /, *, raw: str, **given: Any) -> None:
    if raw:
        _show_raw(app, raw, given)
        return
    options = GetOptions(
        files=files.take(given),
        output=output.take(given),
        label_columns=words(given.pop("label_columns")),
        **given,
    )
    form = options.validate()
    if options.sort_by and (options.watch or options.watch_only):
        what = " for watch events received" if options.watch else ""
        flag = "--watch" if options.watch else "--watch-only"
        app.streams.err.write(f"warning: {flag} requested, --sort-by will be ignored{what}\n")
    app.run(app.settings(), lambda session: _run(options, form, session))


def _show_raw(app: App, path: str, given: dict[str, Any]) -> None:
    """Print what is at a path. Raises :class:`CommandError` for flags that do not go with it."""
    from protocube_client.cli.commands.get.raw import RawPath

    if given["arguments"]:
        raise CommandError("arguments may not be passed when --raw is specified")
    if given["watch"] or given["watch_only"] or given["selector"]:
        raise CommandError(
            "--raw may not be specified with other flags that filter the server request "
            "or alter the output"
        )
    if given["output"]:
        raise CommandError("--raw and --output are mutually exclusive")
    app.run(app.settings(), RawPath.parse(path).show)


async def _run(options: GetOptions, form: Format, session: Session) -> None:
    """Read the objects and print them; what could not be read is raised after that."""
    from protocube_client.cli.commands.get.objects import Retrieval
    from protocube_client.resource import aggregate

    retrieval = Retrieval(options, session)
    targets = await retrieval.targets()
    if options.subresource and targets.kinds:
        raise CommandError("subresource cannot be used when bulk resources are specified")
    if options.watch or options.watch_only:
        from protocube_client.cli.commands.get import watch

        await watch.run(options, form, targets, session)
        return
    await retrieval.read(targets)
    if form.is_table:
        from protocube_client.cli.commands.get import tables

        tables.show(options, form, retrieval, session)
    else:
        _show(options, form, retrieval, session)
    aggregate.raise_all(retrieval.failed)


def _show(options: GetOptions, form: Format, retrieval: Retrieval, session: Session) -> None:
    """Print one object as it is, and several, or any number of a kind, as a List."""
    shown = retrieval.shown
    if (retrieval.single and retrieval.failed) or (not shown and options.ignore_not_found):
        return
    alone = retrieval.single and len(shown) == 1
    if options.sort_by and shown and not alone:
        from protocube_client.printers import sorting

        shown = sorting.ordered(shown, options.sort_by)
    form.printer(as_list=not alone).print(shown, session.streams.out)


COMMAND = Command(
    "get",
    callback=_get,
    usage="(KIND[,KIND] [NAME...] | KIND/NAME... | -f FILE) [flags]",
    help="Show one or many objects: a table of what matters, or the objects themselves.",
    completes=("kinds", "names"),
    examples="""
# Show the pods of the namespace
cubectl get pods

# Show them with more columns, from all namespaces
cubectl get pods -A -o wide

# Show one object as YAML
cubectl get configmap web -o yaml

# Show objects of several kinds, by label
cubectl get pods,configmaps -l app=web

# Show objects by kind and name
cubectl get pod/web configmap/web

# Show the names of the pods and nothing else
cubectl get pods -o jsonpath='{.items[*].metadata.name}'

# Show columns of your own, the youngest last
cubectl get pods -o custom-columns=NAME:.metadata.name \\
  --sort-by=.metadata.creationTimestamp

# Show a ConfigMap as it was before
cubectl get configmap web --at-revision=1234 -o yaml

# Follow what happens to the pods
cubectl get pods --watch

# Ask whether the server is ready
cubectl get --raw /readyz
""",
    params=[
        *files.flags("show"),
        Switch(["-A", "--all-namespaces"], help="Show the objects of all namespaces."),
        selecting.labels("app=web,tier!=back"),
        selecting.fields("metadata.name=web"),
        *output.flags(tables=True),
        Switch(["--no-headers"], help="Leave the headings out."),
        Flag(["-L", "--label-columns"], multiple=True, metavar="LABELS",
             help="Show each of these labels in a column."),
        Switch(["--show-labels"], help="Show all labels in the last column."),
        Switch(["--show-kind"], help="Show the kind before each name."),
        Flag(["--sort-by"], default="", metavar="PATH",
             help="Sort by a field, such as .metadata.creationTimestamp."),
        selecting.chunk_size(),
        selecting.at_revision(),
        Switch(["--ignore-not-found"], help="Say nothing of objects that do not exist."),
        Switch(["-w", "--watch"], help="Go on and show what changes."),
        Switch(["--watch-only"], help="Show what changes, not what is there."),
        Switch(["--output-watch-events"], help="Show what happened to each object."),
        Flag(["--subresource"], default="", metavar="NAME", values=("status",),
             help="Show this part of objects that are named: status."),
        Flag(
            ["--raw"],
            default="",
            metavar="PATH",
            help="Show what Kubernetes' API has at a path: /readyz, /api/v1/namespaces.",
        ),
        Unsupported("--server-print", "tables are always made here", harmless=TRUE),
    ],
)  # fmt: skip
