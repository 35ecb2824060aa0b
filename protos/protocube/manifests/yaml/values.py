"""One YAML document as JSON values, by libyaml's events and kubectl's rules.

Values are built from events and not by PyYAML's loader: it costs half the time, no
recursion depends on the input, and aliases are counted before anything expands them.
An alias gives the same Python object again, so code that changes a value must copy it.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from protocube.manifests import numbers
from protocube.manifests.json_values import DEEPEST_NESTING
from protocube.manifests.manifest_error import ManifestError
from protocube.manifests.yaml import budget as yaml_budget
from protocube.manifests.yaml import conversion, limits, literals, raw_values, scalars
from protocube.manifests.yaml.raw_values import Key, NotFinite

if TYPE_CHECKING:
    from collections.abc import Iterator

_MERGE = "tag:yaml.org,2002:merge"
_SCANNER_ERROR = "ScannerError"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""What libyaml 0.2.6 and newer say of 1000 levels, perhaps before they hand out the first one."""
MOST = 100
"""So many keys that occur twice are told."""
_TURN = 256
"""Events between two steps."""
_NO_KEY = object()
_MERGE_KEY = object()


def load(text: str) -> Any:
    """Return the one document of ``text``; ``None`` when it is empty.

    Raises :class:`ManifestError` in go-yaml's words, ``line`` counted in ``text``, and for several
    documents.
    """
    loader = Loader(text)
    for _ in loader.steps():
        pass
    return loader.value


class SecondDocument(ManifestError):
    """The text has a document behind its first one. ``line`` is where it begins."""


def _syntax_error(error: Any) -> ManifestError:
    """Say a libyaml error as go-yaml does: its line is off by one unless the scanner failed."""
    problem, context = error.problem_mark, error.context_mark
    if error.problem == _LIBYAML_TOO_DEEP:
        # libyaml looks ahead within a line, so ours was passed on the same one.
        return _too_deep(problem.line)
    line = 0
    if problem is not None and problem.line:
        line = problem.line + (type(error).__name__ == _SCANNER_ERROR)
    elif context is not None and context.line:
        line = context.line
    where = f"line {line}: " if line else ""
    known = problem or context
    what = error.problem or "unknown problem parsing YAML content"
    return ManifestError(
        f"yaml: {where}{what}",
        line=known.line + 1 if known else 0,
        column=known.column + 1 if known else 0,
    )


def _too_deep(line: int) -> ManifestError:
    """Return the error for nesting above the limit. go-yaml names a line only behind the first."""
    where = f"line {line + 1}: " if line else ""
    return ManifestError(f"yaml: {where}{limits.too_deep()}", line=line + 1)


class _Frame:
    """A list or object that is not complete yet."""

    __slots__ = ("anchor", "content", "depth", "key", "line", "nodes")

    def __init__(self, content: Any, anchor: str | None, line: int) -> None:
        self.content = content
        self.anchor = anchor
        self.line = line
        self.key: Any = _NO_KEY
        self.nodes = 1
        self.depth = 0


