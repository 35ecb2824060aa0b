"""Commands that take objects from files: the flags, and the pipeline behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protocube_client.cli.flags.pflag import Flag, Switch, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.session import Session
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.validation import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What ``-f``, ``-R`` and ``-k`` said."""

    names: tuple[str, ...] = ()
    recursive: bool = False
    kustomize: str = ""

    def __bool__(self) -> bool:
        """Tell whether any file was named."""
        return bool(self.names or self.kustomize)

    @property
    def single(self) -> bool:
        """One file or URL was named, so that one object in it stands for itself."""
        if len(self.names) != 1 or self.kustomize:
            return False
        return self.names[0] != "-" and not Path(self.names[0]).is_dir()


def of(filename: Sequence[str], kustomize: str, *, recursive: bool) -> Files:
    """Put the flags together; ``-f`` may be given often and hold commas."""
    return Files(names=words(filename), recursive=recursive, kustomize=kustomize)


def flags(verb: str) -> list[Flag]:
    """Return the flags of a command that does ``verb`` to objects in files."""
    return [
        Flag(
            ["-f", "--filename"],
            multiple=True,
            metavar="FILE",
            help=f"A file, directory or URL with the objects to {verb}; - is standard input.",
            source="file",
        ),
        Switch(["-R", "--recursive"], help="Read the directories in -f with all below them."),
        Flag(
            ["-k", "--kustomize"],
            default="",
            metavar="DIR",
            help="A kustomization directory.",
            source="file",
        ),
    ]


def object_of(info: Info | None, error: Exception | None) -> Info:
    """Return the object of a visit. Raises the error that stands in its place."""
    if error is not None:
        raise error
    if info is None:
        raise ValueError("a visit gives an object or an error")
    return info


def result(
    files: Files,
    session: Session,
    *,
    validation: Validation,
    selector: str = "",
    local: bool = False,
    parallel: int = 1,
    trace: Trace | None = None,
) -> Result:
    """Build the pipeline over ``files``; nothing is read before the result is visited.

    With ``local`` the objects have no way to the server. ``parallel`` of them may be
    visited at a time.
    """
    from protocube_client.resource.builder import Builder, FilenameOptions

    settings = session.settings
    builder = Builder(
        session.catalog,
        None if local else session.connection,
        learn=session.kinds.learn,
        stdin=session.streams.stdin,
        trace=trace,
    )
    return (
        builder.schema(validation)
        .continue_on_error(parallel=1 if local else parallel, errors=session.errors)
        .namespace_param(settings.namespace)
        .default_namespace()
        .filename_param(
            FilenameOptions(
                filenames=files.names, recursive=files.recursive, kustomize=files.kustomize
            ),
            enforce_namespace=settings.namespace_given,
        )
        .label_selector_param(selector)
        .flatten()
        .do()
    )
