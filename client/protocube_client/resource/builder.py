"""Puts the walk together: from the flags of a command to a Result.

As in kubectl the calls chain, and what is wrong is kept until :meth:`Builder.do`::

    result = (
        Builder(Catalog.shipped(), connection)
        .schema(Validation.STRICT)
        .continue_on_error()
        .namespace_param("default")
        .default_namespace()
        .filename_param(FilenameOptions(filenames=("pod.yaml",)), enforce_namespace=False)
        .flatten()
        .do()
    )
    await result.visit(create)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self, TextIO

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource import definition_files, namespaces, paths
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.flight import ONE_BY_ONE
from protocube_client.resource.mapper import Learn, Mapper
from protocube_client.resource.result import Result
from protocube_client.resource.schema import Schema
from protocube_client.resource.validation import Validation
from protocube_client.resource.visitors.continue_on_error import ContinueOnErrorVisitor
from protocube_client.resource.visitors.decorated import DecoratedVisitor, Decorator
from protocube_client.resource.visitors.file import FileVisitor, StdinVisitor
from protocube_client.resource.visitors.filtered import FilteredVisitor, by_labels
from protocube_client.resource.visitors.flatten_list import FlattenListVisitor
from protocube_client.resource.visitors.in_turn import InTurnVisitor
from protocube_client.resource.visitors.stream import StreamVisitor
from protocube_client.resource.visitors.visitor_list import EagerVisitorList, VisitorList

if TYPE_CHECKING:
    from protocube.catalog import Catalog
    from protocube.selectors import Selector
    from protocube_client.request import Caller
    from protocube_client.resource.text.text_stream import Read
    from protocube_client.resource.trace import Trace
    from protocube_client.resource.visitor import Visitor

_STDIN = "-"
_WEB = ("http://", "https://")
_NOTHING_GIVEN = """\
You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilenameOptions:
    """Where the objects come from: ``-f``, ``-R`` and ``-k``."""

    filenames: tuple[str, ...] = ()
    """Paths, patterns, URLs, and ``-`` for standard input, in order."""
    recursive: bool = False
    kustomize: str = ""

    def require(self) -> None:
        """Raise :class:`ManifestError` when nothing is given."""
        if not self.filenames and not self.kustomize:
            raise ManifestError("must specify one of -f and -k")


