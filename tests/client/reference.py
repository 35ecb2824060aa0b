"""Write docs/clients/python-reference.md, of the docstrings of the Python client.

    scripts/python-page [--check]

Griffe reads the sources. What cannot be told is an error: a public name without a docstring, a
cross reference that leads nowhere, an option that no section has.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import griffe

import protocube_client

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients" / "python-reference.md"

_INTRODUCTION = """\
# Reference of the Python client

Everything that the package `protocube_client` has, and what goes with it. The guide is
[python.md](python.md). `scripts/python-page` writes this page, of the docstrings.
"""
_PARTS = (
    ("The client", "protocube_client", ("Client", "update_with_retry")),
    ("What lists and watches give", "protocube_client", (
        "Listing", "Page", "WatchEvent", "EventType", "WatchRevision", "WatchedKind",
    )),
    ("Connections", "protocube_client", (
        "Connection", "Plaintext", "Tls", "ExecPlugin", "CannotConnect", "ConnectionRefused",
    )),
    ("Options of calls", "protocube_client.options", None),
    ("Streams of writes", "protocube_client.bulk", (
        "create", "update", "update_status", "patch", "apply", "delete", "Outcome",
    )),
    ("Errors", "protocube.errors", None),
    ("A server for tests", "protocube_server.testing", ("server",)),
)  # fmt: skip
"""The title of each part, its module, and the names of it in their order; ``None``: all."""
_ALONE = (("protos", "protocube.errors"), ("server", "protocube_server.testing"))
_WIDTH = 96
"""Columns of a signature in one line."""
_ROLE = re.compile(r":(?:class|meth|func|mod|attr):`~?([\w.]+)`")
_CODE = re.compile(r"``(.+?)``")
_UNPACKED = re.compile(r"Unpack\[(\w+)\]")


class CannotTellError(Exception):
    """The sources do not say what the page has to say; the text names all places."""


@dataclass
class _Writer:
    """A page that is being written."""

    names: dict[str, str]
    """The anchor of each name that has a heading."""
    owner: str = ""
    """The class that is being written of."""
    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def docstring(self, item: Any) -> None:
        """Write what an item says of itself."""
        if item.docstring is None:
            self.faults.append(f"{item.path} has no docstring")
            return
        self.lines += ["", *self.markdown(item.docstring.value, item.path)]

    def markdown(self, text: str, path: str) -> list[str]:
        """Return a docstring's lines, in which indented blocks are code."""
        found: list[str] = []
        in_code = False
        for line in text.splitlines():
            is_code = line.startswith("    ")
            if is_code and not in_code and not (found and found[-1]):
                in_code = True
                found.append("```py")
            elif in_code and line and not is_code:
                in_code = False
                while not found[-1]:
                    found.pop()
                found += ["```", ""]
            if in_code:
                found.append(line.removeprefix("    "))
                continue
            linked = _ROLE.sub(lambda match: self._link(match[1], path), line)
            found.append(re.sub(r"::$", ":", _CODE.sub(r"`\1`", linked)))
        return [*found, "```"] if in_code else found

    def _link(self, name: str, path: str) -> str:
        short = name.rpartition(".")[2]
        for known in (f"{self.owner}.{short}", name, short):
            if known in self.names:
                return f"[`{short}`](#{self.names[known]})"
        if not name.startswith("protocube"):
            self.faults.append(f"{path} refers to {name}, which the page has not")
        return f"`{name}`"


def text() -> str:
    """Return the page. Raises :class:`CannotTellError`."""
    loader = griffe.GriffeLoader(search_paths=[ROOT / "client"])
    loader.load("protocube_client")
    loader.resolve_aliases()
    modules: dict[str, Any] = {
        name: loader.modules_collection[name]
        for name in ("protocube_client", "protocube_client.options", "protocube_client.bulk")
    } | {name: _alone(folder, name) for folder, name in _ALONE}
    parts = [
        (
            title,
            name,
            [(each, _target(modules[name], each)) for each in names or _all(modules[name])],
        )
        for title, name, names in _PARTS
    ]
    writer = _Writer(names=_anchors(parts))
    writer.lines.append(_INTRODUCTION.rstrip())
    for title, module, items in parts:
        writer.lines += ["", f"## {title}", "", f"In the module `{module}`."]
        for name, item in items:
            _item(writer, name, item)
    _check_options(parts, writer)
    if writer.faults:
        raise CannotTellError("\n".join(writer.faults))
    return "\n".join(writer.lines) + "\n"


def _alone(folder: str, name: str) -> Any:
    """Return a module without the rest of its package, which is large."""
    file = ROOT / folder / Path(*name.split(".")).with_suffix(".py")
    return griffe.visit(name, file, file.read_text())


def _target(module: Any, name: str) -> Any:
    found = module[name]
    return found.final_target if found.is_alias else found


def _all(module: Any) -> list[str]:
    """Return the public classes and types of a module, in their order."""
    found = [
        (item.lineno or 0, name)
        for name, item in module.members.items()
        if not name.startswith("_")
        and not item.is_alias
        and not item.is_function
        and item.docstring
    ]
    return [name for _, name in sorted(found)]


