"""Files of ``NAME=value`` lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube_client.cli import variable_names
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def entries(path: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a file; a name alone has its value from ``environ``.

    Empty lines and lines that begin with ``#`` are passed over. Raises
    :class:`CommandError`.
    """
    for number, raw in enumerate(Path(path).read_bytes().split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        try:
            text = line.decode().lstrip()
        except UnicodeDecodeError:
            shown = " ".join(map(str, line))
            raise CommandError(
                f"env file {path} contains invalid utf8 bytes at line {number}: [{shown}]"
            ) from None
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if faults := variable_names.faults(name):
            raise CommandError(f"{quote(name)} is not a valid key name: {';'.join(faults)}")
        yield name, value if equals else environ.get(name, "")
