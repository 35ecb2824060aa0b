"""``cubectl get``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.commands.get.options import GetOptions
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import output
from protocube_client.cli.flags.pflag import RAW, TRUE, Flag, Switch, Unsupported, words

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.commands.get.objects import Retrieval
    from protocube_client.cli.flags.output import Format
    from protocube_client.cli.session import Session

_PAGE = 500


@click.pass_obj
def _get(
    app: App,
    /,
    *,
    filename: tuple[str, ...],
    kustomize: str,
    recursive: bool,
    label_columns: tuple[str, ...],
    **flags: Any,
) -> None:
    options = GetOptions(
        files=files.of(filename, kustomize, recursive=recursive),
        output=output.take(flags),
        label_columns=words(label_columns),
        **flags,
    )
    form = options.validate()
    if options.sort_by and (options.watch or options.watch_only):
        what = " for watch events received" if options.watch else ""
        flag = "--watch" if options.watch else "--watch-only"
        app.streams.err.write(f"warning: {flag} requested, --sort-by will be ignored{what}\n")
    app.run(app.settings(), lambda session: _run(options, form, session))


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

# Follow what happens to the pods
cubectl get pods --watch
""",
    params=[
        *files.flags("show"),
        Switch(["-A", "--all-namespaces"], help="Show the objects of all namespaces."),
        Flag(["-l", "--selector"], default="", metavar="LABELS",
             help="Only objects with these labels, such as app=web,tier!=back."),
        Flag(["--field-selector"], default="", metavar="FIELDS",
             help="Only objects with these fields, such as metadata.name=web."),
        *output.flags(tables=True),
        Switch(["--no-headers"], help="Leave the headings out."),
        Flag(["-L", "--label-columns"], multiple=True, metavar="LABELS",
             help="Show each of these labels in a column."),
        Switch(["--show-labels"], help="Show all labels in the last column."),
        Switch(["--show-kind"], help="Show the kind before each name."),
        Flag(["--sort-by"], default="", metavar="PATH",
             help="Sort by a field, such as .metadata.creationTimestamp."),
        Flag(["--chunk-size"], type=click.INT, default=_PAGE, metavar="NUMBER",
             help="How many objects to ask for at a time; 0 for as many as fit a message."),
        Switch(["--ignore-not-found"], help="Say nothing of objects that do not exist."),
        Switch(["-w", "--watch"], help="Go on and show what changes."),
        Switch(["--watch-only"], help="Show what changes, not what is there."),
        Switch(["--output-watch-events"], help="Show what happened to each object."),
        Flag(["--subresource"], default="", metavar="NAME", values=("status",),
             help="Show this part of objects that are named: status."),
        Unsupported("--raw", RAW),
        Unsupported("--server-print", "tables are always made here", harmless=TRUE),
    ],
)  # fmt: skip
