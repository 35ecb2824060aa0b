"""Files that set a server up: Kubernetes' configuration kinds, in YAML or JSON.

A fault is told with its file, its line and its field. Files are strict: a field that is not
known is a fault, because what an operator wrote there would else be without effect.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import values
from protocube.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_MOST_BYTES: Final = 1024 * 1024
_LINE: Final = re.compile(r"^yaml: line \d+: ")
_TYPES: Final = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}

Step = str | int
"""A field's name, or an index."""


class UnusableFile(ValueError):
    """A file cannot be used; the text names it and the fault, and no secret in it."""


class ConfigFileError(UnusableFile):
    """A configuration file cannot be used."""


class _Source:
    """A file, and its text, in which places are found."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self._text = text

    def line(self, place: tuple[Step, ...]) -> int:
        """Return the line of a place, or else of what is nearest around it; 0 when not known."""
        import yaml

        node = next(yaml.compose_all(self._text, yaml.CSafeLoader), None)
        line = node.start_mark.line + 1 if node is not None else 0
        for step in place:
            node = _below(node, step)
            if node is None:
                break
            line = node.start_mark.line + 1
        return line


class Node:
    """A value of a configuration file, and where it stands."""

    def __init__(self, value: Any, source: _Source, place: tuple[Step, ...] = ()) -> None:
        self.value = value
        """As JSON has it."""
        self._source = source
        self._place = place

    def fault(self, message: str) -> ConfigFileError:
        """Return the error that says what is wrong with this value."""
        line = self._source.line(self._place)
        where = f"{self._source.file}:{line}" if line else str(self._source.file)
        path = _path(self._place)
        return ConfigFileError(f"{where}: {path}: {message}" if path else f"{where}: {message}")

    def fields(self, known: Collection[str]) -> dict[str, Node]:
        """Return the fields of an object that are set; ``null`` is not. Raises for others."""
        found = {
            name: Node(value, self._source, (*self._place, name))
            for name, value in self._typed(dict).items()
        }
        for name, node in found.items():
            if name not in known:
                raise node.fault(f"unknown field; known are {', '.join(known)}")
        return {name: node for name, node in found.items() if node.value is not None}

    def items(self) -> list[Node]:
        """Return the items of a list."""
        return [
            Node(value, self._source, (*self._place, index))
            for index, value in enumerate(self._typed(list))
        ]

    def texts(self) -> tuple[str, ...]:
        """Return the items of a list of strings."""
        return tuple(item.text() for item in self.items())

    def text(self) -> str:
        """Return a string."""
        found: str = self._typed(str)
        return found

    def flag(self) -> bool:
        """Return true or false."""
        found: bool = self._typed(bool)
        return found

    def _typed(self, wanted: type) -> Any:
        if not isinstance(self.value, wanted):
            raise self.fault(f"must be {_TYPES[wanted]}")
        return self.value


def read(
    file: Path,
    *,
    kind: str,
    api_versions: Collection[str],
    what: str,
    is_secret: bool = False,
) -> Node:
    """Return the one document of a file, which must be of a kind and of one of some versions.

    ``what`` names the file in errors: ``audit policy``. Of one that ``is_secret`` they repeat
    nothing. Raises :class:`ConfigFileError`.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        text = data.decode()
    except OSError as error:
        reason = error.strerror or error
        raise ConfigFileError(f"cannot read the {what} {file}: {reason}") from None
    except UnicodeDecodeError:
        raise ConfigFileError(f"the {what} {file} is no text in UTF-8") from None
    if len(data) > _MOST_BYTES:
        raise ConfigFileError(f"the {what} {file} has more than {_MOST_BYTES} bytes")
    return parse(text, file, kind=kind, api_versions=api_versions, what=what, is_secret=is_secret)


def parse(
    text: str,
    file: Path,
    *,
    kind: str,
    api_versions: Collection[str],
    what: str,
    is_secret: bool = False,
) -> Node:
    """Return the document of a text; otherwise as :func:`read`."""
    loader = values.Loader(text)
    try:
        for _ in loader.steps():
            pass
    except values.SecondDocument as error:
        said = f"the {what} is one document, and this is another"
        raise ConfigFileError(f"{file}:{error.line}: {said}") from None
    except ManifestError as error:
        where = f"{file}:{error.line}" if error.line else str(file)
        # kubectl's sentence counts lines otherwise.
        said = "it is no YAML" if is_secret else _LINE.sub("yaml: ", str(error))
        raise ConfigFileError(f"{where}: {said}") from None
    if loader.repeated:
        said = "a key is given twice" if is_secret else loader.repeated[0]
        raise ConfigFileError(f"{file}: {said}")
    node = Node(loader.value, _Source(file, text))
    if not isinstance(node.value, dict):
        raise node.fault(f"the {what} must be a {kind} of {' or '.join(api_versions)}")
    for name, allowed in (("kind", (kind,)), ("apiVersion", api_versions)):
        found = node.value.get(name)
        if found not in allowed:
            said = quote(found) if isinstance(found, str) else "none"
            raise node.fault(f"the {what} has the {name} {said}, it must be {' or '.join(allowed)}")
    return node


def _below(node: Any, step: Step) -> Any:
    """Return the part of a YAML node that a step leads to; ``None`` when it is not there."""
    import yaml

    if isinstance(node, yaml.MappingNode) and isinstance(step, str):
        return next((part for key, part in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    return None


def _path(place: tuple[Step, ...]) -> str:
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
