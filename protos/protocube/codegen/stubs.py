"""``python -m protocube.codegen.stubs LANG OUT``: what another language builds its client from.

go, node, python   generated code, by the language's own protoc plugins
java, protos       .proto files with the options of Go, Java and C#
rust, image        a descriptor image with those options and all imports

It works on the shipped files, so that no checkout is needed; ``docs/clients`` says how
each language goes on from there.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet

import protocube
from protocube.codegen import languages
from protocube.codegen.build import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_VALIDATE = "buf/validate/validate.proto"
_NO_MODULE = "protocube/gen"
"""Go's import path where there is no go.mod to take one from."""
_MODULE = re.compile(r"^module\s*\(?\s*[\"`]?([^\s\"`()]+)", re.MULTILINE)


class CannotGenerate(Exception):
    """The stubs cannot be made; the text says what is missing."""


def main() -> None:
    """Write the stubs of one language."""
    parser = argparse.ArgumentParser(
        prog="python -m protocube.codegen.stubs",
        description=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "language", choices=sorted(_LANGUAGES), metavar="LANG", help=", ".join(sorted(_LANGUAGES))
    )
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="a folder; what it holds is overwritten"
    )
    parser.add_argument(
        "--go-package",
        default="",
        help="Go's import path of OUT (by default it follows from the go.mod around it)",
    )
    options = parser.parse_args()
    try:
        notes = write(options.language, options.out, shipped(), go_package=options.go_package)
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
) -> list[str]:
    """Write to ``out`` what a language builds its client of ``files`` from; return what to know.

    The files hold all that they import. ``texts`` has those of files that are not shipped, for
    languages that take .proto files. Raises :class:`CannotGenerate`.
    """
    out = out.resolve()
    prefix = (go_package or go_path(out)) + "/protocube"
    for file in files.file:
        languages.apply(file, go_prefix=prefix)
    _LANGUAGES[language](_Stubs(out=_folder(out), prefix=prefix, files=files, texts=texts or {}))
    if language == "go" and prefix == f"{_NO_MODULE}/protocube":
        note = (
            f"no go.mod around {out}, so its import path is {_NO_MODULE}: "
            "run this again after go mod init, or name another with --go-package"
        )
        return [note]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stubs:
    """What to write."""

    out: Path
    prefix: str
    files: FileDescriptorSet
    texts: Mapping[str, str]


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


def _folder(out: Path) -> Path:
    """Make a folder and give it. Raises :class:`CannotGenerate`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotGenerate(f"cannot write to {out}: {error.strerror}") from None
    return out


def _go(stubs: _Stubs) -> None:
    out, files = stubs.out, stubs.files
    parent = stubs.prefix.removesuffix("/protocube")
    rules = f"M{_VALIDATE}={languages.GO_RULES}"
    _protoc(
        files,
        _ours(files),
        f"--plugin=protoc-gen-go={_tool('protoc-gen-go')}",
        f"--plugin=protoc-gen-go-grpc={_tool('protoc-gen-go-grpc')}",
        f"--go_out={out}",
        f"--go_opt=module={parent},{rules}",
        f"--go-grpc_out={out}",
        f"--go-grpc_opt=module={parent},{rules}",
    )


def _node(stubs: _Stubs) -> None:
    files = stubs.files
    _protoc(
        files,
        [*_ours(files), _VALIDATE],
        f"--plugin=protoc-gen-es={_tool('protoc-gen-es')}",
        f"--es_out={stubs.out}",
        "--es_opt=target=ts,import_extension=js",
    )


def _python(stubs: _Stubs) -> None:
    out, files = stubs.out, stubs.files
    _protoc(files, [*_ours(files), _VALIDATE], f"--python_out={out}", f"--pyi_out={out}")
    # For a file without services this plugin would write a module with nothing in it.
    served = [file.name for file in files.file if file.service]
    _protoc(files, served, f"--grpc_python_out={out}")


def _protos(stubs: _Stubs) -> None:
    root = Path(protocube.__file__).parents[1]
    for name in _ours(stubs.files):
        source = root / name
        if source.exists():
            text = languages.annotate(source.read_text(), name, go_prefix=stubs.prefix)
        elif name in stubs.texts:
            text = stubs.texts[name]
        else:
            raise CannotGenerate(f"there is no text of {name}: only its descriptor is known")
        target = stubs.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _image(stubs: _Stubs) -> None:
    content = stubs.files.SerializeToString(deterministic=True)
    (stubs.out / "protocube.binpb").write_bytes(content)


_LANGUAGES: dict[str, Callable[[_Stubs], None]] = {
    "go": _go,
    "image": _image,
    "java": _protos,
    "node": _node,
    "protos": _protos,
    "python": _python,
    "rust": _image,
}


LANGUAGES = tuple(sorted(_LANGUAGES))
"""What :func:`write` can write."""


def _ours(files: FileDescriptorSet) -> list[str]:
    return [file.name for file in files.file if not file.name.startswith(("google/", "buf/"))]


def _protoc(files: FileDescriptorSet, names: Iterable[str], *options: str) -> None:
    if importlib.util.find_spec("grpc_tools") is None:
        raise CannotGenerate("protoc is missing: pip install grpcio-tools")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.binpb"
        path.write_bytes(files.SerializeToString())
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            f"--descriptor_set_in={path}",
            *options,
            *names,
        ]
        # Its warnings are of unused imports: it does not look for them in options.
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
        if done.returncode:
            raise CannotGenerate(f"protoc failed: {done.stderr.strip()}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise CannotGenerate(f"{name} is not on PATH; docs/clients says how to install it")
    return found


if __name__ == "__main__":
    main()