def _anchors(parts: list[tuple[str, str, list[tuple[str, Any]]]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for _, _, items in parts:
        for name, item in items:
            names[name] = _anchor(name)
            if item.is_class:
                names |= {f"{name}.{each}": _anchor(f"{name}.{each}") for each in _methods(item)}
    return names


def _anchor(heading: str) -> str:
    """Return how a heading is linked to, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _item(writer: _Writer, name: str, item: Any) -> None:
    writer.lines += ["", f"### {name}"]
    writer.owner = name
    if item.is_function:
        _function(writer, item)
        return
    if item.is_attribute:
        writer.lines += ["", f"`{item.value}`"]
        writer.docstring(item)
        return
    writer.docstring(item)
    bases = [str(base) for base in item.bases]
    shown = [f"[`{base}`](#{writer.names[base]})" for base in bases if base in writer.names]
    if shown:
        writer.lines += ["", f"It has all that {', '.join(shown)} has."]
    _attributes(writer, item, item.members if shown else item.all_members)
    made = item.members.get("__init__") or item.all_members.get("__init__")
    if made is not None and made.is_function and made.docstring is not None:
        _function(writer, made, name)
    for each, method in _methods(item).items():
        if shown and each not in item.members:
            continue
        writer.lines += ["", f"#### {name}.{each}"]
        _function(writer, method)


def _attributes(writer: _Writer, item: Any, members: Mapping[str, Any]) -> None:
    """Write the fields of a class as a table, and what it sets of those of its base classes."""
    rows, values = [], []
    for name, each in members.items():
        if name.startswith("_") or not (each.is_attribute or "property" in each.labels):
            continue
        target = each.final_target if each.is_alias else each
        if target.docstring is not None:
            told = " ".join(writer.markdown(target.docstring.value, target.path))
        elif target.annotation is None and target.value is not None and item.bases:
            values.append(f"`{name}` is `{target.value}`")
            continue
        else:
            told = ""
            about = target.parent.docstring
            if about is None or f"``{name}``" not in about.value:
                writer.faults.append(f"{target.path} has no docstring")
        form = str(target.annotation or "").replace("|", "\\|")
        form = re.sub(r"^ClassVar\[(.*)\]$", r"\1", form)
        rows.append(f"| `{name}` | {f'`{form}`' if form else ''} | {told} |")
    if rows:
        writer.lines += ["", "| field | type | meaning |", "|---|---|---|", *rows]
    if values:
        writer.lines += ["", f"{', '.join(values)}."]


def _methods(item: Any) -> dict[str, Any]:
    """Return the public methods of a class with those it inherits, in the order of the sources."""
    found: dict[str, Any] = {}
    for name, each in item.all_members.items():
        if not name.startswith("_") and each.is_function:
            found[name] = each.final_target if each.is_alias else each
    return found


def _function(writer: _Writer, item: Any, name: str = "") -> None:
    """Write the signature and the text of a function."""
    signature = _parameters(item)
    is_context = any("contextmanager" in str(each.value) for each in item.decorators)
    returns = "" if name or is_context or item.returns is None else f" -> {item.returns}"
    kind = "async with " if is_context else "async " if "async" in item.labels else ""
    head = f"{kind}{name or item.name}({', '.join(signature)}){returns}"
    if len(head) > _WIDTH:
        inner = "".join(f"    {each},\n" for each in signature)
        head = f"{kind}{name or item.name}(\n{inner}){returns}"
    writer.lines += ["", "```py", head, "```"]
    writer.docstring(item)
    options = _UNPACKED.findall(" ".join(signature))
    if options:
        links = ", ".join(f"[`{each}`](#{_anchor(each)})" for each in options)
        writer.lines += ["", f"Options: {links}."]


def _parameters(item: Any) -> list[str]:
    found: list[str] = []
    has_star = False
    for each in item.parameters:
        if each.name == "self":
            continue
        kind = each.kind.name if each.kind is not None else ""
        if kind == "keyword_only" and not has_star:
            has_star = True
            found.append("*")
        star = {"var_positional": "*", "var_keyword": "**"}.get(kind, "")
        has_star = has_star or star == "*"
        form = f": {each.annotation}" if each.annotation is not None else ""
        default = f" = {each.default}" if each.default is not None and not star else ""
        found.append(f"{star}{each.name}{form}{default}")
    return found


def _check_options(parts: list[tuple[str, str, list[tuple[str, Any]]]], writer: _Writer) -> None:
    known = {name for _, _, items in parts for name, _ in items}
    shown = set(_UNPACKED.findall("\n".join(writer.lines)))
    writer.faults += [f"no section tells of {name}" for name in sorted(shown - known)]
    public = set(protocube_client.__all__)
    writer.faults += [f"no section tells of {name}" for name in sorted(public - known)]


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is as it would be written."""
    if arguments not in ([], ["--check"]):
        return _told("usage: scripts/python-page [--check]", 2)
    try:
        page = text()
    except CannotTellError as error:
        return _told(str(error), 1)
    if not arguments:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        return _told(f"{PAGE.relative_to(ROOT)} is not what scripts/python-page writes", 1)
    return 0


def _told(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
