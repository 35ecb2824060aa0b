"""Writes docs/cubectl.md: every command and flag of kubectl's, and what cubectl makes of it.

scripts/cubectl-page [--check]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from protocube_client.cli.flags.pflag import Unsupported
from protocube_client.cli.main import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from protocube_client.cli.flags.pflag import Flag

PAGE: Final = Path(__file__).parents[3] / "docs" / "cubectl.md"
_FLAGS: Final = Path(__file__).with_name("flags.yaml")
_WORDS: Final = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One command."""

    name: str
    refused: str = ""
    """Why it is not here."""
    missing: Mapping[str, str]
    """Flags of kubectl's that are not here, each with the reason."""
    more: tuple[str, ...] = ()
    """Flags that kubectl's does not have."""
    unknown: tuple[str, ...] = ()
    """Flags of kubectl's that nothing is known of: they are to be built, or to be refused."""
    renamed: tuple[str, ...] = ()
    """Flags whose short name is another one."""
    note: str = ""
    """What is better."""


def theirs() -> dict[str, dict[str, str]]:
    """Return the commands of kubectl, their flags, and the short name of each."""
    found: dict[str, list[str]] = yaml.safe_load(_FLAGS.read_text())
    return {name: dict(_named(flag) for flag in flags) for name, flags in found.items()}


def _named(flag: str) -> tuple[str, str]:
    long, _, short = flag.partition("/")
    return long, short


def ours() -> tuple[dict[str, dict[str, Flag]], dict[str, str]]:
    """Return the commands of cubectl with their flags, and those it refuses with the reasons."""
    flags = {"": _flags(ROOT.known_flags())}
    refused: dict[str, str] = dict(ROOT.refused)
    left = [("", name, ROOT.below(name)) for name in ROOT.table]
    while left:
        above, last, command = left.pop()
        name = f"{above} {last}".strip()
        flags[name] = _flags(command.known_flags())
        refused |= {f"{name} {word}": reason for word, reason in command.refused.items()}
        left += [(name, word, command.below(word)) for word in command.table]
    return flags, refused


def _flags(flags: list[Flag]) -> dict[str, Flag]:
    return {flag.long.removeprefix("--"): flag for flag in flags}


def rows() -> Iterator[Row]:
    """Yield the commands of both, in the order of their names."""
    known, (flags, refused) = theirs(), ours()
    notes: dict[str, str] = yaml.safe_load(_WORDS.read_text())["better"]
    everywhere = flags[""]
    for name in sorted({*known, *flags}):
        if name not in flags:
            reason = refused.get(name, "") or refused.get(name.partition(" ")[0], "")
            yield Row(name=name, refused=reason, missing={})
            continue
        here = {**everywhere, **flags[name]}
        there = known.get(name, {})
        missing = {
            flag: found.reason for flag in there if isinstance(found := here.get(flag), Unsupported)
        }
        yield Row(
            name=name,
            missing=missing,
            more=tuple(
                flag
                for flag, found in flags[name].items()
                if flag not in there
                and flag not in known[""]
                and (not name or flag not in everywhere)
                and not found.hidden
                and flag != "help"
            ),
            unknown=tuple(flag for flag in there if flag not in here),
            renamed=tuple(
                flag
                for flag, short in there.items()
                if short
                and flag in here
                and flag not in missing
                and here[flag].short != f"-{short}"
            ),
            note=notes.get(name, ""),
        )


def written() -> str:
    """Return the page."""
    return "\n".join([*_words("head"), "", *_table(), "", *_words("elsewhere"), ""])


def _table() -> Iterator[str]:
    known = theirs()
    yield "| command | | flags that are not here | more flags |"
    yield "|---|---|---|---|"
    for row in rows():
        name = f"`{row.name}`" if row.name else "every command"
        if row.refused:
            state = f"not here: {row.refused}"
        elif row.name not in known:
            state = row.note or "only here"
        else:
            state = row.note
        yield f"| {name} | {state} | {_missing(row)} | {_listed(row.more)} |"


def _missing(row: Row) -> str:
    by_reason: dict[str, list[str]] = {}
    for flag, reason in row.missing.items():
        by_reason.setdefault(reason, []).append(flag)
    parts = [f"{_listed(flags)}: {reason}" for reason, flags in by_reason.items()]
    return "; ".join(parts)


def _listed(flags: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`--{flag}`" for flag in sorted(flags))


def _words(name: str) -> list[str]:
    text: str = yaml.safe_load(_WORDS.read_text())[name]
    return text.rstrip("\n").splitlines()


def main(arguments: list[str]) -> int:
    """Write the page, or check that it is as it would be written."""
    text = written()
    if arguments == ["--check"]:
        if PAGE.read_text() == text:
            return 0
        sys.stderr.write("docs/cubectl.md is not what scripts/cubectl-page writes\n")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
