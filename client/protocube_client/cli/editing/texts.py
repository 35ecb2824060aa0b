"""The text that is edited: its head, and what was saved of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.manifests import json_text
from protocube.manifests.manifest_error import ManifestError
from protocube_client.printers import yaml_printer
from protocube_client.resource.text.documents import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protocube_client.cli.flags.output import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a text is to be edited again."""

    head: str
    faults: tuple[str, ...] = ()


def of_objects(data: Sequence[dict[str, Any]], form: Format) -> str:
    """Return objects as they are edited, in JSON or YAML: several are one List."""
    shown = data[0]
    if len(data) > 1:
        shown = {"apiVersion": "v1", "items": list(data), "kind": "List", "metadata": {}}
    return json_text.text(shown) + "\n" if form.name == "json" else yaml_printer.text(shown)


def header(lines: str, reasons: Sequence[Reason]) -> str:
    """Return the comment on top of a text: what it is for, and why it is opened again."""
    return "".join([lines, *(line for reason in reasons for line in _told(reason))])


def _told(reason: Reason) -> Iterator[str]:
    yield f"# {_commented(reason.head)}{':' if reason.faults else ''}\n"
    for fault in reason.faults:
        yield f"# * {_commented(fault)}\n"
    yield "#\n"


def _commented(text: str) -> str:
    return "\n".join(
        line if line.startswith("#") or not number else f"# {line}"
        for number, line in enumerate(text.split("\n"))
    )


def without_header(text: str) -> str:
    """Return a text without the comment on top; others may be parts of values."""
    lines = text.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(lines[first:])


def without_comments(text: str) -> str:
    """Return a text that is no YAML without the lines that begin with ``#``."""
    return "".join(
        line
        for line in text.splitlines(keepends=True)
        if not line.lstrip().startswith("#") or line.lstrip().startswith("#!")
    )


def is_empty(text: str) -> bool:
    """Tell whether a text has nothing but comments."""
    return not any(line.strip() for line in without_comments(text).splitlines())


async def values(text: str) -> list[Any]:
    """Return the documents of a text as JSON data. Raises :class:`ManifestError`.

    The error counts lines without those that are comments, as Kubernetes does.
    """
    try:
        return await _values(text)
    except ManifestError as error:
        try:
            await _values(without_comments(text))
        except ManifestError as counted:
            raise counted from None
        raise error from None


async def _values(text: str) -> list[Any]:
    parts = iter((text.encode("utf-8", "surrogateescape"),))

    async def read() -> bytes:
        return next(parts, b"")

    return [document.value async for document in documents(read)]


async def same(one: str, other: str) -> bool:
    """Tell whether two texts say the same, comments apart."""
    return await _meaning(one) == await _meaning(other)


async def _meaning(text: str) -> str:
    try:
        found = await _values(text)
    except ManifestError:
        return without_comments(text)
    return "\n".join(json_text.compact(value) for value in found if value is not None)


def objects(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the objects of documents; lists are opened. Raises :class:`ManifestError`."""
    opened: list[Any] = []
    for value in found:
        is_list = isinstance(value, dict) and isinstance(value.get("items"), list)
        opened += value["items"] if is_list else [] if value is None else [value]
    for value in opened:
        if not isinstance(value, dict):
            raise ManifestError("a document is no object")
    return opened
