"""What kubectl tells of its commands is what is recorded of it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

from tests.client.kubectl import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.differential.both import Both

_OPTIONS: Final = re.compile(r"^Options:\n(.*?)(?=^Usage:|\Z)", re.DOTALL | re.MULTILINE)
_FLAG: Final = re.compile(r"^    (?:-(\w), )?--([\w-]+)=", re.MULTILINE)
_LIST: Final = re.compile(r"^[A-Z].*Commands.*:\n((?:  .*\n)+)", re.MULTILINE)
_COMMAND: Final = re.compile(r"^  ([a-z][\w-]*)", re.MULTILINE)


def test_the_flags_of_kubectl_are_recorded(both: Both) -> None:
    """Of the release that is locked, down to the last command."""

    def said(*words: str) -> str:
        done = subprocess.run([both.kubectl, *words], check=True, capture_output=True, text=True)
        return done.stdout

    def below(words: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
        text = said(*words, "--help")
        if words:
            options = _OPTIONS.search(text)
            yield " ".join(words), _flags(options[1] if options else "")
        for listed in _LIST.findall(text):
            for name in _COMMAND.findall(listed):
                yield from below((*words, name))

    assert {"": _flags(said("options")), **dict(below(()))} == page.theirs()


def _flags(text: str) -> dict[str, str]:
    return {long: short for short, long in _FLAG.findall(text)}
