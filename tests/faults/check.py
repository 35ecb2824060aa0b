"""``python -m tests.faults.check FILE``: check a history that a run has kept once more."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.faults import archive, checking


def main() -> None:
    """Print the counts and what is wrong; exit 1 for a history that is wrong, 2 for none."""
    parser = argparse.ArgumentParser(prog="check", description="Check the history of a run.")
    parser.add_argument("file", type=Path, help="a history.jsonl that a run has kept")
    file: Path = parser.parse_args().file
    try:
        report = checking.check(archive.load(file))
    except (archive.NotAHistory, OSError, UnicodeDecodeError) as error:
        parser.error(str(error))
    sys.stdout.write(f"{report}\n{'right' if report.is_right else 'WRONG'}\n")
    sys.exit(0 if report.is_right else 1)


if __name__ == "__main__":
    main()
