"""``python -m protocube.codegen [--check] [ROOT]``: regenerate everything below ``ROOT``.

``ROOT`` is the folder that holds ``protocube/`` (``protos`` in a checkout). It needs
``grpcio-tools``, ``mypy-protobuf`` and ``protovalidate``. ``--check`` writes nothing and
fails when something would change.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from protocube.codegen import build


def main() -> None:
    """Regenerate and say what changed."""
    parser = argparse.ArgumentParser(prog="python -m protocube.codegen")
    parser.add_argument("root", nargs="?", type=Path, default=Path("protos"))
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    options = parser.parse_args()
    if not (options.root / "protocube").is_dir():
        parser.error(f"{options.root} has no protocube folder: name the folder imports begin in")
    report = build.generate(options.root, check=options.check, faults=_faults)
    for name in report.changed:
        sys.stderr.write(f"{'differs' if options.check else 'wrote'}: {name}\n")
    sys.stderr.write(f"{len(report.files)} generated files, {len(report.changed)} changed\n")
    if options.check and report.changed:
        sys.exit("error: run scripts/generate and commit the result")


def _faults(image: bytes) -> list[str]:
    # Late: what is checked with was generated, too.
    from protocube.checking import check

    return [str(fault) for fault in check.image(image)]


if __name__ == "__main__":
    main()