class Builder:
    """Collects what a command asks for. Every method but :meth:`do` gives the builder."""

    def __init__(
        self,
        catalog: Catalog,
        client: Caller | None = None,
        *,
        learn: Learn | None = None,
        stdin: BinaryIO | None = None,
        stderr: TextIO | None = None,
        trace: Trace | None = None,
    ) -> None:
        """Begin a walk over kinds of ``catalog``, whose Infos get ``client``.

        ``learn`` gives a catalog with more kinds, if any, when one is not in ``catalog``;
        ``stdin`` is what ``-`` reads, ``stderr`` where warnings of a kustomization go.
        """
        self._trace = trace
        self._stdin = stdin
        self._stderr = stderr
        self._mapper = _mapper(catalog, client, learn, trace)
        self._schema = Schema(Validation.IGNORE)
        self._errors: list[Exception] = []
        self._sources: list[Visitor] = []
        self._files: list[str] = []
        self._continue_on_error = False
        self._collected: list[Exception] | None = None
        self._parallel = ONE_BY_ONE
        self._namespace = ""
        self._default_namespace = False
        self._require_namespace = False
        self._stdin_used = False
        self._labels: str | None = None
        self._flatten = False
        self._calls: list[str] = []

    def schema(self, validation: Validation) -> Self:
        """Check that documents say what they are, unless ``validation`` is IGNORE."""
        self._schema = Schema(validation)
        return self._called(f"schema({validation.value})")

    def continue_on_error(
        self, *, parallel: int = ONE_BY_ONE, errors: list[Exception] | None = None
    ) -> Self:
        """Visit every object whatever failed before, up to ``parallel`` at a time.

        Errors are collected in ``errors``, where an interrupted walk leaves them. A walk
        that is traced goes one by one: a picture of many at once shows nothing.
        """
        self._continue_on_error = True
        self._collected = errors
        self._parallel = parallel if self._trace is None else ONE_BY_ONE
        return self._called("continue_on_error()")

    def namespace_param(self, namespace: str) -> Self:
        """Name the namespace that the next settings speak of."""
        self._namespace = namespace
        return self._called(f"namespace_param({namespace!r})")

    def default_namespace(self) -> Self:
        """Put objects that name no namespace into the one of :meth:`namespace_param`."""
        self._default_namespace = True
        return self._called("default_namespace()")

    def filename_param(self, options: FilenameOptions, *, enforce_namespace: bool) -> Self:
        """Read the objects from files, directories, URLs and standard input.

        With ``enforce_namespace`` an object that names another namespace is refused.
        """
        self._called(f"filename_param({', '.join(options.filenames) or options.kustomize})")
        if options.kustomize and options.filenames:
            self._errors.append(ManifestError("only one of -f or -k can be specified"))
            return self
        if options.kustomize and options.recursive:
            self._errors.append(ManifestError("the -k flag can't be used with -f or -R"))
            return self
        for filename in options.filenames:
            self._add(filename, recursive=options.recursive)
        if options.kustomize:
            from protocube_client.resource.visitors.kustomize import KustomizeVisitor

            visitor = KustomizeVisitor(options.kustomize, self._streamed, stderr=self._stderr)
            self._source(visitor, options.kustomize)
        self._require_namespace = self._require_namespace or enforce_namespace
        return self

    def label_selector_param(self, text: str) -> Self:
        """Visit only objects whose labels match; an empty text matches all."""
        self._labels = text.strip() or None
        return self._called(f"label_selector_param({text!r})")

    def flatten(self) -> Self:
        """Visit the items of lists in place of the lists."""
        self._flatten = True
        return self._called("flatten()")

    def do(self) -> Result:
        """Return the walk; its ``error`` holds all that was wrong with the settings."""
        self._called("do()")
        if self._trace is not None:
            self._trace.line("Builder." + ".".join(self._calls))
        if self._errors:
            return Result(error=Aggregate(self._errors))
        try:
            files = tuple(self._files) if len(self._files) == len(self._sources) else None
            return Result(visitor=self._chain(), trace=self._trace, files=files)
        except ManifestError as error:
            return Result(error=error)

    def _chain(self) -> Visitor:
        """Put the visitors around the sources, from the inside out."""
        if not self._sources:
            raise ManifestError(_NOTHING_GIVEN)
        count = f"{len(self._sources)} source{'s' if len(self._sources) != 1 else ''}"
        visitor: Visitor
        if self._continue_on_error:
            visitor = self._station(EagerVisitorList(self._sources), count)
        else:
            visitor = self._station(VisitorList(self._sources), count)
        if self._labels is not None:
            # Lists have no labels of their own to match: kubectl, too, opens them first.
            if self._flatten:
                visitor = self._station(FlattenListVisitor(visitor, self._mapper))
            passes = by_labels(_selector(self._labels))
            visitor = self._station(FilteredVisitor(visitor, passes), self._labels)
        if self._flatten:
            visitor = self._station(FlattenListVisitor(visitor, self._mapper))
        decorators = self._decorators()
        names = ", ".join(type(decorator).__name__ for decorator in decorators)
        if self._trace is not None:
            from protocube_client.resource.traced import traced_decorator

            decorators = [traced_decorator(item, self._trace) for item in decorators]
        visitor = self._station(DecoratedVisitor(visitor, decorators), f"[{names}]")
        if self._continue_on_error:
            outermost = ContinueOnErrorVisitor(
                visitor, parallel=self._parallel, errors=self._collected
            )
            return self._station(outermost)
        return InTurnVisitor(visitor)

    def _decorators(self) -> list[Decorator]:
        decorators: list[Decorator] = []
        if self._default_namespace:
            decorators.append(namespaces.SetNamespace(self._namespace))
        if self._require_namespace:
            decorators.append(namespaces.RequireNamespace(self._namespace))
        decorators.append(namespaces.FilterNamespace())
        return decorators

    def _add(self, filename: str, *, recursive: bool) -> None:
        if filename == _STDIN:
            self._add_stdin()
        elif filename.startswith(_WEB):
            # http.client is slow to import, and few need it.
            from protocube_client.resource.visitors.url import UrlVisitor

            self._source(UrlVisitor(filename, self._streamed), filename)
        else:
            try:
                self._add_paths(paths.expand(filename), recursive=recursive)
            except ManifestError as error:
                self._errors.append(error)

    def _add_paths(self, found: list[str], *, recursive: bool) -> None:
        for path in found:
            try:
                files = paths.files(path, recursive=recursive)
            except ManifestError as error:
                self._errors.append(error)
                continue
            for file in files:
                self._files.append(file)
                self._source(self._file_visitor(file), file)
        if not self._sources and not self._errors:
            message = (
                f"error reading [{' '.join(found)}]: "
                f"recognized file extensions are [{' '.join(paths.EXTENSIONS)}]"
            )
            self._errors.append(ManifestError(message))

    def _file_visitor(self, path: str) -> Visitor:
        if path.endswith(definition_files.SUFFIXES):
            # Few commands read such files, and those need more modules.
            from protocube_client.resource.visitors.definition import DefinitionVisitor

            return DefinitionVisitor(path, self._streamed)
        return FileVisitor(path, self._streamed)

    def _add_stdin(self) -> None:
        if self._stdin_used:
            text = "standard input cannot be used for multiple arguments"
            self._errors.append(ManifestError(text))
        self._stdin_used = True
        if self._stdin is None:
            self._errors.append(ManifestError("there is no standard input to read"))
            return
        visitor = StdinVisitor(self._stdin, self._streamed)
        self._sources.append(self._station(visitor, "STDIN", name="FileVisitor"))

    def _source(self, visitor: Visitor, source: str) -> None:
        self._sources.append(self._station(visitor, source))

    def _streamed(self, read: Read, source: str) -> Visitor:
        stream = StreamVisitor(read, source, mapper=self._mapper, schema=self._schema)
        return self._station(stream)

    def _station(self, visitor: Visitor, facts: str = "", *, name: str = "") -> Visitor:
        if self._trace is None:
            return visitor
        from protocube_client.resource.traced import TracedVisitor

        shown = name or type(visitor).__name__
        return TracedVisitor(visitor, f"{shown} {facts}".rstrip(), self._trace)

    def _called(self, call: str) -> Self:
        if self._trace is not None:
            self._calls.append(call)
        return self


def _mapper(
    catalog: Catalog, client: Caller | None, learn: Learn | None, trace: Trace | None
) -> Mapper:
    if trace is None:
        return Mapper(catalog, client, learn)
    from protocube_client.resource.traced import TracedMapper

    mapper = TracedMapper(catalog, client, learn)
    mapper.trace = trace
    return mapper


def _selector(text: str) -> Selector:
    from protocube import selectors

    try:
        return selectors.parse_labels(text)
    except selectors.SelectorError as error:
        message = f"the provided selector {quote(text)} is not valid: {error}"
        raise ManifestError(message) from None
