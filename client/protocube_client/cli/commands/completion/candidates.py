"""What the last word of a command line can become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli.commands.completion import sources
from protocube_client.cli.settings import preferences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube_client.cli.app import App
    from protocube_client.cli.command import Command, Root
    from protocube_client.cli.flags.pflag import Flag

_GLOBAL = {"namespace": "namespaces", "context": "contexts", "user": "users"}
"""Sources of the global flags that have one."""

Candidate = tuple[str, str]
"""A word, and what it means."""


FILES: Candidate = (":files", "")
"""Stands alone for the names of files, which a shell knows best."""


def of(root: Root, app: App, words: Sequence[str]) -> list[Candidate]:
    """Return what the last of ``words`` can become; :data:`FILES` where it names a file."""
    joined = _joined(words)
    known = preferences.of(app.given, app.environ)
    aliases = known.aliases if known is not None else {}
    head, *rest = read = joined.words
    if rest and head in aliases and head not in root.table:
        read = [*aliases[head].words, *aliases[head].prepended, *rest]
    line = _Line.read(root, read, app)
    if line.names_file:
        return [FILES]
    found = line.candidates(app)
    if not rest:
        told = [(name, f"Alias of {' '.join(each.words)}") for name, each in aliases.items()]
        found += _matching(told, head)
    # bash took the flag and its value for two words, and completes the second.
    cut = len(joined.words[-1].partition("=")[0]) + 1 if joined.was_split else 0
    return [(word[cut:], text) for word, text in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    words: list[str]
    was_split: bool
    """The last word is a flag with its value that came as separate words."""


def _joined(words: Sequence[str]) -> _Joined:
    """Put together again what bash splits at ``=``."""
    found: list[str] = []
    was_split = False
    for word in words or [""]:
        was_split = (
            bool(found) and found[-1].startswith("-") and (word == "=" or found[-1].endswith("="))
        )
        if was_split:
            found[-1] += word
        else:
            found.append(word)
    return _Joined(words=found, was_split=was_split)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A command line, understood up to its last word."""

    command: Root | Command
    waiting: Flag | None
    """The flag whose value the last word is."""
    arguments: tuple[str, ...]
    word: str

    @classmethod
    def read(cls, root: Root, words: Sequence[str], app: App) -> _Line:
        """Follow ``words`` from the root; the global flags among them go to ``app``."""
        command: Root | Command = root
        waiting: Flag | None = None
        arguments: list[str] = []
        for word in words[:-1]:
            if waiting is not None:
                _remember(waiting, word, app)
                waiting = None
            elif word.startswith("-") and word != "-":
                waiting = _flag(command, word, app)
            elif not arguments and (name := command.called(word)):
                command = command.below(name)
            else:
                arguments.append(word)
        return cls(command=command, waiting=waiting, arguments=tuple(arguments), word=words[-1])

    @property
    def names_file(self) -> bool:
        """Tell whether the last word is a file, or the value of a flag that takes one."""
        flag = self.waiting
        if flag is None and self.word.startswith("-"):
            if "=" not in self.word:
                return False
            flag = _named(self.command, self.word.partition("=")[0])
        return flag.source == "file" if flag is not None else self._source == "file"

    @property
    def _source(self) -> str:
        """Where the next argument comes from; nothing where that is not known."""
        completes = self.command.completes
        # The last source is that of all further arguments.
        return completes[min(len(self.arguments), len(completes) - 1)] if completes else ""

    def candidates(self, app: App) -> list[Candidate]:
        """Return what the last word can become."""
        if self.waiting is not None:
            return _matching(self._values(self.waiting, app), self.word)
        name, equals, value = self.word.partition("=")
        if self.word.startswith("-") and equals:
            flag = _named(self.command, name)
            values = self._values(flag, app) if flag else []
            return [(f"{name}={item}", text) for item, text in _matching(values, value)]
        if self.word.startswith("-"):
            return _matching(self._flags(), self.word)
        found: list[Candidate] = []
        if not self.arguments:
            found = [(name, text) for name, (_, text) in self.command.table.items()]
        if self._source:
            found += sources.of(self._source, app, self.arguments, self.word)
        return _matching(found, self.word)

    def _flags(self) -> list[Candidate]:
        return [
            (f"{flag.long}=" if flag.bare is None else flag.long, flag.help or "")
            for flag in self.command.known_flags()
        ]

    def _values(self, flag: Flag, app: App) -> list[Candidate]:
        if flag.values:
            return [(value, "") for value in flag.values]
        source = flag.source or _GLOBAL.get(flag.name or "", "")
        return sources.of(source, app, self.arguments, "")


def _flag(command: Root | Command, word: str, app: App) -> Flag | None:
    """Return the flag in ``word`` when its value is the word behind it."""
    name, equals, value = word.partition("=")
    flag = _named(command, name)
    if flag is None:
        return None
    if equals:
        _remember(flag, value, app)
        return None
    return flag if flag.bare is None else None


def _named(command: Root | Command, name: str) -> Flag | None:
    flags = command.known_flags()
    return next((flag for flag in flags if name in (flag.long, flag.short)), None)


def _remember(flag: Flag, value: str, app: App) -> None:
    # Which flags are global is known by their having no place in a callback.
    if flag.name and not flag.expose_value:
        app.given[flag.name] = value


def _matching(found: Iterable[Candidate], word: str) -> list[Candidate]:
    return [candidate for candidate in found if candidate[0].startswith(word)]
