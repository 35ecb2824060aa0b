"""A run's history as a file, so that what was wrong can be looked at, and checked, again.

One JSON object a line; its one name says what it is, and the fields are those of the
class of that name in ``history``. The last line is the state at the end, so that a file
that was cut off is found out.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import TYPE_CHECKING, Any

from tests.faults.history import Call, Change, Fate, Fault, History, Listing, Seen, Stretch, Verb

if TYPE_CHECKING:
    from pathlib import Path


class NotAHistory(Exception):  # a statement about the file
    """The file holds no whole history; the text names the line."""


def save(history: History, file: Path) -> None:
    """Write all of ``history`` to ``file``."""
    with file.open("w") as output:
        for name, items in (
            ("fault", history.faults),
            ("call", history.calls),
            ("list", history.lists),
            ("change", history.changes),
            ("stretch", history.stretches),
        ):
            for item in items:
                _write(output, name, dataclasses.asdict(item))
        _write(output, "final", history.final)


def load(file: Path) -> History:
    """Read what :func:`save` wrote. Raises :class:`NotAHistory` and ``OSError``."""
    history = History()
    is_whole = False
    with file.open() as lines:
        for number, line in enumerate(lines, 1):
            try:
                ((name, fields),) = json.loads(line).items()
                if name == "final":
                    history.final = {key: (token, at) for key, (token, at) in fields.items()}
                    is_whole = True
                else:
                    _add(history, name, fields)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise NotAHistory(f"{file}, line {number}: {error}") from error
    if not is_whole:
        raise NotAHistory(f"{file} has no last line: it was cut off")
    return history


def _write(output: Any, name: str, fields: Any) -> None:
    json.dump({name: fields}, output, default=_plain)
    output.write("\n")


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{value!r} has no form in the file")


def _add(history: History, name: str, fields: dict[str, Any]) -> None:
    match name:
        case "fault":
            history.faults.append(Fault(**fields))
        case "call":
            verb, fate = Verb(fields.pop("verb")), Fate(fields.pop("fate"))
            history.calls.append(Call(verb=verb, fate=fate, **fields))
        case "list":
            items = {key: (token, at) for key, (token, at) in fields.pop("items").items()}
            history.lists.append(Listing(items=items, **fields))
        case "change":
            history.changes.append(Change(seen=Seen(**fields.pop("seen")), **fields))
        case "stretch":
            events = [Seen(**each) for each in fields.pop("events")]
            history.stretches.append(Stretch(events=events, **fields))
        case _:
            raise ValueError(f"there is nothing called {name!r} in a history")
