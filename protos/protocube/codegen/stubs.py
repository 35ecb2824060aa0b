"""``python -m protocube.codegen.stubs LANG OUT``: what another language builds its client from.

go, node, python   generated code, by the language's own protoc plugins
java, protos       .proto files with the options of Go, Java and C#
rust, image        a descriptor image with those options and all imports

It works on the kinds that this package ships, and needs no checkout and no server; ``cubectl
stubs`` does the same for the kinds that a server has besides. The page of each language goes on
from there: docs/clients.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet

import protocube
from protocube.catalog import Catalog
from protocube.codegen import languages, stub_files
from protocube.codegen.build import IMAGE
from protocube.codegen.stub_files import CannotGenerate, Stubs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LANGUAGES", "CannotGenerate", "go_path", "main", "only", "shipped", "write"]

LANGUAGES = tuple(sorted(stub_files.BY_LANGUAGE))
"""What :func:`write` can write."""
_MODULES = ("go", "node")
_NO_MODULE = "protocube/gen"
"""Go's import path where there is no go.mod to take one from."""
_MODULE = re.compile(r"^module\s*\(?\s*[\"`]?([^\s\"`()]+)", re.MULTILINE)


def main() -> None:
    """Write the stubs of one language."""
    parser = argparse.ArgumentParser(
        prog="python -m protocube.codegen.stubs",
        description=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("language", choices=LANGUAGES, metavar="LANG", help=", ".join(LANGUAGES))
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="a folder; what it holds is overwritten"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="KIND",
        help="these kinds, with what they need: pods, deploy, events.events.k8s.io, or the full "
        "name of a service, protocube.bulk.v1.Bulk",
    )
    parser.add_argument(
        "--module",
        default="",
        metavar="NAME",
        help="go and node: make OUT a module of this name, with go.mod or package.json",
    )
    parser.add_argument(
        "--go-package",
        default="",
        metavar="PATH",
        help="Go's import path of OUT (by default it follows from the go.mod around it)",
    )
    options = parser.parse_args()
    try:
        files = only(options.only) if options.only else shipped()
        notes = write(
            options.language,
            options.out,
            files,
            go_package=options.go_package,
            module=options.module,
        )
    except CannotGenerate as error:
        sys.exit(f"error: {error}")
    for note in notes:
        sys.stderr.write(f"note: {note}\n")


def write(
    language: str,
    out: Path,
    files: FileDescriptorSet,
    *,
    texts: Mapping[str, str] | None = None,
    go_package: str = "",
    module: str = "",
) -> list[str]:
    """Write to ``out`` what a language builds its client of ``files`` from; return what to know.

    The files hold all that they import. ``texts`` has those of files that are not shipped, for
    languages that take .proto files; the others are printed from descriptors. With
    ``module``, the folder is a module of that name, which other projects require. Raises
    :class:`CannotGenerate`.
    """
    if module and language not in _MODULES:
        raise CannotGenerate(f"--module is for {' and '.join(_MODULES)}")
    out = out.resolve()
    prefix = (go_package or module or go_path(out)) + "/protocube"
    for file in files.file:
        languages.apply(file, go_prefix=prefix)
    stub_files.BY_LANGUAGE[language](
        Stubs(out=_folder(out), prefix=prefix, files=files, texts=texts or {}, module=module)
    )
    if language == "go" and prefix == f"{_NO_MODULE}/protocube":
        note = (
            f"no go.mod around {out}, so its import path is {_NO_MODULE}: "
            "run this again after go mod init, or name another with --go-package"
        )
        return [note]
    return []


def go_path(out: Path) -> str:
    """Return the import path of a folder: the module's around it, and the way from there."""
    for folder in (out, *out.parents):
        module = folder / "go.mod"
        if module.exists():
            found = _MODULE.search(module.read_text())
            if found:
                way = out.relative_to(folder).as_posix()
                return found[1] if way == "." else f"{found[1]}/{way}"
    return _NO_MODULE


def shipped() -> FileDescriptorSet:
    """Return the shipped descriptors, with all that they import."""
    path = Path(protocube.__file__).parents[1] / IMAGE
    return FileDescriptorSet.FromString(path.read_bytes())


def only(kinds: Sequence[str]) -> FileDescriptorSet:
    """Return the shipped descriptors of some kinds, with all that they import.

    A kind is named as in cubectl; a service that is no kind's by its full name. Raises
    :class:`CannotGenerate` for a name that there is not.
    """
    catalog = Catalog.shipped()
    symbols: list[str] = []
    for word in kinds:
        resource = catalog.find(word)
        symbols += (resource.message, resource.service) if resource else (word,)
    try:
        return FileDescriptorSet(file=catalog.files_declaring(symbols).values())
    except KeyError as error:
        raise CannotGenerate(f'no kind and no service is called "{error.args[0]}"') from None


def _folder(out: Path) -> Path:
    """Make a folder and give it. Raises :class:`CannotGenerate`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotGenerate(f"cannot write to {out}: {error.strerror}") from None
    return out


if __name__ == "__main__":
    main()
