"""Commands that take objects from files: the flags, and the pipeline behind them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, Switch, words

if TYPE_CHECKING:
    from protocube_client.cli.session import Session
    from protocube_client.request import Caller
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


def take(given: dict[str, Any]) -> Files:
    """Take the flags of :func:`flags` out of what click gave a callback.

    ``-f`` may be given often and hold commas.
    """
    return Files(
        names=words(given.pop("filename")),
        recursive=given.pop("recursive"),
        kustomize=given.pop("kustomize"),
    )


def filename(verb: str) -> Flag:
    """Return ``-f`` of a command that does ``verb`` to objects in files."""
    return Flag(
        ["-f", "--filename"],
        multiple=True,
        metavar="FILE",
        help=f"A file, directory or URL with the objects to {verb}; - is standard input.",
        source="file",
    )


def flags(verb: str, *, recursive: bool = False) -> list[Flag]:
    """Return the flags of a command that does ``verb`` to objects in files.

    ``recursive`` says whether directories are read with all below them unless it is said.
    """
    return [
        filename(verb),
        Switch(
            ["-R", "--recursive"],
            default=recursive,
            help="Read the directories in -f with all below them.",
        ),
        Flag(
            ["-k", "--kustomize"],
            default="",
            metavar="DIR",
            help="A kustomization directory.",
            source="file",
        ),
    ]


def require(files: Files) -> None:
    """Raise :class:`CommandError` when no file was named, of a command that needs one."""
    if not files:
        raise CommandError("must specify one of -f and -k")


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
    placed: bool = True,
    keep_going: bool = True,
    parallel: int = 1,
    caller: Caller | None = None,
    trace: Trace | None = None,
) -> Result:
    """Build the pipeline over ``files``; nothing is read before the result is visited.

    With ``local`` the objects have no way to the server; otherwise it is ``caller``, or the
    session's connection. With ``placed`` those that name
    no namespace are put into the session's. The first error ends the walk unless it is to
    ``keep_going``; ``parallel`` objects may be visited at a time then.
    """
    from protocube_client.resource.builder import Builder, FilenameOptions

    settings = session.settings
    builder = Builder(
        session.catalog,
        None if local else caller or session.connection,
        learn=session.kinds.learn,
        stdin=session.streams.stdin,
        stderr=session.streams.err,
        trace=trace,
    )
    builder = builder.schema(validation)
    if keep_going:
        builder = builder.continue_on_error(
            parallel=1 if local else parallel, errors=session.errors
        )
    if placed:
        builder = builder.namespace_param(settings.namespace).default_namespace()
    return (
        builder.filename_param(
            FilenameOptions(
                filenames=files.names, recursive=files.recursive, kustomize=files.kustomize
            ),
            enforce_namespace=placed and settings.namespace_given,
        )
        .label_selector_param(selector)
        .flatten()
        .do()
    )