class Loader:
    """Reads the one document of a text."""

    def __init__(self, text: str) -> None:
        from yaml._yaml import CParser

        self.value: Any = None
        """The document, once all steps are taken; ``None`` when it is empty."""
        self.repeated: list[str] = []
        """What go-yaml says of keys that occur twice in a map, of the first :data:`MOST`."""
        self._text = text
        self._next = CParser(text).get_event
        self._stack: list[_Frame] = []
        self._anchors: dict[str, yaml_budget.Anchored | _Frame] = {}
        self._budget = yaml_budget.Budget()
        self._decoding: ManifestError | None = None
        """The first fault of decoding, which go-yaml tells when it has parsed everything."""
        self._has_begun = False
        self._is_doubtful = False
        """There is a key or number that JSON does not have, unless a later key replaces it."""

    def steps(self) -> Iterator[None]:
        """Read the document, and yield now and then, where other work can go on.

        Raises as :func:`load`.
        """
        import yaml

        try:
            yield from self._events()
        except yaml.MarkedYAMLError as error:
            raise _syntax_error(error) from None
        except yaml.YAMLError as error:
            # libyaml's reader knows no lines.
            raise ManifestError(f"yaml: {getattr(error, 'reason', error)}") from None
        if self._is_doubtful:
            yield from self._read_again()
        elif self._decoding is not None:
            raise self._decoding

    def _read_again(self) -> Iterator[None]:
        """Read the document as it is, and judge what is left of it in the end."""
        raw = _RawLoader(self._text)
        yield from raw.steps()
        self.value, self.repeated = conversion.as_json(raw.value), raw.repeated

    def _events(self) -> Iterator[None]:
        import yaml

        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: self._ignore,
            yaml.StreamStartEvent: self._ignore,
        }
        step = self._next
        for count in itertools.count():
            event = step()
            kind = event.__class__
            if kind is yaml.StreamEndEvent:
                break
            handlers[kind](event)
            if not count % _TURN:
                yield

    def _ignore(self, event: Any) -> None:
        """Pass over what frames a document."""

    def _document(self, event: Any) -> None:
        """Begin the document. A second one would be lost, or be taken for the first."""
        if self._has_begun:
            line = event.start_mark.line + 1
            raise SecondDocument(f"yaml: line {line}: a second document begins here", line=line)
        self._has_begun = True

    def _scalar(self, event: Any) -> None:
        plain, _ = event.implicit
        tag, text = event.tag, event.value
        if text == "<<" and (plain or tag == _MERGE) and self._at_key():
            self._stack[-1].key = _MERGE_KEY
            return
        if tag is None and not plain:
            value: scalars.Scalar = text
        else:
            try:
                value = scalars.resolve(text, tag)
            except ManifestError as error:
                self._fault(f"yaml: {error}", event)
                value = None
        if event.anchor:
            self._anchors[event.anchor] = yaml_budget.Anchored(value=value, nodes=1, depth=0)
        self._budget.spend(1)
        self._add(value, nodes=1, depth=0, event=event)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self._anchors:
            message = f"yaml: unknown anchor '{name}' referenced"
            raise ManifestError(message, line=event.start_mark.line + 1)
        found = self._anchors[name]
        if isinstance(found, _Frame):
            self._fault(f"yaml: anchor '{name}' value contains itself", event)
            found = yaml_budget.Anchored(value=None, nodes=1, depth=0)
        if not self._budget.expand(found.nodes):
            message = "yaml: document contains excessive aliasing"
            raise self._decoding or ManifestError(message, line=event.start_mark.line + 1)
        self._add(found.value, nodes=found.nodes + 1, depth=found.depth, event=event, alias=True)

    def _mapping(self, event: Any) -> None:
        self._begin({}, event)

    def _sequence(self, event: Any) -> None:
        self._begin([], event)

    def _begin(self, content: Any, event: Any) -> None:
        if len(self._stack) >= DEEPEST_NESTING:
            raise _too_deep(event.start_mark.line)
        frame = _Frame(content, event.anchor, event.start_mark.line)
        if event.anchor:
            self._anchors[event.anchor] = frame
        self._budget.spend(1)
        self._stack.append(frame)

    def _end(self, event: Any) -> None:
        frame = self._stack.pop()
        depth = frame.depth + 1
        if depth > DEEPEST_NESTING:
            raise _too_deep(frame.line)
        # What is inside may have taken the name for itself.
        if frame.anchor and self._anchors[frame.anchor] is frame:
            self._anchors[frame.anchor] = yaml_budget.Anchored(
                value=frame.content, nodes=frame.nodes, depth=depth
            )
        self._add(frame.content, nodes=frame.nodes, depth=depth, event=event)

    def _add(self, value: Any, *, nodes: int, depth: int, event: Any, alias: bool = False) -> None:
        """Put a complete value where it belongs: the root, a list, a key or below one."""
        if not self._stack:
            self.value = self._written(value, event)
            return
        frame = self._stack[-1]
        frame.nodes += nodes
        if depth > frame.depth:  # noqa: PLR1730  # said of every value, and a call costs more
            frame.depth = depth
        content = frame.content
        if content.__class__ is list:
            content.append(value if value.__class__ is str else self._written(value, event))
        elif frame.key is _NO_KEY:
            if isinstance(value, (dict, list)):
                self._doubt()
                self._fault(f"yaml: invalid map key: {literals.literal(value)}", event)
                value = ""
            frame.key = value
        elif frame.key is _MERGE_KEY:
            frame.key = _NO_KEY
            self._merge(content, value, event, alias=alias)
        else:
            key, frame.key = frame.key, _NO_KEY
            if key.__class__ is not str:
                key = self._key(key, event)
            if key in content:
                self._repeat(content, key, event)
            content[key] = value if value.__class__ is str else self._written(value, event)

    def _at_key(self) -> bool:
        frame = self._stack[-1] if self._stack else None
        return frame is not None and frame.key is _NO_KEY and frame.content.__class__ is dict

    def _merge(self, content: dict[str, Any], value: Any, event: Any, *, alias: bool) -> None:
        """Apply ``<<`` where it stands: like go-yaml v2, it overrides what came before it."""
        if isinstance(value, dict):
            content.update(value)
        elif isinstance(value, list) and not alias and all(isinstance(v, dict) for v in value):
            for item in reversed(value):
                content.update(item)
        else:
            self._fault("yaml: map merge requires map or sequence of maps as the value", event)

    def _key(self, key: scalars.Scalar, event: Any) -> Any:  # noqa: ARG002  # a raw key has a line
        """Return what stands in a map for a key that is no text."""
        text = raw_values.key_text(key)
        if text is None:
            self._doubt()
            return ""
        return text

    def _repeat(self, content: dict[Any, Any], key: Any, event: Any) -> None:  # noqa: ARG002  # likewise
        """Note that a key of ``content`` is given again."""
        if len(self.repeated) < MOST:
            at = event.start_mark.line + 1
            self.repeated.append(f"line {at}: key {literals.literal(key)} already set in map")

    def _written(self, value: Any, event: Any) -> Any:  # noqa: ARG002  # likewise
        """Return a scalar as it comes out of the JSON that kubectl makes of it."""
        kind = value.__class__
        if kind is float:
            if math.isfinite(value):
                return numbers.from_json(value)
            self._doubt()
            return None
        return numbers.from_json(value) if kind is int else value

    def _doubt(self) -> None:
        self._is_doubtful = True

    def _fault(self, message: str, event: Any) -> None:
        if self._decoding is None:
            self._decoding = ManifestError(message, line=event.start_mark.line + 1)


class _RawLoader(Loader):
    """Reads a document for :mod:`conversion`: keys and numbers stay what they are."""

    def _doubt(self) -> None:
        """Pass over what the first reading could not judge: here it is kept."""

    def _key(self, key: scalars.Scalar, event: Any) -> Any:
        return Key.of(key, line=event.start_mark.line + 1)

    def _repeat(self, content: dict[Any, Any], key: Any, event: Any) -> None:
        super()._repeat(content, key, event)
        # The key that is left has the line of its value.
        del content[key]

    def _written(self, value: Any, event: Any) -> Any:
        if value.__class__ is not float or math.isfinite(value):
            return value
        found = NotFinite(value)
        found.line = event.start_mark.line + 1
        return found
