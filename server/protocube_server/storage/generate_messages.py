"""Regenerates the modules of other programs' messages: etcd's, and those of key plugins.

``python .../storage/generate_messages.py [--check]``; ``scripts/generate`` runs it. It is
a program of its own, run by its path: the package that it lies in cannot be imported
while what it makes is missing. ``--check`` writes nothing and fails on a difference.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FOLDERS = (HERE / "etcd" / "proto", HERE / "sealing" / "proto")
ROOT = HERE.parents[1]
"""Where imports begin: the folder that holds ``protocube_server``."""

_POOL = "from google.protobuf import descriptor_pool as _descriptor_pool"
_OUR_POOL = "from protocube_server.storage import private_pool as _descriptor_pool"


def main() -> None:
    """Regenerate and say what changed."""
    parser = argparse.ArgumentParser(prog="generate_messages.py")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as scratch:
        made = {}
        for folder in FOLDERS:
            _compile(folder, Path(scratch))
        for path in Path(scratch).rglob("*_pb2*.py*"):
            made[path.relative_to(scratch)] = path.read_bytes()
    present = {
        path.relative_to(ROOT): path.read_bytes()
        for folder in FOLDERS
        for path in folder.glob("*_pb2*.py*")
    }
    changed = sorted(name for name in made | present if made.get(name) != present.get(name))
    for name in changed:
        sys.stderr.write(f"{'differs' if check else 'wrote'}: {name}\n")
        if not check and name in made:
            (ROOT / name).write_bytes(made[name])
        elif not check:
            (ROOT / name).unlink()
    sys.stderr.write(f"{len(made)} generated files of other programs, {len(changed)} changed\n")
    if check and changed:
        sys.exit("error: run scripts/generate and commit the result")


def _compile(folder: Path, out: Path) -> None:
    files = sorted(path.relative_to(ROOT).as_posix() for path in folder.glob("*.proto"))
    _protoc(f"--python_out={out}", f"--mypy_out=quiet:{out}", files=files)
    # grpc_python_plugin writes an empty module for a file without a service.
    with_service = [name for name in files if "\nservice " in (ROOT / name).read_text()]
    _protoc(
        f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet,only_async:{out}", files=with_service
    )
    for path in out.rglob("*_pb2.py"):
        path.write_text(path.read_text().replace(_POOL, _OUR_POOL))


def _protoc(*outputs: str, files: list[str]) -> None:
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", *outputs, *files]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603  # our own words
        sys.exit("error: protoc failed; its message is above")


if __name__ == "__main__":
    main()
